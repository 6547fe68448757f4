//! What a frame is drawn on: it keeps what was asked for, row by row, and puts into cells only the rows somebody needs. A row of
//! which the same was asked as in the last frame is known by its digest, and its cells are not looked at.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::RandomState;
use ratatui::buffer::Buffer;
use ratatui::style::Style;

mod panes;

use self::panes::Panes;
use super::cells::{Cell, Legend, show};
use super::theme::Theme;
use crate::console::layout::Area;
use crate::console::page::Role;
use crate::domain::text::{Width, clip, singles};
use crate::domain::time::Time;

/// A frame that is being drawn.
pub struct Canvas {
    /// How it is to look.
    pub theme: Theme,
    /// All of it.
    pub area: Area,
    rows: Vec<Row>,
    /// The frame before.
    before: Vec<Row>,
    panes: Panes,
    /// Nobody outside can know its seed, and so make two rows look like one.
    hasher: RandomState,
}

/// What was asked for on one row.
#[derive(Default)]
struct Row {
    strokes: Vec<Stroke>,
    /// Every text that is drawn, one behind the other.
    text: String,
    /// How it begins, where that may be drawn again.
    known: Option<Known>,
}

/// The beginning of a row.
#[derive(Clone, Copy)]
struct Known {
    key: u64,
    drawn_at: Time,
    strokes: usize,
    text: usize,
    /// It stands in so many columns.
    cols: u16,
    digest: u64,
}

impl Row {
    /// Blanks all but so much of it.
    fn cut(&mut self, strokes: usize, text: usize) {
        self.strokes.truncate(strokes);
        self.text.truncate(text);
    }

    /// Of what follows so much of it: what has the same one looks the same.
    fn digest(&self, hasher: &RandomState, strokes: usize, text: usize) -> u64 {
        let mut state = hasher.build_hasher();
        for stroke in self.strokes.get(strokes..).unwrap_or_default() {
            // What stands before it does not make it another one.
            stroke.moved(text, 0).hash(&mut state);
        }
        self.text.get(text..).hash(&mut state);
        state.finish()
    }
}

/// One thing asked for.
#[derive(Clone, Copy, PartialEq, Hash)]
struct Stroke {
    x: u16,
    cols: u16,
    style: Style,
    mark: Mark,
}

impl Stroke {
    /// The same where the text that begins at one byte begins at another.
    fn moved(&self, before: usize, now: usize) -> Self {
        let mark = match self.mark {
            Mark::Text { from, to, single } => {
                Mark::Text { from: from - before + now, to: to - before + now, single }
            }
            mark => mark,
        };
        Self { mark, ..*self }
    }
}

/// What is put into cells.
#[derive(Clone, Copy, PartialEq, Hash)]
enum Mark {
    /// These bytes of the text, each character of which has a cell to itself where it is `single`.
    Text { from: usize, to: usize, single: bool },
    /// The same sign in each.
    Sign(char),
    /// Nothing: how what stands there looks.
    Style,
    /// Nothing: plain text pales.
    Pale,
    /// Nothing stands there any more.
    Clear,
}

/// So many rows on which nothing stands.
fn blank(rows: u16) -> Vec<Row> {
    std::iter::repeat_with(Row::default).take(rows.into()).collect()
}

impl Canvas {
    /// A blank one of so many columns and rows.
    pub fn new(theme: Theme, cols: u16, rows: u16) -> Self {
        let area = Area { x: 0, y: 0, cols, rows };
        let [now, before] = [(); 2].map(|()| blank(rows));
        Self { theme, area, rows: now, before, panes: Panes::new(rows), hasher: RandomState::default() }
    }

    /// Begins the next frame.
    pub fn begin(&mut self) {
        std::mem::swap(&mut self.rows, &mut self.before);
        for row in &mut self.rows {
            row.cut(0, 0);
            row.known = None;
        }
    }

