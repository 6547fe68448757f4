//! When the file is read for what others appended: while somebody may be writing it, and now and then.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// So many looks after the file was written it is still read at each look: what is written counts only once it is durable.
const AT_IT: u32 = 20;

/// The log beside a ledger's file, which is what is written first.
pub fn log(path: &Path) -> PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

/// Which files there are, how large, and when they were written last.
type Seen = [Option<(u64, u64, i64, i64)>; 2];

/// What was seen of the file at the last looks.
#[derive(Default)]
pub struct Tail {
    seen: Seen,
    /// How many looks have found it as it was.
    same: u32,
}

impl Tail {
    /// Whether nobody has written it for a while.
    pub fn rests(&self) -> bool {
        self.same > AT_IT
    }

    /// Looks at a ledger's file and the log beside it: whether to read it now. A file that cannot be looked at is read.
    pub fn asks_to_read(&mut self, path: &Path) -> bool {
        let seen = [path, &log(path)].map(|file| {
            let found = std::fs::metadata(file).ok()?;
            Some((found.ino(), found.size(), found.mtime(), found.mtime_nsec()))
        });
        let same = seen[0].is_some() && seen == self.seen;
        self.same = if same { self.same.saturating_add(1) } else { 0 };
        self.seen = seen;
        !self.rests() || self.same.is_multiple_of(AT_IT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_nobody_writes_is_hardly_read() {
        let folder = tempfile::tempdir().unwrap();
        let (path, log) = (folder.path().join("ledger.db"), folder.path().join("ledger.db-wal"));
        let mut tail = Tail::default();
        assert!((0..100).all(|_| tail.asks_to_read(&path)), "what is not there may come back");
        std::fs::write(&path, "one").unwrap();
        assert!((0..=AT_IT).all(|_| !tail.rests() && tail.asks_to_read(&path)), "it was written");
        let mut reads = |looks: u32| (0..looks).filter(|_| tail.asks_to_read(&path)).count();
        assert_eq!(reads(10 * AT_IT), 10, "now and then all the same");
        assert!(!Tail::default().rests());
        std::fs::write(&log, "two").unwrap();
        assert_eq!(reads(1 + AT_IT), 1 + AT_IT as usize, "the log beside it was");
        assert_eq!(reads(10 * AT_IT), 10);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(reads(100), 100);
    }
}
