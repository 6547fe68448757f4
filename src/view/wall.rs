//! Draws the wall: numbers and titles in letters as large as the terminal allows, page after page.

mod dark;
mod foot;
mod glyphs;
mod head;
mod tiles;
mod tiny;

use ratatui::Frame;

use super::canvas::Canvas;
use super::theme::Theme;
use crate::console::layout::Area;
use crate::console::page::{Role, wall as words};
use crate::console::wall::Wall;
use crate::domain::time::Time;
use glyphs::Letters;

/// Below this nothing but a few words is shown.
const LEAST: (u16, u16) = (36, 9);

/// Draws the wall as it is at `now`, in whole.
pub fn draw(wall: &Wall, theme: &Theme, now: Time, frame: &mut Frame<'_>) {
    super::whole(frame.buffer_mut(), *theme, |canvas| sketch(wall, now, canvas));
}

/// Draws the wall as it is at `now` on a canvas that is blank.
pub fn sketch(wall: &Wall, now: Time, canvas: &mut Canvas) {
    let area = canvas.area;
    let dark = words::dark(wall, now);
    if area.cols < LEAST.0 || area.rows < LEAST.1 {
        tiny::draw(wall, dark.as_ref(), now, area, canvas);
    } else if let Some(dark) = dark {
        dark::draw(wall, &dark, now, area, canvas);
    } else {
        lit(wall, now, area, canvas);
    }
}

/// Numbers on top, sources at the bottom, incidents between.
fn lit(wall: &Wall, now: Time, area: Area, canvas: &mut Canvas) {
    let rise = head::draw(wall, now, area, canvas);
    let mut top = if rise > 1 { rise + 1 } else { 1 };
    top += untaken(wall, rise, Area { y: top, ..area }, canvas);
    let foot = foot::plan(wall, now, area);
    let body = Area { y: top, rows: area.rows.saturating_sub(top + foot.rows()), ..area };
    let pages = tiles::draw(wall, now, body, canvas).max(foot.pages());
    foot.draw(wall, now, pages, Area { y: body.y + body.rows, rows: foot.rows(), ..area }, canvas);
}

/// How many critical ones nobody has taken, across the whole screen; returns the rows that took.
fn untaken(wall: &Wall, rise: u16, area: Area, canvas: &mut Canvas) -> u16 {
    let theme = canvas.theme;
    let count = wall.board.tally().unacked;
    if count == 0 {
        return 0;
    }
    let letters = Letters::of(canvas.theme);
    let says = [format!("!! {count} CRITICAL NOT TAKEN"), format!("!! {count} NOT TAKEN")];
    let room = area.cols.saturating_sub(2);
    let fits =
        |rise: &u16| says.iter().find(|text| letters.width(text, *rise).is_some_and(|wide| wide <= room));
    let rises = glyphs::RISES.into_iter().filter(|it| *it <= rise);
    let Some((rise, text)) = rises.filter_map(|rise| Some((rise, fits(&rise)?))).next() else { return 0 };
    let band = Area { rows: rise, ..area };
    letters.draw(canvas, Area { x: 1, cols: room, ..band }, text, rise, theme.role(Role::Plain));
    canvas.style(band, theme.alarm());
    rise
}
