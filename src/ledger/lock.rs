//! Locks between processes: the lease on the engine, and one per action being carried out.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A lock that is held until it is dropped or the process dies.
#[derive(Debug)]
pub struct Lock {
    file: File,
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
            Ok(()) => Ok(Some(Self { file, path: path.to_owned() })),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Writes one line into the file for whoever finds it taken.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn sign(&mut self, line: &str) -> std::io::Result<()> {
        self.file.set_len(0)?;
        std::io::Seek::rewind(&mut self.file)?;
        self.file.write_all(line.as_bytes())
    }

    /// Removes the file and lets go: for locks that nobody needs again.
    pub fn retire(self) {
        // Whoever is left with a file of that name takes a free lock.
        drop(std::fs::remove_file(&self.path));
    }
}
