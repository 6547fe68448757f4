//! Locks between processes: the lease on the engine, and one per action being carried out.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// A lock that is held until it is dropped or the process dies.
#[derive(Debug)]
pub struct Lock {
    _held: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock, unless another process (or another holder in this one) has it.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn try_take(path: &Path) -> std::io::Result<Option<Self>> {
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _held: file, path: path.to_owned() })),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Removes the file and lets go: for locks that nobody needs again.
    pub fn retire(self) {
        // Whoever is left with a file of that name takes a free lock.
        drop(std::fs::remove_file(&self.path));
    }
}
