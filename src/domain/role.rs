//! Who does what in a response.

use serde::{Deserialize, Serialize};

use super::text::Outside;
use super::time::Time;

/// A part somebody plays in a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Leads the response.
    Lead,
    /// Commands it, where it is critical.
    Commander,
    /// Speaks to those outside.
    Communications,
    /// Writes down what happens.
    Scribe,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Lead, Self::Commander, Self::Communications, Self::Scribe];

    /// The word of a row, a command and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Commander => "commander",
            Self::Communications => "communications",
            Self::Scribe => "scribe",
        }
    }

    /// Reads the word of a command.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// Who plays it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Who.
    pub name: Outside,
    /// Since when.
    pub since: Time,
    /// To whom it was offered; theirs once they accept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<Outside>,
}