    /// Draws on a row that is blank, as it is at `now`, unless that was done in the same second of the frame before with the same
    /// `key`, which says all else that it depends on: then the same stands here. A debug build draws it anyway, and compares.
    pub fn again(&mut self, y: u16, now: Time, key: impl Hash, draw: impl Fn(&mut Self, Time)) {
        let key = self.hasher.hash_one((now.timestamp(), key));
        let at = usize::from(y);
        let known = |row: &Row| row.known.filter(|known| known.key == key);
        debug_assert!(self.rows.get(at).is_none_or(|row| row.strokes.is_empty()), "it is blank");
        // Mostly it stands where it stood, or beside that.
        let near = [Some(at), at.checked_add(1), at.checked_sub(1)].into_iter().flatten();
        let mut near = near.filter_map(|at| Some((at, self.before.get(at).and_then(known)?)));
        let moved = || self.before.iter().enumerate().find_map(|(at, row)| Some((at, known(row)?)));
        let found = near.next().or_else(moved);
        if let Some((from, known)) = found
            && let (Some(row), Some(before)) = (self.rows.get_mut(at), self.before.get_mut(from))
        {
            std::mem::swap(row, before);
            row.cut(known.strokes, known.text);
            self.check(y, known, draw);
            return;
        }
        draw(self, now);
        if let Some(row) = self.rows.get_mut(at) {
            let digest = row.digest(&self.hasher, 0, 0);
            let (strokes, text) = (row.strokes.len(), row.text.len());
            let cols = row.strokes.iter().map(|stroke| stroke.x + stroke.cols).max().unwrap_or_default();
            row.known = Some(Known { key, drawn_at: now, strokes, text, cols, digest });
        }
    }

    /// In a debug build: that what stands on a row is what would be drawn there.
    fn check(&mut self, y: u16, known: Known, draw: impl Fn(&mut Self, Time)) {
        if cfg!(debug_assertions) {
            let swap = |rows: &mut Vec<Row>, kept: &mut Row| {
                rows.iter_mut().skip(y.into()).take(1).for_each(|row| std::mem::swap(row, kept));
            };
            let mut kept = Row::default();
            swap(&mut self.rows, &mut kept);
            draw(self, known.drawn_at);
            swap(&mut self.rows, &mut kept);
            assert_eq!(
                kept.digest(&self.hasher, 0, 0),
                known.digest,
                "what stands there is not what is drawn"
            );
        }
    }

    /// A text at a place, in at most so many cells; what is cut says so. Returns the cells used.
    pub fn text(&mut self, x: u16, y: u16, cells: u16, text: &str, style: Style) -> u16 {
        let cols = cells.min(self.area.cols.saturating_sub(x));
        let Some(row) = self.rows.get_mut(usize::from(y)).filter(|_| cols > 0) else { return 0 };
        let from = row.text.len();
        let whole = singles(text);
        let used = match whole {
            Some(count) if count <= usize::from(cells) => {
                row.text.push_str(text);
                count
            }
            _ => {
                let shown = clip(text, cells.into());
                row.text.push_str(&shown);
                shown.width()
            }
        };
        let used = u16::try_from(used).unwrap_or(cols).min(cols);
        if used > 0 {
            let mark = Mark::Text { from, to: row.text.len(), single: whole.is_some() };
            row.strokes.push(Stroke { x, cols, style, mark });
        }
        used
    }

    /// The same sign in every cell of an area.
    pub fn fill(&mut self, area: Area, sign: char, style: Style) {
        self.mark(area, style, || Mark::Sign(sign));
    }

    /// How what stands in an area looks, whatever it is.
    pub fn style(&mut self, area: Area, style: Style) {
        self.mark(area, style, || Mark::Style);
    }

    /// What is less sure or less urgent than the rest: plain text pales, what is coloured and the bar of the cursor
    /// stay as they are, since many terminals halve a colour that is dim.
    pub fn pale(&mut self, area: Area) {
        self.mark(area, self.theme.role(Role::Dim), || Mark::Pale);
    }

    /// Blanks an area.
    pub fn clear(&mut self, area: Area) {
        self.mark(area, Style::new(), || Mark::Clear);
    }

