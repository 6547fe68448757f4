//! What moved from one frame to the next is moved by the terminal: whole rows, or the columns on the left by themselves where
//! the terminal keeps margins on both sides.

use super::bytes::{csi, number};
use super::shift::{Shift, best};
use super::{Emitter, Ink, Row, digest, weight};
use crate::view::Cell;

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
    pub(super) fn moved(&self, wanted: &[Option<u64>]) -> Option<Moved> {
        let differ: Vec<bool> = (0..).zip(wanted).map(|(y, wanted)| self.differs(y, *wanted)).collect();
        if differ.iter().filter(|differs| **differs).count() < 2 {
            return None;
        }
        let cols = self.cols();
        let shown: Vec<Option<u64>> = self.shown.iter().map(|row| row.digest).collect();
        // What stands nowhere else on the screen has come from nowhere: mostly that is all of it.
        let came = |(wanted, differs): (&Option<u64>, &bool)| *differs && shown.contains(wanted);
        let weights = || self.shown.iter().map(|row| row.weight).collect::<Vec<_>>();
        let whole = wanted.iter().zip(&differ).any(came).then(weights);
        let whole = whole.and_then(|weights| best(&shown, wanted, &weights));
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
        let behind = |cells: &[Cell]| cells.get(cols).is_some_and(|cell| cell.is_hidden());
        if self.rows(self.cols()).any(|(wanted, shown)| behind(wanted) || behind(shown)) {
            return None;
        }
        let digests = |(wanted, shown)| (digest(&self.hasher, wanted), digest(&self.hasher, shown));
        let (wanted, shown): (Vec<u64>, Vec<u64>) = self.rows(cols).map(digests).unzip();
        let weights: Vec<i32> = self.rows(cols).map(|(_, shown)| weight(shown)).collect();
        let (saves, shift) = best(&shown, &wanted, &weights)?;
        (saves > MARGINS).then_some(Moved { shift, cols, saves: saves - MARGINS })
    }

    /// So many columns of each row, as it is wanted and as it is shown.
    fn rows(&self, cols: usize) -> impl Iterator<Item = (&[Cell], &[Cell])> {
        (0..).zip(&self.shown).filter_map(move |(y, shown)| {
            // What was not painted is shown already, until something has moved: then the guess costs bytes, and nothing else.
            let wanted = self.painted.get(&y).unwrap_or(shown);
            Some((wanted.cells.get(..cols)?, shown.cells.get(..cols)?))
        })
    }

    /// Has the terminal move it.
    pub(super) fn move_on(&mut self, moved: &Moved) {
        let Moved { shift, cols, .. } = *moved;
        let Shift { top, bottom, by, up } = shift;
        let all = self.cols();
        self.ink.shift(shift, Some(cols).filter(|cols| *cols < all), bottom < self.shown.len());
        let rows = self.shown.get_mut(top..bottom).unwrap_or_default();
        if cols == all {
            move_rows(rows, by, up, &Row::blank(all));
            return;
        }
        let plain = rows.iter().all(|row| row.plain);
        let mut parts: Vec<Vec<Cell>> =
            rows.iter_mut().map(|row| row.cells.drain(..cols).collect()).collect();
        move_rows(&mut parts, by, up, &vec![Cell::BLANK; cols]);
        for (row, part) in rows.iter_mut().zip(parts) {
            row.cells.splice(..0, part);
            (row.digest, row.plain) = (None, plain);
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
