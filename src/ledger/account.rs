//! An incident's records to the byte, and what ties them to the rest of the ledger.

use rusqlite::{Connection, OptionalExtension, params};

use super::chain::{GENESIS, Hash};
use super::{Ledger, LedgerError};
use crate::domain::id::IncidentId;
use crate::domain::record::Record;

/// One record with its links, as they are computed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Its place in the ledger.
    pub seq: u64,
    /// The link of the record before it, whatever that one is about.
    pub prev: Hash,
    /// Its own.
    pub hash: Hash,
    /// Its bytes, which are text.
    pub bytes: String,
}

/// Everything the ledger says of one incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The link of the ledger's first record.
    pub origin: Hash,
    /// The incident's records, oldest first.
    pub stored: Vec<Linked>,
    /// Who read or exported any evidence between the first of them and the last.
    pub handled: Vec<Record>,
}

impl Account {
    /// Its records, read.
    ///
    /// # Errors
    /// A sentence that names the first that is none.
    pub fn records(&self) -> Result<Vec<Record>, String> {
        let read = |stored: &Linked| {
            serde_json::from_str(&stored.bytes).map_err(|_| {
                format!("record {} is not as it was written; `quell ledger verify` says more", stored.seq)
            })
        };
        self.stored.iter().map(read).collect()
    }
}

impl Ledger {
    /// Everything the ledger says of one incident, as of one moment.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] and [`LedgerError::Broken`].
    pub async fn account_of(&self, id: &IncidentId) -> Result<Account, LedgerError> {
        let of = id.to_string();
        let account = self.read(move |connection| {
            let snapshot = connection.transaction()?;
            let origin = snapshot
                .query_row("SELECT hash FROM records WHERE seq = 1", [], |row| row.get(0))
                .optional()?
                .unwrap_or(GENESIS);
            let mut statement = snapshot.prepare_cached(
                "SELECT own.seq, before.hash, own.hash, own.bytes FROM records own
                 LEFT JOIN records before ON before.seq = own.seq - 1 WHERE own.incident = ?1 ORDER BY own.seq",
            )?;
            let stored = statement.query_map([of], |row| {
                let bytes = String::from_utf8_lossy(row.get_ref(3)?.as_blob()?).into_owned();
                let prev = row.get::<_, Option<Hash>>(1)?.unwrap_or(GENESIS);
                Ok(Linked { seq: row.get(0)?, prev, hash: row.get(2)?, bytes })
            })?;
            let stored = stored.collect::<rusqlite::Result<Vec<_>>>()?;
            let ends = stored.first().zip(stored.last()).map(|(first, last)| (first.seq, last.seq));
            let (first, last) = ends.unwrap_or_default();
            let handled = handled(&snapshot, first, last)?;
            Ok(Account { origin, stored, handled })
        });
        match account.await? {
            account if account.stored.is_empty() => Err(LedgerError::NotFound(id.to_string())),
            account => Ok(account),
        }
    }

    /// Who read or exported any evidence since that sequence number.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn handled_since(&self, from: u64) -> Result<Vec<Record>, LedgerError> {
        self.read(move |connection| handled(connection, from, i64::MAX.unsigned_abs())).await
    }
}

fn handled(connection: &Connection, from: u64, to: u64) -> rusqlite::Result<Vec<Record>> {
    let mut statement = connection.prepare_cached(
        "SELECT bytes FROM records WHERE incident IS NULL AND seq BETWEEN ?1 AND ?2
         AND (json_extract(bytes, '$.entry.\"evidence-read\"') IS NOT NULL
           OR json_extract(bytes, '$.entry.exported') IS NOT NULL) ORDER BY seq",
    )?;
    let bytes = statement.query_map(params![from, to], |row| row.get::<_, Vec<u8>>(0))?;
    Ok(bytes.flatten().filter_map(|bytes| serde_json::from_slice(&bytes).ok()).collect())
}
