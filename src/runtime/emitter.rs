//! Draws frames in few bytes: it knows what the terminal shows, and sends what differs, whole, once a frame.

mod bytes;
mod moving;
mod pen;
mod shift;
mod slide;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::RandomState;
use ratatui::buffer::{Cell, CellWidth};
use ratatui::layout::Size;
use ratatui::style::{Color, Modifier};

use self::bytes::{csi, go};
use self::pen::Pen;
use self::slide::Slide;
use crate::view::Canvas;

/// The second half of a wide character.
const HIDDEN: Cell = Cell::new("");
/// So many cells are written again rather than passed over.
const PASSED: u16 = 3;
/// More blanks than these are erased, not written: that costs a sequence, and one more to go on.
const BLANKS: u16 = 10;
/// Blocks that move apart in one frame.
const SHIFTS: usize = 3;
/// Times the rest of one row moves aside.
const SLIDES: usize = 3;

/// What is to be shown: rows that are known by their digests, and painted only where they are not on the terminal yet.
pub trait Rows {
    /// Rows of one digest look the same.
    fn digest(&self, y: u16) -> u64;
    /// Paints a row that is blank; how many of its cells had to be replaced, which should be none.
    fn paint(&self, y: u16, row: &mut [Cell]) -> usize;
}

impl Rows for Canvas {
    fn digest(&self, y: u16) -> u64 {
        Self::digest(self, y)
    }

    fn paint(&self, y: u16, row: &mut [Cell]) -> usize {
        Self::paint(self, y, row)
    }
}

/// Draws frames on a terminal that was just taken over, and hands out their bytes.
pub struct Emitter {
    size: Size,
    /// Rows of the frame that is drawn which had to be painted before it was known whether they are written.
    painted: BTreeMap<u16, Row>,
    /// Room for a row.
    spare: Vec<Cell>,
    /// What the terminal shows.
    shown: Vec<Row>,
    hasher: RandomState,
    /// What the terminal shows is not known.
    unknown: bool,
    at_once: bool,
    /// So many columns on the left can be moved by themselves.
    pane: Option<usize>,
    ink: Ink,
}

/// A row of the terminal.
#[derive(Clone)]
struct Row {
    /// What was wanted when it was painted, unless it was moved in part since, or is blank.
    digest: Option<u64>,
    /// About what it costs to draw.
    weight: i32,
    /// Each character surely has a cell to itself.
    plain: bool,
    cells: Vec<Cell>,
}

impl Row {
    fn blank(cols: usize) -> Self {
        Self { digest: None, weight: 1, plain: true, cells: vec![Cell::EMPTY; cols] }
    }
}

/// What is sent, and how the terminal stands after it.
#[derive(Default)]
struct Ink {
    bytes: Vec<u8>,
    pen: Pen,
    /// Where the cursor is, if that is sure.
    place: Option<(u16, u16)>,
}

impl Emitter {
    /// Draws on a terminal of this size. One that shows frames `at_once` is told where they begin and end (mode 2026).
    pub fn new(size: Size, at_once: bool) -> Self {
        Self {
            size,
            painted: BTreeMap::new(),
            spare: Vec::new(),
            shown: vec![Row::blank(size.width.into()); size.height.into()],
            hasher: RandomState::default(),
            unknown: true,
            at_once,
            pane: None,
            ink: Ink::default(),
        }
    }

    /// On a terminal that keeps margins on the left and right (modes 69 and DECSLRM), so many columns on the left move by
    /// themselves: a list beside something that stays.
    #[must_use]
    pub fn with_pane(mut self, cols: u16) -> Self {
        self.pane = (0 < cols && cols < self.size.width).then_some(cols.into());
        self
    }

