//! Where the response stands.

use serde::{Deserialize, Serialize};

/// Where the response stands. Ordered as the response goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// What is it, how bad, who leads.
    Identify,
    /// Stop it from spreading.
    Contain,
    /// Make it better.
    Mitigate,
    /// Back to normal, and verified so.
    Recover,
    /// Resolved; the lessons are being written.
    Review,
    /// Over.
    Closed,
}

impl Phase {
    /// Every phase in order.
    pub const ALL: [Self; 6] =
        [Self::Identify, Self::Contain, Self::Mitigate, Self::Recover, Self::Review, Self::Closed];

    /// The word used in queries and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Contain => "contain",
            Self::Mitigate => "mitigate",
            Self::Recover => "recover",
            Self::Review => "review",
            Self::Closed => "closed",
        }
    }

    /// The word of a row.
    pub fn title(self) -> &'static str {
        match self {
            Self::Identify => "Identify",
            Self::Contain => "Contain",
            Self::Mitigate => "Mitigate",
            Self::Recover => "Recover",
            Self::Review => "Review",
            Self::Closed => "Closed",
        }
    }

    /// Reads the word of a query or flag.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.word().eq_ignore_ascii_case(word))
    }

    /// The phase after this one; `Closed` has none.
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|p| *p > self)
    }

    /// Whether the incident still belongs on Triage.
    pub fn is_open(self) -> bool {
        self < Self::Review
    }
}
