//! Text that may be shown.

use std::ops::Deref;

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

use super::cells;
use super::cluster::{push_cluster, push_escape};

/// Shown for a text in which nothing is visible.
const BLANK: &str = "(blank)";

/// Text that may be shown: no control, nothing invisible, nothing that paints over its neighbours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SafeText(String);

impl SafeText {
    /// The readable profile, one line: forbidden characters as escapes, `(blank)` if nothing is visible.
    pub fn display(text: &str) -> Self {
        let line = Self::line(text);
        if line.is_empty() { Self(BLANK.to_owned()) } else { line }
    }

    /// The injective profile: backslash doubled and everything but printable ASCII as escapes, so that two
    /// different texts never look the same.
    pub fn exact(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                ' '..='~' => out.push(c),
                _ => push_escape(&mut out, c),
            }
        }
        Self(out)
    }

    /// The readable profile of a line among others, which may be empty.
    pub(super) fn line(text: &str) -> Self {
        if text.chars().all(|c| c.is_whitespace() && !c.is_control()) {
            return Self(String::new());
        }
        if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Self(text.to_owned());
        }
        let mut out = String::with_capacity(text.len());
        for cluster in text.graphemes(true) {
            push_cluster(&mut out, cluster);
        }
        Self(out)
    }

    /// The width in terminal cells.
    pub fn width(&self) -> usize {
        cells::Width::width(self.0.as_str())
    }

    /// The text in at most `max_cells` cells, cut between clusters and then ended by `…`.
    pub fn clip(&self, max_cells: usize) -> String {
        cells::clip(&self.0, max_cells)
    }
}

impl Deref for SafeText {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SafeText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&super::Outside> for SafeText {
    fn from(text: &super::Outside) -> Self {
        text.safe()
    }
}
