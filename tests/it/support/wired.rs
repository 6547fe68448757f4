//! A terminal behind the emitter, read by somebody else's parser: what it shows is compared with what was drawn.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZero;

use quell::runtime::emitter::{Digest, Emitter, Rows};
use quell::view::Legend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Size;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::grid::{Grid, Takes};

/// A frame whose cells are there already.
pub struct Whole<'a>(pub &'a Buffer);

impl Whole<'_> {
    fn row(&self, y: u16) -> std::ops::Range<usize> {
        let cols = usize::from(self.0.area.width);
        usize::from(y) * cols..(usize::from(y) + 1) * cols
    }
}

impl Rows for Whole<'_> {
    fn digest(&self, y: u16, pane: u16) -> Digest {
        let digest = |cells: &[Cell]| {
            let mut hasher = DefaultHasher::new();
            cells.hash(&mut hasher);
            hasher.finish()
        };
        let (left, rest) = self.0.content[self.row(y)].split_at(pane.into());
        Digest { left: Some(digest(left)), rest: digest(rest) }
    }

    fn paint(&self, y: u16, row: &mut [quell::view::Cell], legend: &mut Legend) {
        for (cell, wanted) in row.iter_mut().zip(&self.0.content[self.row(y)]) {
            *cell = legend.cell(wanted.symbol(), wanted.style());
        }
    }
}

/// A terminal of this size, and what is drawn on it.
pub struct Wired {
    emitter: Emitter,
    /// That of somebody else, which knows no margins on the sides.
    reader: Option<vt100::Parser>,
    grid: Grid,
}

impl Wired {
    /// A terminal in which whoever was there before left margins.
    pub fn new(cols: u16, rows: u16) -> Self {
        let emitter = Emitter::new(Size::new(cols, rows), false);
        let cells = |count| NonZero::new(count).expect("a screen has cells");
        let mut reader = vt100::Parser::new(cells(rows), cells(cols), 0);
        reader.process(b"\x1b[2;4r");
        Self { emitter, reader: Some(reader), grid: Grid::new(cols, rows, Takes::Clusters) }
    }

    /// A terminal on which rows of so many columns on the left move together: in some, these alone.
    pub fn with_pane(cols: u16, rows: u16, pane: u16, alone: bool) -> Self {
        let Self { emitter, reader, grid } = Self::new(cols, rows);
        Self { emitter: emitter.with_pane(pane, alone), reader: reader.filter(|_| !alone), grid }
    }

    /// Draws a frame, compares what the terminal shows with it, and returns the bytes that took.
    pub fn shows(&mut self, wanted: &Buffer) -> Vec<u8> {
        self.draws(&Whole(wanted), wanted)
    }

    /// Makes a frame ahead, which shows nothing.
    pub fn ahead(&mut self, next: &Buffer) {
        self.emitter.ahead(&Whole(next));
        assert!(self.emitter.take().is_empty());
    }

    /// Somebody else moves the cursor and takes another pen.
    pub fn meddle(&mut self, x: u16, y: u16) {
        self.gets(&format!("\x1b[{};{}H\x1b[1;31;44m", y + 1, x + 1));
    }

    /// Somebody else writes on it, as far as it fits.
    pub fn scrawl(&mut self, x: u16, y: u16) {
        self.gets(&format!("\x1b[{};{}H\x1b[7m漢!\x1b[{};1H\x1b[K", y + 1, x + 1, y + 1));
        self.emitter.repaint();
    }

    fn gets(&mut self, bytes: &str) {
        self.grid.take(bytes.as_bytes());
        if let Some(reader) = &mut self.reader {
            reader.process(bytes.as_bytes());
        }
    }

    /// The same of rows that say themselves by what they are known.
    pub fn draws(&mut self, rows: &impl Rows, wanted: &Buffer) -> Vec<u8> {
        self.emitter.draw(rows);
        let bytes = self.emitter.take();
        if let Some(reader) = &mut self.reader {
            // This terminal leaves U+FFFD out; others give it one cell.
            reader.process(String::from_utf8_lossy(&bytes).replace('\u{fffd}', "?").as_bytes());
            assert_eq!(
                differences(wanted, reader.screen()),
                Vec::<String>::new(),
                "{}",
                bytes.escape_ascii()
            );
        }
        self.grid.take(&bytes);
        assert_eq!(self.grid.differences(wanted), Vec::<String>::new(), "{}", bytes.escape_ascii());
        bytes
    }
}

/// Where a screen is not the frame, cell by cell.
fn differences(wanted: &Buffer, screen: &vt100::Screen) -> Vec<String> {
    let mut found = Vec::new();
    for y in 0..wanted.area.height {
        let mut hidden = 0;
        for x in 0..wanted.area.width {
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            let cell = &wanted[(x, y)];
            hidden = cell.symbol().width().saturating_sub(1);
            let shown = screen.cell(y, x).unwrap();
            let (want, have) = (looks(cell), shows(shown));
            if want != have {
                found.push(format!("{x},{y}: wanted {want:?}, shown {have:?}"));
            }
        }
    }
    found
}

/// What is to be seen of a cell: symbol, colours, and bold, dim, italic, underlined, reversed.
type Seen = (String, vt100::Color, vt100::Color, [bool; 5]);

fn looks(cell: &Cell) -> Seen {
    use Modifier as M;
    let [bold, dim, rest @ ..] =
        [M::BOLD, M::DIM, M::ITALIC, M::UNDERLINED, M::REVERSED].map(|it| cell.modifier.contains(it));
    let [italic, underlined, reversed] = rest;
    let modes = [bold, dim && !bold, italic, underlined, reversed];
    seen((cell.symbol().replace('\u{fffd}', "?"), colour(cell.fg), colour(cell.bg), modes))
}

fn shows(cell: &vt100::Cell) -> Seen {
    let symbol = if cell.has_contents() { cell.contents() } else { " " };
    let modes = [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()];
    seen((symbol.to_owned(), cell.fgcolor(), cell.bgcolor(), modes))
}

/// Of a blank nobody sees more than its ground, unless it is underlined or reversed.
fn seen(it: Seen) -> Seen {
    match it {
        (symbol, _, ground, [.., false, false]) if symbol == " " => {
            (symbol, vt100::Color::Default, ground, [false; 5])
        }
        it => it,
    }
}

fn colour(colour: Color) -> vt100::Color {
    const NAMED: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match colour {
        Color::Reset => vt100::Color::Default,
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        named => {
            let index = NAMED.iter().position(|it| *it == named).unwrap();
            vt100::Color::Idx(u8::try_from(index).unwrap())
        }
    }
}
