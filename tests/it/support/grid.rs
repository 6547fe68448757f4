//! A terminal that knows what belongs together: letters with their marks, flags, pictures that are joined. vt100 does
//! not, and it is what says whether this one is to be believed on everything else.

use ratatui::buffer::Buffer;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::vt::{Token, tokens};

/// What a terminal takes for one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// All that belongs together, as wide as it is together.
    Clusters,
    /// Each code point by itself, as old ones do: a family is three people, six cells wide.
    CodePoints,
}

/// What a terminal of this size shows.
pub struct Grid {
    cols: usize,
    rows: usize,
    takes: Takes,
    /// Row by row; what stands behind a wide character is empty.
    cells: Vec<Vec<String>>,
    at: (usize, usize),
    /// The last column was written: the next character goes to the next row.
    full: bool,
    /// It goes on in the next row by itself (mode 7).
    wraps: bool,
    margins: (usize, usize),
    /// The columns rows move in, while mode 69 is on: the first, and the one behind the last.
    sides: Option<(usize, usize)>,
}

impl Grid {
    /// An empty one.
    pub fn new(cols: u16, rows: u16, takes: Takes) -> Self {
        let (cols, rows) = (usize::from(cols), usize::from(rows));
        let cells = vec![vec![" ".to_owned(); cols]; rows];
        Self {
            cols,
            rows,
            takes,
            cells,
            at: (0, 0),
            full: false,
            wraps: true,
            margins: (0, rows - 1),
            sides: None,
        }
    }

    /// One cell: what is in it, a blank, or nothing where a wide character reaches into it.
    pub fn cell(&self, x: u16, y: u16) -> &str {
        &self.cells[usize::from(y)][usize::from(x)]
    }

    /// Where it is not the frame, cell by cell. What it takes apart may look as it likes in the cells it was given.
    pub fn differences(&self, wanted: &Buffer) -> Vec<String> {
        let mut found = Vec::new();
        for y in 0..wanted.area.height {
            let mut x = 0;
            while x < wanted.area.width {
                let symbol = wanted[(x, y)].symbol();
                let width = u16::try_from(symbol.width().max(1)).unwrap();
                let apart = self.takes == Takes::CodePoints && symbol.chars().count() > 1;
                if !apart && self.cell(x, y) != symbol {
                    found.push(format!("{x},{y}: wanted {symbol:?}, shown {:?}", self.cell(x, y)));
                }
                x += width;
            }
        }
        found
    }

    /// Takes bytes as they come.
    pub fn take(&mut self, bytes: &[u8]) {
        for token in tokens(bytes) {
            match token {
                Token::Text(text) => match self.takes {
                    Takes::Clusters => text.graphemes(true).for_each(|cluster| self.put(cluster)),
                    Takes::CodePoints => text.chars().for_each(|c| self.put(c.encode_utf8(&mut [0; 4]))),
                },
                Token::Control(b'\r') => self.go(0, self.at.1),
                Token::Control(b'\n') => self.feed(),
                Token::Control(0x08) => self.go(self.at.0.saturating_sub(1), self.at.1),
                Token::Csi { parameters, last } => self.csi(&parameters, last),
                _ => {}
            }
        }
    }

    fn go(&mut self, x: usize, y: usize) {
        self.at = (x.min(self.cols - 1), y.min(self.rows - 1));
        self.full = false;
    }

    fn feed(&mut self) {
        self.full = false;
        if self.at.1 == self.margins.1 {
            self.scroll(self.margins.0, 1, true);
        } else {
            self.go(self.at.0, self.at.1 + 1);
        }
    }

    /// Moves the rows from `top` to the end of the margins.
    fn scroll(&mut self, top: usize, by: usize, up: bool) {
        let bottom = self.margins.1;
        let (left, right) = self.sides.unwrap_or((0, self.cols));
        for _ in 0..by.min(bottom + 1 - top) {
            let mut moved: Vec<Vec<String>> =
                self.cells[top..=bottom].iter().map(|row| row[left..right].to_vec()).collect();
            let blank = vec![" ".to_owned(); right - left];
            let (gone, new) = if up { (0, bottom - top) } else { (bottom - top, 0) };
            moved.remove(gone);
            moved.insert(new, blank);
            for (row, part) in self.cells[top..=bottom].iter_mut().zip(&moved) {
                row[left..right].clone_from_slice(part);
            }
        }
    }

