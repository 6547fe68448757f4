//! A ledger that cannot be used where it stands: what can be read of it, in memory. The file itself is left alone.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::chain::{self, GENESIS};
use super::projection::Folded;
use super::read::newer;
use super::schema;

/// What was read of a file.
pub(super) struct Copy {
    /// A ledger in memory.
    pub(super) connection: Connection,
    /// The prefix of its ids.
    pub(super) prefix: String,
    /// Nothing was left out.
    pub(super) whole: bool,
}

/// Copies every record up to the first that cannot be read, or is not as it was written.
///
/// # Errors
/// There is no room in memory.
pub(super) fn of(path: &Path, prefix: &str) -> rusqlite::Result<Copy> {
    let mut connection = Connection::open_in_memory()?;
    let source = open(path).ok().filter(|(source, _)| schema::is_made(source).is_ok_and(|made| made));
    let prefix =
        source.as_ref().and_then(|(source, _)| schema::prefix(source).ok()).unwrap_or(prefix.to_owned());
    schema::make(&connection, &prefix)?;
    let whole = match &source {
        Some((source, complete)) => fill(&mut connection, source).unwrap_or(false) && *complete,
        None => false,
    };
    Ok(Copy { connection, prefix, whole })
}

/// What SQLite may be told to read a file that it cannot read otherwise, and whether it sees all of it then: nothing;
/// to leave its index beside the file alone, where that cannot be written; that nobody writes there, where there is
/// none and none can be made.
const WAYS: [(&str, bool); 3] = [("", true), ("?readonly_shm=1", true), ("?immutable=1", false)];

/// The file, to be read, and whether all of it is seen.
fn open(path: &Path) -> rusqlite::Result<(Connection, bool)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let mut failed = rusqlite::Error::InvalidQuery;
    for (way, complete) in WAYS {
        let tried = Connection::open_with_flags(uri(path) + way, flags)
            .and_then(|source| source.query_row("PRAGMA user_version", [], |_| Ok(())).map(|()| source));
        match tried {
            Ok(source) => return Ok((source, complete || !has_log(path))),
            // Somebody writes there.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => return Err(error),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// Whether some of it is not in the file itself.
fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(PathBuf::from(log)).is_ok_and(|log| log.len() > 0)
}

/// The path as a URI.
fn uri(path: &Path) -> String {
    use std::fmt::Write;
    use std::os::unix::ffi::OsStrExt;

    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ok = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// Whether every record was copied.
fn fill(copy: &mut Connection, source: &Connection) -> rusqlite::Result<bool> {
    let transaction = copy.transaction()?;
    let (mut folded, mut prev, mut last) = (Folded::default(), GENESIS, 0u64);
    let mut whole = false;
    {
        let mut put = transaction
            .prepare("INSERT INTO records (seq, incident, bytes, hash) VALUES (?1, ?2, ?3, ?4)")?;
        let mut statement = source.prepare("SELECT seq, incident, bytes, hash FROM records ORDER BY seq")?;
        let mut rows = statement.query([])?;
        // An error ends what can be read, as a record does that is not as it was written.
        while let Ok(next) = rows.next() {
            let Some(row) = next else {
                whole = true;
                break;
            };
            let (Ok(seq), Ok(incident), Ok(bytes), Ok(hash)) = (
                row.get::<_, u64>(0),
                row.get::<_, Option<String>>(1),
                row.get::<_, Vec<u8>>(2),
                row.get::<_, chain::Hash>(3),
            ) else {
                break;
            };
            let good = seq == last + 1 && chain::link(&prev, &bytes) == hash && newer(&bytes).is_none();
            if !good || folded.take(&bytes).is_err() {
                break;
            }
            put.execute((seq, incident, bytes, hash))?;
            (prev, last) = (hash, seq);
        }
    }
    folded.project(&transaction)?;
    transaction.execute("UPDATE projected SET seq = ?1", [last])?;
    transaction.commit()?;
    Ok(whole)
}
