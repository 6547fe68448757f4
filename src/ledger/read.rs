//! Reading: incidents as they are, records as they were written.

use std::collections::BTreeMap;
use std::sync::Arc;

use memchr::memmem;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Deserialize;

use super::chain::GENESIS;
use super::schema::Unusable;
use super::{Ledger, LedgerError};
use crate::domain::chain::Stored;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::plan::hex;
use crate::domain::record::{Entry, FORMAT, Record};
use crate::domain::text::Outside;
use crate::domain::time::Time;

impl Ledger {
    /// Whether everything can be read that an engine begins with.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub(super) async fn is_readable(&self) -> Result<(), LedgerError> {
        self.incidents(Time::MIN_UTC).await?;
        let last = self.last_seq().await?;
        self.of_console_since(last.saturating_sub(5000)).await.map(drop)
    }

    /// The last sequence number, by whichever process.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn last_seq(&self) -> Result<u64, LedgerError> {
        self.read(|c| {
            c.prepare_cached("SELECT coalesce(max(seq), 0) FROM records")?.query_row([], |row| row.get(0))
        })
        .await
    }

    /// Every incident that is not closed, or was closed after `since`, and the sequence number they were read at.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn incidents(&self, since: Time) -> Result<(u64, Vec<Arc<Incident>>), LedgerError> {
        self.read_own(move |connection| projected(connection, since)).await
    }

    /// One incident as it is now, of whatever age.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn incident(&self, id: &IncidentId) -> Result<Option<Arc<Incident>>, LedgerError> {
        let id = id.to_string();
        self.read_own(move |connection| {
            let mut statement = connection.prepare_cached("SELECT state FROM incidents WHERE id = ?1")?;
            Ok(states(statement.query([id])?)?.pop())
        })
        .await
    }

    /// The records of one incident, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn records_of(&self, id: &IncidentId) -> Result<Vec<Record>, LedgerError> {
        let id = id.to_string();
        self.read_own(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT bytes FROM records WHERE incident = ?1 ORDER BY seq")?;
            records(statement.query([id])?)
        })
        .await
    }

    /// At most `limit` records from sequence number `from` on.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn records(&self, from: u64, limit: usize) -> Result<Vec<Record>, LedgerError> {
        self.read_own(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT bytes FROM records WHERE seq >= ?1 ORDER BY seq LIMIT ?2")?;
            records(statement.query(params![from, limit])?)
        })
        .await
    }

    /// At most `limit` records before sequence number `before`, or the last ones; oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn newest(&self, before: Option<u64>, limit: usize) -> Result<Vec<Record>, LedgerError> {
        self.read_own(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT bytes FROM records WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2")?;
            let before = before.unwrap_or(i64::MAX.unsigned_abs());
            let mut newest = records(statement.query(params![before, limit])?)?;
            newest.reverse();
            Ok(newest)
        })
        .await
    }

    /// At most `limit` records from sequence number `from` on, exactly as they stand in the file.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn stored(&self, from: u64, limit: usize) -> Result<Vec<Stored>, LedgerError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, (SELECT hash FROM records AS earlier WHERE earlier.seq = records.seq - 1), hash, bytes
                 FROM records WHERE seq >= ?1 ORDER BY seq LIMIT ?2",
            )?;
            let stored = statement.query_map(params![from, limit], |row| {
                let prev: Option<Vec<u8>> = row.get(1)?;
                Ok(Stored {
                    seq: row.get(0)?,
                    prev: hex(prev.as_deref().unwrap_or(&GENESIS)),
                    hash: hex(row.get_ref(2)?.as_blob()?),
                    bytes: Outside::from_bytes(row.get_ref(3)?.as_blob()?),
                })
            })?;
            stored.collect()
        })
        .await
    }

    /// The digests of the tables of the configuration that was last written down.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn configuration(&self) -> Result<Option<BTreeMap<String, String>>, LedgerError> {
        self.read_own(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT bytes FROM records
                 WHERE seq = (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'configuration')",
            )?;
            let last = records(statement.query([])?)?.pop();
            Ok(last.and_then(|record| match record.entry {
                Entry::ConfigurationLoaded { tables, .. } => Some(tables),
                _ => None,
            }))
        })
        .await
    }

    /// Whether the last record about it says that the safety file is there.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn safety_off(&self) -> Result<bool, LedgerError> {
        self.read_own(|connection| Ok(is_safety_off(connection)?)).await
    }

    /// The last earlier incidents of the same group, newest first.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn earlier(&self, group: &str, before: u64) -> Result<Vec<Arc<Incident>>, LedgerError> {
        let group = group.to_owned();
        self.read_own(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT state FROM incidents WHERE grp = ?1 AND number < ?2 ORDER BY number DESC LIMIT 5",
            )?;
            states(statement.query(params![group, before])?)
        })
        .await
    }

    /// Every incident of a group, whatever became of it, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn of_group(&self, group: &str) -> Result<Vec<Arc<Incident>>, LedgerError> {
        let group = group.to_owned();
        self.read_own(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT state FROM incidents WHERE grp = ?1 ORDER BY number")?;
            states(statement.query([group])?)
        })
        .await
    }

    /// Every incident that was open at `since` or later, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn history(&self, since: Time) -> Result<Vec<Arc<Incident>>, LedgerError> {
        self.read_own(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT state FROM incidents WHERE alive OR moved >= ?1 ORDER BY number")?;
            // One that is alive or has moved may have been closed before.
            let mut incidents = states(statement.query([since.to_rfc3339()])?)?;
            incidents.retain(|incident| incident.was_open_since(since));
            Ok(incidents)
        })
        .await
    }

    /// Whether this person has ever written anything down.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn has_seen(&self, name: &str) -> Result<bool, LedgerError> {
        let name = name.to_owned();
        self.read_own(move |connection| {
            let mut statement = connection.prepare_cached("SELECT bytes FROM records ORDER BY seq DESC")?;
            let quoted = serde_json::to_vec(&name).unwrap_or_default();
            let quoted = memmem::Finder::new(&quoted);
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let bytes = row.get_ref(0)?.as_blob().unwrap_or_default();
                let by = |record: Record| record.by.person() == Some(name.as_str());
                if quoted.find(bytes).is_some() && serde_json::from_slice(bytes).is_ok_and(by) {
                    return Ok(true);
                }
            }
            Ok(false)
        })
        .await
    }

    /// Notices, offers of the watch and turns of sources from sequence number `from` on.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn of_console_since(&self, from: u64) -> Result<Vec<Record>, LedgerError> {
        self.read_own(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT bytes FROM records WHERE seq >= ?1 ORDER BY seq")?;
            // Few of them are, and to look for a word is much less than to read them all.
            let words = ["\"notice-", "\"watch-", "\"source-turned\""].map(memmem::Finder::new);
            let named = |bytes: &[u8]| words.iter().any(|word| word.find(bytes).is_some());
            let mut records = records_where(statement.query([from])?, named)?;
            records.retain(|record| {
                matches!(
                    record.entry,
                    Entry::NoticeRaised(_)
                        | Entry::NoticeDelivered { .. }
                        | Entry::WatchOffered { .. }
                        | Entry::WatchAccepted { .. }
                        | Entry::WatchWithdrawn { .. }
                        | Entry::SourceTurned { .. }
                )
            });
            Ok(records)
        })
        .await
    }
}