    fn put(&mut self, cluster: &str) {
        let width = cluster.width();
        if width == 0 {
            // What has no width joins what stands before it.
            let (x, y) = self.at;
            let before = if self.full { x } else { x.saturating_sub(1) };
            let lead = (0..=before).rev().find(|x| !self.cells[y][*x].is_empty()).unwrap_or(0);
            return self.cells[y][lead].push_str(cluster);
        }
        if self.wraps && (self.full || self.at.0 + width > self.cols) {
            self.at.0 = 0;
            self.feed();
        }
        self.at.0 = self.at.0.min(self.cols - width);
        let (x, y) = self.at;
        for hidden in x..x + width {
            self.halve(hidden, y);
        }
        cluster.clone_into(&mut self.cells[y][x]);
        self.cells[y][x + 1..x + width].iter_mut().for_each(String::clear);
        self.full = x + width == self.cols;
        self.at.0 = (x + width).min(self.cols - 1);
    }

    /// A wide character of which one half is overwritten is gone.
    fn halve(&mut self, x: usize, y: usize) {
        let row = &mut self.cells[y];
        let Some(lead) = (0..=x).rev().find(|x| !row[*x].is_empty()) else { return };
        let end = (lead + 1..row.len()).find(|x| !row[*x].is_empty()).unwrap_or(row.len());
        row[lead..end].iter_mut().for_each(|cell| " ".clone_into(cell));
    }

    fn csi(&mut self, parameters: &str, last: char) {
        let numbers: Vec<usize> = parameters.split(';').map(|number| number.parse().unwrap_or(0)).collect();
        let count = numbers[0].max(1);
        let (x, y) = self.at;
        match last {
            'A' => self.go(x, y.saturating_sub(count)),
            'B' => self.go(x, y + count),
            'C' => self.go(x + count, y),
            'D' => self.go(x.saturating_sub(count), y),
            'H' => self.go(numbers.get(1).map_or(0, |column| column.max(&1) - 1), count - 1),
            'K' => {
                self.halve(x, y);
                self.cells[y][x..].iter_mut().for_each(|cell| " ".clone_into(cell));
            }
            'P' | '@' => {
                let by = count.min(self.cols - x);
                assert!(self.cells[y].iter().all(|cell| !cell.is_empty()), "half a wide character may move");
                let rest = &mut self.cells[y][x..];
                let (gone, end) = (rest.len() - by, rest.len());
                if last == 'P' {
                    rest.rotate_left(by);
                    rest[gone..end].iter_mut().for_each(|cell| " ".clone_into(cell));
                } else {
                    rest.rotate_right(by);
                    rest[..by].iter_mut().for_each(|cell| " ".clone_into(cell));
                }
            }
            'X' => {
                self.halve(x, y);
                let end = (x + count).min(self.cols);
                self.halve(end - 1, y);
                self.cells[y][x..end].iter_mut().for_each(|cell| " ".clone_into(cell));
            }
            'J' => self.cells = vec![vec![" ".to_owned(); self.cols]; self.rows],
            'L' => self.scroll(y, count, false),
            'M' => self.scroll(y, count, true),
            'r' => {
                let bottom = numbers.get(1).map_or(self.rows, |bottom| *bottom);
                self.margins = (count - 1, bottom - 1);
                self.go(0, 0);
            }
            'h' | 'l' if parameters == "?7" => self.wraps = last == 'h',
            'h' | 'l' if parameters == "?69" => self.sides = (last == 'h').then_some((0, self.cols)),
            's' if self.sides.is_some() => {
                self.sides = Some((count - 1, numbers.get(1).map_or(self.cols, |right| *right)));
                self.go(0, 0);
            }
            'm' | 'h' | 'l' | 't' => {}
            other => panic!("this terminal has not learnt CSI {parameters} {other}"),
        }
    }
}
