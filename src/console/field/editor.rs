//! A text of several lines being typed: newlines, word wrap, and a caret that moves by the rows one sees.

use crate::domain::text::Width;
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use super::Field;
use crate::console::chord::{Chord, Key};
use crate::domain::text::Outside;

/// Characters one text takes.
const LIMIT: usize = 20_000;

/// A text of several lines being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Editor(Field);

/// A text as it stands in so many cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    /// Its rows; every piece may be shown.
    pub rows: Vec<Vec<Piece>>,
    /// The row and the piece before which the caret stands.
    pub caret: (usize, usize),
}

/// One cluster of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// As it may be shown.
    pub shown: String,
    /// Which cluster of the text it is.
    place: usize,
}

impl Editor {
    /// An editor with this text, the caret behind it.
    pub fn with(text: impl Into<String>) -> Self {
        Self(Field::with(text))
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.0.text()
    }

    /// Takes a key; says whether it was one for an editor of so many cells.
    pub fn press(&mut self, chord: Chord, cols: usize) -> bool {
        if let Some(c) = chord.text() {
            self.insert(&c.to_string());
            return true;
        }
        let (before, after) = (&mut self.0.before, &mut self.0.after);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = after.find('\n').unwrap_or(after.len());
        match (chord.ctrl, chord.key) {
            (false, Key::Enter) | (true, Key::Char('j')) => self.insert("\n"),
            (false, Key::Up) => return self.step(-1, cols),
            (false, Key::Down) => return self.step(1, cols),
            (false, Key::Home) | (true, Key::Char('a')) => {
                let moved = before.split_off(line_start);
                after.insert_str(0, &moved);
            }
            (false, Key::End) | (true, Key::Char('e')) => {
                let rest = after.split_off(line_end);
                before.push_str(&std::mem::replace(after, rest));
            }
            (true, Key::Char('u')) => before.truncate(line_start),
            (true, Key::Char('k')) => drop(after.drain(..line_end)),
            (true, Key::Char('w')) => {
                let kept = before.trim_end().rfind([' ', '\n']);
                before.truncate(kept.map_or(0, |at| at + 1));
            }
            _ => return self.0.press(chord),
        }
        true
    }

    /// Takes pasted text, lines and all; other controls become spaces.
    pub fn paste(&mut self, text: &Outside) {
        let lines = text.raw().trim_end().replace("\r\n", "\n").replace('\r', "\n");
        self.insert(&lines.replace(|c: char| c.is_control() && c != '\n', " "));
    }

    fn insert(&mut self, text: &str) {
        let held = self.0.before.chars().count() + self.0.after.chars().count();
        self.0.before.extend(text.chars().take(LIMIT.saturating_sub(held)));
    }

    /// The text in rows of at most so many cells, broken between words where that is possible.
    pub fn wrapped(&self, cols: usize) -> Wrapped {
        let text = self.text();
        let mut rows: Vec<Vec<Piece>> = Vec::new();
        let mut row: Vec<Piece> = Vec::new();
        let mut width = 0;
        for (place, cluster) in text.graphemes(true).enumerate() {
            if cluster == "\n" {
                row.push(Piece { shown: " ".to_owned(), place });
                rows.push(std::mem::take(&mut row));
                width = 0;
                continue;
            }
            let shown = shown(cluster);
            let cells = shown.width();
            // A space at the end of a row needs no cell of its own.
            while width + cells > cols && !row.is_empty() && shown != " " {
                let word = row.iter().rposition(|piece| piece.shown == " ").map_or(0, |at| at + 1);
                let rest = if word > 0 { row.split_off(word) } else { Vec::new() };
                rows.push(std::mem::replace(&mut row, rest));
                width = row.iter().map(|piece| piece.shown.width()).sum();
            }
            width += cells;
            row.push(Piece { shown, place });
        }
        row.push(Piece { shown: " ".to_owned(), place: text.graphemes(true).count() });
        rows.push(row);
        let caret = self.0.before.graphemes(true).count();
        let at = |row: &Vec<Piece>| row.iter().position(|piece| piece.place == caret);
        let caret = rows.iter().enumerate().find_map(|(y, row)| Some((y, at(row)?)));
        Wrapped { caret: caret.unwrap_or_default(), rows }
    }

