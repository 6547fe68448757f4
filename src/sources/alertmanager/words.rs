//! Alertmanager's own words for what it refuses: a JSON string where it means it, an object where a schema does.

use serde::Deserialize;

use crate::domain::fault::Fault;
use crate::domain::plan::HttpRequest;
use crate::domain::text::Outside;
use crate::net::{Answer, Meaning};

const WORDS_BYTES: usize = 300;

#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Words(String),
    Schema { message: String },
}

/// What an answer that is no success says, where it says it in a way that is known.
pub(super) fn said(body: &[u8]) -> Option<String> {
    let words = match serde_json::from_slice(body).ok()? {
        Said::Words(words) | Said::Schema { message: words } => words,
    };
    let words = Outside::capped(words.trim(), WORDS_BYTES);
    (!words.is_blank()).then(|| words.safe().to_string())
}

/// The answer if it is a success, else its fault with the words of its body.
pub(super) fn success(answer: Answer) -> Result<Answer, Fault> {
    answer.success_or(|answer| said(&answer.body))
}

/// What an answer to a change means: where it is a no, why, in its own words.
pub(super) fn meaning(_request: &HttpRequest, answer: &Answer) -> Option<Meaning> {
    said(&answer.body)?;
    let fault = success(answer.clone()).err()?;
    Some(Meaning { words: fault.detail.raw().to_owned(), already: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_of_an_error_are_words() {
        for (body, words) in [
            (r#""Failed to create silence: end time can't be in the past""#, Some("end time")),
            (r#"{"code":601,"message":"matchers in body is required"}"#, Some("matchers in body")),
            ("<html>log in</html>", None),
            ("\"\"", None),
            ("{\"code\":601}", None),
        ] {
            let said = said(body.as_bytes());
            assert_eq!(said.is_some(), words.is_some(), "{body}");
            assert!(words.is_none_or(|words| said.is_some_and(|said| said.contains(words))), "{body}");
        }
    }
}
