//! How bad an incident is.

use serde::{Deserialize, Serialize};

/// How bad it is. Ordered: `Critical` is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The rest.
    Normal,
    /// A major flow is degraded and a workaround exists.
    High,
    /// Production trading, authentication, token issuance or funds flows are unavailable.
    Critical,
}

impl Severity {
    /// Every severity, worst first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::High, Self::Normal];

    /// The word used in files, queries and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Normal => "normal",
        }
    }

    /// The four-letter word of a row.
    pub fn short(self) -> &'static str {
        match self {
            Self::Critical => "CRIT",
            Self::High => "HIGH",
            Self::Normal => "NORM",
        }
    }

    /// Reads the word of a file, query or flag.
    pub fn parse(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "critical" | "crit" => Some(Self::Critical),
            "high" => Some(Self::High),
            "normal" | "norm" => Some(Self::Normal),
            _ => None,
        }
    }
}
