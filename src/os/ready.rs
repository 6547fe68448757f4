//! Hears from the kernel instead of looking again and again: that a file can be read or written now, that files were written,
//! that time has passed.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::PathBuf;
use std::time::Duration;

use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::{sleep, timeout};

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

/// Time that passes, in equal steps: whoever waits for one is woken once, where a timer of the runtime that is longer than 64 ms
/// wakes a thread two or three times.
pub struct Tick {
    timer: Option<AsyncFd<OwnedFd>>,
    every: Duration,
}

impl Tick {
    /// Begins: the first step ends after this long.
    pub fn every(every: Duration) -> Self {
        Self { timer: timer(every).ok(), every }
    }

    /// Waits until the next step ends; those that nobody waited for are one.
    pub async fn next(&self) {
        while let Some(timer) = &self.timer
            && let Ok(mut ready) = timer.readable().await
        {
            let ended = rustix::io::read(timer.get_ref(), &mut [0; 8]).is_ok();
            // What ends from here on is heard of anew.
            ready.clear_ready();
            if ended {
                return;
            }
        }
        sleep(self.every).await;
    }
}

fn timer(every: Duration) -> std::io::Result<AsyncFd<OwnedFd>> {
    let step = Timespec {
        tv_sec: every.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: every.subsec_nanos().into(),
    };
    let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
    let steps = Itimerspec { it_interval: step, it_value: step };
    timerfd_settime(&timer, TimerfdTimerFlags::empty(), &steps)?;
    watch(timer, Interest::READABLE)
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

    #[tokio::test]
    async fn each_step_is_waited_for() {
        let tick = Tick::every(Duration::from_millis(20));
        let began = Instant::now();
        tick.next().await;
        tick.next().await;
        assert!(tick.timer.is_some() && began.elapsed() >= Duration::from_millis(40));
        let late = Tick::every(LONG);
        assert!(timeout(Duration::from_millis(1), late.next()).await.is_err(), "its step has not ended");
    }

    #[tokio::test]
    async fn without_a_timer_of_the_kernel_the_runtime_wakes() {
        tokio::time::pause();
        let began = Instant::now();
        Tick { timer: None, every: LONG }.next().await;
        assert!(began.elapsed() >= LONG);
    }
}
