//! Draws frames in few bytes: it knows what the terminal shows, and sends what differs, whole, once a frame.

mod bytes;
mod moving;
mod pen;
mod shift;
mod slide;

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::RandomState;
use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::{Color, Modifier};

use self::bytes::{csi, go};
use self::pen::Pen;
use self::slide::Slide;

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

/// Draws frames on a terminal that was just taken over, and hands out their bytes.
pub struct Emitter {
    size: Size,
    /// What is to be shown: the frame that is drawn, or was drawn last.
    wanted: Buffer,
    /// What the terminal shows.
    shown: Vec<Cell>,
    /// Of the rows shown. Nobody outside can know its seed, and so make two rows look like one.
    digests: Vec<u64>,
    hasher: RandomState,
    /// What the terminal shows is not known.
    unknown: bool,
    at_once: bool,
    /// So many columns on the left can be moved by themselves.
    pane: Option<usize>,
    ink: Ink,
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
        let (cells, rows) = (usize::from(size.width) * usize::from(size.height), usize::from(size.height));
        Self {
            size,
            wanted: Buffer::empty(Rect::from((Position::ORIGIN, size))),
            shown: vec![Cell::EMPTY; cells],
            digests: vec![0; rows],
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

    /// Draws a frame on what is blank, whole; whatever else that says is handed on.
    pub fn draw<T>(&mut self, content: impl FnOnce(&mut Buffer) -> T) -> T {
        self.wanted.reset();
        let said = content(&mut self.wanted);
        self.emit();
        said
    }

    /// Writes what turns the terminal from what it shows into what is wanted.
    fn emit(&mut self) {
        let start = self.ink.bytes.len();
        if std::mem::take(&mut self.unknown) {
            // Whoever was here before may have left margins, in which nothing moves as told here.
            self.ink.bytes.extend(b"\x1b[r\x1b[0m\x1b[H\x1b[2J");
            (self.ink.pen, self.ink.place) = (Pen::default(), Some((0, 0)));
            self.shown.fill(Cell::EMPTY);
            let blank = self.blank();
            self.digests.fill(blank);
        }
        let wanted = self.wanted_digests();
        for _ in 0..SHIFTS {
            let Some(moved) = self.moved(&wanted) else { break };
            self.move_on(&moved);
        }
        let mut painted = 0;
        for (row, digest) in (0..).zip(&wanted) {
            if self.digests.get(usize::from(row)) != Some(digest) {
                self.paint(row);
                painted += 1;
            }
        }
        self.digests = wanted;
        if self.at_once && painted > 1 {
            self.ink.bytes.splice(start..start, *b"\x1b[?2026h");
            self.ink.bytes.extend(b"\x1b[?2026l");
        }
    }

    /// The digest of every row as it is wanted, by which those that are shown already are known.
    fn wanted_digests(&mut self) -> Vec<u64> {
        let rows = self.wanted.content.chunks_exact_mut(usize::from(self.size.width).max(1));
        let of = |row: &mut [Cell]| {
            even(row);
            digest(&self.hasher, row)
        };
        rows.map(of).collect()
    }

    /// The digest of a row with nothing in it.
    fn blank(&self) -> u64 {
        digest(&self.hasher, &vec![Cell::EMPTY; self.cols()])
    }

    /// Writes what differs in a row.
    fn paint(&mut self, y: u16) {
        let cols = self.cols();
        let at = usize::from(y) * cols;
        let (Some(wanted), Some(shown)) =
            (self.wanted.content.get(at..at + cols), self.shown.get_mut(at..at + cols))
        else {
            return;
        };
        if let Some(from) =
            wanted.iter().zip(shown.iter()).position(|(new, old)| is_unsure(new) || is_unsure(old))
        {
            // Nobody knows how far to the right it was drawn.
            self.ink.erase((u16::try_from(from).unwrap_or(u16::MAX), y));
            shown.iter_mut().skip(from).for_each(|cell| cell.clone_from(&Cell::EMPTY));
        }
        for _ in 0..SLIDES {
            let Some(slide) = slide::best(wanted, shown) else { break };
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
        shown.clone_from_slice(wanted);
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

/// Makes cells that look alike the same: blanks, and whatever stands behind a wide character.
fn even(row: &mut [Cell]) {
    let mut hidden = 0;
    for cell in row {
        if hidden > 0 {
            hidden -= 1;
            cell.clone_from(&HIDDEN);
            continue;
        }
        match cell.symbol().as_bytes() {
            b" " if is_plain(cell) => {}
            b" " if Pen::of(cell) == Pen::default() => cell.reset(),
            [_] => {}
            _ => hidden = cell.cell_width().saturating_sub(1),
        }
    }
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
