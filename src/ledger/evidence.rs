//! Kept files by their SHA-256: written once, durable before they are named, never written over, never deleted.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::domain::plan::hex;

/// Bytes of the largest file that is kept.
pub const MAX_BYTES: u64 = 16 << 20;

/// Digits of a SHA-256 from which on it may be given in short.
const SHORT: usize = 8;

/// Why a file was not kept, or is not there as it was kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is more of it than is kept.
    #[error(
        "this has {0} bytes, and at most 16 MiB are kept; split it, or keep a note of where it is and its SHA-256"
    )]
    TooLarge(u64),
    /// Nothing of that name was kept here.
    #[error("no evidence {0} is kept here; `quell evidence list ID` names what is")]
    Missing(String),
    /// Several begin like that.
    #[error("more than one piece of evidence begins with {0}; give more digits")]
    Ambiguous(String),
    /// It is no SHA-256.
    #[error("{0} is no SHA-256; give at least eight of its digits, as `quell evidence list ID` prints them")]
    NoHash(String),
    /// What stands there is something else by now.
    #[error(
        "the evidence {0} is not as it was kept: its bytes have another SHA-256; leave the file where it is"
    )]
    Damaged(String),
    /// The machine says no.
    #[error("the evidence in {path} cannot be used: {why}")]
    Broken {
        /// The file or folder.
        path: String,
        /// In which way.
        why: String,
    },
}

/// The kept files of one ledger: `evidence/<first two digits>/<sha256>` in its state folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store in this state folder. Nothing is made before something is kept.
    pub fn of(state: &Path) -> Self {
        Self { folder: state.join("evidence") }
    }

    /// Keeps these bytes and gives back their SHA-256, lower-case hex. Durable when it returns; keeping the same
    /// bytes again changes nothing.
    ///
    /// # Errors
    /// See [`StoreError`]; what was kept before is untouched then.
    pub fn keep(&self, content: &[u8]) -> Result<String, StoreError> {
        let bytes = content.len() as u64;
        if bytes > MAX_BYTES {
            return Err(StoreError::TooLarge(bytes));
        }
        let sha256 = hex(&Sha256::digest(content));
        let path = self.place(&sha256);
        match self.read(&sha256) {
            Ok(_) => return Ok(sha256),
            Err(StoreError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        write(&path, content).map_err(|error| broken(&path, &error))?;
        Ok(sha256)
    }

    /// The bytes with exactly this SHA-256.
    ///
    /// # Errors
    /// [`StoreError::Missing`] or [`StoreError::Damaged`] when they are not there any more.
    pub fn read(&self, sha256: &str) -> Result<Vec<u8>, StoreError> {
        if !is_hash(sha256) {
            return Err(StoreError::NoHash(sha256.escape_default().to_string()));
        }
        let path = self.place(sha256);
        let mut content = Vec::new();
        match File::open(&path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut content)) {
            Ok(_) if hex(&Sha256::digest(&content)) == sha256 => Ok(content),
            Ok(_) => Err(StoreError::Damaged(sha256.to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(StoreError::Missing(sha256.to_owned())),
            Err(error) => Err(broken(&path, &error)),
        }
    }

    /// The SHA-256 that begins with these digits, where it is only one.
    ///
    /// # Errors
    /// [`StoreError::NoHash`], [`StoreError::Missing`] or [`StoreError::Ambiguous`].
    pub fn find(&self, digits: &str) -> Result<String, StoreError> {
        let shown = || digits.escape_default().to_string();
        if digits.len() < SHORT || digits.len() > 64 || !is_hex(digits) {
            return Err(StoreError::NoHash(shown()));
        }
        if is_hash(digits) {
            return Ok(digits.to_owned());
        }
        let folder = self.folder.join(digits.get(..2).unwrap_or_default());
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(StoreError::Missing(shown())),
            Err(error) => return Err(broken(&folder, &error)),
        };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut fitting = names.filter(|name| is_hash(name) && name.starts_with(digits));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(StoreError::Missing(shown())),
            (Some(_), Some(_)) => Err(StoreError::Ambiguous(shown())),
        }
    }

    fn place(&self, sha256: &str) -> PathBuf {
        self.folder.join(sha256.get(..2).unwrap_or_default()).join(sha256)
    }
}

