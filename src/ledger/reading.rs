//! Opening the file of a ledger only to read it, also where SQLite would have to write beside it and cannot.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

/// What SQLite may be told to read a file that it cannot read otherwise, and whether it sees all of it then: nothing;
/// to leave its index beside the file alone, where that cannot be written; that nobody writes there, where there is
/// none and none can be made.
const WAYS: [(&str, bool); 3] = [("", true), ("?readonly_shm=1", true), ("?immutable=1", false)];

/// The file, to be read, and whether all of it is seen.
///
/// # Errors
/// What SQLite says; it is in use by somebody who lets nobody in, or is no database.
pub(super) fn open(path: &Path) -> rusqlite::Result<(Connection, bool)> {
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
