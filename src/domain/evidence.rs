//! What is kept of an incident beside its records: files and captures, named by their SHA-256.

use serde::{Deserialize, Serialize};

use super::action::ActionId;
use super::text::Outside;
use super::time::Time;

/// Where a piece of evidence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// A person added it.
    File,
    /// It was read before an action.
    Capture {
        /// Which.
        action: ActionId,
    },
    /// What the other side answered to an action.
    Answer {
        /// Which.
        action: ActionId,
    },
    /// What a program printed.
    Output {
        /// For which action.
        action: ActionId,
    },
    /// What a program printed that carried a message to people.
    Told,
}

impl EvidenceKind {
    /// The word shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Capture { .. } => "capture",
            Self::Answer { .. } => "answer",
            Self::Output { .. } | Self::Told => "output",
        }
    }

    /// The action it belongs to.
    pub fn action(self) -> Option<ActionId> {
        match self {
            Self::File | Self::Told => None,
            Self::Capture { action } | Self::Answer { action } | Self::Output { action } => Some(action),
        }
    }
}

/// One kept piece; its bytes stand in the evidence store under their hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// Its size, in bytes.
    pub bytes: u64,
    /// Its name.
    pub name: Outside,
    /// Where it comes from.
    pub kind: EvidenceKind,
    /// What the person who added it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Outside>,
}

/// A piece of evidence as an incident lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The piece.
    pub evidence: Evidence,
    /// Who kept it.
    pub by: String,
    /// When.
    pub at: Time,
    /// The sequence number of the record that says so.
    pub seq: u64,
}
