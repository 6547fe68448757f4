//! A note in the lines it was written in.

use super::{Tone, sentence, who};
use crate::domain::incident::Incident;
use crate::domain::record::{Entry, Record};
use crate::domain::text::{Outside, SafeText};

/// A note on one line, whatever lines it was written in.
pub(super) fn in_one_line(text: &Outside) -> SafeText {
    if is_long(text) { text.in_one_line() } else { text.safe() }
}

/// As [`sentence`], line by line: a note stands in its own lines, so many at most, and what is cut is counted in the last.
pub fn in_lines(record: &Record, incident: Option<&Incident>, most: usize) -> (Tone, Vec<String>) {
    match &record.entry {
        Entry::Noted { text } if is_long(text) => {
            let mut lines: Vec<String> = lines(text, most).iter().map(ToString::to_string).collect();
            if let Some(first) = lines.first_mut() {
                *first = format!("{}: {first}", who(record));
            }
            (Tone::Act, lines)
        }
        _ => {
            let (tone, said) = sentence(record, incident);
            (tone, vec![said])
        }
    }
}

/// A text of people in its lines.
pub fn lines(text: &Outside, most: usize) -> Vec<SafeText> {
    Outside::new(text.raw().trim()).lines(most)
}

fn is_long(text: &Outside) -> bool {
    text.raw().trim().contains('\n')
}
