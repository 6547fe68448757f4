//! Text into cells. Every piece stays inside its area, and what is cut says so.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::theme::Theme;
use crate::console::layout::Area;
use crate::console::page::title::NAME;
use crate::console::page::{Line, Page, Role};
use crate::domain::text::{ascii_fold, is_safe_symbol};

/// The longest start of a text that fits, ended by `…` when something is missing.
pub fn clip(text: &str, cells: usize) -> String {
    if text.width() <= cells {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for cluster in text.graphemes(true) {
        used += cluster.width();
        if used > cells {
            break;
        }
        out.push_str(cluster);
    }
    if cells > 0 {
        out.push('…');
    }
    out
}

/// A text at a place, in at most so many cells; returns the cells used.
pub fn text(buffer: &mut Buffer, x: u16, y: u16, cells: u16, text: &str, style: Style) -> u16 {
    if !buffer.area.contains((x, y).into()) || cells == 0 {
        return 0;
    }
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return letters(buffer, (x, y), cells, text, style);
    }
    let shown = clip(text, usize::from(cells));
    let (end, _) = buffer.set_stringn(x, y, shown, usize::from(cells), style);
    end.saturating_sub(x)
}

/// The same of printable ASCII, which is most of all that is drawn: a byte is a cell.
#[expect(clippy::disallowed_methods, reason = "this is the module that paints")]
fn letters(buffer: &mut Buffer, (x, y): (u16, u16), cells: u16, text: &str, style: Style) -> u16 {
    let (at, end) = (buffer.index_of(x, y), buffer.area.right().saturating_sub(x).min(cells));
    let room = buffer.content.iter_mut().skip(at).take(end.into());
    let cut = (text.len() > usize::from(cells)).then(|| usize::from(cells) - 1);
    let mut used = 0;
    for ((place, letter), cell) in text.chars().enumerate().zip(room) {
        cell.set_char(if cut == Some(place) { '…' } else { letter }).set_style(style);
        used += 1;
    }
    used
}

/// One line at the top of an area.
pub fn line(buffer: &mut Buffer, theme: &Theme, area: Area, line: &Line) {
    let mut x = area.x;
    for (role, piece) in &line.0 {
        let left = (area.x + area.cols).saturating_sub(x);
        if left == 0 && !piece.is_empty() {
            text(buffer, (area.x + area.cols).saturating_sub(1), area.y, 1, "…", theme.role(*role));
            return;
        }
        x += text(buffer, x, area.y, left, piece, theme.role(*role));
    }
}

/// The lines of a page from the one at `top`.
pub fn page(buffer: &mut Buffer, theme: &Theme, area: Area, page: &Page, top: u16) {
    let rows = (0..area.rows).zip(page.iter().skip(usize::from(top)));
    for (row, it) in rows {
        let place = Area { y: area.y + row, rows: 1, ..area };
        line(buffer, theme, place, it);
        if it.0.first().is_some_and(|(role, _)| *role == Role::Chosen) {
            buffer.set_style(rect(place), theme.role(Role::Chosen).remove_modifier(Modifier::DIM));
        }
    }
}

/// `── title ──────────── end ─`
pub fn rule(buffer: &mut Buffer, theme: &Theme, area: Area, title: &str, end: &str) {
    let dim = theme.role(Role::Dim);
    fill(buffer, Area { rows: 1, ..area }, '─', dim);
    let width = |text: &str| u16::try_from(text.width()).unwrap_or(u16::MAX);
    let room = area.cols.saturating_sub(6);
    // The name of what is shown is worth more than a word that the arrow says as well.
    let crowded = width(title).saturating_add(width(end)).saturating_add(4) > room;
    let end = if crowded { end.replace(" more lines", "").replace(" more line", "") } else { end.to_owned() };
    let end = clip(&end, usize::from(room.saturating_sub(width(title).min(NAME)).saturating_sub(4)));
    let wide = if end.is_empty() { 0 } else { width(&end).saturating_add(4) };
    let title = clip(title, usize::from(room.saturating_sub(wide)));
    text(
        buffer,
        area.x + 2,
        area.y,
        area.cols.saturating_sub(2),
        &format!(" {title} "),
        // Not in the colour of the line it stands on.
        theme.role(Role::Strong).fg(Color::Reset),
    );
    if !end.is_empty() && wide < area.cols {
        let x = area.x + area.cols - wide;
        // Nor as pale: a colour that is dim is hard to read.
        text(
            buffer,
            x,
            area.y,
            wide,
            &format!(" {end} "),
            theme.role(Role::Warn).remove_modifier(Modifier::DIM),
        );
    }
}

/// A vertical line that hangs from a rule.
pub fn divider(buffer: &mut Buffer, theme: &Theme, area: Area) {
    fill(buffer, Area { cols: 1, ..area }, '│', theme.role(Role::Dim));
    fill(buffer, Area { cols: 1, rows: 1, ..area }, '┬', theme.role(Role::Dim));
}