    /// The bytes of what was drawn since they were last taken; none where nothing changed.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.ink.bytes)
    }

    fn cols(&self) -> usize {
        self.size.width.into()
    }

    /// Draws a frame: writes what turns the terminal from what it shows into what is wanted. How many cells had to be replaced.
    pub fn draw(&mut self, rows: &impl Rows) -> usize {
        let start = self.ink.bytes.len();
        if std::mem::take(&mut self.unknown) {
            // Whoever was here before may have left margins, in which nothing moves as told here.
            self.ink.bytes.extend(b"\x1b[r\x1b[0m\x1b[H\x1b[2J");
            (self.ink.pen, self.ink.place) = (Pen::default(), Some((0, 0)));
        }
        let wanted: Vec<Option<u64>> = (0..self.size.height).map(|y| Some(rows.digest(y))).collect();
        let mut swept = 0;
        if self.pane.is_some() {
            let differ = (0..).zip(&wanted).filter(|(y, digest)| self.differs(usize::from(*y), **digest));
            for y in differ.map(|(y, _)| y).collect::<Vec<u16>>() {
                let (row, replaced) = self.paint(rows, y, Vec::new());
                self.painted.insert(y, row);
                swept += replaced;
            }
        }
        for _ in 0..SHIFTS {
            let Some(moved) = self.moved(&wanted) else { break };
            self.move_on(&moved);
        }
        let mut changed = 0;
        for (y, digest) in (0..).zip(wanted) {
            if !self.differs(usize::from(y), digest) {
                continue;
            }
            let (row, replaced) = match self.painted.remove(&y) {
                Some(row) => (row, 0),
                None => {
                    let room = std::mem::take(&mut self.spare);
                    self.paint(rows, y, room)
                }
            };
            swept += replaced;
            let before = self.ink.bytes.len();
            self.write(y, Row { digest, ..row });
            changed += usize::from(self.ink.bytes.len() > before);
        }
        self.painted.clear();
        if self.at_once && changed > 1 {
            self.ink.bytes.splice(start..start, *b"\x1b[?2026h");
            self.ink.bytes.extend(b"\x1b[?2026l");
        }
        swept
    }

    /// Whether a row may look otherwise than it is wanted.
    fn differs(&self, y: usize, wanted: Option<u64>) -> bool {
        self.shown.get(y).is_some_and(|row| row.digest != wanted)
    }

    /// Paints a row in blank cells; how many of these had to be replaced.
    fn paint(&self, rows: &impl Rows, y: u16, mut cells: Vec<Cell>) -> (Row, usize) {
        cells.clear();
        cells.resize(self.cols(), Cell::EMPTY);
        let swept = rows.paint(y, &mut cells);
        let plain = even(&mut cells);
        (Row { digest: None, weight: weight(&cells), plain, cells }, swept)
    }

    /// Writes what differs in a row.
    fn write(&mut self, y: u16, mut row: Row) {
        let cols = self.cols();
        let Some(there) = self.shown.get_mut(usize::from(y)) else { return };
        let plain = row.plain && there.plain;
        let (wanted, shown) = (&row.cells, &mut there.cells);
        let unsure = |(new, old): (&Cell, &Cell)| is_unsure(new) || is_unsure(old);
        let unsure = (!plain).then(|| wanted.iter().zip(shown.iter()).position(unsure)).flatten();
        if let Some(from) = unsure {
            // Nobody knows how far to the right it was drawn.
            self.ink.erase((u16::try_from(from).unwrap_or(u16::MAX), y));
            shown.iter_mut().skip(from).for_each(|cell| cell.clone_from(&Cell::EMPTY));
        }
        for _ in 0..SLIDES {
            let Some(slide) = slide::best(wanted, shown, plain) else { break };
            self.ink.slide(slide, y);
            slide.apply(shown);
        }
        let end = |row: &[Cell]| row.iter().rposition(|cell| *cell != Cell::EMPTY).map_or(0, |last| last + 1);
        let (written, before) = (end(wanted), end(shown));
        // Erasing takes the colour of the pen, so that it may cost a change of pen and its own three bytes.
        let erased = (before > written + 3).then_some(written);
        let cells = wanted.iter().zip(shown.iter()).take(erased.unwrap_or(cols));
        let mut done = 0;
        for (x, (cell, old)) in (0..).zip(cells) {
            if x < done || cell == old || is_hidden(cell) {
                continue;
            }
            let behind = |row| <[Cell]>::get(row, usize::from(x)..).unwrap_or_default();
            let blanks = blanks(behind(wanted), behind(shown));
            if blanks > BLANKS {
                self.ink.blank((x, y), blanks);
                done = x + blanks;
            } else {
                self.ink.pass(wanted, x, y);
                self.ink.put(cell, x, self.size.width);
            }
        }
        if let Some(written) = erased {
            self.ink.erase((u16::try_from(written).unwrap_or(u16::MAX), y));
        }
        std::mem::swap(there, &mut row);
        self.spare = row.cells;
    }
}

impl Ink {
    fn go(&mut self, to: (u16, u16)) {
        go(&mut self.bytes, self.place, to);
        self.place = Some(to);
    }

    /// What is erased from here on is blank.
    fn plain(&mut self) {
        self.pen.turn(Pen::default(), &mut self.bytes);
    }

    /// What stands from here to the end of the row is gone.
    fn erase(&mut self, from: (u16, u16)) {
        self.go(from);
        self.plain();
        self.bytes.extend(b"\x1b[K");
    }

    /// The rest of a row moves aside; what comes in is blank, and the cursor stays.
    fn slide(&mut self, slide: Slide, y: u16) {
        let small = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        self.go((small(slide.at), y));
        self.plain();
        csi(&mut self.bytes, small(slide.by), if slide.left { b'P' } else { b'@' });
    }

    /// So many cells from here on are blank; the cursor stays.
    fn blank(&mut self, from: (u16, u16), cells: u16) {
        self.go(from);
        if !self.pen.blanks_like(Pen::default()) {
            self.plain();
        }
        csi(&mut self.bytes, cells, b'X');
    }

