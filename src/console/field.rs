//! A line of text being typed, as a plain value.

pub mod editor;

use serde::{Deserialize, Serialize};

use super::chord::{Chord, Key};
use crate::domain::text::Outside;

/// Characters one field takes.
const LIMIT: usize = 2000;

/// A line of text being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    before: String,
    after: String,
}

impl Field {
    /// A field with this text, the caret behind it.
    pub fn with(text: impl Into<String>) -> Self {
        Self { before: text.into(), after: String::new() }
    }

    /// The whole text.
    pub fn text(&self) -> String {
        format!("{}{}", self.before, self.after)
    }

    /// The whole text, as what it is: from outside.
    pub fn outside(&self) -> Outside {
        Outside::new(self.text())
    }

    /// The text before and after the caret.
    pub fn parts(&self) -> (&str, &str) {
        (&self.before, &self.after)
    }

    /// Whether nothing visible is in it.
    pub fn is_blank(&self) -> bool {
        self.text().trim().is_empty()
    }

    /// Takes a key; says whether it was one for a text field.
    pub fn press(&mut self, chord: Chord) -> bool {
        if let Some(c) = chord.text() {
            self.insert(c);
            return true;
        }
        match (chord.ctrl, chord.key) {
            (false, Key::Backspace) | (true, Key::Char('h')) => drop(self.before.pop()),
            (false, Key::Delete) | (true, Key::Char('d')) => drop(pop_first(&mut self.after)),
            (false, Key::Left) | (true, Key::Char('b')) => {
                if let Some(c) = self.before.pop() {
                    self.after.insert(0, c);
                }
            }
            (false, Key::Right) | (true, Key::Char('f')) => {
                if let Some(c) = pop_first(&mut self.after) {
                    self.before.push(c);
                }
            }
            (false, Key::Home) | (true, Key::Char('a')) => {
                self.after.insert_str(0, &self.before);
                self.before.clear();
            }
            (false, Key::End) | (true, Key::Char('e')) => {
                self.before.push_str(&std::mem::take(&mut self.after));
            }
            (true, Key::Char('u')) => self.before.clear(),
            (true, Key::Char('k')) => self.after.clear(),
            (true, Key::Char('w')) => {
                let kept = self.before.trim_end().rfind([' ', '\n']).map_or(0, |at| at + 1);
                self.before.truncate(kept);
            }
            _ => return false,
        }
        true
    }

    /// Puts a text in the place of so many characters before the caret.
    pub fn replace(&mut self, instead: usize, text: &str) {
        let kept = self.before.chars().count().saturating_sub(instead);
        self.before = self.before.chars().take(kept).collect();
        text.chars().for_each(|c| self.insert(c));
    }

    /// Takes pasted text; line ends and other controls become spaces.
    pub fn paste(&mut self, text: &Outside) {
        for c in text.raw().trim_end().chars().take(LIMIT) {
            self.insert(if c.is_control() { ' ' } else { c });
        }
    }

    /// The same of a text that keeps its lines, of which only the ends are seen here.
    pub fn paste_lines(&mut self, text: &Outside) {
        let lines = text.raw().trim_end().replace("\r\n", "\n").replace('\r', "\n");
        for c in lines.chars().take(LIMIT) {
            self.insert(if c.is_control() && c != '\n' { ' ' } else { c });
        }
    }

    /// Begins a line.
    pub fn break_line(&mut self) {
        self.insert('\n');
    }

    fn insert(&mut self, c: char) {
        if self.before.chars().count() + self.after.chars().count() < LIMIT {
            self.before.push(c);
        }
    }
}

fn pop_first(text: &mut String) -> Option<char> {
    (!text.is_empty()).then(|| text.remove(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str) -> String {
        let mut field = Field::default();
        for key in keys.split(' ') {
            assert!(field.press(Chord::parse(key).unwrap()), "{key}");
        }
        let (before, after) = field.parts();
        format!("{before}|{after}")
    }

    #[test]
    fn fields_edit_as_shells_do() {
        assert_eq!(typed("a b left c"), "ac|b");
        assert_eq!(typed("a space b ctrl-w"), "a |");
        assert_eq!(typed("a b ctrl-a delete ctrl-e c"), "bc|");
        assert_eq!(typed("a b left ctrl-k c"), "ac|");
        assert_eq!(typed("é backspace backspace"), "|");
    }

    #[test]
    fn pasted_lines_become_one() {
        let mut field = Field::default();
        field.paste(&Outside::new("a\r\nb\x1b[31m\n"));
        assert_eq!(field.text(), "a  b [31m");
        let mut note = Field::default();
        note.paste_lines(&Outside::new("a\r\nb c\x1b[31m\rd\n"));
        assert_eq!(note.text(), "a\nb c [31m\nd");
        note.press(Chord::parse("ctrl-w").unwrap());
        assert_eq!(note.text(), "a\nb c [31m\n");
    }
}
