//! Letters of several rows, of a font of eight by eight dots, in what a terminal's own font has.

use crate::domain::text::Width;
use font8x8::{BASIC_FONTS, LATIN_FONTS, UnicodeFonts};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use crate::console::layout::Area;
use crate::domain::text::{ascii_fold, clip};
use crate::view::canvas::Canvas;
use crate::view::theme::{Blocks, Theme};

/// How many rows letters can have, the largest first; those of one row are the terminal's own.
pub const RISES: [u16; 5] = [16, 12, 8, 4, 1];

/// Dots of a letter, across and down.
const DOTS: usize = 8;
/// Dots between words.
const SPACE: usize = 4;
/// A cell by which of its quarters are dots: upper left, upper right, lower left, lower right.
const QUARTERS: [char; 16] = [' ', '▘', '▝', '▀', '▖', '▌', '▞', '▛', '▗', '▚', '▐', '▜', '▄', '▙', '▟', '█'];

/// What large letters are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// Quarters of a cell.
    Quarters,
    /// Halves.
    Halves,
    /// ASCII.
    Ascii,
}

impl Letters {
    /// What this terminal has.
    pub fn of(theme: Theme) -> Self {
        match (theme.ascii, theme.blocks) {
            (true, _) => Self::Ascii,
            (false, Blocks::Halves) => Self::Halves,
            (false, Blocks::Quarters) => Self::Quarters,
        }
    }

    /// The cells a text takes in letters of so many rows; `None` where it has a character they have not.
    pub fn width(self, text: &str, rise: u16) -> Option<u16> {
        if rise <= 1 {
            return u16::try_from(text.width()).ok();
        }
        let across = self.across(rise)?;
        u16::try_from((columns(text)?.len() * usize::from(across)).div_ceil(DOTS)).ok()
    }

    /// The longest start of a text that fits, ended by `…` where something is missing.
    pub fn clip(self, text: &str, rise: u16, cols: u16) -> Option<String> {
        if self.width(text, rise)? <= cols {
            return Some(text.to_owned());
        }
        if rise <= 1 {
            return Some(clip(text, cols.into()));
        }
        let room = usize::from(cols) * DOTS / usize::from(self.across(rise)?);
        let (mut used, mut start) = (dots("…")?.len(), String::new());
        for cluster in text.graphemes(true) {
            used += dots(cluster)?.len();
            if used > room {
                break;
            }
            start.push_str(cluster);
        }
        Some(format!("{}…", start.trim_end()))
    }

    /// A text in at most so many lines, broken between words; the last one says where something is missing.
    pub fn lines(self, text: &str, rise: u16, cols: u16, most: u16) -> Option<Vec<String>> {
        let mut out: Vec<String> = Vec::new();
        for word in text.split(' ') {
            let longer = out.last().map(|line| format!("{line} {word}"));
            let longer = longer.filter(|line| self.width(line, rise).is_some_and(|wide| wide <= cols));
            match (longer, out.last_mut()) {
                (Some(longer), Some(line)) => *line = longer,
                _ => out.push(word.to_owned()),
            }
        }
        let kept = usize::from(most.saturating_sub(1));
        if out.len() > kept {
            let rest = out.split_off(kept).join(" ");
            out.push(rest);
        }
        out.iter().map(|line| self.clip(line, rise, cols)).collect()
    }

    /// Draws a text at the upper left of an area, in letters of so many rows.
    pub fn draw(self, canvas: &mut Canvas, area: Area, text: &str, rise: u16, style: Style) {
        let dots = columns(text).filter(|_| rise > 1);
        let (Some(dots), Some(across)) = (dots, self.across(rise)) else {
            canvas.text(area.x, area.y, area.cols, text, style);
            return;
        };
        let cells = (dots.len() * usize::from(across)).div_ceil(DOTS);
        for row in 0..rise.min(area.rows) {
            let line: String = (0..cells).map(|cell| self.cell(&dots, cell, row, across, rise)).collect();
            canvas.text(area.x, area.y + row, area.cols, line.trim_end(), style);
        }
    }

    /// Cells across a letter of so many rows. Quarters are as tall for their width as cells are, so that letters are too.
    fn across(self, rise: u16) -> Option<u16> {
        match (self, rise) {
            (Self::Quarters, _) => Some(rise),
            (_, 4) => Some(8),
            // Dots would end inside a cell.
            (_, 12) => None,
            _ => Some(rise),
        }
    }

    /// What stands in one cell of a text.
    fn cell(self, dots: &[u8], cell: usize, row: u16, across: u16, rise: u16) -> char {
        let (across, rise, row) = (usize::from(across), usize::from(rise), usize::from(row));
        let dot = |right: usize, down: usize| {
            let x = (2 * cell + right) * DOTS / (2 * across);
            let y = (2 * row + down) * DOTS / (2 * rise);
            dots.get(x).is_some_and(|column| column >> y & 1 == 1)
        };
        let quarters = [dot(0, 0), dot(1, 0), dot(0, 1), dot(1, 1)];
        match (self, quarters) {
            (Self::Ascii, [true, _, true, _]) => '#',
            (Self::Ascii, [true, ..]) => '"',
            (Self::Ascii, [_, _, true, _]) => 'o',
            (Self::Ascii, _) => ' ',
            _ => {
                let place: usize =
                    quarters.iter().enumerate().map(|(bit, set)| usize::from(*set) << bit).sum();
                QUARTERS.get(place).copied().unwrap_or(' ')
            }
        }
    }
}

