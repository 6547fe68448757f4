//! What stands in the cells of a row.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

use crate::domain::text::{ascii_fold, is_safe_symbol};

/// So many cells of a row, from one on; fewer where it ends.
pub fn at(buffer: &mut Buffer, x: u16, y: u16, cols: u16) -> &mut [Cell] {
    let width = buffer.area.width;
    let row = usize::from(y) * usize::from(width);
    let [from, to] = [x.min(width), x.saturating_add(cols).min(width)].map(|x| row + usize::from(x));
    buffer.content.get_mut(from..to).unwrap_or_default()
}

/// A text of which each character has a cell to itself.
#[expect(clippy::disallowed_methods, reason = "this is the module that fills cells")]
pub fn singles(cells: &mut [Cell], text: &str, style: Style) {
    for (cell, sign) in cells.iter_mut().zip(text.chars()) {
        cell.set_char(sign).set_style(style);
    }
}

/// The same sign in each.
#[expect(clippy::disallowed_methods, reason = "this is the module that fills cells")]
pub fn fill(cells: &mut [Cell], sign: char, style: Style) {
    for cell in cells {
        cell.set_char(sign).set_style(style);
    }
}

/// How they look, whatever stands there.
pub fn style(cells: &mut [Cell], style: Style) {
    for cell in cells {
        cell.set_style(style);
    }
}

/// Plain text pales.
pub fn pale(cells: &mut [Cell], style: Style) {
    for cell in cells {
        if cell.fg == Color::Reset && !cell.modifier.contains(Modifier::REVERSED) {
            cell.set_style(style);
        }
    }
}

/// Nothing stands there.
pub fn clear(cells: &mut [Cell]) {
    cells.iter_mut().for_each(Cell::reset);
}

/// Replaces what no terminal cell may hold, and says how many cells that were: the last line of defence. The cells
/// behind a wide character get its style, which is what is seen there once it is gone.
#[expect(clippy::disallowed_methods, reason = "this is the module that fills cells")]
pub fn sweep(row: &mut [Cell]) -> usize {
    let mut swept = 0;
    let (mut behind, mut style) = (0, Style::new());
    for cell in row {
        if behind > 0 {
            behind -= 1;
            cell.reset();
            cell.set_style(style);
            continue;
        }
        // Letters and lines, U+2500 to U+257F: what most cells hold.
        if matches!(cell.symbol().as_bytes(), [b' '..=b'~'] | [0xE2, 0x94 | 0x95, _]) {
            continue;
        }
        if !cell.symbol().is_ascii() {
            (behind, style) = (cell.symbol().width().saturating_sub(1), cell.style());
        }
        if !is_safe_symbol(cell.symbol()) {
            cell.set_symbol("\u{FFFD}");
            swept += 1;
        }
    }
    swept
}

/// Every symbol in ASCII, as wide as before.
#[expect(clippy::disallowed_methods, reason = "this is the module that fills cells")]
pub fn fold(row: &mut [Cell]) {
    for x in 0..row.len() {
        let Some(cell) = row.get(x).filter(|cell| !cell.symbol().is_ascii()) else { continue };
        let folded = ascii_fold(cell.symbol());
        for (cell, c) in row.iter_mut().skip(x).zip(folded.chars()) {
            cell.set_char(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    #[test]
    fn single_characters_stand_as_any_other_text_would() {
        let looks = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
        for (x, cells, said) in [(0, 9, "abc"), (2, 3, "a·c"), (2, 3, "ab…"), (7, 9, "─"), (1, 1, "…")]
        {
            let mut buffers = [(); 2].map(|()| Buffer::empty(Rect::new(0, 0, 8, 2)));
            let [quick, slow] = &mut buffers;
            singles(at(quick, x, 1, cells), said, looks);
            slow.set_stringn(x, 1, said, cells.into(), looks);
            assert_eq!(quick, slow, "{said} in {cells} cells at {x}");
        }
    }

    #[test]
    fn what_is_asked_for_beyond_the_edge_is_not_there() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 2));
        let lengths = [(0, 0, 9), (3, 1, 9), (4, 1, 1), (9, 0, 1), (0, 2, 4)]
            .map(|(x, y, cols)| at(&mut buffer, x, y, cols).len());
        assert_eq!(lengths, [4, 1, 0, 0, 0]);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "it does what no other code can")]
    fn the_sweep_replaces_what_no_cell_may_hold() {
        let mut row = [" ", "\x1b[2J", " "].map(Cell::new);
        assert_eq!(sweep(&mut row), 1);
        assert_eq!(row[1].symbol(), "\u{FFFD}");
        let mut wide = [Cell::default(), Cell::default()];
        wide[0].set_symbol("漢").set_style(Style::new().bg(Color::Red));
        assert_eq!((sweep(&mut wide), wide[1].bg), (0, Color::Red), "the cell behind looks like it");
    }
}
