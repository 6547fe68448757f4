//! What stands in the cells of a row. A cell is two numbers, and a legend says what they stand for: what a terminal shows is looked
//! at after a pause, when none of it is near the processor any more, so that a frame costs what it reads.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use ratatui::style::{Color, Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::text::{Width, ascii_fold, is_safe_symbol, is_single};

/// What is seen even where there is nothing but a blank.
const SEEN_ON_BLANK: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);
/// Nothing blinks.
const BLINK: Modifier = Modifier::SLOW_BLINK.union(Modifier::RAPID_BLINK);
/// The number of the first cluster of several characters; a character has that of its own.
const CLUSTERS: u32 = 0x11_0000;
/// From so many clusters on a legend is full: whoever sends ever new ones fills no memory with them.
const FULL: usize = 20_000;

/// A cell of the terminal. Only a legend makes one, so that none holds what no terminal may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    sign: u32,
    looks: u32,
}

impl Cell {
    /// Nothing stands there.
    pub const BLANK: Self = Self { sign: ' ' as u32, looks: 0 };
    /// What stands there is not known.
    pub const UNKNOWN: Self = Self { sign: u32::MAX, looks: u32::MAX };
    /// The second half of a wide character.
    const HIDDEN: u32 = 0;

    /// Whether it is the second half of a wide character.
    pub fn is_hidden(self) -> bool {
        self.sign == Self::HIDDEN
    }

    /// Whether nothing stands there, however that looks.
    pub fn is_blank(self) -> bool {
        self.sign == Self::BLANK.sign
    }

    /// Whether one byte stands there.
    pub fn is_ascii(self) -> bool {
        matches!(self.sign, 0x20..=0x7E)
    }

    /// Whether it surely has a cell to itself: letters and lines, what most cells hold.
    fn is_plain(self) -> bool {
        matches!(self.sign, 0x20..=0x7E | 0x2500..=0x257F)
    }
}

/// How a character is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// The colour of the character.
    pub fg: Color,
    /// The colour behind it.
    pub bg: Color,
    /// Bold and the like.
    pub modifier: Modifier,
}

impl Looks {
    /// With what a style says otherwise.
    fn with(self, style: Style) -> Self {
        Self {
            fg: style.fg.unwrap_or(self.fg),
            bg: style.bg.unwrap_or(self.bg),
            modifier: self.modifier.union(style.add_modifier).difference(style.sub_modifier),
        }
    }

    /// What is seen of it. What is bold and dim is bold, since terminals differ in what both are.
    fn seen(self) -> Self {
        let bold = self.modifier.contains(Modifier::BOLD);
        let unseen = if bold { BLINK.union(Modifier::DIM) } else { BLINK };
        Self { modifier: self.modifier.difference(unseen), ..self }
    }

    /// What is seen of it where there is nothing but a blank.
    fn seen_on_blank(self) -> Self {
        if self.modifier.intersects(SEEN_ON_BLANK) {
            self.seen()
        } else {
            Self { bg: self.bg, ..Self::default() }
        }
    }

    /// Whether a blank looks the same with either.
    pub fn blanks_like(self, other: Self) -> bool {
        self.bg == other.bg && !(self.modifier | other.modifier).intersects(SEEN_ON_BLANK)
    }
}

/// What the numbers in cells stand for.
pub struct Legend {
    clusters: Vec<Cluster>,
    numbers: HashMap<Box<str>, u32, RandomState>,
    looks: Vec<Known>,
    replaced: usize,
}

/// Several characters that stand in one place.
struct Cluster {
    text: Box<str>,
    cells: usize,
}

/// Looks, and the number of those that are seen of them.
struct Known {
    looks: Looks,
    seen: u32,
    seen_on_blank: u32,
}

impl Default for Legend {
    fn default() -> Self {
        let plain = Known { looks: Looks::default(), seen: 0, seen_on_blank: 0 };
        Self { clusters: Vec::new(), numbers: HashMap::default(), looks: vec![plain], replaced: 0 }
    }
}

impl Legend {
    /// Whether it has grown so long that it is better begun anew, with every cell.
    pub fn is_full(&self) -> bool {
        self.clusters.len() >= FULL
    }

