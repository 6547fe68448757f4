//! A form: several fields, one of which has the caret, and a last stop from which it is sent.

use serde::{Deserialize, Serialize};

use super::choosing::{beginning, round};
use super::chord::{Chord, Key};
use super::field::Field;
use super::field::editor::Editor;
use crate::domain::text::Outside;

/// What leads to a plan that waits for its final Enter.
pub const PLAN_TO_CONFIRM: &str = "plan to confirm";
/// What leads to a plan that is only looked at: nothing can be sent from there.
pub const PLAN_ONLY: &str = "plan only";

/// The answer to whether what was typed is thrown away, if a key is one: who presses esc twice stays asked, and types
/// nothing into the text by keys meant for a screen.
pub fn thrown_away(chord: Chord) -> Option<bool> {
    match chord.text() {
        Some('y') => Some(true),
        Some('n') => Some(false),
        _ => None,
    }
}

/// Several fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fields {
    /// Every field, those that are hidden included.
    pub slots: Vec<Slot>,
    /// The place of the field with the caret; behind the last one stands what sends the form.
    pub at: usize,
    /// It is asked whether what was typed is thrown away.
    pub leaving: bool,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// What the program calls it.
    pub key: String,
    /// What the person reads.
    pub name: String,
    /// What belongs there, shown while it is empty.
    pub hint: String,
    /// What is in it.
    pub value: Value,
    /// What it began with.
    pub began: String,
    /// It is not asked now.
    pub hidden: bool,
}

/// What is in a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// One line.
    Line(Field),
    /// Several lines.
    Text(Editor),
    /// One of these words.
    Choice {
        /// The words.
        words: Vec<String>,
        /// The place of the chosen one.
        at: usize,
    },
}

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// Something in the form, or nothing.
    Stayed,
    /// The form is to be sent.
    Finished,
    /// The form is to be left, and what was typed thrown away.
    Left,
}

impl Slot {
    fn new(key: &str, name: &str, hint: &str, value: Value) -> Self {
        let mut slot = Self {
            key: key.to_owned(),
            name: name.to_owned(),
            hint: hint.to_owned(),
            value,
            began: String::new(),
            hidden: false,
        };
        slot.began = slot.text();
        slot
    }

    /// A field of one line.
    pub fn line(key: &str, name: &str, hint: &str, text: &str) -> Self {
        Self::new(key, name, hint, Value::Line(Field::with(text)))
    }

    /// A field of several lines.
    pub fn lines(key: &str, name: &str, hint: &str, text: &str) -> Self {
        Self::new(key, name, hint, Value::Text(Editor::with(text)))
    }

    /// A field of one of these words.
    pub fn choice(key: &str, name: &str, words: impl IntoIterator<Item = &'static str>, at: usize) -> Self {
        let words = words.into_iter().map(str::to_owned).collect();
        Self::new(key, name, "", Value::Choice { words, at })
    }

    /// What is in it.
    pub fn text(&self) -> String {
        match &self.value {
            Value::Line(field) => field.text(),
            Value::Text(editor) => editor.text(),
            Value::Choice { words, at } => words.get(*at).cloned().unwrap_or_default(),
        }
    }

    /// Whether nothing visible is in it.
    pub fn is_blank(&self) -> bool {
        Outside::new(self.text()).is_blank()
    }

    /// Whether somebody changed it.
    pub fn is_changed(&self) -> bool {
        self.text() != self.began
    }

    /// Puts a text in that nobody typed.
    pub fn begin_with(&mut self, text: &str) {
        match &mut self.value {
            Value::Line(field) => *field = Field::with(text),
            Value::Text(editor) => *editor = Editor::with(text),
            Value::Choice { words, at } => {
                *at = words.iter().position(|word| word == text).unwrap_or(*at);
            }
        }
        self.began = self.text();
    }

    fn press(&mut self, chord: Chord, cols: usize) -> bool {
        match &mut self.value {
            Value::Line(field) => field.press(chord),
            Value::Text(editor) => editor.press(chord, cols),
            Value::Choice { words, at } => {
                match chord.key {
                    Key::Left => *at = round(*at, -1, words.len()),
                    Key::Right | Key::Char(' ') => *at = round(*at, 1, words.len()),
                    Key::Char(c) => *at = beginning(words, Some(*at), c).unwrap_or(*at),
                    _ => return false,
                }
                true
            }
        }
    }
}

impl Fields {
    /// A form with the caret in the first field that is empty.
    pub fn new(slots: Vec<Slot>) -> Self {
        let mut fields = Self { slots, at: 0, leaving: false };
        fields.at = fields.slots.iter().position(|slot| !slot.hidden && slot.is_blank()).unwrap_or(0);
        fields
    }