/// Writes a new file under a name of its own first, so that what stands under the right name is always whole.
fn write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    private_folder(folder)?;
    let (mut file, unfinished) = new_file(path)?;
    let written = file
        .write_all(content)
        .and_then(|()| file.sync_all())
        // Whoever keeps the same at this moment puts the same bytes there.
        .and_then(|()| std::fs::rename(&unfinished, path))
        .and_then(|()| File::open(folder)?.sync_all());
    if written.is_err() {
        // The reason that counts is the first one.
        drop(std::fs::remove_file(&unfinished));
    }
    written
}

/// A folder for the owner only, its name durable too.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let above = folder.ancestors().skip(1).take(2);
    above.map(File::open).try_for_each(|opened| opened?.sync_all())
}

/// A file for the owner only, of a name that nobody else has.
fn new_file(path: &Path) -> std::io::Result<(File, PathBuf)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = path.with_extension(format!("{}-{number}.new", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&name) {
            // Left by a process that died under the same number.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            opened => return Ok((opened?, name)),
        }
    }
}

fn broken(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Broken { path: path.display().to_string(), why: error.to_string() }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let home = tempfile::tempdir().unwrap();
        let store = Store::of(home.path());
        (home, store)
    }

    #[test]
    fn what_was_kept_comes_back_and_belongs_to_its_owner_alone() {
        let (home, store) = store();
        let sha256 = store.keep(b"GET /admin 200").unwrap();
        assert_eq!(store.read(&sha256), Ok(b"GET /admin 200".to_vec()));
        assert_eq!(store.keep(b"GET /admin 200"), Ok(sha256.clone()));
        let file = store.place(&sha256);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(file.parent().unwrap()), 0o700);
        assert_eq!(mode(&home.path().join("evidence")), 0o700);
        let left = std::fs::read_dir(file.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1, "nothing unfinished is left");
    }

    #[test]
    fn what_is_damaged_or_gone_is_said_so_and_never_written_over() {
        let (_home, store) = store();
        let sha256 = store.keep(b"one").unwrap();
        let file = store.place(&sha256);
        std::fs::write(&file, b"two").unwrap();
        assert_eq!(store.read(&sha256), Err(StoreError::Damaged(sha256.clone())));
        assert_eq!(store.keep(b"one"), Err(StoreError::Damaged(sha256.clone())));
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        std::fs::remove_file(&file).unwrap();
        assert_eq!(store.read(&sha256), Err(StoreError::Missing(sha256.clone())));
        assert_eq!(store.keep(b"one"), Ok(sha256));
    }

    #[test]
    fn a_name_may_be_given_in_short_when_it_means_one() {
        let (_home, store) = store();
        let sha256 = store.keep(b"one").unwrap();
        let short = sha256.get(..12).unwrap();
        assert_eq!(store.find(short), Ok(sha256.clone()));
        assert_eq!(store.find(&sha256), Ok(sha256.clone()));
        for wrong in ["", "1234567", "../../../../etc/passwd", "\u{1b}[2J12345678", &sha256.to_uppercase()] {
            assert!(matches!(store.find(wrong), Err(StoreError::NoHash(_))), "{wrong}");
            assert!(matches!(store.read(wrong), Err(StoreError::NoHash(_))), "{wrong}");
        }
        assert!(matches!(store.find("0123456789"), Err(StoreError::Missing(_))));
        let mut twin = sha256.clone();
        twin.replace_range(63.., if sha256.ends_with('0') { "1" } else { "0" });
        std::fs::write(store.place(&twin), b"").unwrap();
        assert!(matches!(store.find(short), Err(StoreError::Ambiguous(_))));
    }

    #[test]
    fn what_is_too_large_is_not_kept() {
        let (home, store) = store();
        let large = vec![0; usize::try_from(MAX_BYTES).unwrap() + 1];
        let error = store.keep(&large).unwrap_err();
        assert!(error.to_string().contains("at most 16 MiB"), "{error}");
        assert!(!home.path().join("evidence").exists());
        assert!(store.keep(&large[1..]).is_ok());
    }
}