    fn mark(&mut self, area: Area, style: Style, mark: impl Fn() -> Mark) {
        let cols = area.cols.min(self.area.cols.saturating_sub(area.x));
        for row in self.rows.iter_mut().skip(area.y.into()).take(area.rows.into()) {
            row.strokes.push(Stroke { x: area.x, cols, style, mark: mark() });
        }
    }

    /// Rows with the same digests look the same, on this canvas and in its earlier frames: that of how it begins, where that is all
    /// that stands in the first `cols` columns, and that of the rest.
    pub fn digest(&self, y: u16, cols: u16) -> (Option<u64>, u64) {
        let Some(row) = self.rows.get(usize::from(y)) else { return (None, 0) };
        let of = |digest: u64| self.hasher.hash_one((self.theme, digest));
        // What is drawn over it would move with it, and be told by nothing.
        let beside = |it: &Known| row.strokes.iter().skip(it.strokes).all(|stroke| stroke.x >= cols);
        match row.known {
            Some(it) if it.cols <= cols && beside(&it) => {
                (Some(of(it.digest)), of(row.digest(&self.hasher, it.strokes, it.text)))
            }
            Some(it) => {
                let rest = row.digest(&self.hasher, it.strokes, it.text);
                (None, self.hasher.hash_one((self.theme, it.digest, rest)))
            }
            None => (None, of(row.digest(&self.hasher, 0, 0))),
        }
    }

    /// Puts a row into blank cells of a legend.
    pub fn paint(&self, y: u16, row: &mut [Cell], legend: &mut Legend) {
        let Some(Row { strokes, text, .. }) = self.rows.get(usize::from(y)) else { return };
        for Stroke { x, cols, style, mark } in strokes {
            let from = usize::from(*x).min(row.len());
            let to = (from + usize::from(*cols)).min(row.len());
            let (cells, style) = (row.get_mut(from..to).unwrap_or_default(), *style);
            match mark {
                Mark::Text { from, to, single } => {
                    let text = text.get(*from..*to).unwrap_or_default();
                    let put = if *single { Legend::singles } else { Legend::clusters };
                    put(legend, cells, text, style);
                }
                Mark::Sign(sign) => legend.fill(cells, *sign, style),
                Mark::Style => legend.style(cells, style),
                Mark::Pale => legend.pale(cells, style),
                Mark::Clear => cells.fill(Cell::BLANK),
            }
        }
        if self.theme.ascii {
            legend.fold(row);
        }
        self.theme.ground(row, legend);
    }

    /// Puts all of it into a buffer of its size; how many symbols had to be replaced, which should be none.
    pub fn show(&self, buffer: &mut Buffer) -> usize {
        let mut legend = Legend::default();
        for (y, out) in (0..).zip(buffer.content.chunks_mut(usize::from(buffer.area.width).max(1))) {
            let mut row = vec![Cell::BLANK; out.len()];
            self.paint(y, &mut row, &mut legend);
            legend.halve(&mut row);
            show(&legend, &row, out);
        }
        legend.replaced()
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Modifier};

    use super::*;
    use crate::console::look::Look;
    use crate::view::cells::Looks;

    /// Its first row.
    fn painted(canvas: &Canvas) -> Vec<(String, Looks)> {
        let mut legend = Legend::default();
        let mut row = vec![Cell::BLANK; canvas.area.cols.into()];
        canvas.paint(0, &mut row, &mut legend);
        assert_eq!(legend.replaced(), 0);
        row.into_iter().map(|cell| (legend.symbol(cell), legend.looks(cell))).collect()
    }

    #[test]
    fn a_text_stays_inside_its_cells_and_says_where_it_is_cut() {
        let looks = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
        for (x, cells, said, shown, used) in [
            (0, 9, "abc", "abc     ", 3),
            (2, 3, "abc", "  abc   ", 3),
            (2, 3, "abcd", "  ab…   ", 3),
            (5, 9, "abcdef", "     abc", 3),
            (1, 1, "ab", " …      ", 1),
            (9, 2, "a", "        ", 0),
            (1, 0, "a", "        ", 0),
            (1, 4, "漢字漢字", " 漢…    ", 3),
            (0, 8, "e\u{301}a", "e\u{301}a      ", 2),
        ] {
            let mut canvas = Canvas::new(Theme::default(), 8, 1);
            assert_eq!(canvas.text(x, 0, cells, said, looks), used, "{said} in {cells} cells at {x}");
            let seen: String = painted(&canvas).into_iter().map(|(symbol, _)| symbol).collect();
            assert_eq!(seen, shown, "{said} in {cells} cells at {x}");
        }
    }

