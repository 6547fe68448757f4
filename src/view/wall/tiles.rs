//! What burns, each with its title in letters as large as lets enough of them stand there at once.

use std::sync::Arc;

use crate::domain::text::Width;

use super::glyphs::{Letters, RISES};
use crate::console::layout::Area;
use crate::console::page::wall::Tile;
use crate::console::page::{Line, Role, wall as words};
use crate::console::wall::Wall;
use crate::domain::incident::Incident;
use crate::domain::time::Time;
use crate::view::canvas::Canvas;
use crate::view::paint;

/// So many are wanted at once before letters grow.
const WANTED: usize = 3;

/// Where a round would take more pages than this, all but the first are lines.
const ROUND: usize = 8;

/// The smallest letters that are large.
const SMALLEST: u16 = 4;
/// Lines a title takes at most.
const MOST_LINES: u16 = 3;

/// How a tile is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form {
    /// Rows of a letter.
    rise: u16,
    /// Lines of its title.
    lines: u16,
}

impl Form {
    fn rows(self) -> u16 {
        1 + self.rise * self.lines
    }
}

/// Draws one page of them, and returns how many pages there are.
pub fn draw(wall: &Wall, now: Time, area: Area, canvas: &mut Canvas) -> usize {
    let all = wall.order();
    if all.is_empty() {
        nothing(wall, now, area, canvas);
        return 1;
    }
    let body = match words::doubt(wall, now) {
        Some(doubt) if area.rows > 2 => {
            canvas.text(1, area.y, area.cols - 1, &format!("! {doubt}"), canvas.theme.role(Role::Warn));
            Area { y: area.y + 1, rows: area.rows - 1, ..area }
        }
        _ => area,
    };
    let letters = Letters::of(canvas.theme);
    let first: Vec<Tile> = all.iter().take(WANTED).map(|incident| words::tile(wall, incident, now)).collect();
    let form = form(letters, &first, body);
    let room = usize::from(body.rows / form.rows()).max(1);
    let (kept, pages) = paged(all.len(), room);
    if pages > ROUND && body.rows > form.rows() {
        return listed(wall, &all, form, now, body, canvas);
    }
    let page = wall.turns(now) % pages;
    let turning = all.iter().skip(kept + page * (room - kept)).take(room - kept);
    let mut y = body.y;
    for incident in all.iter().take(kept).chain(turning) {
        let place = Area { y, rows: form.rows(), ..body };
        tile(&words::tile(wall, incident, now), letters, form, place, canvas);
        y += form.rows();
    }
    pages
}

/// The first as large as it was, and of the others a page of lines; returns how many pages those take.
fn listed(
    wall: &Wall,
    all: &[&Arc<Incident>],
    form: Form,
    now: Time,
    area: Area,
    canvas: &mut Canvas,
) -> usize {
    let mut rest = all.iter();
    if let Some(first) = rest.next() {
        let place = Area { rows: form.rows(), ..area };
        tile(&words::tile(wall, first, now), Letters::of(canvas.theme), form, place, canvas);
    }
    let below = form.rows()..area.rows;
    let room = below.len().max(1);
    let pages = rest.len().div_ceil(room).max(1);
    let page = rest.skip(wall.turns(now) % pages * room);
    for (y, incident) in below.zip(page) {
        let place = Area { x: 1, y: area.y + y, cols: area.cols.saturating_sub(1), rows: 1 };
        let tile = words::tile(wall, incident, now);
        let line = tile.line(tile.role, place.cols.into());
        paint::line(canvas, place, &line);
    }
    pages
}

/// How many stand on every page, and how many pages there are. What ranks first stays in sight.
fn paged(all: usize, room: usize) -> (usize, usize) {
    if all <= room {
        return (0, 1);
    }
    let kept = usize::from(room > 1);
    (kept, (all - kept).div_ceil(room - kept))
}