/// The same sign in every cell of an area.
#[expect(clippy::disallowed_methods, reason = "this is the module that paints")]
fn fill(buffer: &mut Buffer, area: Area, sign: char, style: Style) {
    for position in rect(area).intersection(buffer.area).positions() {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.set_char(sign).set_style(style);
        }
    }
}

/// What is less sure or less urgent than the rest: plain text pales, what is coloured and the bar of the cursor stay as
/// they are, since many terminals halve a colour that is dim.
pub fn pale(buffer: &mut Buffer, theme: &Theme, area: Area) {
    let dim = theme.role(Role::Dim);
    for position in rect(area).intersection(buffer.area).positions() {
        if let Some(cell) = buffer.cell_mut(position)
            && cell.fg == Color::Reset
            && !cell.modifier.contains(Modifier::REVERSED)
        {
            cell.set_style(dim);
        }
    }
}

/// Blanks an area.
pub fn clear(buffer: &mut Buffer, area: Area) {
    let rect = rect(area).intersection(buffer.area);
    for position in rect.positions() {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.reset();
        }
    }
}

/// The area as the buffer knows it.
pub fn rect(area: Area) -> ratatui::layout::Rect {
    ratatui::layout::Rect::new(area.x, area.y, area.cols, area.rows)
}

/// Replaces what no terminal cell may hold, and says how many cells that were: the last line of defence. The cells
/// behind a wide character get its style, which is what is seen there once it is gone.
#[expect(clippy::disallowed_methods, reason = "this is the module that paints")]
pub fn sweep(buffer: &mut Buffer) -> usize {
    let (mut swept, cols) = (0, usize::from(buffer.area.width).max(1));
    for row in buffer.content.chunks_mut(cols) {
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
    }
    swept
}

/// Every symbol in ASCII, as wide as before.
#[expect(clippy::disallowed_methods, reason = "this is the module that paints")]
pub fn fold(buffer: &mut Buffer) {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let Some(cell) = buffer.cell(Position::new(x, y)) else { continue };
            if cell.symbol().is_ascii() {
                continue;
            }
            let folded = ascii_fold(cell.symbol());
            for (place, c) in (x..area.right()).zip(folded.chars()) {
                if let Some(cell) = buffer.cell_mut(Position::new(place, y)) {
                    cell.set_char(c);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_not_as_pale_as_its_line() {
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 20, 1));
        let theme = Theme::new(crate::console::look::Look::Light);
        rule(&mut buffer, &theme, Area { x: 0, y: 0, cols: 20, rows: 1 }, "Triage", "");
        assert_eq!(buffer[(0, 0)].fg, Color::Black, "the line is dim");
        assert_eq!((buffer[(3, 0)].symbol(), buffer[(3, 0)].fg), ("T", Color::Reset));
    }

    #[test]
    fn plain_letters_stand_as_any_other_text_would() {
        let style = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
        for (x, cells, said) in
            [(0, 9, "abc"), (2, 3, "abc"), (2, 3, "abcd"), (5, 9, "abcdef"), (1, 1, "ab"), (9, 2, "a")]
        {
            let mut buffers = [(); 2].map(|()| Buffer::empty(ratatui::layout::Rect::new(0, 0, 8, 1)));
            let [quick, slow] = &mut buffers;
            let used = text(quick, x, 0, cells, said, style);
            if x < 8 {
                let (end, _) = slow.set_stringn(x, 0, clip(said, cells.into()), cells.into(), style);
                assert_eq!(used, end - x, "{said} in {cells} cells at {x}");
            }
            assert_eq!(quick, slow, "{said} in {cells} cells at {x}");
        }
    }

    #[test]
    fn what_pales_keeps_its_colours_and_its_bar() {
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 4, 1));
        let theme = Theme::new(crate::console::look::Look::Dark);
        for (x, role) in (0..).zip([Role::Plain, Role::Warn, Role::Chosen]) {
            text(&mut buffer, x, 0, 1, "x", theme.role(role));
        }
        pale(&mut buffer, &theme, Area { x: 0, y: 0, cols: 9, rows: 9 });
        let dim: Vec<bool> =
            buffer.content.iter().map(|cell| cell.modifier.contains(Modifier::DIM)).collect();
        assert_eq!(dim, [true, false, false, true]);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "it does what no other code can")]
    fn the_sweep_replaces_what_no_cell_may_hold() {
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 3, 1));
        buffer[(1, 0)].set_symbol("\x1b[2J");
        assert_eq!(sweep(&mut buffer), 1);
        assert_eq!(buffer[(1, 0)].symbol(), "\u{FFFD}");
    }
}
