//! How many there are, and how many of what.

use serde::{Deserialize, Serialize};

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Critical ones on Triage.
    pub critical: usize,
    /// High ones on Triage.
    pub high: usize,
    /// Normal ones on Triage.
    pub normal: usize,
    /// Critical ones nobody has acknowledged.
    pub unacked: usize,
    /// Those in Review.
    pub review: usize,
    /// Those on Triage that are put off.
    pub snoozed: usize,
}

impl Tally {
    /// Those on Triage.
    pub fn open(&self) -> usize {
        self.critical + self.high + self.normal
    }
}
