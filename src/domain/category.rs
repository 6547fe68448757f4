//! What sort of trouble an incident is.

use serde::{Deserialize, Serialize};

/// What sort of trouble it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Somebody is where they may not be.
    UnauthorizedAccess,
    /// Abnormal trading or system behaviour.
    Anomaly,
    /// Something does not answer.
    Outage,
    /// Data or configuration is wrong.
    Integrity,
    /// An API or webhook between us and others.
    Integration,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 5] =
        [Self::UnauthorizedAccess, Self::Anomaly, Self::Outage, Self::Integrity, Self::Integration];

    /// The word used in files, queries and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::UnauthorizedAccess => "unauthorized-access",
            Self::Anomaly => "anomaly",
            Self::Outage => "outage",
            Self::Integrity => "integrity",
            Self::Integration => "integration",
        }
    }

    /// Reads the word of a file, query or flag.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.word().eq_ignore_ascii_case(word))
    }
}
