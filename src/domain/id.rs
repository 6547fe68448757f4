//! Names of things: incidents, consoles, places in the feed.

use serde::{Deserialize, Serialize};

/// `ANA-42`: the prefix of the ledger and a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IncidentId {
    prefix: String,
    number: u64,
}

impl IncidentId {
    /// The id with this prefix and number.
    pub fn new(prefix: impl Into<String>, number: u64) -> Self {
        Self { prefix: prefix.into(), number }
    }

    /// The number alone, as rows show it.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Reads `ANA-42`.
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, number) = text.rsplit_once('-')?;
        let number = number.parse().ok()?;
        is_prefix(prefix).then(|| Self { prefix: prefix.to_owned(), number })
    }
}

/// Whether a ledger may use this prefix: one to eight capital letters or digits, a letter first.
pub fn is_prefix(text: &str) -> bool {
    text.len() <= 8
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

impl std::fmt::Display for IncidentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{}-{}", self.prefix, self.number))
    }
}

impl TryFrom<String> for IncidentId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| "not an incident id".to_owned())
    }
}

impl From<IncidentId> for String {
    fn from(id: IncidentId) -> Self {
        id.to_string()
    }
}

/// A place in the feed of changes; means something only to the backend that gave it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub String);