/// The dots of a text, column by column, the uppermost in the lowest bit.
fn columns(text: &str) -> Option<Vec<u8>> {
    let all: Option<Vec<Vec<u8>>> = text.graphemes(true).map(dots).collect();
    all.map(|all| all.concat())
}

/// The dots of one character; digits are all of one width. `None` where the font has nothing like it.
fn dots(cluster: &str) -> Option<Vec<u8>> {
    let mut chars = cluster.chars();
    let (first, rest) = (chars.next()?, chars.next());
    match (first, glyph(first).filter(|_| rest.is_none())) {
        (' ', _) => Some(vec![0; SPACE]),
        ('…', _) => glyph('.').map(|dot| trimmed(dot).repeat(3)),
        ('0'..='9', Some(rows)) => Some(turned(rows)),
        (_, Some(rows)) => Some(trimmed(rows)),
        (_, None) => {
            let folded = ascii_fold(cluster);
            let all: Option<Vec<[u8; DOTS]>> = folded.chars().map(glyph).collect();
            let all = all.filter(|_| !folded.contains('?'));
            all.map(|all| all.into_iter().flat_map(trimmed).collect())
        }
    }
}

fn glyph(c: char) -> Option<[u8; DOTS]> {
    BASIC_FONTS.get(c).filter(|_| !c.is_control()).or_else(|| LATIN_FONTS.get(c))
}

/// Rows as columns.
fn turned(rows: [u8; DOTS]) -> Vec<u8> {
    let column = |x: usize| rows.iter().enumerate().map(|(y, row)| (row >> x & 1) << y).sum();
    (0..DOTS).map(column).collect()
}

/// The columns with ink, and one without behind them.
fn trimmed(rows: [u8; DOTS]) -> Vec<u8> {
    let all = turned(rows);
    let inked = |column: &u8| *column != 0;
    let (first, last) = (all.iter().position(inked), all.iter().rposition(inked));
    let ink = first.zip(last).and_then(|(first, last)| all.get(first..=last)).unwrap_or_default();
    ink.iter().copied().chain([0]).collect()
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::{Buffer, Cell};

    use super::*;
    use crate::view::whole;

    fn drawn(letters: Letters, text: &str, rise: u16) -> Vec<String> {
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, rise));
        whole(&mut buffer, Theme::default(), |canvas| {
            letters.draw(canvas, canvas.area, text, rise, Style::new());
        });
        let rows = buffer.content.chunks(80);
        rows.map(|row| row.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned()).collect()
    }

    #[test]
    fn letters_are_made_of_what_the_terminal_has() {
        assert_eq!(drawn(Letters::Quarters, "1", 4), ["▗█", " █", " █", "▀▀▀"]);
        for letters in [Letters::Halves, Letters::Ascii] {
            let all: String = drawn(letters, "!! 2 NOT", 4).concat();
            assert!(all.chars().all(|c| " ▀▄█#\"o".contains(c)), "{letters:?} {all}");
            assert!(letters == Letters::Halves || all.is_ascii());
        }
    }

    #[test]
    fn larger_letters_are_the_same_ones() {
        let small = drawn(Letters::Quarters, "47", 4).concat().chars().filter(|c| *c != ' ').count();
        let large = drawn(Letters::Quarters, "47", 8).concat();
        assert!(large.chars().all(|c| c == ' ' || c == '█'), "{large}");
        assert!(large.chars().filter(|c| *c == '█').count() > 2 * small);
    }

    #[test]
    fn a_text_is_as_wide_as_said_and_cut_so_that_it_says_so() {
        let wide = Letters::Quarters.width("Order gateway", 4).unwrap();
        let widest =
            drawn(Letters::Quarters, "Order gateway", 4).iter().map(|row| row.chars().count()).max().unwrap();
        assert!(usize::from(wide) >= widest && usize::from(wide) <= widest + 1, "{wide} {widest}");
        let cut = Letters::Quarters.clip("Order gateway refuses", 4, 40).unwrap();
        assert!(
            cut.ends_with('…') && "Order gateway refuses".starts_with(cut.trim_end_matches('…')),
            "{cut}"
        );
        assert!(Letters::Quarters.width(&cut, 4).unwrap() <= 40);
    }

    #[test]
    fn a_title_is_broken_between_words() {
        let lines = |most| Letters::Quarters.lines("Order gateway refuses connections", 4, 60, most).unwrap();
        assert_eq!(lines(3), ["Order gateway", "refuses", "connections"]);
        assert_eq!(lines(1).len(), 1);
        assert!(lines(1)[0].ends_with('…'));
        assert_eq!(Letters::Quarters.lines("取引 停止", 4, 60, 3), None);
    }

    #[test]
    fn what_the_font_has_not_is_left_to_the_terminal() {
        assert_eq!(Letters::Quarters.width("取引停止", 4), None);
        assert!(Letters::Quarters.width("Zürich — ×3 …", 4).is_some());
    }
}
