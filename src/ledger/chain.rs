//! The chain over stored bytes, and its verification.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};

use super::read::newer;
use crate::domain::plan::hex;
use crate::domain::record::Record;

/// A link of the chain.
pub type Hash = [u8; 32];

/// What stands before the first record.
pub const GENESIS: Hash = [0; 32];

/// `SHA256(0x00 ‖ prev ‖ length ‖ bytes)`, the length as eight bytes, big-endian.
pub fn link(prev: &Hash, bytes: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(prev);
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
    hasher.finalize().into()
}

/// What a whole scan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every record is in its place.
    Intact {
        /// How many.
        records: u64,
        /// The last link, lower-case hex.
        head: String,
    },
    /// The first record that is not as it was written.
    Bad {
        /// Its sequence number.
        seq: u64,
        /// What is wrong with it.
        why: String,
    },
}

/// Reads the whole chain and names the first bad record. Nothing is re-serialised.
///
/// # Errors
/// A sentence when the file cannot be read at all, or a newer quell wrote on it.
pub fn verify(path: &Path) -> Result<Verdict, String> {
    let unreadable = |error: rusqlite::Error| format!("cannot read {}: {error}", path.display());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(unreadable)?;
    let mut statement = connection
        .prepare("SELECT seq, incident, bytes, hash FROM records ORDER BY seq")
        .map_err(unreadable)?;
    let mut rows = statement.query([]).map_err(unreadable)?;
    let (mut prev, mut expected) = (GENESIS, 1u64);
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(Verdict::Intact { records: expected - 1, head: hex(&prev) }),
            Err(error) => return Ok(Verdict::Bad { seq: expected, why: format!("cannot be read: {error}") }),
        };
        let bad = |why: &str| Ok(Verdict::Bad { seq: expected, why: why.to_owned() });
        let (Ok(seq), Ok(incident)) = (row.get::<_, u64>(0), row.get::<_, Option<String>>(1)) else {
            return bad("its columns are not of the right kind");
        };
        let bytes = row.get_ref(2).ok().and_then(|value| value.as_blob().ok());
        let hash = row.get_ref(3).ok().and_then(|value| value.as_blob().ok());
        let (Some(bytes), Some(hash)) = (bytes, hash) else {
            return bad("its columns are not of the right kind");
        };
        if seq != expected {
            return bad("it is missing");
        }
        let link = link(&prev, bytes);
        if link != hash {
            return bad("its bytes do not match the chain");
        }
        if let Some(version) = newer(bytes) {
            return Err(format!(
                "record {seq} of {} was written by a newer quell (format {version}); verify it with that one",
                path.display()
            ));
        }
        match serde_json::from_slice::<Record>(bytes) {
            Ok(record) if record.seq != seq => return bad("it stands in another record's place"),
            Ok(record) if record.incident.as_ref().map(ToString::to_string) != incident => {
                return bad("it is filed under another incident");
            }
            Ok(_) => {}
            Err(_) => return bad("it is not a record"),
        }
        prev = link;
        expected += 1;
    }
}
