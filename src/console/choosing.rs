//! Choosing one of several that stand in a list, by its name.

use super::chord::{Chord, Key};

/// Which way a key moves a choice; `None` for any other key.
pub fn step(chord: Chord) -> Option<isize> {
    match (chord.ctrl, chord.key) {
        (false, Key::Down) | (true, Key::Char('n')) => Some(1),
        (false, Key::Up) | (true, Key::Char('p')) => Some(-1),
        (false, Key::Tab) => Some(if chord.shift { -1 } else { 1 }),
        _ => None,
    }
}

/// The one `by` steps from where the choice stands; from nowhere the first, or the last.
pub fn stepped(from: Option<usize>, by: isize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    Some(match from {
        None if by < 0 => last,
        None => 0,
        Some(at) if by < 0 && at == 0 => last,
        Some(at) if by > 0 && at >= last => 0,
        Some(at) => at.saturating_add_signed(by).min(last),
    })
}

/// The first of `count` lines to show in `rows`, so that the chosen one is among them.
pub fn top(at: usize, count: usize, rows: usize) -> usize {
    // The one behind it is seen as well.
    let ahead = if rows > 1 { 2 } else { 1 };
    (at + ahead).saturating_sub(rows).min(count.saturating_sub(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_goes_round() {
        assert_eq!(stepped(None, 1, 3), Some(0));
        assert_eq!(stepped(None, -1, 3), Some(2));
        assert_eq!(stepped(Some(2), 1, 3), Some(0));
        assert_eq!(stepped(Some(0), -1, 3), Some(2));
        assert_eq!(stepped(Some(1), 1, 3), Some(2));
        assert_eq!(stepped(Some(9), 1, 3), Some(0));
        assert_eq!(stepped(None, 1, 0), None);
    }

    #[test]
    fn what_is_chosen_is_among_the_lines_that_are_shown() {
        for (count, rows) in [(3, 5), (5, 5), (40, 7), (7, 1)] {
            for at in 0..count {
                let top = top(at, count, rows);
                assert!(top <= at && at < top + rows, "{at} of {count} in {rows}");
                assert!(top + rows <= count.max(rows));
            }
        }
    }
}
