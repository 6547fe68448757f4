//! How much is kept of what a source says, whichever it is.

/// Bytes of a title.
pub(super) const TITLE_BYTES: usize = 1024;
/// Bytes of a label's name.
pub(super) const KEY_BYTES: usize = 256;
/// Bytes of a label's value.
pub(super) const VALUE_BYTES: usize = 1024;
/// Labels of a signal.
pub(super) const MAX_LABELS: usize = 128;
/// Bytes of what explains a signal.
pub(super) const DESCRIPTION_BYTES: usize = 64 * 1024;
/// Bytes of an address.
pub(super) const LINK_BYTES: usize = 2048;
/// Bytes that are kept to look at of an element that cannot be decoded.
pub(super) const RAW_BYTES: usize = 4096;