    #[test]
    fn what_pales_keeps_its_colours_and_its_bar() {
        let mut canvas = Canvas::new(Theme::new(Look::Dark), 4, 1);
        let theme = canvas.theme;
        for (x, role) in (0..).zip([Role::Plain, Role::Warn, Role::Chosen]) {
            canvas.text(x, 0, 1, "x", theme.role(role));
        }
        canvas.pale(Area { x: 0, y: 0, cols: 9, rows: 9 });
        let dim: Vec<bool> =
            painted(&canvas).iter().map(|(_, looks)| looks.modifier.contains(Modifier::DIM)).collect();
        assert_eq!(dim, [true, false, false, true]);
    }

    #[test]
    fn a_row_is_known_by_all_that_is_seen_of_it_and_by_nothing_else() {
        let mut canvas = Canvas::new(Theme::default(), 20, 3);
        let area = Area { x: 2, y: 0, cols: 3, rows: 1 };
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let ways: [&dyn Fn(&mut Canvas); 11] = [
            &|_| {},
            &|canvas| _ = canvas.text(0, 0, 9, "a", Style::new()),
            &|canvas| _ = canvas.text(1, 0, 9, "a", Style::new()),
            &|canvas| _ = canvas.text(0, 0, 9, "b", Style::new()),
            &|canvas| _ = canvas.text(0, 0, 9, "a", bold),
            &|canvas| canvas.fill(area, '─', Style::new()),
            &|canvas| canvas.fill(area, '│', Style::new()),
            &|canvas| canvas.fill(Area { cols: 4, ..area }, '│', Style::new()),
            &|canvas| canvas.style(area, bold),
            &|canvas| canvas.pale(area),
            &|canvas| canvas.clear(area),
        ];
        let digests: std::collections::HashSet<(Option<u64>, u64)> = ways
            .iter()
            .map(|way| {
                canvas.begin();
                // What is drawn elsewhere before it is no part of it.
                canvas.text(0, 2, 9, &"x".repeat(3), bold);
                way(&mut canvas);
                let first = canvas.digest(0, 20);
                canvas.begin();
                way(&mut canvas);
                assert_eq!(canvas.digest(0, 20), first);
                first
            })
            .collect();
        assert_eq!(digests.len(), ways.len());
    }

    #[test]
    fn a_row_of_the_same_key_is_drawn_once_a_second_wherever_it_stands() {
        let mut canvas = Canvas::new(Theme::default(), 20, 3);
        let at = |millis: i64| Time::from_timestamp_millis(millis).unwrap();
        let mut frame = |y: u16, now: Time, key: &str| {
            canvas.begin();
            canvas.again(y, now, key, |canvas, now| {
                canvas.text(0, y, 9, &format!("{key} {}", now.timestamp_subsec_millis()), Style::new());
            });
            canvas.text(9, y, 9, "beside it", Style::new());
            canvas.digest(y, 20)
        };
        let first = frame(0, at(1100), "a");
        assert_eq!(frame(0, at(1200), "a"), first);
        assert_eq!(frame(2, at(1300), "a"), first, "it moved");
        assert_ne!(frame(2, at(1400), "b"), first);
        let later = frame(2, at(1500), "a");
        assert_ne!(later, first, "it was not there in the frame before");
        assert_ne!(frame(2, at(2600), "a"), later, "a second has passed");
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "what stands there is not what is drawn")]
    fn a_key_that_does_not_say_all_is_found() {
        let mut canvas = Canvas::new(Theme::default(), 20, 3);
        for text in ["a", "b"] {
            canvas.begin();
            canvas.again(0, Time::UNIX_EPOCH, 1, |canvas, _| _ = canvas.text(0, 0, 9, text, Style::new()));
        }
    }
}