    /// Moves the caret to the row above or below; says whether there is one.
    fn step(&mut self, by: isize, cols: usize) -> bool {
        let Wrapped { rows, caret: (y, x) } = self.wrapped(cols);
        let Some(row) = y.checked_add_signed(by).and_then(|y| rows.get(y)) else { return false };
        let cells =
            |row: &[Piece], to: usize| -> usize { row.iter().take(to).map(|p| p.shown.width()).sum() };
        let wanted = rows.get(y).map_or(0, |row| cells(row, x));
        let target = (0..row.len()).take_while(|at| cells(row, *at) <= wanted).last();
        let Some(piece) = target.and_then(|at| row.get(at)) else { return false };
        let text = self.text();
        let split = text.grapheme_indices(true).nth(piece.place).map_or(text.len(), |(at, _)| at);
        let (before, after) = text.split_at_checked(split).unwrap_or((&text, ""));
        self.0 = Field { before: before.to_owned(), after: after.to_owned() };
        true
    }
}

/// A cluster as it may be shown.
fn shown(cluster: &str) -> String {
    let blank = cluster.chars().all(|c| c.is_whitespace() && !c.is_control());
    if blank { " ".to_owned() } else { Outside::new(cluster).safe().to_string() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(text: &str, cols: usize) -> Vec<String> {
        let row = |row: &Vec<Piece>| row.iter().map(|piece| piece.shown.as_str()).collect::<String>();
        Editor::with(text).wrapped(cols).rows.iter().map(|it| row(it).trim_end().to_owned()).collect()
    }

    fn after(text: &str, keys: &str) -> String {
        let mut editor = Editor::with(text);
        for key in keys.split_whitespace() {
            editor.press(Chord::parse(key).unwrap(), 10);
        }
        format!("{}|{}", editor.0.before, editor.0.after)
    }

    #[test]
    fn text_is_broken_between_words_and_long_words_anywhere() {
        assert_eq!(rows("one two three", 8), ["one two", "three"]);
        assert_eq!(rows("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(rows("a\n\nb", 8), ["a", "", "b"]);
        assert_eq!(rows("", 8), [""]);
        assert_eq!(rows("取引停止", 4), ["取引", "停止"]);
        assert_eq!(rows("a\u{202e}b", 20), ["a\\u{202e}b"]);
    }

    #[test]
    fn the_caret_moves_by_the_rows_one_sees() {
        assert_eq!(after("one two three four", "up"), "one two| three four");
        assert_eq!(after("one\ntwo", "up x"), "onex|\ntwo");
        assert_eq!(after("one\ntwo", "home x up down"), "one\nx|two");
        assert_eq!(after("one\ntwo", "up home ctrl-k"), "|\ntwo");
        assert_eq!(after("one\ntwo", "enter x"), "one\ntwo\nx|");
        assert_eq!(after("one\ntwo", "ctrl-w"), "one\n|");
        assert_eq!(after("one\ntwo", "ctrl-u backspace"), "one|");
        let mut editor = Editor::with("one");
        assert!(!editor.press(Chord::parse("up").unwrap(), 10), "there is nothing above");
    }

    #[test]
    fn pasted_lines_stay_lines() {
        let mut editor = Editor::default();
        editor.paste(&Outside::new("a\r\nb\x1b[31m\n"));
        assert_eq!(editor.text(), "a\nb [31m");
        editor.paste(&Outside::new("x".repeat(LIMIT + 7)));
        assert_eq!(editor.text().chars().count(), LIMIT);
    }

    proptest! {
        #[test]
        fn no_cluster_is_lost_and_no_row_is_too_wide(text in "[a-z 取é\\n]{0,80}", cols in 4usize..20) {
            let wrapped = Editor::with(text.as_str()).wrapped(cols);
            let places: Vec<usize> = wrapped.rows.iter().flatten().map(|piece| piece.place).collect();
            prop_assert!(places.iter().copied().eq(0..=text.graphemes(true).count()));
            for row in &wrapped.rows {
                let shown: String = row.iter().map(|piece| piece.shown.as_str()).collect();
                prop_assert!(shown.trim_end().width() <= cols, "{shown:?}");
            }
        }
    }
}
