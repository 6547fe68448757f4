//! A ledger that cannot be used where it stands: what can be read of it, in memory. The file itself is left alone.

use std::path::Path;

use rusqlite::Connection;

use super::chain::{self, GENESIS};
use super::projection::Folded;
use super::read::newer;
use super::{reading, schema};

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
    let source =
        reading::open(path).ok().filter(|(source, _)| schema::is_made(source).is_ok_and(|made| made));
    let prefix =
        source.as_ref().and_then(|(source, _)| schema::prefix(source).ok()).unwrap_or(prefix.to_owned());
    schema::make(&connection, &prefix)?;
    let whole = match &source {
        Some((source, complete)) => fill(&mut connection, source).unwrap_or(false) && *complete,
        None => false,
    };
    Ok(Copy { connection, prefix, whole })
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
