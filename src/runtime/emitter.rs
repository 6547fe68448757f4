//! Draws frames in few bytes: it knows what the terminal shows, and sends what differs, whole, once a frame.

mod bytes;
mod moving;
mod pen;
mod shift;
mod slide;

use ratatui::layout::Size;

use self::bytes::{csi, go};
use self::slide::Slide;
use crate::view::{Canvas, Cell, Legend, Looks};

/// So many cells are written again rather than passed over.
const PASSED: u16 = 3;
/// More blanks than these are erased, not written: that costs a sequence, and one more to go on.
const BLANKS: u16 = 10;
/// Blocks that move apart in one frame.
const SHIFTS: usize = 3;
/// Times the rest of one row moves aside.
const SLIDES: usize = 3;

/// By what a row is known: rows of one digest look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Of what stands in its first columns, if that is known by itself.
    pub left: Option<u64>,
    /// Of everything else.
    pub rest: u64,
}

/// What is to be shown: rows that are known by their digests, and painted only where they are not on the terminal yet.
pub trait Rows {
    /// What a row looks like; so many columns on its left may move by themselves.
    fn digest(&self, y: u16, pane: u16) -> Digest;
    /// Paints a row that is blank.
    fn paint(&self, y: u16, row: &mut [Cell], legend: &mut Legend);
}

impl Rows for Canvas {
    fn digest(&self, y: u16, pane: u16) -> Digest {
        let (left, rest) = Self::digest(self, y, pane);
        Digest { left, rest }
    }

    fn paint(&self, y: u16, row: &mut [Cell], legend: &mut Legend) {
        Self::paint(self, y, row, legend);
    }
}

/// Draws frames on a terminal that was just taken over, and hands out their bytes.
pub struct Emitter {
    size: Size,
    /// Room for a row.
    spare: Vec<Cell>,
    /// What the terminal shows.
    shown: Vec<Row>,
    legend: Legend,
    /// What the terminal shows is not known.
    unknown: bool,
    at_once: bool,
    pane: Option<Pane>,
    ink: Ink,
    ahead: Ahead,
}

/// A frame that was made before anybody wanted it: its bytes, and what the terminal shows after them.
#[derive(Default)]
struct Ahead {
    wanted: Vec<Option<Digest>>,
    shown: Vec<Row>,
    bytes: Vec<u8>,
}

/// The columns on the left whose rows move together, whatever stands beside them.
#[derive(Clone, Copy)]
struct Pane {
    cols: usize,
    /// The terminal keeps margins on its sides, and so can move them alone.
    alone: bool,
}

/// A row of the terminal.
#[derive(Clone)]
struct Row {
    /// What was wanted when it was painted, unless it is blank.
    digest: Option<Digest>,
    /// About what it costs to draw: the pane on the left, and the rest.
    weights: (i32, i32),
    /// Each character surely has a cell to itself.
    plain: bool,
    cells: Vec<Cell>,
}

impl Row {
    fn blank(cols: usize) -> Self {
        Self { digest: None, weights: (1, 0), plain: true, cells: vec![Cell::BLANK; cols] }
    }

    fn unknown(cols: usize) -> Self {
        Self { cells: vec![Cell::UNKNOWN; cols], ..Self::blank(0) }
    }
}

/// What is sent, and how the terminal stands after it.
#[derive(Default)]
struct Ink {
    bytes: Vec<u8>,
    /// How it would draw the next character.
    pen: Looks,
    /// Where the cursor is, if that is sure.
    place: Option<(u16, u16)>,
}

impl Emitter {
    /// Draws on a terminal of this size. One that shows frames `at_once` is told where they begin and end (mode 2026).
    pub fn new(size: Size, at_once: bool) -> Self {
        Self {
            size,
            spare: Vec::new(),
            shown: blank(size),
            legend: Legend::default(),
            unknown: true,
            at_once,
            pane: None,
            ink: Ink::default(),
            ahead: Ahead::default(),
        }
    }

    /// Rows of so many columns on the left move together: a list beside something that stays. Some terminals keep margins on the
    /// left and right (modes 69 and DECSLRM), and move them `alone`.
    #[must_use]
    pub fn with_pane(mut self, cols: u16, alone: bool) -> Self {
        self.pane = (0 < cols && cols < self.size.width).then_some(Pane { cols: cols.into(), alone });
        self
    }

