//! The characters of a query: what stands next, and words with or without quotation marks.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

use super::QueryError;
use super::pattern::Pattern;

/// A word as written.
pub(super) struct Word {
    /// Where it stands.
    pub(super) at: Range<usize>,
    /// Its characters, without the quotation marks.
    pub(super) pattern: Pattern,
    /// Whether any part of it was quoted: then it is never a keyword.
    pub(super) quoted: bool,
}

impl Word {
    /// Its text; a `*` is a `*`.
    pub(super) fn text(&self) -> String {
        self.pattern.text()
    }
}

/// A place in the source.
pub(super) struct Cursor<'a> {
    source: &'a str,
    chars: Peekable<CharIndices<'a>>,
}

impl<'a> Cursor<'a> {
    /// At the start.
    pub(super) fn new(source: &'a str) -> Self {
        Self { source, chars: source.char_indices().peekable() }
    }

    /// The byte that comes next.
    pub(super) fn at(&mut self) -> usize {
        self.chars.peek().map_or(self.source.len(), |(at, _)| *at)
    }

    /// The character that comes next.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|(_, c)| *c)
    }

    /// Goes past the character if it comes next.
    pub(super) fn eat(&mut self, c: char) -> bool {
        self.chars.next_if(|(_, next)| *next == c).is_some()
    }

    /// Goes past white space.
    pub(super) fn skip_space(&mut self) {
        while self.chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
    }

    /// Whether `or` comes next as a word of its own.
    pub(super) fn is_or(&mut self) -> bool {
        let at = self.at();
        let rest = self.source.get(at..).unwrap_or_default();
        rest.get(..2).is_some_and(|word| word.eq_ignore_ascii_case("or"))
            && rest.chars().nth(2).is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')'))
    }

    /// Goes past `or` if it comes next as a word of its own.
    pub(super) fn eat_or(&mut self) -> bool {
        let is_or = self.is_or();
        if is_or {
            self.chars.next();
            self.chars.next();
        }
        is_or
    }

    /// The word up to white space, a parenthesis or one of `stops`; `None` if there is not even `""`.
    pub(super) fn word(&mut self, stops: &[char]) -> Result<Option<Word>, QueryError> {
        let start = self.at();
        let mut word = Word { at: start..start, pattern: Pattern::default(), quoted: false };
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')') || stops.contains(&c);
        while let Some((at, c)) = self.chars.next_if(|(_, c)| !ends(*c)) {
            match c {
                '"' => {
                    word.quoted = true;
                    self.quoted(at, &mut word.pattern)?;
                }
                '*' => word.pattern.push_any(),
                _ => word.pattern.push(c),
            }
        }
        word.at.end = self.at();
        Ok((!word.at.is_empty()).then_some(word))
    }

    /// The rest of a text in quotation marks; a backslash takes the next character as it is.
    fn quoted(&mut self, start: usize, pattern: &mut Pattern) -> Result<(), QueryError> {
        while let Some((_, c)) = self.chars.next() {
            match c {
                '"' => return Ok(()),
                '\\' => match self.chars.next() {
                    Some((_, c)) => pattern.push(c),
                    None => break,
                },
                _ => pattern.push(c),
            }
        }
        Err(QueryError {
            at: start..self.source.len(),
            message: "the quotation mark is never closed; end the text with \"".to_owned(),
        })
    }
}
