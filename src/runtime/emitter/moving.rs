//! What moved from one frame to the next is moved by the terminal: whole rows, or the columns on the left by themselves where
//! the terminal keeps margins on both sides.

use super::bytes::{csi, number};
use super::shift::{Shift, best};
use super::{Digest, Emitter, Ink, Pane, Row};
use crate::view::Cell;

/// So many rows must differ before it is looked whether they moved on the left only.
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
    pub(super) fn moved(&self, wanted: &[Option<Digest>]) -> Option<Moved> {
        let differ = (0..).zip(wanted).filter(|(y, digest)| self.differs(*y, **digest)).count();
        if differ < 2 {
            return None;
        }
        let cols = self.cols();
        // Nobody can know what the digests come from, and so make two of them one.
        let key = |digest: Option<Digest>| {
            digest.map_or(0, |Digest { left, rest }| left.unwrap_or_default().rotate_left(32) ^ rest)
        };
        let shown: Vec<u64> = self.shown.iter().map(|row| key(row.digest)).collect();
        let keys: Vec<u64> = wanted.iter().map(|digest| key(*digest)).collect();
        let weights: Vec<i32> = self.shown.iter().map(|row| row.weights.0 + row.weights.1).collect();
        let whole = best(&shown, &keys, &weights).map(|(saves, shift)| Moved { shift, cols, saves });
        let pane = self.pane.filter(|_| differ >= MANY);
        whole
            .into_iter()
            .chain(pane.and_then(|pane| self.moved_in(pane, wanted)))
            .max_by_key(|moved| moved.saves)
    }

    /// What moved in the columns on the left, whatever became of the others.
    fn moved_in(&self, pane: Pane, wanted: &[Option<Digest>]) -> Option<Moved> {
        // What is not known by itself has moved nowhere.
        let left = |(y, digest): (u64, Option<Digest>)| digest.and_then(|it| it.left).unwrap_or(y);
        let wanted_left: Vec<u64> = (0..).zip(wanted.iter().copied()).map(left).collect();
        let shown: Vec<u64> = (0..).zip(self.shown.iter().map(|row| row.digest)).map(left).collect();
        let weights: Vec<i32> = self.shown.iter().map(|row| row.weights.0).collect();
        let (saves, shift) = best(&shown, &wanted_left, &weights)?;
        let (cols, costs) = if pane.alone {
            // Half a wide character cannot be moved.
            let halves = |row: &Row| row.cells.get(pane.cols).is_some_and(|cell| cell.is_hidden());
            if self.shown.iter().any(halves) {
                return None;
            }
            (pane.cols, MARGINS)
        } else {
            (self.cols(), self.lost(shift, wanted))
        };
        (saves > costs).then_some(Moved { shift, cols, saves: saves - costs })
    }

    /// About what it costs that the rest of these rows moves as well.
    fn lost(&self, shift: Shift, wanted: &[Option<Digest>]) -> i32 {
        let rest = |digest: Option<Digest>| digest.map(|digest| digest.rest);
        let stands = |y: usize| self.shown.get(y).and_then(|row| rest(row.digest));
        let weight = |y: usize| self.shown.get(y).map_or(0, |row| row.weights.1);
        let costs = |y: usize| {
            let wanted = wanted.get(y).and_then(|digest| rest(*digest));
            let from = shift.source(y);
            match (stands(y) == wanted, from.and_then(stands) == wanted) {
                // What comes to stand there is gone before it is drawn over.
                (true, false) => weight(y).max(from.map_or(0, weight)),
                (false, true) => -from.map_or(0, weight),
                _ => 0,
            }
        };
        (shift.top..shift.bottom).map(costs).sum()
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
        let left = |row: &mut Row| {
            let cells: Vec<Cell> = row.cells.drain(..cols).collect();
            (row.digest.and_then(|digest| digest.left), row.weights.0, cells)
        };
        let mut parts: Vec<_> = rows.iter_mut().map(left).collect();
        move_rows(&mut parts, by, up, &(None, 1, vec![Cell::BLANK; cols]));
        for (row, (left, weight, cells)) in rows.iter_mut().zip(parts) {
            row.cells.splice(..0, cells);
            // What was known as a whole only is no more what it was.
            let known = row.digest.filter(|digest| digest.left.is_some()).zip(left);
            row.digest = known.map(|(digest, left)| Digest { left: Some(left), ..digest });
            (row.weights.0, row.plain) = (weight, plain);
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