    /// Goes on to a cell of a row; a short way there is written again.
    fn pass(&mut self, row: &[Cell], x: u16, y: u16) {
        let Some((from, _)) =
            self.place.filter(|(from, row)| *row == y && (from + 1..=from + PASSED).contains(&x))
        else {
            return self.go((x, y));
        };
        let between = row.get(usize::from(from)..usize::from(x)).unwrap_or_default();
        let cheap = |ink: &Self| between.iter().all(|cell| cell.symbol().len() == 1 && ink.fits(cell));
        if let Some(next) = row.get(usize::from(x)).filter(|next| !cheap(self) && !self.fits(next)) {
            // The pen that is taken next anyway may fit.
            self.pen.turn(Pen::of(next), &mut self.bytes);
        }
        if !cheap(self) {
            return self.go((x, y));
        }
        self.bytes.extend(between.iter().flat_map(|cell| cell.symbol().bytes()));
        self.place = Some((x, y));
    }

    fn put(&mut self, cell: &Cell, x: u16, cols: u16) {
        if !self.fits(cell) {
            self.pen.turn(Pen::of(cell), &mut self.bytes);
        }
        let (single, width) = (cell.symbol().chars().count() == 1, cell.cell_width());
        let unsure = self.place.filter(|_| is_unsure(cell));
        if let Some(place) = unsure {
            // What stood behind must not be seen beside one that is drawn narrow.
            self.bytes.extend(std::iter::repeat_n(b' ', width.into()));
            self.place = None;
            self.go(place);
        }
        self.bytes.extend(cell.symbol().as_bytes());
        if let Some((_, y)) = unsure.filter(|_| x + width < cols) {
            // Nor may what is drawn wide be seen instead of what follows.
            self.place = None;
            self.erase((x + width, y));
            return;
        }
        // Terminals differ in how far others move the cursor, and in where it is at the end of a row.
        let sure = single && width == 1 && x + 1 < cols;
        self.place = self.place.filter(|_| sure).map(|(_, y)| (x + 1, y));
    }

    fn fits(&self, cell: &Cell) -> bool {
        let pen = Pen::of(cell);
        self.pen == pen || (cell.symbol() == " " && self.pen.blanks_like(pen))
    }
}

/// Makes cells that look alike the same: blanks, and whatever stands behind a wide character. Whether each character surely has a
/// cell to itself.
fn even(row: &mut [Cell]) -> bool {
    let (mut hidden, mut plain) = (0, true);
    for cell in row {
        if hidden > 0 {
            hidden -= 1;
            cell.clone_from(&HIDDEN);
            continue;
        }
        match cell.symbol().as_bytes() {
            b" " if is_plain(cell) => {}
            b" " if Pen::of(cell) == Pen::default() => cell.reset(),
            // A letter, or a line (U+2500 to U+257F): what most cells hold.
            [_] | [0xE2, 0x94 | 0x95, _] => {}
            _ => {
                hidden = cell.cell_width().saturating_sub(1);
                plain &= hidden == 0 && cell.symbol().chars().nth(1).is_none();
            }
        }
    }
    plain
}

fn is_plain(cell: &Cell) -> bool {
    cell.fg == Color::Reset && cell.bg == Color::Reset && cell.modifier.is_empty()
}

/// Terminals differ in how wide it is.
fn is_unsure(cell: &Cell) -> bool {
    cell.cell_width() > 1 && cell.symbol().chars().count() > 1
}

/// How many cells become blank in one piece, the last of which is not yet.
fn blanks(wanted: &[Cell], shown: &[Cell]) -> u16 {
    let run = wanted.iter().zip(shown).take_while(|(new, _)| **new == Cell::EMPTY);
    let last = (1..).zip(run).filter(|(_, (new, old))| new != old).last();
    last.map_or(0, |(count, _)| count)
}

fn is_hidden(cell: &Cell) -> bool {
    cell.symbol().is_empty()
}

/// About what it costs to draw these cells.
fn weight(cells: &[Cell]) -> i32 {
    1 + cells.iter().map(|cell| i32::from(cell.symbol() != " ")).sum::<i32>()
}

fn digest(state: &RandomState, row: &[Cell]) -> u64 {
    let mut hasher = state.build_hasher();
    let mut ink = (Color::Reset, Color::Reset, Modifier::empty());
    for cell in row {
        // Many cells in a row are drawn alike, and most are a letter: each costs as little as that.
        let with = (cell.fg, cell.bg, cell.modifier);
        if with != ink {
            with.hash(&mut hasher);
            ink = with;
        }
        match cell.symbol().as_bytes() {
            [letter] => hasher.write_u8(*letter),
            _ => cell.symbol().hash(&mut hasher),
        }
    }
    hasher.finish()
}
