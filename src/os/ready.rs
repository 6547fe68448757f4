//! Hears from the kernel instead of looking again and again: that a file can be read or written now, that files were written.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::PathBuf;
use std::time::Duration;

use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::timeout;

/// Has the loop that is at work here hear of what a file can do.
///
/// # Errors
/// The kernel has no room to watch it.
#[expect(
    deprecated,
    reason = "what is watched here owns or borrows its file, which is all that the unsafe successor asks for"
)]
pub fn watch<T: AsFd + AsRawFd>(file: T, interest: Interest) -> std::io::Result<AsyncFd<T>> {
    AsyncFd::with_interest(file, interest)
}

/// Files that are watched for whoever writes them.
pub struct Written {
    files: Vec<PathBuf>,
    told: Option<AsyncFd<OwnedFd>>,
    /// The kernel says it of all of them.
    all: bool,
}

impl Written {
    /// Begins to watch these.
    pub fn of(files: Vec<PathBuf>) -> Self {
        let told = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok();
        let told = told.and_then(|told| watch(told, Interest::READABLE).ok());
        let mut written = Self { files, told, all: false };
        written.again();
        written
    }

    /// Watches them where they are now: others may have taken their places.
    pub fn again(&mut self) {
        self.all = self.told.as_ref().is_some_and(|told| {
            self.files.iter().all(|file| add_watch(told.get_ref(), file, WatchFlags::MODIFY).is_ok())
        });
    }

    /// Waits until one of them is written, at most so long; not at all where the kernel does not say that of all of them, and
    /// says whether it does.
    pub async fn wait(&self, at_most: Duration) -> bool {
        let Some(told) = self.told.as_ref().filter(|_| self.all) else { return false };
        let heard = async {
            let mut events = [0; 4096];
            while let Ok(mut ready) = told.readable().await {
                if rustix::io::read(told.get_ref(), &mut events).is_ok() {
                    break;
                }
                ready.clear_ready();
            }
        };
        drop(timeout(at_most, heard).await);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tokio::time::Instant;

    use super::*;

    const LONG: Duration = Duration::from_secs(100);

    #[tokio::test]
    async fn what_is_written_is_heard_of_and_what_cannot_be_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["a", "b"].map(|name| folder.path().join(name));
        std::fs::write(&files[0], "").unwrap();
        let mut written = Written::of(files.to_vec());
        assert!(!written.wait(LONG).await, "one is not there");
        let mut file = std::fs::File::create(&files[1]).unwrap();
        written.again();
        // Before it is waited for, and while it is.
        let began = Instant::now();
        file.write_all(b"x").unwrap();
        assert!(written.wait(LONG).await);
        let (heard, ()) = tokio::join!(written.wait(LONG), async {
            tokio::task::yield_now().await;
            file.write_all(b"x").unwrap();
        });
        assert!(heard && began.elapsed() < LONG);
        tokio::time::pause();
        assert!(written.wait(LONG).await, "nobody wrote");
        assert!(began.elapsed() >= LONG);
    }
}
