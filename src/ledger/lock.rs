//! Locks between processes: the lease on the engine, and one per action being carried out.

use std::fs::{File, Metadata, OpenOptions};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A lock that is held until it is dropped or the process dies.
#[derive(Debug)]
pub struct Lock {
    _held: File,
    /// Its file, where that goes with it.
    passing: Option<PathBuf>,
}

impl Lock {
    /// Takes the lock, unless another process (or another holder in this one) has it.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn try_take(path: &Path) -> std::io::Result<Option<Self>> {
        loop {
            let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)?;
            match file.try_lock() {
                Ok(()) if is_at(&file, path) => return Ok(Some(Self { _held: file, passing: None })),
                // Its last holder removed it between the two: nobody else would see this lock.
                Ok(()) => {}
                Err(std::fs::TryLockError::WouldBlock) => return Ok(None),
                Err(std::fs::TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// The same, of which no file is left when it is let go: for locks that come and go with what they are about.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn try_take_passing(path: &Path) -> std::io::Result<Option<Self>> {
        let mut taken = Self::try_take(path)?;
        if let Some(lock) = &mut taken {
            lock.passing = Some(path.to_owned());
        }
        Ok(taken)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(path) = &self.passing {
            // While it is held: whoever waits at this file takes another.
            drop(std::fs::remove_file(path));
        }
    }
}

/// Whether the file still has that name.
fn is_at(file: &File, path: &Path) -> bool {
    let same = |named: Metadata| {
        file.metadata().is_ok_and(|held| (held.dev(), held.ino()) == (named.dev(), named.ino()))
    };
    std::fs::metadata(path).is_ok_and(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_on_a_file_that_lost_its_name_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let file = File::create(&path).unwrap();
        assert!(is_at(&file, &path));
        std::fs::remove_file(&path).unwrap();
        assert!(!is_at(&file, &path));
        let _another = File::create(&path).unwrap();
        assert!(!is_at(&file, &path));
    }
}
