//! What a frame is drawn on: it keeps what was asked for, row by row, and puts into cells only the rows somebody needs. A row of
//! which the same was asked as in the last frame is known by its digest, which costs a fiftieth of its cells.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::RandomState;
use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::cells;
use super::theme::Theme;
use crate::console::layout::Area;
use crate::domain::text::{clip, singles, width};

/// A frame that is being drawn.
pub struct Canvas {
    /// How it is to look.
    pub theme: Theme,
    /// All of it.
    pub area: Area,
    /// Every text that is drawn, one behind the other.
    text: String,
    rows: Vec<Vec<Stroke>>,
    /// Nobody outside can know its seed, and so make two rows look like one.
    hasher: RandomState,
}

/// One thing asked for, on one row.
#[derive(Hash)]
struct Stroke {
    x: u16,
    cols: u16,
    style: Style,
    mark: Mark,
}

/// What is put into cells.
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

/// Where a text stands among the others is no part of what is seen.
impl Hash for Mark {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        if let Self::Sign(sign) = self {
            sign.hash(state);
        }
    }
}

impl Canvas {
    /// A blank one of so many columns and rows.
    pub fn new(theme: Theme, cols: u16, rows: u16) -> Self {
        let area = Area { x: 0, y: 0, cols, rows };
        let rows = std::iter::repeat_with(Vec::new).take(rows.into()).collect();
        Self { theme, area, text: String::new(), rows, hasher: RandomState::default() }
    }

    /// Begins the next frame.
    pub fn begin(&mut self) {
        self.text.clear();
        self.rows.iter_mut().for_each(Vec::clear);
    }

    /// A text at a place, in at most so many cells; what is cut says so. Returns the cells used.
    pub fn text(&mut self, x: u16, y: u16, cells: u16, text: &str, style: Style) -> u16 {
        let cols = cells.min(self.area.cols.saturating_sub(x));
        let Some(row) = self.rows.get_mut(usize::from(y)).filter(|_| cols > 0) else { return 0 };
        let from = self.text.len();
        let whole = singles(text);
        let used = match whole {
            Some(count) if count <= usize::from(cells) => {
                self.text.push_str(text);
                count
            }
            _ => {
                let shown = clip(text, cells.into());
                self.text.push_str(&shown);
                width(&shown)
            }
        };
        let used = u16::try_from(used).unwrap_or(cols).min(cols);
        if used > 0 {
            let mark = Mark::Text { from, to: self.text.len(), single: whole.is_some() };
            row.push(Stroke { x, cols, style, mark });
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

    /// What is less sure or less urgent than the rest: plain text pales to this, what is coloured and the bar of the cursor
    /// stay as they are, since many terminals halve a colour that is dim.
    pub fn pale(&mut self, area: Area, style: Style) {
        self.mark(area, style, || Mark::Pale);
    }

    /// Blanks an area.
    pub fn clear(&mut self, area: Area) {
        self.mark(area, Style::new(), || Mark::Clear);
    }

    fn mark(&mut self, area: Area, style: Style, mark: impl Fn() -> Mark) {
        let cols = area.cols.min(self.area.cols.saturating_sub(area.x));
        for row in self.rows.iter_mut().skip(area.y.into()).take(area.rows.into()) {
            row.push(Stroke { x: area.x, cols, style, mark: mark() });
        }
    }

    /// Rows with the same digest look the same, on this canvas and in its earlier frames.
    pub fn digest(&self, y: u16) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        self.theme.hash(&mut hasher);
        for stroke in self.rows.get(usize::from(y)).into_iter().flatten() {
            stroke.hash(&mut hasher);
            if let Mark::Text { from, to, .. } = stroke.mark {
                self.text.get(from..to).hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// Puts a row into blank cells; how many of these had to be replaced at the last look at them, which should be none.
    pub fn paint(&self, y: u16, buffer: &mut Buffer) -> usize {
        for Stroke { x, cols, style, mark } in self.rows.get(usize::from(y)).into_iter().flatten() {
            let (x, cols, style) = (*x, *cols, *style);
            match mark {
                Mark::Text { from, to, single } => {
                    let text = self.text.get(*from..*to).unwrap_or_default();
                    if *single {
                        cells::singles(cells::at(buffer, x, y, cols), text, style);
                    } else {
                        buffer.set_stringn(x, y, text, cols.into(), style);
                    }
                }
                Mark::Sign(sign) => cells::fill(cells::at(buffer, x, y, cols), *sign, style),
                Mark::Style => cells::style(cells::at(buffer, x, y, cols), style),
                Mark::Pale => cells::pale(cells::at(buffer, x, y, cols), style),
                Mark::Clear => cells::clear(cells::at(buffer, x, y, cols)),
            }
        }
        let row = cells::at(buffer, 0, y, self.area.cols);
        if self.theme.ascii {
            cells::fold(row);
        }
        self.theme.ground(row);
        cells::sweep(row)
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Modifier};

    use super::*;
    use crate::console::look::Look;
    use crate::console::page::Role;

    fn painted(canvas: &Canvas) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, canvas.area.cols, canvas.area.rows));
        let swept: usize = (0..canvas.area.rows).map(|y| canvas.paint(y, &mut buffer)).sum();
        assert_eq!(swept, 0);
        buffer
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
            (1, 4, "漢字漢字", " 漢 …    ", 3),
            (0, 8, "e\u{301}a", "e\u{301}a      ", 2),
        ] {
            let mut canvas = Canvas::new(Theme::default(), 8, 1);
            assert_eq!(canvas.text(x, 0, cells, said, looks), used, "{said} in {cells} cells at {x}");
            let seen: String = painted(&canvas).content.iter().map(ratatui::buffer::Cell::symbol).collect();
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
        canvas.pale(Area { x: 0, y: 0, cols: 9, rows: 9 }, theme.role(Role::Dim));
        let buffer = painted(&canvas);
        let dim: Vec<bool> =
            buffer.content.iter().map(|cell| cell.modifier.contains(Modifier::DIM)).collect();
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
            &|canvas| canvas.pale(area, bold),
            &|canvas| canvas.clear(area),
        ];
        let digests: std::collections::HashSet<u64> = ways
            .iter()
            .map(|way| {
                canvas.begin();
                // What is drawn elsewhere before it is no part of it.
                canvas.text(0, 2, 9, &"x".repeat(canvas.rows.len()), bold);
                way(&mut canvas);
                let first = canvas.digest(0);
                canvas.begin();
                way(&mut canvas);
                assert_eq!(canvas.digest(0), first);
                first
            })
            .collect();
        assert_eq!(digests.len(), ways.len());
    }
}