    /// How many symbols had to be replaced since this was asked last, because no terminal may be sent them: none should be.
    pub fn replaced(&mut self) -> usize {
        std::mem::take(&mut self.replaced)
    }

    /// How a cell looks.
    pub fn looks(&self, cell: Cell) -> Looks {
        self.known(cell.looks).map(|known| known.looks).unwrap_or_default()
    }

    /// What stands in a cell; nothing where it is a second half.
    pub fn symbol(&self, cell: Cell) -> String {
        let mut bytes = Vec::new();
        self.spell(cell, &mut bytes);
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// Appends what stands in a cell.
    pub fn spell(&self, cell: Cell, out: &mut Vec<u8>) {
        match (char::from_u32(cell.sign), self.cluster(cell)) {
            _ if cell.is_hidden() => {}
            (Some(c), _) => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            (None, Some(cluster)) => out.extend(cluster.text.bytes()),
            (None, None) => {}
        }
    }

    /// How many cells it takes.
    pub fn width(&self, cell: Cell) -> usize {
        if cell.is_plain() {
            return 1;
        }
        match char::from_u32(cell.sign) {
            _ if cell.is_hidden() => 0,
            Some(c) => c.encode_utf8(&mut [0; 4]).width(),
            None => self.cluster(cell).map_or(1, |cluster| cluster.cells),
        }
    }

    /// Whether terminals differ in how wide it is.
    pub fn is_unsure(&self, cell: Cell) -> bool {
        self.cluster(cell).is_some_and(|cluster| cluster.cells > 1)
    }

    /// Whether it is one character, in one cell.
    pub fn is_single(&self, cell: Cell) -> bool {
        cell.is_plain() || (cell.sign < CLUSTERS && self.width(cell) == 1)
    }

    fn cluster(&self, cell: Cell) -> Option<&Cluster> {
        self.clusters.get(usize::try_from(cell.sign.checked_sub(CLUSTERS)?).ok()?)
    }

    fn known(&self, number: u32) -> Option<&Known> {
        self.looks.get(usize::try_from(number).ok()?)
    }

    /// The cell in which this stands.
    pub fn cell(&mut self, symbol: &str, style: Style) -> Cell {
        let looks = self.number(Looks::default().with(style));
        Cell { sign: self.sign(symbol), looks }
    }

    /// The number of a symbol; what no terminal cell may hold is replaced: the last line of defence.
    fn sign(&mut self, symbol: &str) -> u32 {
        if !is_safe_symbol(symbol) {
            self.replaced += 1;
            return u32::from(char::REPLACEMENT_CHARACTER);
        }
        let mut chars = symbol.chars();
        match (chars.next(), chars.next()) {
            (None, _) => return Cell::BLANK.sign,
            (Some(c), None) => return u32::from(c),
            _ => {}
        }
        if let Some(number) = self.numbers.get(symbol) {
            return *number;
        }
        let number = CLUSTERS + u32::try_from(self.clusters.len()).unwrap_or_default();
        self.clusters.push(Cluster { text: symbol.into(), cells: symbol.width() });
        self.numbers.insert(symbol.into(), number);
        number
    }

    /// The number of looks. A theme has few.
    fn number(&mut self, looks: Looks) -> u32 {
        if let Some(place) = self.looks.iter().position(|known| known.looks == looks) {
            return u32::try_from(place).unwrap_or_default();
        }
        let place = self.looks.len();
        let number = u32::try_from(place).unwrap_or_default();
        self.looks.push(Known { looks, seen: number, seen_on_blank: number });
        let (seen, seen_on_blank) = (self.number(looks.seen()), self.number(looks.seen_on_blank()));
        if let Some(known) = self.looks.get_mut(place) {
            (known.seen, known.seen_on_blank) = (seen, seen_on_blank);
        }
        number
    }

    /// A text of which any number of characters may share a cell, or take two; what does not fit is left out.
    pub fn clusters(&mut self, cells: &mut [Cell], text: &str, style: Style) {
        let (mut used, all) = (0, cells.len());
        for cluster in text.graphemes(true).filter(|cluster| !cluster.contains(char::is_control)) {
            let wide = cluster.width();
            if wide > all - used {
                break;
            }
            let taken = cells.get_mut(used..used + wide).unwrap_or_default();
            taken.fill(Cell { sign: Cell::HIDDEN, ..Cell::BLANK });
            if let Some(first) = taken.first_mut() {
                first.sign = self.sign(cluster);
            }
            used += wide;
        }
        self.style(cells.get_mut(..used).unwrap_or_default(), style);
    }

    /// A text of which each character has a cell to itself.
    pub fn singles(&mut self, cells: &mut [Cell], text: &str, style: Style) {
        let mut used = 0;
        for (cell, c) in cells.iter_mut().zip(text.chars()) {
            cell.sign = if is_single(c) { u32::from(c) } else { self.sign(c.encode_utf8(&mut [0; 4])) };
            used += 1;
        }
        self.style(cells.get_mut(..used).unwrap_or_default(), style);
    }

    /// The same sign in each.
    pub fn fill(&mut self, cells: &mut [Cell], sign: char, style: Style) {
        let sign = self.sign(sign.encode_utf8(&mut [0; 4]));
        cells.iter_mut().for_each(|cell| cell.sign = sign);
        self.style(cells, style);
    }

    /// How they look, whatever stands there.
    pub fn style(&mut self, cells: &mut [Cell], style: Style) {
        self.look(cells, |looks| looks.with(style));
    }

    /// Plain text pales.
    pub fn pale(&mut self, cells: &mut [Cell], style: Style) {
        self.look(cells, |looks| {
            let plain = looks.fg == Color::Reset && !looks.modifier.contains(Modifier::REVERSED);
            if plain { looks.with(style) } else { looks }
        });
    }

    /// What looks so looks otherwise.
    pub fn look(&mut self, cells: &mut [Cell], otherwise: impl Fn(Looks) -> Looks) {
        let mut last = None;
        for cell in cells {
            let looks = match last {
                // Those beside each other mostly look alike.
                Some((before, looks)) if before == cell.looks => looks,
                _ => self.number(otherwise(self.looks(*cell))),
            };
            last = Some((cell.looks, looks));
            cell.looks = looks;
        }
    }

    /// Every symbol in ASCII, as wide as before.
    pub fn fold(&self, row: &mut [Cell]) {
        for x in 0..row.len() {
            let Some(cell) = row.get(x).filter(|cell| !cell.is_ascii() && !cell.is_hidden()) else {
                continue;
            };
            let folded = ascii_fold(&self.symbol(*cell));
            for (cell, c) in row.iter_mut().skip(x).zip(folded.bytes()) {
                cell.sign = u32::from(c);
            }
        }
    }

    /// What stands behind a wide character is its second half, and looks like it, and nothing else is one. Whether each character
    /// surely has a cell to itself.
    pub fn halve(&self, row: &mut [Cell]) -> bool {
        if row.iter().all(|cell| cell.is_plain()) {
            return true;
        }
        let (mut plain, mut behind, mut looks) = (true, 0, 0);
        for cell in row {
            if behind > 0 {
                behind -= 1;
                *cell = Cell { sign: Cell::HIDDEN, looks };
            } else if cell.is_hidden() {
                *cell = Cell { sign: Cell::BLANK.sign, ..*cell };
            } else if !cell.is_plain() {
                behind = self.width(*cell).saturating_sub(1);
                looks = cell.looks;
                plain &= self.is_single(*cell);
            }
        }
        plain
    }

    /// Makes cells that look alike the same.
    pub fn even(&self, row: &mut [Cell]) {
        for cell in row.iter_mut().filter(|cell| cell.looks != 0) {
            if let Some(known) = self.known(cell.looks) {
                cell.looks = if cell.is_blank() { known.seen_on_blank } else { known.seen };
            }
        }
    }
}

/// Puts a row into cells of ratatui.
#[expect(clippy::disallowed_methods, reason = "this is the module that fills cells")]
pub fn show(legend: &Legend, row: &[Cell], out: &mut [ratatui::buffer::Cell]) {
    for (cell, out) in row.iter().zip(out) {
        let Looks { fg, bg, modifier } = legend.looks(*cell);
        out.reset();
        if !cell.is_hidden() {
            out.set_symbol(&legend.symbol(*cell));
        }
        out.set_style(Style::new().fg(fg).bg(bg).add_modifier(modifier));
    }
}

#[cfg(test)]
mod tests;