pub(super) fn is_safety_off(connection: &Connection) -> rusqlite::Result<bool> {
    let off = "SELECT value = 'off' FROM meta WHERE key = 'safety'";
    Ok(connection.query_row(off, [], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// Every incident that is alive or moved after `since`, and how far the records reach.
fn projected(connection: &mut Connection, since: Time) -> Result<(u64, Vec<Arc<Incident>>), Unusable> {
    let snapshot = connection.transaction()?;
    let seq = snapshot.query_row("SELECT coalesce(max(seq), 0) FROM records", [], |row| row.get(0))?;
    let mut statement = snapshot.prepare("SELECT state FROM incidents WHERE alive OR moved > ?1")?;
    let incidents = states(statement.query([since.to_rfc3339()])?)?;
    Ok((seq, incidents))
}

/// The incidents in the first column. One that cannot be read is not left out: nobody would miss it.
fn states(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Arc<Incident>>, Unusable> {
    let mut incidents = Vec::new();
    while let Some(row) = rows.next()? {
        let state = row.get_ref(0)?.as_str().unwrap_or_default();
        incidents.push(serde_json::from_str(state).map_err(|_| Unusable::Projection)?);
    }
    Ok(incidents)
}

/// The records in the first column. What is not one is skipped, since `verify` is what names it; what a newer quell
/// wrote is not: nobody folds on without it.
fn records(rows: rusqlite::Rows<'_>) -> Result<Vec<Record>, Unusable> {
    records_where(rows, |_| true)
}

/// The same, of those whose bytes are `wanted`.
fn records_where(
    mut rows: rusqlite::Rows<'_>,
    wanted: impl Fn(&[u8]) -> bool,
) -> Result<Vec<Record>, Unusable> {
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(0).map(|value| value.as_blob().unwrap_or_default())?;
        if !wanted(bytes) {
            continue;
        }
        match serde_json::from_slice::<Record>(bytes) {
            Ok(record) if record.v <= FORMAT => records.push(record),
            _ => newer(bytes).map_or(Ok(()), |version| Err(Unusable::Newer(version)))?,
        }
    }
    Ok(records)
}

/// The format's version of a stored record, when it is later than this build's.
pub(super) fn newer(bytes: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Version {
        v: u32,
    }
    serde_json::from_slice(bytes).ok().map(|Version { v }| v).filter(|v| *v > FORMAT)
}
