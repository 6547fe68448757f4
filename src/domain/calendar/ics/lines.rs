//! The lines of an iCalendar file (RFC 5545, 3.1): unfolded, and split into name and value.

use super::Unreadable;

/// One unfolded line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it begins in the file, from 1.
    pub(super) number: usize,
    /// What it gives, in capitals.
    pub(super) name: String,
    /// As written; a text still has its escapes.
    pub(super) value: String,
}

impl Line {
    fn split(number: usize, text: &str) -> Result<Self, Unreadable> {
        let mut quoted = false;
        // A parameter may hold a colon between quotes.
        let colon = text.bytes().position(|b| {
            quoted ^= b == b'"';
            b == b':' && !quoted
        });
        let (head, value) = colon.and_then(|at| text.split_at_checked(at)).unwrap_or_default();
        let name = head.split(';').next().unwrap_or_default();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(Unreadable::at(
                number,
                "it is not of the form NAME:value; export the calendar again",
            ));
        }
        let value = value.strip_prefix(':').unwrap_or_default().to_owned();
        Ok(Self { number, name: name.to_ascii_uppercase(), value })
    }
}

/// Every line of a file, in order.
pub(super) fn read(text: &str) -> Result<Vec<Line>, Unreadable> {
    let mut unfolded: Vec<(usize, String)> = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in (1..).zip(text.lines()) {
        match (line.strip_prefix([' ', '\t']), unfolded.last_mut()) {
            (Some(more), Some((_, begun))) => begun.push_str(more),
            _ if line.trim().is_empty() => {}
            _ => unfolded.push((number, line.to_owned())),
        }
    }
    unfolded.iter().map(|(number, line)| Line::split(*number, line)).collect()
}

/// A text without its escapes.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(c @ ('\\' | ';' | ',')) => out.push(c),
                other => out.extend(['\\'].into_iter().chain(other)),
            },
            (c, false) => out.push(c),
        }
    }
    out
}
