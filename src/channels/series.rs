//! What the other side calls a series of bulletins: checked before it becomes part of an address.

use serde_json::Value;

use crate::domain::fault::{Fault, FaultKind};
use crate::domain::text::Outside;
use crate::net::Answer;

/// Characters of a name.
const MAX_CHARS: usize = 128;
/// Characters of a subject.
const SUBJECT_CHARS: usize = 255;
/// Characters of a text.
const BODY_CHARS: usize = 25_000;

/// Whether a status page takes a text of this length; nothing of it is cut off.
pub(super) fn fits(subject: &str, body: &str) -> Result<(), Fault> {
    if subject.chars().count() <= SUBJECT_CHARS && body.chars().count() <= BODY_CHARS {
        return Ok(());
    }
    Err(Fault::local(format!(
        "the bulletin is longer than a status page takes ({SUBJECT_CHARS} characters of subject, {BODY_CHARS} of text); \
         shorten it"
    )))
}

/// Subscribers are told unless a page's settings say otherwise.
pub(super) fn yes() -> bool {
    true
}

/// The name as one path segment. Only what needs no percent-encoding is let through, so it stays one segment.
pub(super) fn segment(reference: &Outside) -> Result<&str, Fault> {
    let text = reference.raw();
    if is_name(text) {
        return Ok(text);
    }
    Err(Fault::local(
        "what the other side called this series cannot stand in an address; begin another series",
    ))
}

/// Whether this can be part of an address as it is.
pub(super) fn is_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    (1..=MAX_CHARS).contains(&text.len()) && text.bytes().all(plain) && text.bytes().any(|b| b != b'.')
}

/// The name that an answer gives at a JSON pointer, as text or number.
pub(super) fn named(answer: &Answer, pointer: &str) -> Result<Outside, Fault> {
    let value = json(answer)?;
    let name = match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    if is_name(&name) {
        return Ok(Outside::new(name));
    }
    Err(malformed(answer, "the answer does not say what the other side calls this series"))
}

/// An answer's body as JSON.
pub(super) fn json(answer: &Answer) -> Result<Value, Fault> {
    serde_json::from_slice(&answer.body).map_err(|_| malformed(answer, "the answer is not JSON"))
}

fn malformed(answer: &Answer, detail: &str) -> Fault {
    Fault { status: Some(answer.status), ..Fault::new(FaultKind::Malformed, detail) }
}

/// What stands at a JSON pointer; null when nothing does.
pub(super) fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// Whether a text that is shown is the one that was sent; pages reflow what they show.
pub(super) fn reads_the_same(shown: &Value, sent: &Outside) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    shown.as_str().is_some_and(|shown| words(shown) == words(sent.raw()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_segment() {
        for name in ["p31zjtct2jer", "42", "a.b_c~d-e"] {
            assert_eq!(segment(&Outside::new(name)), Ok(name));
        }
        for name in
            ["", ".", "..", "a/b", "../x", "a?b", "a#b", "a b", "a%2fb", "a\r\nb", "é", &"a".repeat(129)]
        {
            assert_eq!(segment(&Outside::new(name)).unwrap_err().kind, FaultKind::Local, "{name}");
        }
    }
}
