//! The tables, and how a ledger is opened.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{LedgerError, broken, projection};

/// The version of the tables this build reads and writes.
const VERSION: u32 = 1;

/// The pages of a file that a connection keeps which only reads.
const PAGES: u32 = 25;
/// And of one that writes: a poll that changes everything is quick, and leaves little behind.
pub(super) const PAGES_WRITTEN: u32 = 100;

const TABLES: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE records (
  seq      INTEGER PRIMARY KEY,
  incident TEXT,
  bytes    BLOB NOT NULL,
  hash     BLOB NOT NULL
);
CREATE INDEX records_by_incident ON records (incident, seq) WHERE incident IS NOT NULL;
CREATE TRIGGER records_keep BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER records_stay BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- What follows can be rebuilt from the records.
CREATE TABLE incidents (
  id     TEXT PRIMARY KEY,
  number INTEGER NOT NULL,
  phase  TEXT NOT NULL,
  grp    TEXT,
  moved  TEXT NOT NULL,
  alive  INTEGER NOT NULL, -- something about it still goes on, whatever its phase
  state  TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX incidents_by_group ON incidents (grp, number);
CREATE TABLE open_actions (
  of       TEXT NOT NULL,
  target   TEXT NOT NULL,
  incident TEXT NOT NULL,
  action   INTEGER NOT NULL,
  unknown  INTEGER NOT NULL,
  PRIMARY KEY (of, target, incident, action)
) WITHOUT ROWID;
CREATE TABLE projected (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL);
INSERT INTO projected VALUES (1, 0);
";

/// Why a file cannot be used as a ledger.
pub(super) enum Unusable {
    /// SQLite says so.
    Sqlite(rusqlite::Error),
    /// It has tables or records of a later version.
    Newer(u32),
    /// What stands beside its records cannot be read.
    Projection,
}

impl Unusable {
    /// As it is said of the file at `path`.
    pub(super) fn of(self, path: &Path) -> LedgerError {
        match self {
            Self::Sqlite(error) => broken(path, &error),
            Self::Projection => LedgerError::Broken {
                path: path.display().to_string(),
                why: "has incidents beside its records that cannot be read; run `quell ledger verify`"
                    .to_owned(),
            },
            Self::Newer(version) => LedgerError::Broken {
                path: path.display().to_string(),
                why: format!("was written by a newer quell (format {version}); use that one"),
            },
        }
    }
}

impl From<rusqlite::Error> for Unusable {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Sets the connection up and makes the tables when there are none. Where there are, nothing is locked.
pub(super) fn prepare(connection: &mut Connection, prefix: &str) -> Result<(), Unusable> {
    if set_up(connection)? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have made them meanwhile.
    if !is_made(&transaction)? {
        make(&transaction, prefix)?;
    }
    Ok(transaction.commit()?)
}

/// Sets the connection up; whether there are tables.
pub(super) fn set_up(connection: &Connection) -> Result<bool, Unusable> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", PAGES_WRITTEN)?;
    is_made(connection)
}

/// For who only reads: the machine keeps pages of a file in memory already, for all who do.
pub(super) fn only_read(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", PAGES)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))
}

/// Makes the tables, of an empty ledger.
pub(super) fn make(connection: &Connection, prefix: &str) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)?;
    connection.execute("INSERT INTO meta VALUES ('prefix', ?1)", [prefix])?;
    projection::mark(connection)?;
    connection.pragma_update(None, "user_version", VERSION)
}

/// The prefix of a ledger's ids.
pub(super) fn prefix(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_row("SELECT value FROM meta WHERE key = 'prefix'", [], |row| row.get(0))
}

/// Whether there are tables, of this version.
pub(super) fn is_made(connection: &Connection) -> Result<bool, Unusable> {
    match connection.query_row("PRAGMA user_version", [], |row| row.get(0))? {
        0 => Ok(false),
        VERSION => Ok(true),
        newer => Err(Unusable::Newer(newer)),
    }
}
