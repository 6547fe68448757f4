//! Lines and pages on a canvas. Every piece stays inside its area, and what is cut says so.

use ratatui::style::{Color, Modifier};

use super::canvas::Canvas;
use crate::console::layout::Area;
use crate::console::page::title::NAME;
use crate::console::page::{Line, Page, Role};
use crate::domain::text::{Width, clip};

/// One line at the top of an area.
pub fn line(canvas: &mut Canvas, area: Area, line: &Line) {
    let (mut x, theme) = (area.x, canvas.theme);
    for (role, piece) in &line.0 {
        let left = (area.x + area.cols).saturating_sub(x);
        if left == 0 && !piece.is_empty() {
            canvas.text((area.x + area.cols).saturating_sub(1), area.y, 1, "…", theme.role(*role));
            return;
        }
        x += canvas.text(x, area.y, left, piece, theme.role(*role));
    }
}

/// The lines of a page from the one at `top`.
pub fn page(canvas: &mut Canvas, area: Area, page: &Page, top: u16) {
    let rows = (0..area.rows).zip(page.iter().skip(usize::from(top)));
    for (row, it) in rows {
        let place = Area { y: area.y + row, rows: 1, ..area };
        line(canvas, place, it);
        if it.0.first().is_some_and(|(role, _)| *role == Role::Chosen) {
            canvas.style(place, canvas.theme.role(Role::Chosen).remove_modifier(Modifier::DIM));
        }
    }
}

/// `── title ──────────── end ─`
pub fn rule(canvas: &mut Canvas, area: Area, title: &str, end: &str) {
    let theme = canvas.theme;
    canvas.fill(Area { rows: 1, ..area }, '─', theme.role(Role::Dim));
    let width = |text: &str| u16::try_from(text.width()).unwrap_or(u16::MAX);
    let room = area.cols.saturating_sub(6);
    // The name of what is shown is worth more than a word that the arrow says as well.
    let crowded = width(title).saturating_add(width(end)).saturating_add(4) > room;
    let end = if crowded { end.replace(" more lines", "").replace(" more line", "") } else { end.to_owned() };
    let end = clip(&end, usize::from(room.saturating_sub(width(title).min(NAME)).saturating_sub(4)));
    let wide = if end.is_empty() { 0 } else { width(&end).saturating_add(4) };
    let title = format!(" {} ", clip(title, usize::from(room.saturating_sub(wide))));
    // Not in the colour of the line it stands on.
    let strong = theme.role(Role::Strong).fg(Color::Reset);
    canvas.text(area.x + 2, area.y, area.cols.saturating_sub(2), &title, strong);
    if !end.is_empty() && wide < area.cols {
        // Nor as pale: a colour that is dim is hard to read.
        let warn = theme.role(Role::Warn).remove_modifier(Modifier::DIM);
        canvas.text(area.x + area.cols - wide, area.y, wide, &format!(" {end} "), warn);
    }
}

/// A vertical line that hangs from a rule.
pub fn divider(canvas: &mut Canvas, area: Area) {
    let dim = canvas.theme.role(Role::Dim);
    canvas.fill(Area { cols: 1, ..area }, '│', dim);
    canvas.fill(Area { cols: 1, rows: 1, ..area }, '┬', dim);
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;

    use super::*;
    use crate::console::look::Look;
    use crate::view::theme::Depth;
    use crate::view::{Theme, whole};

    #[test]
    fn a_title_is_not_as_pale_as_its_line() {
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 20, 1));
        let theme = Theme { depth: Depth::Indexed, ..Theme::new(Look::Light) };
        whole(&mut buffer, theme, |canvas| rule(canvas, canvas.area, "Triage", ""));
        let [line, title] = [0, 3].map(|x| (buffer[(x, 0)].symbol(), buffer[(x, 0)].fg));
        assert_eq!((line.0, title.0), ("─", "T"));
        assert_ne!(line.1, title.1, "the line is dim");
    }
}
