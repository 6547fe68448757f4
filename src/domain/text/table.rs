//! The characters that text from outside may not bring onto a screen.

use std::ops::RangeInclusive;

type Ranges = [RangeInclusive<u32>];

/// Controls, bidirectional controls, and what takes part in a text without being seen.
const INVISIBLE: &Ranges = &[
    0x00..=0x1F,
    0x7F..=0x9F,
    0xAD..=0xAD,
    0x34F..=0x34F,
    0x61C..=0x61C,
    0x115F..=0x1160,
    0x17B4..=0x17B5,
    0x180B..=0x180F,
    0x200B..=0x200F,
    0x2028..=0x202E,
    0x2060..=0x206F,
    0x2800..=0x2800,
    0x3164..=0x3164,
    0xFDD0..=0xFDEF,
    0xFE00..=0xFE0F,
    0xFEFF..=0xFEFF,
    0xFFA0..=0xFFA0,
    0xFFF0..=0xFFFB,
    0xFFFE..=0xFFFF,
    0x13430..=0x1343F,
    0x1BCA0..=0x1BCA3,
    0x1D173..=0x1D17A,
    0xE0000..=0xE0FFF,
];

/// What terminals draw wider than they count, around its neighbours, or as whatever the font pleases.
const UNRULY: &Ranges = &[
    0x20DD..=0x20E4,
    0x2E3A..=0x2E3B,
    0xE000..=0xF8FF,
    0xFDFD..=0xFDFD,
    0x12000..=0x1254F,
    0xF0000..=0x10FFFF,
];

/// What the console itself draws with: frames, bars and badges.
const OURS: &Ranges =
    &[0x2500..=0x259F, 0x25CB..=0x25CB, 0x25CD..=0x25CD, 0x25CF..=0x25D1, 0x2713..=0x2713, 0x2717..=0x2717];

/// What an emoji cluster can be built on.
const PICTURES: &Ranges = &[
    0xA9..=0xA9,
    0xAE..=0xAE,
    0x203C..=0x203C,
    0x2049..=0x2049,
    0x2122..=0x2122,
    0x2139..=0x2139,
    0x2194..=0x21AA,
    0x231A..=0x23FF,
    0x24C2..=0x24C2,
    0x25AA..=0x25AB,
    0x25B6..=0x25B6,
    0x25C0..=0x25C0,
    0x25FB..=0x25FE,
    0x2600..=0x27BF,
    0x2934..=0x2935,
    0x2B05..=0x2B55,
    0x3030..=0x3030,
    0x303D..=0x303D,
    0x3297..=0x3299,
    0x1F000..=0x1F1E5,
    0x1F200..=0x1F3FA,
    0x1F400..=0x1FAFF,
];

/// Nobody sees it.
pub(in crate::domain) fn is_invisible(c: char) -> bool {
    // The last two code points of every plane are no characters.
    holds(INVISIBLE, c) || u32::from(c) & 0xFFFE == 0xFFFE
}

/// No terminal cell may hold it.
pub(super) fn is_banned(c: char) -> bool {
    is_invisible(c) || holds(UNRULY, c)
}

/// It is shown as an escape when it comes from outside.
pub(super) fn is_forbidden(c: char) -> bool {
    is_banned(c) || holds(OURS, c)
}

/// An emoji cluster can begin with it, or continue with it after a joiner.
pub(super) fn is_picture(c: char) -> bool {
    holds(PICTURES, c) && !holds(OURS, c)
}

fn holds(ranges: &Ranges, c: char) -> bool {
    let c = u32::from(c);
    // The tables are in order: the first range that ends at or after it decides.
    let next = ranges.partition_point(|range| *range.end() < c);
    ranges.get(next).is_some_and(|range| range.contains(&c))
}
