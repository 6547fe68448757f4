//! A terminal too small for the wall still says how many critical ones nobody has taken, or that nobody knows.

use crate::console::layout::Area;
use crate::console::page::Role;
use crate::console::page::wall::{Dark, count};
use crate::console::wall::Wall;
use crate::domain::time::{Time, clock_time};
use crate::view::canvas::Canvas;
use crate::view::tiny::{clock, count as count_of};

pub fn draw(wall: &Wall, dark: Option<&Dark>, now: Time, area: Area, canvas: &mut Canvas) {
    let theme = canvas.theme;
    let tally = wall.board.tally();
    let lines = match dark {
        Some(dark) => {
            let since = dark.since.map(clock_time).unwrap_or_default();
            let (known, said) = match dark.since {
                Some(_) => (count_of(&tally.critical.to_string(), "STALE", area.cols), "STALE"),
                None => (count_of("?", "", area.cols), dark.words),
            };
            let unsaid = (!known.ends_with(said)).then(|| dark.words.to_owned());
            [known].into_iter().chain(unsaid).chain([since]).collect()
        }
        None if tally.unacked > 0 => {
            vec![format!("{} NOT TAKEN", tally.unacked), format!("{} CRIT", tally.critical)]
        }
        None => vec![count_of(&count(wall, tally.critical, now), "", area.cols)],
    };
    let named = Some(format!("now {}", clock_time(now))).filter(|it| it.len() <= usize::from(area.cols));
    let lines = lines.into_iter().chain([named.unwrap_or_else(|| clock(now, area.cols))]);
    for (y, line) in (0..area.rows).zip(lines) {
        canvas.text(0, y, area.cols, &line, theme.role(Role::Strong));
    }
    if dark.is_some_and(|dark| dark.lost) || tally.unacked > 0 {
        canvas.style(area, theme.alarm());
    }
}
