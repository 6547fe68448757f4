//! Nothing can be believed: the whole screen says so, and since when.

use crate::domain::text::Width;

use super::glyphs::{Letters, RISES};
use crate::console::layout::Area;
use crate::console::page::wall::Dark;
use crate::console::page::{Page, Role, moment, wrapped};
use crate::console::wall::Wall;
use crate::domain::time::{Time, clock_time};
use crate::view::canvas::Canvas;
use crate::view::paint;

pub fn draw(wall: &Wall, dark: &Dark, now: Time, area: Area, canvas: &mut Canvas) {
    let theme = canvas.theme;
    let letters = Letters::of(canvas.theme);
    let mut small: Page =
        dark.why.iter().flat_map(|why| wrapped(Role::Strong, " ", why, area.cols)).collect();
    let rest = area.rows.saturating_sub(3);
    small.truncate(usize::from(rest / 2));
    let rows = rest.saturating_sub(u16::try_from(small.len()).unwrap_or(rest));
    let mut y = 0;
    for (text, rise) in large(letters, dark, area.cols, rows) {
        let wide = letters.width(&text, rise).unwrap_or(area.cols).min(area.cols);
        let place = Area { x: (area.cols - wide) / 2, y, cols: wide, rows: rise };
        letters.draw(canvas, place, &text, rise, theme.role(Role::Strong));
        y += rise + 1;
    }
    for line in small {
        paint::line(canvas, Area { y, rows: 1, ..area }, &line);
        y += 1;
    }
    let beat = if wall.board.beats.is_multiple_of(2) { "◐" } else { "◑" };
    let data = dark.since.map(|at| format!("data as of {}   ", moment(at, now))).unwrap_or_default();
    let clock = format!(" {data}now {} {beat}", clock_time(now));
    let last = Area { y: area.rows.saturating_sub(1), rows: 1, ..area };
    canvas.text(0, last.y, area.cols, &clock, theme.role(Role::Strong));
    if dark.lost {
        canvas.style(area, theme.alarm());
    }
}

/// The words and the time, each as large as fits.
fn large(letters: Letters, dark: &Dark, cols: u16, rows: u16) -> Vec<(String, u16)> {
    let time = dark.since.map(clock_time);
    let together = |texts: Vec<String>| -> Option<(u16, Vec<(String, u16)>)> {
        let wide = |text: &String, rise| letters.width(text, rise).is_some_and(|wide| wide <= cols);
        let mut left = rows;
        let mut out: Vec<(String, u16)> = Vec::new();
        let count = texts.len();
        // The last line, the time, takes what the others leave.
        for (place, text) in texts.into_iter().enumerate() {
            let share = left / u16::try_from(count - place).unwrap_or(1);
            let rise = RISES.into_iter().find(|rise| rise < &share.max(2) && wide(&text, *rise))?;
            left = left.saturating_sub(rise + 1);
            out.push((text, rise));
        }
        Some((
            out.iter().map(|(text, rise)| rise * u16::try_from(text.width().min(12)).unwrap_or(12)).sum(),
            out,
        ))
    };
    let one = [dark.words.to_owned()].into_iter().chain(time.clone()).collect();
    let several = dark.words.split(' ').map(str::to_owned).chain(time).collect();
    let ways = [together(one), together(several)].into_iter().flatten();
    // The way in which its smallest letters are largest; where both are alike, the fewer lines.
    let best = ways
        .max_by_key(|(_, lines)| (lines.iter().map(|(_, rise)| *rise).min(), std::cmp::Reverse(lines.len())));
    best.map(|(_, lines)| lines).unwrap_or_default()
}
