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

/// The next place of so many, round and round.
pub fn round(at: usize, by: isize, count: usize) -> usize {
    stepped(Some(at), by, count).unwrap_or(0)
}

/// The next that begins with a letter, from the one behind `from` on: pressed again, it goes on.
pub fn beginning(words: &[String], from: Option<usize>, letter: char) -> Option<usize> {
    let after = from.map_or(0, |from| from + 1);
    let mut places = (0..words.len()).map(|step| (after + step) % words.len());
    places.find(|place| words.get(*place).is_some_and(|word| word.starts_with(letter)))
}

/// Lines to scroll away so that the one at `at` of `count` is among `height`: no more than that needs.
pub fn scrolled(top: usize, at: usize, count: usize, height: usize) -> usize {
    let top = top.min(at).min(count.saturating_sub(height));
    if height > 0 { top.max((at + 1).saturating_sub(height)) } else { top }
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
        assert_eq!([round(3, -1, 3), round(3, 1, 3), round(0, 1, 0)], [2, 0, 0], "from behind the last");
    }

    #[test]
    fn a_letter_goes_to_the_next_that_begins_with_it() {
        let words = ["red", "green", "rose"].map(str::to_owned);
        let next = |from, letter| beginning(&words, from, letter);
        assert_eq!([next(None, 'r'), next(Some(0), 'r'), next(Some(2), 'r')], [Some(0), Some(2), Some(0)]);
        assert_eq!([next(Some(1), 'g'), next(None, 'x')], [Some(1), None]);
        assert_eq!(beginning(&[], None, 'r'), None);
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
