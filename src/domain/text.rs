//! Text from outside, and the only way it becomes text on a screen.

mod ascii;
mod cells;
mod cluster;
mod safe;
mod table;
#[cfg(test)]
mod tests;

use std::borrow::Borrow;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use ascii::ascii_fold;
pub use cells::{Width, clip, is_single, singles};
pub use cluster::is_safe_symbol;
pub use safe::SafeText;
pub(in crate::domain) use table::is_invisible;

/// Bytes of a one-line text that are shown.
const LINE_BYTES: usize = 1024;
/// Bytes of a text of several lines that are shown.
const TEXT_BYTES: usize = 64 * 1024;
/// Lines of a text that are shown.
const TEXT_LINES: usize = 2000;

/// A sentence's beginning: the first letter is made a capital.
pub fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The first of many, and how many more there are: `a, b, and 4 more`.
pub fn named(all: impl ExactSizeIterator<Item = String>, most: usize) -> String {
    let more = all.len().checked_sub(most).filter(|more| *more > 0);
    let more = more.map(|more| format!("and {more} more"));
    all.take(most).chain(more).collect::<Vec<_>>().join(", ")
}

/// `2 of 5 monitors`; `1 monitor` where there is one.
pub fn some_of(some: usize, all: usize, what: &str) -> String {
    if all == 1 { format!("{some} {what}") } else { format!("{some} of {all} {what}s") }
}

/// A number with this between its thousands: `12 068`, `1,200`.
pub fn grouped(number: u64, between: char) -> String {
    let digits = number.to_string();
    digits.char_indices().fold(String::new(), |mut out, (at, digit)| {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(between);
        }
        out.push(digit);
        out
    })
}

/// Bytes in a few words: `512 B`, `1.5 KiB`, `12.0 MiB`.
pub fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", tenths(1024)),
        _ => format!("{} MiB", tenths(1_048_576)),
    }
}

/// Text from outside, exactly as received. It has no `Display`: it cannot be formatted by accident.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Outside(Box<str>);

impl Outside {
    /// Takes text as it came.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    /// Takes bytes as they came; each maximal invalid part of UTF-8 becomes U+FFFD.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(String::from_utf8_lossy(bytes).into())
    }

    /// Takes at most `max_bytes` of a text. Of a longer one the start is kept, and a marker inside the limit
    /// says how many bytes are missing and gives the SHA-256 of the full text. Below 1 KiB, where all of it would take half of
    /// an id, its first twelve digits: enough to tell apart what a source says of one thing, and no proof of anything.
    pub fn capped(text: impl Into<String>, max_bytes: usize) -> Self {
        let text = text.into();
        if text.len() <= max_bytes {
            return Self(text.into());
        }
        // Sized for the longest number that can stand in it, so that the marker never outgrows the limit.
        let bytes = if max_bytes < LINE_BYTES { 6 } else { 32 };
        let room = missing(text.len()).len() + " sha256:".len() + 2 * bytes;
        let (kept, dropped) = cut(&text, max_bytes.saturating_sub(room));
        let digest: String =
            Sha256::digest(text.as_bytes()).iter().take(bytes).map(|b| format!("{b:02x}")).collect();
        Self(format!("{kept}{} sha256:{digest}", missing(dropped)).into())
    }

    /// The text as it came, for comparing and matching; never for showing.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Whether a reader would see nothing: only white space and invisible characters.
    pub fn is_blank(&self) -> bool {
        self.0.chars().all(|c| !c.is_ascii_graphic() && (c.is_whitespace() || table::is_invisible(c)))
    }

    /// One readable line of at most 1 KiB of the text.
    pub fn safe(&self) -> SafeText {
        self.capped_safe(LINE_BYTES)
    }

    /// The same of what a person wrote in several lines, which end in spaces here.
    pub fn in_one_line(&self) -> SafeText {
        Self::new(self.0.split_whitespace().collect::<Vec<_>>().join(" ")).safe()
    }

    /// One readable line of at most `max_bytes` of the text; a marker says how many bytes are missing.
    pub fn capped_safe(&self, max_bytes: usize) -> SafeText {
        match cut(&self.0, max_bytes) {
            (whole, 0) => SafeText::display(whole),
            (kept, dropped) => SafeText::display(&format!("{kept}{}", missing(dropped))),
        }
    }

    /// The whole text so that different texts never look the same; for targets, prompts and the ledger.
    pub fn exact(&self) -> SafeText {
        SafeText::exact(&self.0)
    }

    /// The text as readable lines, split at `\n` and `\r\n` only. At most `max_lines`, 2000 lines and
    /// 64 KiB; if that cuts something, the last line says how much.
    pub fn lines(&self, max_lines: usize) -> Vec<SafeText> {
        let max_lines = max_lines.min(TEXT_LINES);
        if self.is_blank() {
            return vec![SafeText::display(""); max_lines.min(1)];
        }
        let (kept, dropped) = cut(&self.0, TEXT_BYTES);
        let all = self.0.lines().count();
        let fits = dropped == 0 && all <= max_lines;
        let shown = if fits { all } else { max_lines.saturating_sub(1) };
        let mut lines: Vec<SafeText> = kept.lines().take(shown).map(SafeText::line).collect();
        if !fits && max_lines > 0 {
            let left = all - lines.len();
            let note = match (left, dropped) {
                (_, 0) => format!("…[+{left} lines]"),
                (0, _) => missing(dropped),
                _ => format!("…[+{left} lines, over {dropped} bytes]"),
            };
            lines.push(SafeText::display(&note));
        }
        lines
    }
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outside(\"{}\")", self.exact())
    }
}

impl Borrow<str> for Outside {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// The longest start of the text that fits and ends between characters, and how many bytes follow it.
fn cut(text: &str, max_bytes: usize) -> (&str, usize) {
    let end = (0..=max_bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    (text.get(..end).unwrap_or_default(), text.len() - end)
}

/// The marker that stands for missing bytes.
fn missing(bytes: usize) -> String {
    format!("…[+{bytes} bytes]")
}
