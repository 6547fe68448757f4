//! Which configuration counts: written down when it is another one than was written down last.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::Engine;
use crate::domain::operator::Actor;
use crate::domain::plan::hex;
use crate::domain::record::Entry;
use crate::ledger::{Draft, LedgerError};

/// The digest of every table, by name.
type Tables = BTreeMap<String, String>;

impl Engine {
    /// Writes down which configuration counts, unless that is what the ledger says already. Nothing acts on one that
    /// could not be written down.
    pub(super) async fn record_configuration(&self) -> Result<(), LedgerError> {
        self.0.configured.get_or_try_init(|| self.compare_configuration()).await.map(drop)
    }

    /// The same for who polls, which goes on all the same.
    pub(super) async fn note_configuration(&self) {
        if let Err(error) = self.record_configuration().await {
            tracing::warn!(%error, "which configuration counts was not written down");
        }
    }

    async fn compare_configuration(&self) -> Result<(), LedgerError> {
        let tables = &self.0.setup.tables;
        if tables.is_empty() {
            return Ok(());
        }
        let known = self.0.ledger.configuration().await?;
        if known.as_ref() == Some(tables) {
            return Ok(());
        }
        let entry = Entry::ConfigurationLoaded {
            sha256: digest(tables),
            actions: self.0.setup.actions_enabled,
            changed: known.map(|known| changed(&known, tables)).unwrap_or_default(),
            tables: tables.clone(),
        };
        self.append(vec![Draft::console(Actor::Engine, self.now(), entry)]).await.map(drop)
    }
}

/// The digest of all of them.
fn digest(tables: &Tables) -> String {
    let lines: String = tables.iter().map(|(name, digest)| format!("{name} {digest}\n")).collect();
    hex(&Sha256::digest(lines))
}

/// The names of those that differ.
fn changed(before: &Tables, now: &Tables) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != now.get(*name)).cloned().collect()
}
