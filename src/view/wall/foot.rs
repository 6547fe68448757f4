//! At the bottom: what is due, every source with the time of its data, and which page this is.

use crate::domain::text::Width;

use crate::console::layout::Area;
use crate::console::page::{Line, Role, wall as words};
use crate::console::wall::Wall;
use crate::domain::time::{Time, clock_time};
use crate::view::canvas::Canvas;
use crate::view::paint;
use crate::view::wall::glyphs::Letters;

/// From so many rows on what is due stands in large letters.
const TALL: u16 = 36;
/// Cells of why the dead man's switch did not hear, for which its whole name is shortened.
const WHY: usize = 24;
/// In letters of so many rows.
const LARGE: u16 = 4;

/// What stands at the bottom.
pub struct Foot {
    /// From the longest to the shortest, and in letters of so many rows.
    due: Option<(Role, [String; 2], u16)>,
    sources: Vec<Line>,
    /// Lines for sources.
    lines: u16,
}

/// Everything that stands there, and how many rows it takes.
pub fn plan(wall: &Wall, now: Time, area: Area) -> Foot {
    let sources = flow(words::sources(wall, now), area.cols);
    let lines = u16::try_from(sources.len()).unwrap_or(u16::MAX).clamp(1, (area.rows / 12).max(1));
    let due = words::deadline(wall, now).map(|(role, texts)| {
        let texts = texts.map(|text| format!("due: {text}"));
        (role, texts, if area.rows >= TALL { LARGE } else { 1 })
    });
    Foot { due, sources, lines }
}

impl Foot {
    /// How many rows it takes.
    pub fn rows(&self) -> u16 {
        self.due.as_ref().map_or(0, |(.., rise)| *rise) + self.lines + 1
    }

    /// How many pages its sources fill.
    pub fn pages(&self) -> usize {
        self.sources.len().div_ceil(usize::from(self.lines)).max(1)
    }

    /// Draws it; `pages` are those of everything.
    pub fn draw(&self, wall: &Wall, now: Time, pages: usize, area: Area, canvas: &mut Canvas) {
        let theme = canvas.theme;
        let mut y = area.y;
        let room = area.cols.saturating_sub(1);
        if let Some((role, texts, rise)) = &self.due {
            let letters = Letters::of(canvas.theme);
            let fits = |text: &&String| letters.width(text, *rise).is_some_and(|wide| wide <= room);
            let place = Area { x: 1, y, cols: room, rows: *rise };
            let [whole, _] = texts;
            let (text, high) = texts.iter().find(fits).map_or((whole, 1), |text| (text, *rise));
            letters.draw(canvas, place, text, high, theme.role(*role));
            y += rise;
        }
        let turns = wall.turns(now);
        let at = turns % self.pages() * usize::from(self.lines);
        for line in self.sources.iter().skip(at).take(self.lines.into()) {
            paint::line(canvas, Area { y, rows: 1, ..area }, line);
            y += 1;
        }
        let last = area.y + area.rows.saturating_sub(1);
        let tally = wall.board.tally();
        let page = format!(" page {}/{pages}", turns % pages + 1);
        let counts = format!(" · {} open · {} in review", tally.open(), tally.review);
        let page = Line::of(Role::Strong, page);
        let deaf = wall.board.deaf.is_some();
        let page = if deaf { page.and(Role::Bad, " · NOTIFY.EXEC FAILED") } else { page };
        let line = with_ping(wall, page, counts, area.cols.into());
        let used = u16::try_from(line.text().width()).unwrap_or(area.cols);
        paint::line(canvas, Area { y: last, rows: 1, ..area }, &line);
        // Two walls that are not the same say so, where there is room.
        let build = format!("quell {} ", wall.build);
        let wide = u16::try_from(build.width()).unwrap_or(area.cols);
        if !wall.build.is_empty() && used + wide < area.cols {
            let x = area.cols - wide;
            canvas.text(area.x + x, last, wide, &build, theme.role(Role::Dim));
        }
    }
}

/// What the dead man's switch did not hear comes before what can be counted above, and why it did not.
fn with_ping(wall: &Wall, page: Line, counts: String, cols: usize) -> Line {
    let fits = |line: &Line, more: &str| line.text().width() + more.width() <= cols;
    match &wall.ping {
        None => page.and(Role::Plain, counts),
        Some((at, None)) => {
            let line = page.and(Role::Plain, counts);
            let held = format!(" · dead man's switch held {}", clock_time(*at));
            if fits(&line, &held) { line.and(Role::Plain, held) } else { line }
        }
        Some((at, Some(fault))) => {
            let why = fault.detail.safe();
            let long = format!(" · DEAD MAN'S SWITCH FAILED {}: ", clock_time(*at));
            let some = why.clip(WHY);
            let lead = if fits(&page, &format!("{long}{some}")) { &long } else { " · SWITCH FAILED: " };
            let line = page.and(Role::Bad, format!("{lead}{why}"));
            if fits(&line, &counts) { line.and(Role::Plain, counts) } else { line }
        }
    }
}

/// Sources side by side, as many to a line as fit.
fn flow(sources: Vec<Line>, cols: u16) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    let mut used = 0;
    for source in sources {
        let wide = source.text().width() + 2;
        if used + wide > usize::from(cols) || out.is_empty() {
            out.push(Line::default());
            used = 0;
        }
        used += wide;
        if let Some(line) = out.last_mut() {
            line.0.push((Role::Plain, if line.0.is_empty() { " " } else { "  " }.to_owned()));
            line.0.extend(source.0);
        }
    }
    out
}
