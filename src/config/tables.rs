//! The tables of a configuration as digests: that one changed can be told without telling what it says.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Config, Origin};
use crate::domain::plan::hex;

/// What follows from who sits there, unless the file says it.
const PERSONAL: [&str; 3] = ["identity", "ids", "operator"];

impl Config {
    /// The SHA-256 of what holds in each top-level table, defaults included and secrets left out, by name.
    pub fn tables(&self) -> BTreeMap<String, String> {
        let mut digests: BTreeMap<&str, Sha256> = BTreeMap::new();
        for setting in &self.settings {
            let table = setting.key.split('.').next().unwrap_or(&setting.key);
            if PERSONAL.contains(&table) && !matches!(setting.origin, Origin::File(..)) {
                continue;
            }
            digests.entry(table).or_default().update(format!("{} = {}\n", setting.key, setting.value));
        }
        digests.into_iter().map(|(table, digest)| (table.to_owned(), hex(&digest.finalize()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(text: &str, user: &str) -> BTreeMap<String, String> {
        Config::read(text, "config.toml", Some(user)).unwrap().tables()
    }

    #[test]
    fn a_table_changes_by_what_it_says_and_not_by_where_or_by_whom_it_is_read() {
        let off = tables("[ack]\nexpires = \"20m\"\n", "ana");
        assert_eq!(off, tables("\n\n[ack]\nexpires = \"20m\"\n[actions]\nenabled = false\n", "bo"));
        let on = tables("[ack]\nexpires = \"20m\"\n[actions]\nenabled = true\n", "ana");
        assert_eq!(off["ack"], on["ack"]);
        assert_ne!(off["actions"], on["actions"]);
        assert_ne!(off["ack"], tables("", "ana")["ack"]);
    }
}
