//! What one finished control sequence means.

use super::Input;
use crate::console::chord::{Chord, Key};

/// Reads `ESC [ bytes last` (or `ESC O last`). Everything that is no key of ours and no focus is nothing: reports and
/// replies.
pub(super) fn read(bytes: &[u8], last: u8) -> Option<Input> {
    if bytes == b"[" {
        return (b'A'..=b'E').contains(&last).then(|| Input::Key(Chord::plain(Key::F(last - b'A' + 1))));
    }
    let mut numbers = bytes.split(|byte| *byte == b';').map(number);
    let (first, held) = (numbers.next()??, numbers.next().unwrap_or(Some(1))?);
    if numbers.next().is_some() {
        return None;
    }
    let key = match (last, first) {
        (b'I', _) if bytes.is_empty() => return Some(Input::Focus(true)),
        (b'O', _) if bytes.is_empty() => return Some(Input::Focus(false)),
        (b'A', _) => Key::Up,
        (b'B', _) => Key::Down,
        (b'C', _) => Key::Right,
        (b'D', _) => Key::Left,
        (b'H', _) | (b'~', 1 | 7) => Key::Home,
        (b'F', _) | (b'~', 4 | 8) => Key::End,
        // A position of the cursor is reported with the same letter as F3 that is held with something.
        (b'R', _) if !bytes.is_empty() => return None,
        (b'P'..=b'S', 1) => Key::F(last - b'P' + 1),
        (b'~', number @ 11..=24) => Key::F(function(number)?),
        (b'~', 2) => Key::Insert,
        (b'~', 3) => Key::Delete,
        (b'~', 5) => Key::PageUp,
        (b'~', 6) => Key::PageDown,
        (b'Z', _) => return Some(Input::Key(Chord { shift: true, ..Chord::plain(Key::Tab) })),
        _ => return None,
    };
    let held = held.saturating_sub(1);
    Some(Input::Key(Chord { key, shift: held & 1 != 0, alt: held & 2 != 0, ctrl: held & 4 != 0 }))
}

/// Which function key has this number; the numbers have gaps where terminals had them.
fn function(number: u32) -> Option<u8> {
    const NUMBERS: [u32; 12] = [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24];
    (1..).zip(NUMBERS).find_map(|(key, known)| (known == number).then_some(key))
}

/// A number in a sequence; a missing one is 1.
fn number(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() { Some(1) } else { std::str::from_utf8(bytes).ok()?.parse().ok() }
}
