//! Draws the wall: numbers and titles in letters as large as the terminal allows, page after page.

mod dark;
mod foot;
mod glyphs;
mod head;
mod tiles;
mod tiny;

use ratatui::Frame;
use ratatui::buffer::Buffer;

use super::paint;
use super::theme::Theme;
use crate::console::layout::Area;
use crate::console::page::{Role, wall as words};
use crate::console::wall::Wall;
use crate::domain::time::Time;
use glyphs::Letters;

/// Below this nothing but a few words is shown.
const LEAST: (u16, u16) = (36, 9);

/// Draws the wall as it is at `now`.
pub fn draw(wall: &Wall, theme: &Theme, now: Time, frame: &mut Frame<'_>) {
    let swept = draw_swept(wall, theme, now, frame.buffer_mut());
    debug_assert_eq!(swept, 0, "text from outside has reached a cell without SafeText");
}

/// The same; returns how many cells the last look at them had to replace, which should be none.
pub fn draw_swept(wall: &Wall, theme: &Theme, now: Time, buffer: &mut Buffer) -> usize {
    let area = Area { x: 0, y: 0, cols: buffer.area.width, rows: buffer.area.height };
    let dark = words::dark(wall, now);
    if area.cols < LEAST.0 || area.rows < LEAST.1 {
        tiny::draw(wall, dark.as_ref(), theme, now, area, buffer);
    } else if let Some(dark) = dark {
        dark::draw(wall, &dark, theme, now, area, buffer);
    } else {
        lit(wall, theme, now, area, buffer);
    }
    if theme.ascii {
        paint::fold(buffer);
    }
    theme.ground(buffer);
    paint::sweep(buffer)
}

/// Numbers on top, sources at the bottom, incidents between.
fn lit(wall: &Wall, theme: &Theme, now: Time, area: Area, buffer: &mut Buffer) {
    let rise = head::draw(wall, theme, now, area, buffer);
    let mut top = if rise > 1 { rise + 1 } else { 1 };
    top += untaken(wall, theme, rise, Area { y: top, ..area }, buffer);
    let foot = foot::plan(wall, now, area);
    let body = Area { y: top, rows: area.rows.saturating_sub(top + foot.rows()), ..area };
    let pages = tiles::draw(wall, theme, now, body, buffer).max(foot.pages());
    foot.draw(wall, theme, now, pages, Area { y: body.y + body.rows, rows: foot.rows(), ..area }, buffer);
}

/// How many critical ones nobody has taken, across the whole screen; returns the rows that took.
fn untaken(wall: &Wall, theme: &Theme, rise: u16, area: Area, buffer: &mut Buffer) -> u16 {
    let count = wall.board.tally().unacked;
    if count == 0 {
        return 0;
    }
    let letters = Letters::of(theme);
    let says = [format!("!! {count} CRITICAL NOT TAKEN"), format!("!! {count} NOT TAKEN")];
    let room = area.cols.saturating_sub(2);
    let fits =
        |rise: &u16| says.iter().find(|text| letters.width(text, *rise).is_some_and(|wide| wide <= room));
    let rises = glyphs::RISES.into_iter().filter(|it| *it <= rise);
    let Some((rise, text)) = rises.filter_map(|rise| Some((rise, fits(&rise)?))).next() else { return 0 };
    let band = Area { rows: rise, ..area };
    letters.draw(buffer, Area { x: 1, cols: room, ..band }, text, rise, theme.role(Role::Plain));
    buffer.set_style(paint::rect(band), theme.alarm());
    rise
}
