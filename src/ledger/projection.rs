//! Every incident as its records leave it, beside them; rebuilt from them whenever it is in doubt.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};

use super::LedgerError;
use super::read::newer;
use super::schema::Unusable;
use super::slots::slot;
use super::trouble::Trouble;
use crate::domain::action::Stage;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::record::Record;

/// The version of what is put beside the records: one more with every change of an incident's shape, or of what its
/// records make of it. A projection of another version is rebuilt.
const VERSION: u32 = 12;

/// How far the records reach.
pub(super) fn last_seq(transaction: &Transaction<'_>) -> rusqlite::Result<u64> {
    transaction.query_row("SELECT coalesce(max(seq), 0) FROM records", [], |row| row.get(0))
}

/// The incident as its last record left it.
pub(super) fn load(connection: &Connection, id: &IncidentId) -> Result<Option<Incident>, Trouble> {
    let state: Option<String> = connection
        .prepare_cached("SELECT state FROM incidents WHERE id = ?1")?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    state.map(|state| serde_json::from_str(&state).map_err(|error| unreadable(id, &error).into())).transpose()
}

fn unreadable(id: &IncidentId, error: &serde_json::Error) -> LedgerError {
    LedgerError::Broken { path: String::new(), why: format!("has an unreadable projection of {id}: {error}") }
}

/// Puts an incident as it is now beside its records.
pub(super) fn project(connection: &Connection, incident: &Incident) -> rusqlite::Result<()> {
    let state = serde_json::to_string(incident).unwrap_or_default();
    connection
        .prepare_cached("INSERT OR REPLACE INTO incidents (id, number, phase, grp, moved, alive, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![
            incident.id.to_string(),
            incident.id.number(),
            incident.phase.word(),
            incident.opening.group,
            incident.moved_at.to_rfc3339(),
            incident.is_alive(),
            state
        ])?;
    Ok(())
}

/// Rebuilds the projection from the records when it does not reach as far as they do, is of another version or cannot be read. Where it is
/// as it should be, nothing is locked: others may be writing, and the file may be read-only.
pub(super) fn rebuild_if_behind(
    connection: &mut Connection,
    reading: &mut Connection,
    path: &Path,
) -> Result<(), LedgerError> {
    let rebuilt = (|| -> Result<(), Trouble> {
        if is_current(&reading.transaction()?)? {
            return Ok(());
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !is_current(&transaction)? {
            rebuild(&transaction, path)?;
        }
        Ok(transaction.commit()?)
    })();
    rebuilt.map_err(|trouble| trouble.of(path))
}

/// Rebuilds the projection of the file at `path`, whatever it says of itself.
pub(super) fn rebuild_at(path: &Path) -> Result<(), LedgerError> {
    let rebuilt = (|| -> Result<(), Trouble> {
        let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        rebuild(&transaction, path)?;
        Ok(transaction.commit()?)
    })();
    rebuilt.map_err(|trouble| trouble.of(path))
}

fn is_current(transaction: &Transaction<'_>) -> rusqlite::Result<bool> {
    let projected: Option<u64> =
        transaction.query_row("SELECT seq FROM projected", [], |row| row.get(0)).optional()?;
    let version: Option<String> = transaction
        .query_row("SELECT value FROM meta WHERE key = 'projection'", [], |row| row.get(0))
        .optional()?;
    let is_whole = projected.unwrap_or(0) == last_seq(transaction)?;
    Ok(is_whole && version == Some(VERSION.to_string()) && readable(transaction)?)
}

/// Whether nothing is damaged that somebody responds to. What can be written can be mended as soon as it is read and
/// found to be no incident, so only its pages are looked at here.
fn readable(connection: &Connection) -> rusqlite::Result<bool> {
    let is_final = connection.is_readonly("main")?;
    let mut statement = connection.prepare("SELECT state FROM incidents WHERE phase <> 'closed'")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let state = row.get_ref(0)?.as_str().unwrap_or_default();
        if is_final && serde_json::from_str::<Incident>(state).is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes down that the projection is of this version.
pub(super) fn mark(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('projection', ?1)", [VERSION.to_string()])?;
    Ok(())
}

fn rebuild(transaction: &Transaction<'_>, path: &Path) -> Result<(), Trouble> {
    let connection: &Connection = transaction;
    let last = last_seq(transaction)?;
    connection.execute_batch(
        "DELETE FROM incidents; DELETE FROM open_actions; INSERT OR REPLACE INTO projected VALUES (1, 0);",
    )?;
    let mut folded = Folded::default();
    let mut statement =
        connection.prepare("SELECT seq, bytes FROM records WHERE incident IS NOT NULL ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let seq: u64 = row.get(0)?;
        let bytes = row.get_ref(1)?.as_blob().unwrap_or_default();
        if let Some(version) = newer(bytes) {
            return Err(Unusable::Newer(version).of(path).into());
        }
        folded.take(bytes).map_err(|why| LedgerError::Broken {
            path: String::new(),
            why: format!("has a bad record {seq}: {why}; run `quell ledger verify`"),
        })?;
    }
    folded.project(connection)?;
    connection.execute("UPDATE projected SET seq = ?1", [last])?;
    Ok(mark(connection)?)
}

/// Incidents as far as their records were read.
#[derive(Default)]
pub(super) struct Folded(BTreeMap<IncidentId, Incident>);

impl Folded {
    /// Takes the next record in.
    ///
    /// # Errors
    /// Why it is none, or cannot follow the ones before it.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), String> {
        let record: Record = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let Some(id) = record.incident.clone() else { return Ok(()) };
        match self.0.get_mut(&id) {
            Some(incident) => incident.apply(&record).map_err(|illegal| illegal.0),
            None => {
                let incident = Incident::open(&record).map_err(|illegal| illegal.0)?;
                self.0.insert(id, incident);
                Ok(())
            }
        }
    }

    /// Puts them beside their records.
    pub(super) fn project(&self, connection: &Connection) -> rusqlite::Result<()> {
        for incident in self.0.values() {
            project(connection, incident)?;
            for action in incident.actions.values().filter(|a| a.stage.is_open()) {
                let (of, target) = slot(action);
                connection.execute(
                    "INSERT OR REPLACE INTO open_actions VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![of, target, incident.id.to_string(), action.id, action.stage == Stage::Unknown],
                )?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, OpenFlags};

    use super::readable;
    use crate::ledger::schema;

    #[test]
    fn what_cannot_be_mended_later_is_looked_at_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let connection = Connection::open(&path).unwrap();
        schema::make(&connection, "ANA").unwrap();
        connection
            .execute_batch("INSERT INTO incidents VALUES ('ANA-1', 1, 'identify', NULL, '', 1, '{')")
            .unwrap();
        assert!(readable(&connection).unwrap(), "it is made anew when it is read");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        assert!(!readable(&Connection::open_with_flags(&path, flags).unwrap()).unwrap());
    }
}