    /// The field the program calls so.
    pub fn get(&self, key: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.key == key)
    }

    /// The field the program calls so.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|slot| slot.key == key)
    }

    /// What is in the field the program calls so.
    pub fn text(&self, key: &str) -> String {
        self.get(key).map(Slot::text).unwrap_or_default()
    }

    /// Types a text into the field the program calls so, and puts the caret there.
    pub fn write(&mut self, key: &str, text: &str) {
        if let Some(slot) = self.get_mut(key) {
            let began = std::mem::take(&mut slot.began);
            slot.begin_with(text);
            slot.began = began;
        }
        self.go_to(key);
    }

    /// The field with the caret.
    pub fn here(&self) -> Option<&Slot> {
        self.slots.get(self.at)
    }

    /// Puts the caret into the field the program calls so.
    pub fn go_to(&mut self, key: &str) {
        self.at = self.slots.iter().position(|slot| slot.key == key).unwrap_or(self.at);
    }

    /// Cells in front of what is typed, in a form so many cells wide: the mark, the longest name, a space.
    pub fn margin(&self, cols: u16) -> u16 {
        let names = self.slots.iter().filter(|slot| !slot.hidden).map(|slot| slot.name.chars().count());
        let longest = u16::try_from(names.max().unwrap_or(0)).unwrap_or(cols);
        longest.saturating_add(4).min(cols / 3)
    }

    /// Whether somebody changed something.
    pub fn is_changed(&self) -> bool {
        self.slots.iter().any(Slot::is_changed)
    }

    /// Takes a key, in a form so many cells wide.
    pub fn press(&mut self, chord: Chord, cols: u16) -> Did {
        if self.leaving {
            let answer = thrown_away(chord);
            self.leaving = answer.is_none();
            return if answer == Some(true) { Did::Left } else { Did::Stayed };
        }
        let room = usize::from(cols.saturating_sub(self.margin(cols) + 1)).max(8);
        match (chord.ctrl, chord.key) {
            (true, Key::Char('s')) => return Did::Finished,
            (false, Key::Enter) if self.here().is_none() => return Did::Finished,
            (_, Key::Esc) if self.is_changed() => self.leaving = true,
            (_, Key::Esc) => return Did::Left,
            (_, Key::Tab) => self.move_by(if chord.shift { -1 } else { 1 }),
            // In a text of several lines, another key than Enter begins one: Enter does the same in every field.
            (false, Key::Enter) if !chord.alt => self.move_by(1),
            _ => {
                let taken = self.slots.get_mut(self.at).is_some_and(|slot| slot.press(chord, room));
                match chord.key {
                    Key::Up if !taken => self.move_by(-1),
                    Key::Down if !taken => self.move_by(1),
                    _ => {}
                }
            }
        }
        Did::Stayed
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &Outside) {
        match self.slots.get_mut(self.at).map(|slot| &mut slot.value) {
            Some(Value::Line(field)) => field.paste(text),
            Some(Value::Text(editor)) => editor.paste(text),
            Some(Value::Choice { .. }) | None => {}
        }
    }

    fn move_by(&mut self, step: isize) {
        let stops = self.slots.len() + 1;
        for _ in 0..stops {
            self.at = round(self.at, step, stops);
            if self.here().is_none_or(|slot| !slot.hidden) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Fields {
        let mut hidden = Slot::line("b", "B", "", "");
        hidden.hidden = true;
        let words = Slot::choice("d", "D", ["red", "green", "rose"], 0);
        Fields::new(vec![Slot::line("a", "A", "", ""), hidden, Slot::lines("c", "C", "", "x"), words])
    }

    fn press(fields: &mut Fields, keys: &str) -> Did {
        let mut last = Did::Stayed;
        for key in keys.split_whitespace() {
            last = fields.press(Chord::parse(key).unwrap(), 80);
        }
        last
    }

    #[test]
    fn the_caret_goes_from_field_to_field_and_past_what_is_hidden() {
        let mut fields = form();
        assert_eq!(press(&mut fields, "1 enter 2 ctrl-j 3 enter r r enter enter"), Did::Finished);
        assert_eq!([fields.text("a"), fields.text("c"), fields.text("d")], ["1", "x2\n3", "red"]);
        assert_eq!(press(&mut fields, "shift-tab up 4"), Did::Stayed);
        assert_eq!(fields.text("c"), "x2\n34");
        assert_eq!(press(&mut fields, "ctrl-s"), Did::Finished);
    }

    #[test]
    fn enter_goes_on_from_every_field_and_another_key_begins_a_line() {
        let mut fields = form();
        press(&mut fields, "enter 2 enter");
        assert_eq!((fields.at, fields.text("c").as_str()), (3, "x2"));
        press(&mut fields, "shift-tab alt-enter 3 ctrl-j 4");
        assert_eq!(fields.text("c"), "x2\n3\n4");
        press(&mut fields, "shift-tab ctrl-j alt-enter");
        assert_eq!((fields.at, fields.text("a").as_str()), (0, ""), "a field of one line takes none");
        fields.go_to("c");
        fields.paste(&Outside::new("a\nb"));
        assert_eq!((fields.at, fields.text("c").as_str()), (2, "x2\n3\n4a\nb"));
    }

    #[test]
    fn what_was_typed_is_thrown_away_only_when_asked() {
        let mut fields = form();
        assert_eq!(press(&mut fields, "esc"), Did::Left);
        let mut fields = form();
        assert_eq!(press(&mut fields, "1 esc"), Did::Stayed);
        assert_eq!(press(&mut fields, "esc"), Did::Stayed, "esc twice by reflex keeps it");
        assert_eq!(fields.text("a"), "1");
        assert_eq!(press(&mut fields, "esc n"), Did::Stayed);
        assert_eq!(press(&mut fields, "esc y"), Did::Left);
        assert_eq!(fields.text("a"), "1");
    }
}
