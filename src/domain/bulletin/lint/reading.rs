//! A part as its rules read it, and the patterns they look for.

use std::ops::Range;

use regex::Regex;

use super::fold::fold;
use crate::domain::bulletin::Part;

/// A part as its rules read it.
pub(super) struct Reading<'a> {
    pub(super) part: Part,
    /// As written.
    pub(super) raw: &'a str,
    /// As it looks to a reader: line by line, with one space between words.
    pub(super) text: String,
    /// The same in small letters and one line.
    pub(super) lower: String,
}

impl<'a> Reading<'a> {
    pub(super) fn new(part: Part, raw: &'a str) -> Self {
        let folded = fold(raw);
        let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = folded.lines().map(line).collect::<Vec<_>>().join("\n");
        let lower = line(&text).to_lowercase();
        Self { part, raw, text, lower }
    }

    /// Whether these whole words stand in it; a plural counts.
    pub(super) fn says(&self, phrase: &str) -> bool {
        find(&self.lower, phrase).is_some()
    }

    /// Whether one of these stands in it.
    pub(super) fn says_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.says(phrase))
    }
}

/// Where whole words stand in a text; a plural counts.
pub(super) fn find(text: &str, words: &str) -> Option<Range<usize>> {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(words).map(|(at, found)| at..at + found.len()).find(|range| {
        let before = text.get(..range.start).and_then(|before| before.chars().next_back());
        let after = text.get(range.end..).unwrap_or_default();
        let after = after.strip_prefix('s').filter(|rest| !is_word(rest.chars().next())).unwrap_or(after);
        !words.is_empty() && !is_word(before) && !is_word(after.chars().next())
    })
}

/// Regular expressions, each with what it finds.
pub(super) struct Patterns(Vec<(Regex, &'static str)>);

impl Patterns {
    /// A test holds every table against the number of patterns it became: none is lost.
    pub(super) fn new(table: &[(&str, &'static str)]) -> Self {
        Self(table.iter().filter_map(|(pattern, what)| Some((Regex::new(pattern).ok()?, *what))).collect())
    }

    /// Everything they find, with what it is.
    pub(super) fn all<'t>(&self, text: &'t str) -> impl Iterator<Item = (&'t str, &'static str)> {
        let found = |(regex, what): &(Regex, &'static str)| {
            let what = *what;
            regex.find_iter(text).map(|found| (found.as_str(), what)).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(found).collect::<Vec<_>>().into_iter()
    }

    /// The text with a space in place of what they find.
    pub(super) fn without(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (regex, _)| regex.replace_all(&text, " ").into_owned())
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
