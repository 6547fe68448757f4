//! The one writer of the command line: every line of it is safe to show.

use std::io::Write;

use serde::Serialize;

use super::failure::{Exit, Failure};
use crate::domain::text::{Outside, SafeText, ascii_fold};

/// Where a command's answer goes.
pub(super) struct Out {
    /// Whether JSON is wanted.
    pub(super) json: bool,
    ascii: bool,
}

impl Out {
    pub(super) fn new(json: bool, ascii: bool) -> Self {
        Self { json, ascii }
    }

    /// One line for a person. Safe text stays as it is; anything else becomes safe here.
    pub(super) fn line(&self, text: impl AsRef<str>) {
        let text = self.shown(text.as_ref());
        write(&mut std::io::stdout().lock(), &format!("{text}\n"));
    }

    /// Many lines for a person, written at once.
    pub(super) fn lines(&self, lines: &[String]) {
        let text: String = lines.iter().map(|line| self.shown(line) + "\n").collect();
        write(&mut std::io::stdout().lock(), &text);
    }

    /// Lines as they are laid out, made safe: help, or what is wrong with the command line.
    pub(super) fn text(&self, text: &str, exit: Exit) {
        let lines: String = text.lines().map(|line| self.shown(line) + "\n").collect();
        if exit == Exit::Ok {
            write(&mut std::io::stdout().lock(), &lines);
        } else {
            write(&mut std::io::stderr().lock(), &lines);
        }
    }

    /// One line beside the answer, for a person only.
    pub(super) fn aside(&self, text: impl AsRef<str>) {
        let text = self.shown(text.as_ref());
        write(&mut std::io::stderr().lock(), &format!("{text}\n"));
    }

    /// Bytes that a program reads: a page, a script, an export.
    pub(super) fn raw(&self, bytes: &[u8]) {
        let mut stdout = std::io::stdout().lock();
        // Whoever stopped reading wants no more.
        drop(stdout.write_all(bytes).and_then(|()| stdout.flush()));
    }

    /// A value as one line of JSON in which nothing but visible ASCII stands.
    pub(super) fn value(&self, value: &impl Serialize) {
        write(&mut std::io::stdout().lock(), &json_line(value));
    }

    /// A value as JSON if that is wanted, else these lines.
    pub(super) fn either(&self, value: &impl Serialize, lines: impl FnOnce() -> Vec<String>) {
        if self.json {
            self.value(value);
        } else {
            self.lines(&lines());
        }
    }

    /// Why the command failed.
    pub(super) fn failure(&self, failure: &Failure) {
        let mut text = String::new();
        if self.json {
            text = json_line(failure);
        } else {
            let lead = if failure.message.starts_with("error:") { "" } else { "error: " };
            for line in format!("{lead}{}", failure.message.trim_end()).lines() {
                text.push_str(&format!("{}\n", self.shown(line)));
            }
            for difference in &failure.differences {
                text.push_str(&format!("  {}\n", self.shown(difference)));
            }
        }
        write(&mut std::io::stderr().lock(), &text);
    }

    /// What a panic says, in one safe line.
    pub(super) fn bug(&self, panic: &str) {
        let text = panic.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = Outside::new(text).capped_safe(400);
        write(&mut std::io::stderr().lock(), &format!("error: this is a bug in quell: {text}\n"));
    }

    /// A line as it may be shown.
    pub(super) fn shown(&self, text: &str) -> String {
        let safe = if text.trim().is_empty() { String::new() } else { SafeText::display(text).to_string() };
        if self.ascii { ascii_fold(&safe) } else { safe }
    }
}

fn write(stream: &mut impl Write, text: &str) {
    // Whoever stopped reading wants no more.
    drop(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()));
}

/// A value as one line of JSON in which nothing but visible ASCII stands.
pub(super) fn json_line(value: &impl Serialize) -> String {
    visible(&serde_json::to_string(value).unwrap_or_default()) + "\n"
}

/// JSON with everything but visible ASCII escaped: the same value, and nothing a terminal obeys.
fn visible(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, ' '..='~') {
            out.push(c);
        } else {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_the_same_value_without_anything_a_terminal_obeys() {
        let value = serde_json::json!({"title": "a\u{9b}31m \u{202e}x 😀 \n"});
        let text = visible(&value.to_string());
        assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_line_is_safe_and_an_empty_one_stays_empty() {
        let out = Out::new(false, true);
        assert_eq!(out.shown(""), "");
        assert!(!out.shown("a\u{1b}[2Jb").contains('\u{1b}'));
        assert!(out.shown("ünïcode").is_ascii());
    }
}
