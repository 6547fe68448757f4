//! How much is kept of what a source says, whichever it is.

use crate::domain::signal::Labels;
use crate::domain::text::Outside;

/// Bytes of a title.
pub(super) const TITLE_BYTES: usize = 1024;
/// Bytes of a label's name.
pub(super) const KEY_BYTES: usize = 256;
/// Bytes of a label's value.
pub(super) const VALUE_BYTES: usize = 1024;
/// Labels of a signal; and people, silences and the like of one.
pub(super) const MAX_LABELS: usize = 128;
/// Bytes of what explains a signal.
pub(super) const DESCRIPTION_BYTES: usize = 64 * 1024;
/// Bytes of an address.
pub(super) const LINK_BYTES: usize = 2048;
/// Bytes that are kept to look at of an element that cannot be decoded.
pub(super) const RAW_BYTES: usize = 4096;

/// Labels within their limits. Of too many, a last one says how many are missing.
pub(super) fn labels<N: Into<String>, V: Into<String>>(all: impl ExactSizeIterator<Item = (N, V)>) -> Labels {
    let missing = all.len().saturating_sub(MAX_LABELS);
    let kept = all.take(MAX_LABELS).map(|(name, value)| label(name, value));
    let note = (missing > 0).then(|| label("…", format!("{missing} more left out")));
    kept.chain(note).collect()
}

/// A label within its limits.
pub(super) fn label(name: impl Into<String>, value: impl Into<String>) -> (Outside, Outside) {
    (Outside::capped(name, KEY_BYTES), Outside::capped(value, VALUE_BYTES))
}
