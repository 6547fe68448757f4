//! What moved from one frame to the next is moved by the terminal: whole rows, or the columns on the left by themselves where
//! the terminal keeps margins on both sides.

use ratatui::buffer::Cell;

use super::bytes::{csi, number};
use super::shift::{Shift, best};
use super::{Emitter, Ink, digest, is_hidden};

/// Rows of the left columns that changed, from which on it is looked whether they moved.
const MANY: usize = 4;
/// About what margins on the sides cost to set and to lift.
const MARGINS: i32 = 20;

/// Rows that moved, in so many columns.
pub struct Moved {
    shift: Shift,
    cols: usize,
    saves: i32,
}

impl Emitter {
    /// What moved by itself and is cheaper moved than drawn.
    pub(super) fn moved(&self, wanted: &[u64]) -> Option<Moved> {
        let differ: Vec<bool> =
            wanted.iter().zip(&self.digests).map(|(wanted, shown)| wanted != shown).collect();
        if differ.iter().filter(|differs| **differs).count() < 2 {
            return None;
        }
        let cols = self.cols();
        // What stands nowhere else on the screen has come from nowhere: mostly that is all of it.
        let came = |(wanted, differs): (&u64, &bool)| *differs && self.digests.contains(wanted);
        let whole = wanted.iter().zip(&differ).any(came).then(|| self.weights(cols));
        let whole = whole.and_then(|weights| best(&self.digests, wanted, &weights));
        let whole = whole.map(|(saves, shift)| Moved { shift, cols, saves });
        whole.into_iter().chain(self.moved_in_pane(&differ)).max_by_key(|moved| moved.saves)
    }

    /// What moved in the columns on the left, whatever became of the others.
    fn moved_in_pane(&self, differ: &[bool]) -> Option<Moved> {
        let cols = self.pane?;
        let differing = self.rows(cols).zip(differ).filter(|(_, differs)| **differs);
        if differing.filter(|((wanted, shown), _)| wanted != shown).count() < MANY {
            return None;
        }
        // Half a wide character cannot be moved.
        let behind = |cells: &[Cell]| cells.get(cols).is_some_and(is_hidden);
        if self.rows(self.cols()).any(|(wanted, shown)| behind(wanted) || behind(shown)) {
            return None;
        }
        let digests = |(wanted, shown)| (digest(&self.hasher, wanted), digest(&self.hasher, shown));
        let (wanted, shown): (Vec<u64>, Vec<u64>) = self.rows(cols).map(digests).unzip();
        let (saves, shift) = best(&shown, &wanted, &self.weights(cols))?;
        (saves > MARGINS).then_some(Moved { shift, cols, saves: saves - MARGINS })
    }

    /// So many columns of each row, as it is wanted and as it is shown.
    fn rows(&self, cols: usize) -> impl Iterator<Item = (&[Cell], &[Cell])> {
        let stride = self.cols().max(1);
        let rows = self.wanted.content.chunks_exact(stride).zip(self.shown.chunks_exact(stride));
        rows.filter_map(move |(wanted, shown)| Some((wanted.get(..cols)?, shown.get(..cols)?)))
    }

    /// About what so many columns of each row cost to draw.
    fn weights(&self, cols: usize) -> Vec<i32> {
        let weight = |row: &[Cell]| 1 + row.iter().map(|cell| i32::from(cell.symbol() != " ")).sum::<i32>();
        self.rows(cols).map(|(wanted, _)| weight(wanted)).collect()
    }

    /// Has the terminal move it.
    pub(super) fn move_on(&mut self, moved: &Moved) {
        let Moved { shift, cols, .. } = *moved;
        let Shift { top, bottom, by, up } = shift;
        let (stride, pane) = (self.cols().max(1), Some(cols).filter(|cols| *cols < self.cols()));
        self.ink.shift(shift, pane, bottom < self.digests.len());
        let rows = self.shown.get_mut(top * stride..bottom * stride).unwrap_or_default();
        if pane.is_none() {
            move_rows(rows, by * stride, up, &Cell::EMPTY);
            let blank = self.blank();
            move_rows(self.digests.get_mut(top..bottom).unwrap_or_default(), by, up, &blank);
            return;
        }
        let mut parts: Vec<Cell> =
            rows.chunks_exact(stride).flat_map(|row| row.iter().take(cols)).cloned().collect();
        move_rows(&mut parts, by * cols, up, &Cell::EMPTY);
        for ((row, part), known) in
            rows.chunks_exact_mut(stride).zip(parts.chunks_exact(cols)).zip(self.digests.iter_mut().skip(top))
        {
            row.iter_mut().zip(part).for_each(|(cell, moved)| cell.clone_from(moved));
            *known = digest(&self.hasher, row);
        }
    }
}

impl Ink {
    /// Moves rows between margins: at the side of a pane, and `below` where rows stay there.
    fn shift(&mut self, Shift { top, bottom, by, up }: Shift, pane: Option<usize>, below: bool) {
        let small = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        self.plain();
        if let Some(cols) = pane {
            self.bytes.extend(b"\x1b[?69h\x1b[;");
            number(&mut self.bytes, small(cols));
            self.bytes.push(b's');
        }
        if below {
            self.bytes.extend(b"\x1b[");
            number(&mut self.bytes, small(top + 1));
            self.bytes.push(b';');
            number(&mut self.bytes, small(bottom));
            self.bytes.push(b'r');
        }
        // Terminals differ in where the cursor goes with margins.
        let sure = pane.is_none() && !below;
        self.place = self.place.filter(|_| sure);
        self.go((0, small(top)));
        csi(&mut self.bytes, small(by), if up { b'M' } else { b'L' });
        if below {
            self.bytes.extend(b"\x1b[r");
        }
        if pane.is_some() {
            self.bytes.extend(b"\x1b[?69l");
        }
        self.place = self.place.filter(|_| sure);
    }
}

fn move_rows<T: Clone>(rows: &mut [T], by: usize, up: bool, blank: &T) {
    let left = rows.len().saturating_sub(by);
    if up {
        rows.rotate_left(by);
        rows.iter_mut().skip(left).for_each(|row| row.clone_from(blank));
    } else {
        rows.rotate_right(by);
        rows.iter_mut().take(by).for_each(|row| row.clone_from(blank));
    }
}
