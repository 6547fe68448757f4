//! On top: how many of each severity, and the time, as large as fits.

use crate::domain::text::Width;
use ratatui::style::Style;

use super::glyphs::{Letters, RISES};
use crate::console::layout::Area;
use crate::console::page::{Role, sign, wall as words};
use crate::console::wall::Wall;
use crate::domain::severity::Severity;
use crate::domain::time::{Time, clock_time};
use crate::view::canvas::Canvas;
use crate::view::theme::Theme;

/// At most this part of the screen.
const PART: u16 = 5;
/// From here on signs stand before the words.
const NARROW: u16 = 60;
/// Between two numbers.
const GAP: u16 = 3;

/// A number under its name.
struct Count {
    name: String,
    number: String,
    style: Style,
}

/// Draws it, and returns how many rows the numbers have; above those of more than one stands a line with their names.
pub fn draw(wall: &Wall, now: Time, area: Area, canvas: &mut Canvas) -> u16 {
    let letters = Letters::of(canvas.theme);
    let counts = counts(wall, canvas.theme, now);
    let clock = clock_time(now);
    let times = [clock.trim_end_matches('Z'), clock.get(..5).unwrap_or_default()];
    for rise in RISES.into_iter().filter(|rise| *rise > 1 && *rise <= area.rows / PART + 1) {
        let width = |count: &Count| {
            letters.width(&count.number, rise).map(|wide| wide.max(columns(&count.name)).saturating_add(GAP))
        };
        let Some(widths) = counts.iter().map(width).collect::<Option<Vec<u16>>>() else { continue };
        let left =
            area.cols.saturating_sub(widths.iter().fold(1, |sum: u16, wide| sum.saturating_add(*wide)));
        let fits = |time: &&&str| letters.width(time, rise).is_some_and(|wide| wide < left);
        let Some(time) = times.iter().find(fits) else { continue };
        let mut x = 1;
        for (count, wide) in counts.iter().zip(widths) {
            canvas.text(x, 0, wide, &count.name, count.style);
            letters.draw(canvas, Area { x, y: 1, cols: wide, rows: rise }, &count.number, rise, count.style);
            x += wide;
        }
        let wide = letters.width(time, rise).unwrap_or_default();
        let place = Area { x: area.cols.saturating_sub(wide), y: 1, cols: wide, rows: rise };
        letters.draw(canvas, place, time, rise, canvas.theme.role(Role::Strong));
        right(canvas, area.cols.saturating_sub(x), &said(wall, now, area.cols.saturating_sub(x)));
        return rise;
    }
    let mut x = 1;
    for count in counts {
        // The words alone where that is all there is room for.
        let name =
            if area.cols < NARROW { count.name.rsplit(' ').next().unwrap_or_default() } else { &count.name };
        let text = format!("{name} {}", count.number);
        x += canvas.text(x, 0, area.cols.saturating_sub(x), &text, count.style) + 1;
    }
    let room = area.cols.saturating_sub(x);
    right(canvas, room, &said(wall, now, room));
    1
}

fn counts(wall: &Wall, theme: Theme, now: Time) -> [Count; 3] {
    let tally = wall.board.tally();
    let all = [
        (Severity::Critical, tally.critical),
        (Severity::High, tally.high),
        (Severity::Normal, tally.normal),
    ];
    all.map(|(severity, number)| Count {
        name: format!("{} {}", sign(severity).trim_start(), severity.short().trim_end()),
        number: words::count(wall, number, now),
        style: if number > 0 { theme.severity(severity) } else { theme.role(Role::Plain) },
    })
}

/// The time, when the engine was heard last, and a sign that turns each time it is; as much of that as fits.
fn said(wall: &Wall, now: Time, room: u16) -> String {
    let beat = if wall.board.beats.is_multiple_of(2) { "◐" } else { "◑" };
    let heard = wall.board.heard.map(|at| format!("heard {}  ", clock_time(at))).unwrap_or_default();
    let clock = clock_time(now);
    let day = now.format("%Y-%m-%d");
    let ways = [
        format!("{heard}UTC {day} {clock} {beat}"),
        format!("UTC {clock} {beat}"),
        format!("{clock} {beat}"),
    ];
    let fits = |text: &&String| columns(text) <= room;
    ways.iter().find(fits).cloned().unwrap_or_else(|| beat.to_owned())
}

fn right(canvas: &mut Canvas, room: u16, text: &str) {
    let wide = columns(text).min(room);
    let x = canvas.area.cols.saturating_sub(wide);
    canvas.text(x, 0, wide, text, canvas.theme.role(Role::Plain));
}

fn columns(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}
