//! Which rows moved together: a terminal moves them itself, in a few bytes.

/// Rows that move by some rows; those that come in are blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The first row of those concerned.
    pub top: usize,
    /// The row after the last.
    pub bottom: usize,
    /// How many rows they move.
    pub by: usize,
    /// Up, not down.
    pub up: bool,
}

impl Shift {
    /// The row that comes to stand in another one of those concerned, if any does.
    pub fn source(self, row: usize) -> Option<usize> {
        let from = if self.up { Some(row + self.by) } else { row.checked_sub(self.by) };
        from.filter(|from| (self.top..self.bottom).contains(from))
    }
}

/// About what it costs to tell the terminal.
const COST: i32 = 24;

/// The shift that saves most, and about how many bytes. Rows are known by their digests, as they are shown and as they
/// are wanted; `weights` says about what each shown row costs to paint.
pub fn best<T: PartialEq>(shown: &[T], wanted: &[T], weights: &[i32]) -> Option<(i32, Shift)> {
    let mut found: Option<(i32, Shift)> = None;
    for (by, most) in (0..).zip(gains(shown, wanted, weights)) {
        for (up, most) in [(true, most.up), (false, most.down)] {
            // The nearest of those that save as much, and down rather than up.
            let least = found.map_or(COST, |(saved, shift)| saved - i32::from(shift.by == by));
            if most > least
                && let Some((saved, shift)) = heaviest(shown, wanted, weights, by, up)
                && saved > least
            {
                found = Some((saved, shift));
            }
        }
    }
    found
}

/// What rows of the screen can save at most by moving so far.
#[derive(Clone, Copy, Default)]
struct Gains {
    up: i32,
    down: i32,
}

/// By each distance: mostly what differs stands at few, or nowhere.
fn gains<T: PartialEq>(shown: &[T], wanted: &[T], weights: &[i32]) -> Vec<Gains> {
    let mut out = vec![Gains::default(); wanted.len()];
    for (row, it) in wanted.iter().enumerate().filter(|(row, it)| shown.get(*row) != Some(*it)) {
        for (source, (_, weight)) in
            shown.iter().zip(weights).enumerate().filter(|(_, (there, _))| *there == it)
        {
            if let Some(most) = out.get_mut(row.abs_diff(source)) {
                *(if source > row { &mut most.up } else { &mut most.down }) += weight;
            }
        }
    }
    out
}

/// The run of rows that gains most by moving so far; what the shift uncovers is set against it.
fn heaviest<T: PartialEq>(
    shown: &[T],
    wanted: &[T],
    weights: &[i32],
    by: usize,
    up: bool,
) -> Option<(i32, Shift)> {
    let rows = wanted.len();
    let same = |row: usize| shown.get(row) == wanted.get(row);
    let weight = |row: usize| weights.get(row).copied().unwrap_or_default();
    let (first, last) = if up { (0, rows - by) } else { (by, rows) };
    let (mut saved, mut start) = (0, first);
    let (mut most, mut run) = (0, first..first);
    for row in first..last {
        let source = if up { row + by } else { row - by };
        saved += match (same(row), shown.get(source) == wanted.get(row)) {
            (false, true) => weight(source),
            (true, false) => -weight(row),
            _ => 0,
        };
        if saved <= 0 {
            (saved, start) = (0, row + 1);
        } else if saved > most {
            (most, run) = (saved, start..row + 1);
        }
    }
    let uncovered = if up { run.end..run.end + by } else { run.start - by..run.start };
    let lost: i32 = uncovered.clone().filter(|row| same(*row)).map(weight).sum();
    let (top, bottom) = (run.start.min(uncovered.start), run.end.max(uncovered.end));
    (!run.is_empty()).then_some((most - lost, Shift { top, bottom, by, up }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(shown: &str, wanted: &str) -> Option<Shift> {
        let digests = |rows: &str| rows.bytes().map(u64::from).collect::<Vec<_>>();
        let weights = vec![20; wanted.len()];
        best(&digests(shown), &digests(wanted), &weights).map(|(_, shift)| shift)
    }

    #[test]
    fn rows_that_moved_together_are_found() {
        assert_eq!(found("habcdefz", "hbcdefgz"), Some(Shift { top: 1, bottom: 7, by: 1, up: true }));
        assert_eq!(found("habcdefz", "hxabcdez"), Some(Shift { top: 1, bottom: 7, by: 1, up: false }));
        assert_eq!(found("habcdefz", "hdefxyuz"), Some(Shift { top: 1, bottom: 7, by: 3, up: true }));
        // A row that changed among them does not part them.
        assert_eq!(found("habcdefz", "hbcXefgz"), Some(Shift { top: 1, bottom: 7, by: 1, up: true }));
    }

    /// The same, looked for at every distance.
    fn tried(shown: &[u8], wanted: &[u8], weights: &[i32]) -> Option<(i32, Shift)> {
        let ways = (1..wanted.len()).flat_map(|by| [true, false].map(|up| (by, up)));
        let saves = ways.filter_map(|(by, up)| heaviest(shown, wanted, weights, by, up));
        saves
            .max_by_key(|(saved, shift)| (*saved, std::cmp::Reverse(shift.by)))
            .filter(|(saved, _)| *saved > COST)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn what_is_left_out_of_the_search_is_never_the_best(
            rows in prop::collection::vec((0_u8..12, 0_u8..12, 0_i32..60), 0..24),
            moves in 0_usize..6,
        ) {
            let shown: Vec<u8> = rows.iter().map(|(shown, ..)| *shown).collect();
            let weights: Vec<i32> = rows.iter().map(|(.., weight)| *weight).collect();
            let fresh: Vec<u8> = rows.iter().map(|(_, wanted, _)| *wanted).collect();
            let moved: Vec<u8> = shown.iter().skip(moves).chain(&fresh).take(rows.len()).copied().collect();
            for wanted in [fresh, moved] {
                for (shown, wanted) in [(&shown, &wanted), (&wanted, &shown)] {
                    prop_assert_eq!(best(shown, wanted, &weights), tried(shown, wanted, &weights));
                }
            }
        }
    }

    #[test]
    fn what_stays_is_not_moved() {
        assert_eq!(found("habcdefz", "habcdefz"), None);
        assert_eq!(found("habcdefz", "habXdefz"), None);
        // One row is painted as cheaply as it is moved.
        assert_eq!(found("abcdefgh", "bXXXXXXX"), None);
    }
}
