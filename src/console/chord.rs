//! One key press, and how it is written in files, help and tests: `j`, `G`, `ctrl-d`, `enter`, `shift-tab`.

use serde::{Deserialize, Serialize};

/// A key, without what is held with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A character as it arrives: `G` is `shift` and `g`.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
    /// Insert.
    Insert,
    /// A function key, `f1` to `f12`.
    F(u8),
}

/// The keys that have a name.
const NAMED: [(&str, Key); 15] = [
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("pgup", Key::PageUp),
    ("pgdn", Key::PageDown),
    ("home", Key::Home),
    ("end", Key::End),
    ("insert", Key::Insert),
    ("space", Key::Char(' ')),
];

/// A key and what is held with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Control is held.
    pub ctrl: bool,
    /// Alt is held.
    pub alt: bool,
    /// Shift is held; never with a character, which says so by itself.
    pub shift: bool,
}

impl Chord {
    /// A key alone.
    pub const fn plain(key: Key) -> Self {
        Self { key, ctrl: false, alt: false, shift: false }
    }

    /// The character it writes into a text field.
    pub fn text(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// What a terminal sends instead, where it never sends this: nothing, or another key.
    pub fn never_sent(self) -> Option<Option<Self>> {
        let plain = Self { ctrl: false, shift: false, ..self };
        let instead = match self.key {
            Key::Char(c) if self.ctrl => match c.to_ascii_lowercase() {
                ' ' if self.shift => Self { shift: false, ..self },
                'i' => Self { key: Key::Tab, ..plain },
                'm' => Self { key: Key::Enter, ..plain },
                'h' | '8' | '?' => Self { key: Key::Backspace, ..plain },
                '[' | '3' => Self { key: Key::Esc, ..plain },
                '2' | '@' => Self { key: Key::Char(' '), ..self },
                '\\' => Self { key: Key::Char('4'), ..self },
                ']' => Self { key: Key::Char('5'), ..self },
                '^' => Self { key: Key::Char('6'), ..self },
                '_' | '/' => Self { key: Key::Char('7'), ..self },
                lower @ ('a'..='z' | '4'..='7' | ' ') => Self { key: Key::Char(lower), ..self },
                _ => plain,
            },
            // With these a terminal begins what it says by itself.
            Key::Char('[' | ']' | 'O' | 'P' | 'X' | '^' | '_') if self.alt => return Some(None),
            Key::Char(_) | Key::Enter | Key::Backspace => plain,
            Key::Tab if self.shift => Self { shift: true, ..Self::plain(Key::Tab) },
            Key::Tab => plain,
            Key::Esc => Self::plain(Key::Esc),
            // So most terminals say where the cursor is.
            Key::F(3) if self != Self::plain(Key::F(3)) => return Some(None),
            _ => self,
        };
        (instead != self).then(|| match instead.never_sent() {
            Some(other) => other,
            None => Some(instead),
        })
    }

    /// Reads `ctrl-d`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut chord = Self::plain(Key::Esc);
        let mut rest = text;
        loop {
            if let Some(after) = rest.strip_prefix("ctrl-").filter(|r| !r.is_empty()) {
                (chord.ctrl, rest) = (true, after);
            } else if let Some(after) = rest.strip_prefix("alt-").filter(|r| !r.is_empty()) {
                (chord.alt, rest) = (true, after);
            } else if let Some(after) = rest.strip_prefix("shift-").filter(|r| !r.is_empty()) {
                (chord.shift, rest) = (true, after);
            } else {
                break;
            }
        }
        let mut chars = rest.chars();
        chord.key = match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() && c != ' ' && !chord.shift => Key::Char(c),
            (Some('f'), _) => Key::F((1..=12).find(|number| format!("f{number}") == rest)?),
            _ => NAMED.into_iter().find(|(name, _)| *name == rest)?.1,
        };
        Some(chord)
    }
}

impl std::fmt::Display for Chord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        for (held, word) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                text.push_str(word);
            }
        }
        match (NAMED.into_iter().find(|(_, key)| *key == self.key), self.key) {
            (Some((name, _)), _) => text.push_str(name),
            (None, Key::Char(c)) => text.push(c),
            (None, Key::F(number)) => text.push_str(&format!("f{number}")),
            (None, _) => {}
        }
        f.pad(&text)
    }
}

impl TryFrom<String> for Chord {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| {
            format!(
                "`{}` is not a key; write it like \"j\", \"ctrl-d\", \"enter\" or \"space\"",
                text.escape_default()
            )
        })
    }
}

impl From<Chord> for String {
    fn from(chord: Chord) -> Self {
        chord.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_read_and_write_the_same() {
        for text in [
            "j",
            "f",
            "f1",
            "shift-f12",
            "insert",
            "G",
            "ctrl-d",
            "enter",
            "space",
            "esc",
            "tab",
            "shift-tab",
            "up",
            "-",
            "ctrl--",
            "é",
            "?",
        ] {
            assert_eq!(Chord::parse(text).map(|c| c.to_string()).as_deref(), Some(text));
        }
        for bad in ["", " ", "ctrl-", "return", "jj", "shift-g", "f0", "f13", "f+1"] {
            assert_eq!(Chord::parse(bad), None, "{bad}");
        }
    }
}
