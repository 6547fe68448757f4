//! Small words of sentences: what follows a word, and what stands for a long one.

use crate::domain::text::Outside;

/// As rows show a hash: enough to name it.
pub fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}

/// Text from outside as it is shown.
pub(super) fn safe(text: &str) -> String {
    Outside::new(text).safe().to_string()
}

/// What follows a word, if anything: `: no answer`.
pub fn tail(text: &Outside) -> String {
    if text.is_blank() { String::new() } else { format!(": {}", text.safe()) }
}

/// The same as ` (no answer)`.
pub fn paren(text: &Outside) -> String {
    if text.is_blank() { String::new() } else { format!(" ({})", text.safe()) }
}
