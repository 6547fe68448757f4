//! Opening the file once more after it failed: it is trusted again when its end is as it was written.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::chain::{self, GENESIS, Hash};
use super::{LedgerError, broken, schema};

/// How many of the last records are looked at.
const TAIL: u64 = 256;

/// A record and its link of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) seq: u64,
    pub(super) hash: Hash,
}

/// The last record there is.
pub(super) fn end(connection: &Connection) -> rusqlite::Result<Option<End>> {
    let query = "SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1";
    connection
        .prepare_cached(query)?
        .query_row([], |row| Ok(End { seq: row.get(0)?, hash: row.get(1)? }))
        .optional()
}

/// A connection that may write, on a file whose last records are as they were written, with `known` among them.
///
/// # Errors
/// [`LedgerError::Broken`].
pub(super) fn reopen(path: &Path, known: Option<End>) -> Result<Connection, LedgerError> {
    // A file that has gone is not made anew: the account of what happened would begin again from nothing.
    let opened = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = opened.map_err(|error| broken(path, &error))?;
    schema::set_up(&connection).map_err(|why| why.of(path))?;
    if connection.is_readonly("main").map_err(|error| broken(path, &error))? {
        return Err(read_only(path));
    }
    let whole = is_whole(&connection, known).map_err(|error| broken(path, &error))?;
    let said = || LedgerError::Broken {
        path: path.display().to_string(),
        why: "does not end as it was written; keep it, and run `quell ledger verify`".to_owned(),
    };
    if whole { Ok(connection) } else { Err(said()) }
}

/// A file that may be read only.
pub(super) fn read_only(path: &Path) -> LedgerError {
    LedgerError::Broken {
        path: path.display().to_string(),
        why: "cannot be written: it is read-only".to_owned(),
    }
}

/// Whether the last records are linked to each other, and the known one is the one that was written.
fn is_whole(connection: &Connection, known: Option<End>) -> rusqlite::Result<bool> {
    let last = end(connection)?.map_or(0, |end| end.seq);
    let from = known.map_or(last, |known| known.seq.min(last)).saturating_sub(TAIL).max(1);
    let mut statement =
        connection.prepare("SELECT seq, bytes, hash FROM records WHERE seq >= ?1 ORDER BY seq")?;
    let mut rows = statement.query([from])?;
    let mut before: Option<End> = (from == 1).then_some(End { seq: 0, hash: GENESIS });
    let mut found = known.is_none();
    while let Some(row) = rows.next()? {
        let this = End { seq: row.get(0)?, hash: row.get(2)? };
        let bytes = row.get_ref(1)?.as_blob().unwrap_or_default();
        let linked = before
            .is_none_or(|before| this.seq == before.seq + 1 && chain::link(&before.hash, bytes) == this.hash);
        if !linked {
            return Ok(false);
        }
        found |= known == Some(this);
        before = Some(this);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::operator::Actor;
    use crate::domain::record::Entry;
    use crate::domain::time::Time;
    use crate::ledger::{Draft, Ledger};

    /// Three records, and the end they have.
    fn written() -> (tempfile::TempDir, std::path::PathBuf, End) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let ledger = Ledger::open(&path, "ANA").unwrap();
        let draft = |offer| Draft::console(Actor::Engine, Time::UNIX_EPOCH, Entry::WatchAccepted { offer });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(ledger.append((1..=3).map(draft).collect())).unwrap();
        let end = end(&Connection::open(&path).unwrap()).unwrap().unwrap();
        (folder, path, end)
    }

    fn change(path: &Path, sql: &str) {
        let file = Connection::open(path).unwrap();
        file.execute_batch("DROP TRIGGER records_keep; DROP TRIGGER records_stay").unwrap();
        file.execute_batch(sql).unwrap();
    }

    #[test]
    fn a_file_that_ends_as_it_was_written_is_trusted_again() {
        let (_folder, path, end) = written();
        assert!(reopen(&path, Some(end)).is_ok());
        assert!(reopen(&path, None).is_ok());
    }

    #[test]
    fn a_record_that_was_written_and_is_lost_is_noticed() {
        let (_folder, path, end) = written();
        change(&path, "DELETE FROM records WHERE seq = 3");
        let error = reopen(&path, Some(end)).unwrap_err();
        assert!(error.to_string().contains("does not end as it was written"), "{error}");
    }

    #[test]
    fn a_record_near_the_end_that_is_not_as_it_was_is_noticed() {
        let (_folder, path, end) = written();
        change(&path, "UPDATE records SET bytes = replace(bytes, 'watch', 'botch') WHERE seq = 2");
        assert!(reopen(&path, Some(end)).is_err());
    }

    #[test]
    fn a_file_that_has_gone_is_not_made_anew() {
        let (_folder, path, end) = written();
        std::fs::remove_file(&path).unwrap();
        assert!(reopen(&path, Some(end)).is_err());
        assert!(!path.exists());
    }
}
