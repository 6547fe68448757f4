//! Cells of a row that moved to the side because something before them came, went or has another length: a terminal moves
//! the rest of a row itself, in a few bytes.

use crate::view::Cell;

/// The rest of a row moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slide {
    /// The first cell concerned.
    pub at: usize,
    /// How many cells it moves.
    pub by: usize,
    /// To the left, not to the right.
    pub left: bool,
}

/// Nothing moves farther.
const FAR: usize = 24;
/// So many cells must be the same where it moves to before more is compared.
const ALIKE: usize = 4;
/// About what it costs to tell the terminal.
const COST: usize = 16;

/// The slide that saves most, if one does. In rows that are `plain` each character surely has a cell to itself.
pub fn best(wanted: &[Cell], shown: &[Cell], plain: bool) -> Option<Slide> {
    let at = wanted.iter().zip(shown).position(|(new, old)| new != old)?;
    let differ = wanted.iter().zip(shown).skip(at);
    let now = differ.filter(|(new, old)| **new != Cell::BLANK && new != old).count();
    // Half a wide character cannot be moved, and of several in one cell nobody knows how wide they are drawn.
    if now <= COST || !plain {
        return None;
    }
    let alike = |new: usize, old: usize| {
        let cells = wanted.get(new..new + ALIKE);
        cells.is_some_and(|cells| shown.get(old..old + ALIKE) == Some(cells))
    };
    let ways = (1..=FAR).flat_map(|by| [true, false].map(|left| Slide { at, by, left }));
    let fits = |slide: &Slide| match slide.left {
        true => alike(at, at + slide.by),
        false => alike(at + slide.by, at),
    };
    let left_over = |slide: &Slide| {
        (at..wanted.len())
            .filter(|x| costs(wanted, *x, slide.source(*x).and_then(|from| shown.get(from))))
            .count()
    };
    let best = ways.filter(fits).map(|slide| (left_over(&slide), slide)).min_by_key(|(left, _)| *left);
    best.filter(|(left, _)| left + COST < now).map(|(_, slide)| slide)
}

/// Whether a cell must be written where this one stands, or a blank. What becomes blank is erased with others.
fn costs(wanted: &[Cell], x: usize, stands: Option<&Cell>) -> bool {
    wanted.get(x).is_some_and(|cell| *cell != Cell::BLANK && stands.unwrap_or(&Cell::BLANK) != cell)
}

impl Slide {
    /// The cell that comes to stand in another one, if any does.
    fn source(self, x: usize) -> Option<usize> {
        if self.left { Some(x + self.by) } else { x.checked_sub(self.by).filter(|from| *from >= self.at) }
    }

    /// What a row is afterwards.
    pub fn apply(self, row: &mut [Cell]) {
        let Some(rest) = row.get_mut(self.at..) else { return };
        let by = self.by.min(rest.len());
        if self.left {
            rest.rotate_left(by);
            rest.iter_mut().rev().take(by).for_each(|cell| *cell = Cell::BLANK);
        } else {
            rest.rotate_right(by);
            rest.iter_mut().take(by).for_each(|cell| *cell = Cell::BLANK);
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;
    use crate::view::Legend;

    fn row(text: &str) -> Vec<Cell> {
        let mut legend = Legend::default();
        text.chars().map(|c| legend.cell(&c.to_string(), Style::new())).collect()
    }

    #[test]
    fn what_moved_aside_is_found() {
        let (long, short) = (
            "a ack  c contain  e escalate  ? keys          ",
            "c contain  e escalate  ? keys                 ",
        );
        assert_eq!(best(&row(short), &row(long), true), Some(Slide { at: 0, by: 7, left: true }));
        assert_eq!(best(&row(long), &row(short), true), Some(Slide { at: 0, by: 7, left: false }));
        for (from, to) in [(long, short), (short, long)] {
            let (mut shown, wanted) = (row(from), row(to));
            best(&wanted, &shown, true).unwrap().apply(&mut shown);
            let left = (0..wanted.len()).filter(|x| costs(&wanted, *x, shown.get(*x))).count();
            assert!(left <= 4, "{left}");
        }
    }

    #[test]
    fn what_is_written_as_cheaply_or_may_be_wide_is_not_moved() {
        assert_eq!(best(&row("x 123456789"), &row("xy 12345678"), true), None);
        assert_eq!(best(&row("                       "), &row("a ack  c contain  e    "), true), None);
        let wide = row("a ack  c contain  e escalate  ? keys 12");
        assert_eq!(best(&row("c contain  e escalate  ? keys 12       "), &wide, false), None);
    }
}
