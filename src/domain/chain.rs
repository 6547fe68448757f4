//! A record as it stands in the ledger's file, and what a check of all of them found.

use serde::{Deserialize, Serialize};

use super::text::Outside;

/// A record exactly as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Its sequence number.
    pub seq: u64,
    /// The link before it, lower-case hex.
    pub prev: String,
    /// Its own link: `SHA256(0x00 ‖ prev ‖ length ‖ bytes)`, lower-case hex.
    pub hash: String,
    /// Its JSON, byte for byte.
    pub bytes: Outside,
}

/// What a check of the whole chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every record is in its place.
    Intact {
        /// How many.
        records: u64,
        /// The last link, lower-case hex.
        head: String,
    },
    /// The first record that is not as it was written.
    Bad {
        /// Its sequence number.
        seq: u64,
        /// What is wrong with it.
        why: String,
    },
}
