//! Finding values in a text: as whole words of it, and in its words that are encoded.

use std::collections::BTreeSet;

use super::HIDDEN;

/// How often an encoding is undone.
const ENCODED: usize = 3;

/// The text without these values, which are in lower case, the longest first.
pub fn without(text: &str, values: &[String]) -> String {
    let plain = plainly(text, values);
    if !plain.contains(['%', '\\']) {
        return plain;
    }
    let hidden = |word: &str| match says(word.trim_end(), values) {
        true => format!("{HIDDEN}{}", word.get(word.trim_end().len()..).unwrap_or_default()),
        false => word.to_owned(),
    };
    plain.split_inclusive(char::is_whitespace).map(hidden).collect()
}

/// Whether a word says one of them, once it is decoded.
fn says(word: &str, values: &[String]) -> bool {
    // In a query, and there alone, a plus is a space.
    [word.to_owned(), word.replace('+', " ")].into_iter().any(|mut word| {
        (0..ENCODED).any(|_| {
            word = decoded(&word);
            plainly(&word, values) != word
        })
    })
}

/// A text as it was before `%40`, `\u0040` or `\/`.
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = |from: usize, to| std::str::from_utf8(behind.get(from..to)?).ok();
        let code = |digits: Option<&str>| u32::from_str_radix(digits?, 16).ok();
        let byte = code(digits(0, 2)).and_then(|code| u8::try_from(code).ok());
        let (character, length) = match (first, behind.first()) {
            (b'%', _) => (byte.map(|byte| vec![byte]), 2),
            (b'\\', Some(b'u')) => {
                let character = code(digits(1, 5)).and_then(char::from_u32);
                (character.map(|character| character.to_string().into_bytes()), 5)
            }
            (b'\\', Some(b'n' | b'r' | b't')) => (Some(vec![b' ']), 1),
            (b'\\', Some(next)) => (Some(vec![*next]), 1),
            _ => (None, 0),
        };
        let taken = if character.is_some() { length } else { 0 };
        out.extend(character.unwrap_or_else(|| vec![*first]));
        rest = behind.get(taken..).unwrap_or_default();
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The words of texts, as they stand and decoded, in lower case.
#[derive(Debug, Default)]
pub struct Spoken(BTreeSet<String>);

impl Spoken {
    /// These as well.
    pub fn take(&mut self, text: &str) {
        self.take_plainly(text);
        for word in text.split_whitespace().filter(|word| word.contains(['%', '\\'])) {
            for mut word in [word.to_owned(), word.replace('+', " ")] {
                for _ in 0..ENCODED {
                    word = decoded(&word);
                    self.take_plainly(&word);
                }
            }
        }
    }

    fn take_plainly(&mut self, text: &str) {
        let lower = text.to_ascii_lowercase();
        self.0.extend(lower.split(|c| !is_word(c)).map(str::to_owned));
    }

    /// Whether a value, in lower case, may be said by them: however many values there are, few are.
    pub fn may_say(&self, value: &str) -> bool {
        is_made_of(value, |word| self.0.contains(word))
    }
}

/// The text without the values that are whole words of it as it stands.
fn plainly(text: &str, values: &[String]) -> String {
    let lower = text.to_ascii_lowercase();
    let words: BTreeSet<&str> = lower.split(|c| !is_word(c)).collect();
    // However many values there are, few of them can stand here.
    let may = |value: &&String| is_made_of(value, |word| words.contains(word));
    values.iter().filter(may).fold(text.to_owned(), |text, value| replaced(text, value))
}

fn is_made_of(value: &str, is_there: impl Fn(&str) -> bool) -> bool {
    value.split(|c| !is_word(c)).all(|word| word.is_empty() || is_there(word))
}

/// The text without a value where it is a whole word; what the text itself does not go on with needs no edge.
fn replaced(text: String, value: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let (mut out, mut kept) = (String::new(), 0);
    for (at, found) in lower.match_indices(value) {
        let end = at + found.len();
        let (before, after) = (lower.get(..at).unwrap_or_default(), lower.get(end..).unwrap_or_default());
        let goes_on = found.starts_with(is_word) && before.ends_with(is_word)
            || found.ends_with(is_word) && after.starts_with(is_word);
        if !goes_on {
            out.push_str(text.get(kept..at).unwrap_or_default());
            out.push_str(HIDDEN);
            kept = end;
        }
    }
    if kept == 0 {
        return text;
    }
    out + text.get(kept..).unwrap_or_default()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [&str; 5] = ["ana lisa@example.com", "ana@example.com", "88213", "zoë", "a\"b"];

    fn hidden(text: &str) -> String {
        without(text, &VALUES.map(str::to_owned))
    }

    #[test]
    fn an_encoded_value_is_found_in_its_word() {
        for (text, shown) in [
            ("http://x/g?e=x%7Baccount_id%3D%2288213%22%7D next", "•••• next"),
            ("see http://x/?email=ana%40example.com\n", "see ••••\n"),
            ("http://x/?u=http%253A%252F%252Fy%252F%253Fe%253Dana%252540example.com", "••••"),
            ("http://x/?who=ana+lisa%40example.com", "••••"),
            (r#"{"who":"Zo\u00eb"} is"#, "•••• is"),
            (r#"{"who":"a\"b"}"#, "••••"),
            ("http://x/?account=88213", "http://x/?account=••••"),
            ("http://x/?account=882130&s=100%25", "http://x/?account=882130&s=100%25"),
            (r"100 % of C:\temp\u, 5%", r"100 % of C:\temp\u, 5%"),
        ] {
            assert_eq!(hidden(text), shown, "{text}");
            // Who looks first at what may be said misses nothing of it.
            let mut spoken = Spoken::default();
            spoken.take(text);
            let few = VALUES.map(str::to_owned).into_iter().filter(|value| spoken.may_say(value));
            assert_eq!(without(text, &few.collect::<Vec<_>>()), shown, "{text}");
        }
        let mut spoken = Spoken::default();
        spoken.take("http://x/?account=882130");
        assert!(VALUES.iter().all(|value| !spoken.may_say(value)));
    }

    #[test]
    fn nothing_that_is_cut_off_is_decoded() {
        for text in ["%", "%4", "%zz", "\\", "\\u", "\\u00", "é%é"] {
            assert_eq!(decoded(text), text);
        }
    }
}
