//! Why an incident ended.

use serde::{Deserialize, Serialize};

/// Why an incident ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloseReason {
    /// Nothing was wrong.
    FalseAlarm,
    /// Another incident carries it.
    Duplicate,
    /// Its signals went away.
    Cleared,
    /// Handled; goes to Review.
    Resolved,
}

impl CloseReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Resolved, Self::FalseAlarm, Self::Duplicate, Self::Cleared];

    /// The word of a command.
    pub fn word(self) -> &'static str {
        match self {
            Self::FalseAlarm => "false-alarm",
            Self::Duplicate => "duplicate",
            Self::Cleared => "cleared",
            Self::Resolved => "resolved",
        }
    }

    /// Reads the word of a command.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}
