//! Names of things: incidents, consoles, places in the feed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The longest prefix of an id.
const PREFIX_BYTES: usize = 8;

/// `ANA-42`: the prefix of the ledger and a number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IncidentId {
    /// Its bytes and zeros behind them, as a number that sorts like them: an incident's id stands in many places, takes no memory
    /// besides, and is compared often.
    prefix: u64,
    number: u64,
}

impl IncidentId {
    /// The id with this prefix, of which eight bytes count, and number.
    pub fn new(prefix: &str, number: u64) -> Self {
        let mut padded = [0; PREFIX_BYTES];
        padded.iter_mut().zip(prefix.bytes()).for_each(|(place, byte)| *place = byte);
        Self { prefix: u64::from_be_bytes(padded), number }
    }

    /// The number alone, as rows show it.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Reads `ANA-42`.
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, number) = text.rsplit_once('-')?;
        let number = number.parse().ok()?;
        is_prefix(prefix).then(|| Self::new(prefix, number))
    }

    /// Every id that a text names.
    pub fn all_in(text: &str) -> BTreeSet<Self> {
        let is_prefix = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        let parts: Vec<&str> = text.split('-').collect();
        let named = parts.windows(2).filter_map(|around| {
            let [before, after] = around else { return None };
            let prefix = before.rsplit(|c| !is_prefix(c)).next()?;
            let number = after.split(|c: char| !c.is_ascii_digit()).next()?;
            Self::parse(&format!("{prefix}-{number}"))
        });
        named.collect()
    }
}

/// Whether a ledger may use this prefix: one to eight capital letters or digits, a letter first.
pub fn is_prefix(text: &str) -> bool {
    text.len() <= PREFIX_BYTES
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

impl std::fmt::Display for IncidentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let prefix = self.prefix.to_be_bytes();
        let prefix = str::from_utf8(&prefix).unwrap_or_default().trim_end_matches('\0');
        f.pad(&format!("{prefix}-{}", self.number))
    }
}

impl std::fmt::Debug for IncidentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_the_ids_that_stand_in_it_and_no_shorter_ones() {
        let text =
            "**INC-10**: as INC-7, a-INC-8; INC-9-INC-11 (see-INC-12's) inc-13 INC- -14 TOOLONGID-15 OPS2-16";
        let named: Vec<String> = IncidentId::all_in(text).into_iter().map(String::from).collect();
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        assert_eq!(named, ["INC-7", "INC-8", "INC-9", "INC-10", "INC-11", "INC-12", "OPS2-16"]);
        assert_eq!(IncidentId::all_in("nothing, or 7"), BTreeSet::new());
    }
}
