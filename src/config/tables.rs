//! The tables of a configuration as digests: that one changed can be told without telling what it says.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Config, Origin};
use crate::domain::plan::hex;
use crate::domain::version::VERSION;

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

    /// This version and eight digits of its commit and what holds, so that two consoles that differ can be told apart: `0.1.0 3fa9c2d1`.
    pub fn build(&self) -> String {
        let lines: String = self.tables().iter().map(|(name, digest)| format!("{name} {digest}\n")).collect();
        let digest = hex(&Sha256::digest(format!("{VERSION}\n{lines}")));
        format!("{} {}", env!("CARGO_PKG_VERSION"), digest.get(..8).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(text: &str, user: &str) -> BTreeMap<String, String> {
        Config::read(text, "config.toml", Some(user)).unwrap().tables()
    }

    #[test]
    fn a_build_is_told_from_another_by_what_holds_and_not_by_whose_it_is() {
        let build = |text: &str, user: &str| Config::read(text, "config.toml", Some(user)).unwrap().build();
        let usual = build("", "ana");
        assert!(usual.starts_with(concat!(env!("CARGO_PKG_VERSION"), " ")) && usual.len() > 10, "{usual}");
        assert_eq!(usual, build("[actions]\nenabled = false\n", "bo"));
        assert_ne!(usual, build("[actions]\nenabled = true\n", "ana"));
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