    /// The bytes of what was drawn since they were last taken; none where nothing changed.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.ink.bytes)
    }

    fn cols(&self) -> usize {
        self.size.width.into()
    }

    /// Draws a frame: writes what turns the terminal from what it shows into what is wanted. How many symbols had to be replaced in
    /// cells, which should be none.
    pub fn draw(&mut self, rows: &impl Rows) -> usize {
        if self.legend.is_full() {
            (self.legend, self.shown, self.unknown) = (Legend::default(), blank(self.size), true);
        }
        let wanted = self.wanted(rows);
        let is_there = !self.unknown && self.ahead.wanted == wanted;
        if !is_there || cfg!(debug_assertions) {
            self.turn(rows, &wanted);
        }
        // It was made from what the terminal showed until now.
        self.ahead.wanted.clear();
        if is_there {
            debug_assert_eq!(self.ink.bytes, self.ahead.bytes, "what was made ahead is not what is drawn");
            std::mem::swap(&mut self.shown, &mut self.ahead.shown);
            self.ink.bytes = std::mem::take(&mut self.ahead.bytes);
        }
        self.legend.replaced()
    }

    /// The next frame writes every cell again, without erasing any before.
    pub fn repaint(&mut self) {
        self.shown = vec![Row::unknown(self.cols()); self.size.height.into()];
        self.ahead.wanted.clear();
    }

    /// Makes a frame that may be wanted next, before anything else is: then its bytes are there. How many symbols had to be replaced
    /// in cells, as above.
    pub fn ahead(&mut self, rows: &impl Rows) -> usize {
        if self.unknown || !self.ink.bytes.is_empty() {
            return 0;
        }
        let shown = self.shown.clone();
        let wanted = self.wanted(rows);
        self.turn(rows, &wanted);
        let shown = std::mem::replace(&mut self.shown, shown);
        self.ahead = Ahead { wanted, shown, bytes: self.take() };
        self.legend.replaced()
    }

    fn wanted(&self, rows: &impl Rows) -> Vec<Option<Digest>> {
        let pane = self.pane.map_or(self.size.width, |pane| u16::try_from(pane.cols).unwrap_or(u16::MAX));
        (0..self.size.height).map(|y| Some(rows.digest(y, pane))).collect()
    }

    /// Writes what turns the terminal from what it shows into what is wanted.
    fn turn(&mut self, rows: &impl Rows, wanted: &[Option<Digest>]) {
        let start = self.ink.bytes.len();
        // Somebody else may have written to the terminal since the last frame: a broadcast, the kernel, a job.
        (self.ink.pen, self.ink.place) = (Looks::default(), None);
        let was_unknown = std::mem::take(&mut self.unknown);
        if was_unknown {
            // Whoever was here before may have left margins, in which nothing moves as told here.
            self.ink.bytes.extend(b"\x1b[r\x1b[0m\x1b[H\x1b[2J");
            (self.ink.pen, self.ink.place) = (Looks::default(), Some((0, 0)));
        }
        for _ in 0..SHIFTS {
            let Some(moved) = self.moved(wanted) else { break };
            self.move_on(&moved);
        }
        let mut changed = 0;
        for (y, digest) in (0..).zip(wanted) {
            if !self.differs(usize::from(y), *digest) {
                continue;
            }
            let row = self.paint(rows, y);
            let before = self.ink.bytes.len();
            self.write(y, Row { digest: *digest, ..row });
            changed += usize::from(self.ink.bytes.len() > before);
        }
        if self.ink.bytes.len() > start && !was_unknown {
            self.ink.bytes.splice(start..start, *b"\x1b[m");
        }
        if self.at_once && changed > 1 {
            self.ink.bytes.splice(start..start, *b"\x1b[?2026h");
            self.ink.bytes.extend(b"\x1b[?2026l");
        }
    }

    /// Whether a row may look otherwise than it is wanted.
    fn differs(&self, y: usize, wanted: Option<Digest>) -> bool {
        self.shown.get(y).is_some_and(|row| row.digest != wanted)
    }

    /// Paints a row in blank cells.
    fn paint(&mut self, rows: &impl Rows, y: u16) -> Row {
        let mut cells = std::mem::take(&mut self.spare);
        cells.clear();
        cells.resize(self.cols(), Cell::BLANK);
        rows.paint(y, &mut cells, &mut self.legend);
        let plain = self.legend.halve(&mut cells);
        self.legend.even(&mut cells);
        let (left, right) = cells.split_at(self.pane.map_or(cells.len(), |pane| pane.cols));
        Row { digest: None, weights: (1 + weight(left), weight(right)), plain, cells }
    }

    /// Writes what differs in a row.
    fn write(&mut self, y: u16, mut row: Row) {
        let cols = self.cols();
        let Self { shown, legend, ink, .. } = self;
        let Some(there) = shown.get_mut(usize::from(y)) else { return };
        let plain = row.plain && there.plain;
        let (wanted, shown) = (&row.cells, &mut there.cells);
        let unsure = |(new, old): (&Cell, &Cell)| legend.is_unsure(*new) || legend.is_unsure(*old);
        let unsure = (!plain).then(|| wanted.iter().zip(shown.iter()).position(unsure)).flatten();
        if let Some(from) = unsure {
            // Nobody knows how far to the right it was drawn.
            ink.erase((u16::try_from(from).unwrap_or(u16::MAX), y));
            shown.iter_mut().skip(from).for_each(|cell| *cell = Cell::BLANK);
        }
        for _ in 0..SLIDES {
            let Some(slide) = slide::best(wanted, shown, plain) else { break };
            ink.slide(slide, y);
            slide.apply(shown);
        }
        let end = |row: &[Cell]| row.iter().rposition(|cell| *cell != Cell::BLANK).map_or(0, |last| last + 1);
        let (written, before) = (end(wanted), end(shown));
        // Erasing takes the colour of the pen, so that it may cost a change of pen and its own three bytes.
        let erased = (before > written + 3).then_some(written);
        let cells = wanted.iter().zip(shown.iter()).take(erased.unwrap_or(cols));
        let mut done = 0;
        for (x, (cell, _)) in (0..).zip(cells).filter(|(_, (cell, old))| cell != old) {
            if x < done || cell.is_hidden() {
                continue;
            }
            let behind = |row| <[Cell]>::get(row, usize::from(x)..).unwrap_or_default();
            let blanks = blanks(behind(wanted), behind(shown));
            if blanks > BLANKS {
                ink.blank((x, y), blanks);
                done = x + blanks;
            } else {
                ink.pass(wanted, (x, y), legend);
                ink.put(*cell, (x, self.size.width), legend);
            }
        }
        if let Some(written) = erased {
            ink.erase((u16::try_from(written).unwrap_or(u16::MAX), y));
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
        self.pen.turn(Looks::default(), &mut self.bytes);
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
        if !self.pen.blanks_like(Looks::default()) {
            self.plain();
        }
        csi(&mut self.bytes, cells, b'X');
    }

    /// Goes on to a cell of a row; a short way there is written again.
    fn pass(&mut self, row: &[Cell], (x, y): (u16, u16), legend: &Legend) {
        let Some((from, _)) =
            self.place.filter(|(from, row)| *row == y && (from + 1..=from + PASSED).contains(&x))
        else {
            return self.go((x, y));
        };
        let between = row.get(usize::from(from)..usize::from(x)).unwrap_or_default();
        let cheap = |ink: &Self| between.iter().all(|cell| cell.is_ascii() && ink.fits(*cell, legend));
        if let Some(next) = row.get(usize::from(x)).filter(|next| !cheap(self) && !self.fits(**next, legend))
        {
            // The pen that is taken next anyway may fit.
            self.pen.turn(legend.looks(*next), &mut self.bytes);
        }
        if !cheap(self) {
            return self.go((x, y));
        }
        between.iter().for_each(|cell| legend.spell(*cell, &mut self.bytes));
        self.place = Some((x, y));
    }

    fn put(&mut self, cell: Cell, (x, cols): (u16, u16), legend: &Legend) {
        if !self.fits(cell, legend) {
            self.pen.turn(legend.looks(cell), &mut self.bytes);
        }
        let width = u16::try_from(legend.width(cell)).unwrap_or(cols);
        let unsure = self.place.filter(|_| legend.is_unsure(cell));
        if let Some(place) = unsure {
            // What stood behind must not be seen beside one that is drawn narrow.
            self.bytes.extend(std::iter::repeat_n(b' ', width.into()));
            self.place = None;
            self.go(place);
        }
        legend.spell(cell, &mut self.bytes);
        if let Some((_, y)) = unsure.filter(|_| x + width < cols) {
            // Nor may what is drawn wide be seen instead of what follows.
            self.place = None;
            self.erase((x + width, y));
            return;
        }
        // Terminals differ in how far others move the cursor, and in where it is at the end of a row.
        let sure = legend.is_single(cell) && x + 1 < cols;
        self.place = self.place.filter(|_| sure).map(|(_, y)| (x + 1, y));
    }

    fn fits(&self, cell: Cell, legend: &Legend) -> bool {
        let pen = legend.looks(cell);
        self.pen == pen || (cell.is_blank() && self.pen.blanks_like(pen))
    }
}

fn blank(size: Size) -> Vec<Row> {
    vec![Row::blank(size.width.into()); size.height.into()]
}

/// How many cells become blank in one piece, the last of which is not yet.
fn blanks(wanted: &[Cell], shown: &[Cell]) -> u16 {
    let run = wanted.iter().zip(shown).take_while(|(new, _)| **new == Cell::BLANK);
    let last = (1..).zip(run).filter(|(_, (new, old))| new != old).last();
    last.map_or(0, |(count, _)| count)
}

/// About what it costs to draw these cells.
fn weight(cells: &[Cell]) -> i32 {
    cells.iter().map(|cell| i32::from(!cell.is_blank())).sum()
}
