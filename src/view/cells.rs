//! What stands in the cells of a row.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::text::{Width, ascii_fold, is_safe_symbol};

/// A text of which any number of characters may share a cell, or take two; what does not fit is left out.
#[expect(clippy::disallowed_methods, reason = "this is the module that fills cells")]
pub fn clusters(cells: &mut [Cell], text: &str, style: Style) {
    let mut left = cells.iter_mut();
    for cluster in text.graphemes(true).filter(|cluster| !cluster.contains(char::is_control)) {
        let wide = cluster.width();
        if wide > left.len() {
            return;
        }
        let mut taken = left.by_ref().take(wide);
        if let Some(first) = taken.next() {
            first.set_symbol(cluster).set_style(style);
        }
        taken.for_each(Cell::reset);
    }
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
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    use super::*;

    #[test]
    fn texts_stand_as_ratatui_would_put_them() {
        let looks = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
        for (cols, said) in [
            (9, "abc"),
            (3, "a·c"),
            (3, "ab…d"),
            (1, "─"),
            (8, "漢字漢字漢"),
            (3, "a漢字"),
            (8, "ｶﾞｽ停止"),
            (8, "pﾞass"),
            (3, "aﾟﾟﾟb"),
            (8, "e\u{301}\u{1b}a"),
            (0, "a"),
        ] {
            let mut want = Buffer::empty(Rect::new(0, 0, 9, 1));
            want.set_stringn(0, 0, said, cols, looks);
            let mut have = vec![Cell::default(); 9];
            clusters(&mut have[..cols], said, looks);
            assert_eq!(have, want.content, "{said} in {cols} cells");
            if crate::domain::text::singles(said).is_some() {
                have.fill(Cell::default());
                singles(&mut have[..cols], said, looks);
                assert_eq!(have, want.content, "{said} in {cols} cells");
            }
        }
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