/// The largest letters in which those that rank first stand there together, each whole; if there are none, small ones
/// that cut what is too long, for two at least.
fn form(letters: Letters, first: &[Tile], area: Area) -> Form {
    let room = area.cols.saturating_sub(1);
    let stands = |form: &Form, tiles: usize| usize::from(area.rows / form.rows()) >= tiles;
    let has = |rise: u16| first.iter().any(|tile| letters.width(&tile.title, rise).is_some());
    let whole = |form: &Form| {
        let lines = first
            .iter()
            .filter_map(|tile| Some((tile, letters.lines(&tile.title, form.rise, room, form.lines)?)));
        lines.into_iter().all(|(tile, lines)| is_whole(tile, &lines))
    };
    let large = RISES.into_iter().filter(|rise| *rise > 1 && has(*rise));
    let mut forms = large.flat_map(|rise| (1..=MOST_LINES).map(move |lines| Form { rise, lines }));
    let best = forms.find(|form| stands(form, first.len()) && whole(form));
    let cut = Form { rise: SMALLEST, lines: 1 };
    best.or(Some(cut).filter(|cut| has(cut.rise) && stands(cut, first.len().min(2))))
        .unwrap_or(Form { rise: 1, lines: 1 })
}

fn is_whole(tile: &Tile, lines: &[String]) -> bool {
    lines.join(" ") == tile.title
}

/// One incident: a line about it, and its title.
fn tile(tile: &Tile, letters: Letters, form: Form, area: Area, canvas: &mut Canvas) {
    let room = area.cols.saturating_sub(1);
    let Form { rise, lines } = form;
    // What the font has not is left to the terminal.
    let lines = letters.lines(&tile.title, rise, room, lines);
    let (lines, rise) = lines.map_or_else(|| (vec![tile.title.clone()], 1), |lines| (lines, rise));
    // What large letters cut is whole above them, as far as that goes.
    let cut = rise > 1 && !is_whole(tile, &lines);
    let head = if cut { tile.line(Role::Strong, room.into()) } else { tile.head(room.into()).clone() };
    paint::line(canvas, Area { x: 1, cols: room, rows: 1, ..area }, &head);
    let style =
        canvas.theme.role(if rise == 1 && tile.role == Role::Plain { Role::Strong } else { tile.role });
    for (y, line) in (area.y + 1..area.y + area.rows).step_by(rise.into()).zip(lines) {
        letters.draw(canvas, Area { x: 1, y, cols: room, rows: rise }, &line, rise, style);
    }
}

/// That nothing burns, or that nobody knows.
fn nothing(wall: &Wall, now: Time, area: Area, canvas: &mut Canvas) {
    let letters = Letters::of(canvas.theme);
    let (role, text, why) = words::verdict(wall, now);
    let room = area.cols.saturating_sub(2);
    let fits = |rise: &u16| *rise < area.rows && letters.width(text, *rise).is_some_and(|wide| wide <= room);
    let rise = RISES.into_iter().find(fits).unwrap_or(1);
    let y = area.y + area.rows.saturating_sub(rise + 1) / 2;
    let wide = letters.width(text, rise).unwrap_or_default();
    let x = area.cols.saturating_sub(wide) / 2;
    letters.draw(canvas, Area { x, y, cols: wide, rows: rise }, text, rise, canvas.theme.role(role));
    let wide = u16::try_from(why.width()).unwrap_or(u16::MAX).min(room);
    let below = Area { x: area.cols.saturating_sub(wide) / 2, y: y + rise, cols: wide, rows: 1 };
    if below.y < area.y + area.rows {
        paint::line(canvas, below, &Line::of(role, why));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_incident_is_on_a_page_and_the_first_is_on_all() {
        for all in 1..40 {
            for room in 1..9 {
                let (kept, pages) = paged(all, room);
                let shown = |page: usize| (kept + page * (room - kept)..all).take(room - kept);
                let mut seen: Vec<usize> = (0..kept).chain((0..pages).flat_map(shown)).collect();
                seen.sort_unstable();
                assert_eq!(seen, (0..all).collect::<Vec<_>>(), "{all} in {room}");
                assert!(
                    (0..pages).all(|page| shown(page).count() > 0 || all <= room),
                    "an empty page: {all} in {room}"
                );
            }
        }
    }
}
