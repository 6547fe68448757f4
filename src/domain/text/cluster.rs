//! One grapheme cluster: what of it may be seen, and how the rest is written.

use std::fmt::Write;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::table::{is_banned, is_forbidden, is_picture};

/// Marks one cluster may carry.
const MARKS: usize = 4;
/// Bytes one cluster may have.
const BYTES: usize = 64;
/// Code points one emoji cluster may have.
const EMOJI_CHARS: usize = 10;
/// What stands for dropped parts of a cluster.
const DROPPED: char = char::REPLACEMENT_CHARACTER;
/// What carries a mark that came without a letter.
const CARRIER: char = '\u{25CC}';

/// Whether a terminal cell may hold this symbol: true for all that [`SafeText`](super::SafeText) yields and
/// for the console's own glyphs.
pub fn is_safe_symbol(symbol: &str) -> bool {
    let plain = || !symbol.chars().any(is_banned) && symbol.chars().filter(|c| is_mark(*c)).count() <= MARKS;
    symbol.len() <= BYTES && (plain() || is_emoji(symbol))
}

/// Appends what may be seen of a cluster.
pub(super) fn push_cluster(out: &mut String, cluster: &str) {
    if is_emoji(cluster) {
        out.push_str(cluster);
        return;
    }
    // The replacement can join a cluster that begins with a prepended sign, so its bytes are kept free.
    let budget = BYTES - DROPPED.len_utf8();
    let (mut bytes, mut marks) = (0, 0);
    for c in cluster.chars() {
        if is_forbidden(c) {
            push_escape(out, c);
            (bytes, marks) = (0, 0);
            continue;
        }
        if bytes == 0 && continues(c) {
            out.push(CARRIER);
            bytes += CARRIER.len_utf8();
        }
        if bytes == 0 && is_mark(c) {
            push_escape(out, c);
            continue;
        }
        bytes += c.len_utf8();
        marks += usize::from(is_mark(c));
        if marks > MARKS || bytes > budget {
            out.push(DROPPED);
            return;
        }
        out.push(c);
    }
}

/// Appends the character in visible ASCII: `\n`, `\x1b`, `\u{202e}`.
pub(super) fn push_escape(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // Writing to a string cannot fail.
        '\0'..='\x7f' => write!(out, "\\x{:02x}", u32::from(c)).unwrap_or_default(),
        _ => write!(out, "\\u{{{:x}}}", u32::from(c)).unwrap_or_default(),
    }
}

fn is_mark(c: char) -> bool {
    c.width() == Some(0)
}

/// Whether it would join the letter before it.
fn continues(c: char) -> bool {
    !c.is_ascii() && [CARRIER, c].iter().collect::<String>().graphemes(true).count() == 1
}

/// A keycap, a flag, or pictures joined by joiners: nothing hidden in it, and two cells wide.
fn is_emoji(cluster: &str) -> bool {
    if cluster.is_ascii() || cluster.len() > BYTES || cluster.width() != 2 {
        return false;
    }
    let chars: Vec<char> = cluster.chars().take(EMOJI_CHARS + 1).collect();
    match chars.as_slice() {
        ['0'..='9' | '#' | '*', '\u{FE0F}', '\u{20E3}'] => true,
        [a, b] if is_regional(*a) && is_regional(*b) => true,
        all if all.len() <= EMOJI_CHARS => all.split(|c| *c == '\u{200D}').all(|part| match part {
            [base] => is_picture(*base),
            [base, '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}'] => is_picture(*base),
            _ => false,
        }),
        _ => false,
    }
}

fn is_regional(c: char) -> bool {
    ('\u{1F1E6}'..='\u{1F1FF}').contains(&c)
}
