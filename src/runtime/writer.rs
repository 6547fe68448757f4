//! The only thread that writes to the terminal: a terminal that does not take its bytes delays nothing else.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::sync::Notify;

use super::{fault, mode};
use crate::domain::fault::Fault;
use crate::os::spawn;

/// Pieces that wait for a blocked terminal; what comes beside the frames is dropped beyond.
const WAITING: usize = 64;

/// What writes to the terminal.
#[derive(Clone)]
pub struct Writer(Arc<Shared>);

#[derive(Default)]
struct Shared {
    work: Mutex<Work>,
    more: Condvar,
    done: Notify,
}

/// What is to be written, in order.
#[derive(Default)]
struct Work {
    waiting: VecDeque<Vec<u8>>,
    writing: bool,
    gone: bool,
    /// Somebody else has the terminal for a while.
    lent: bool,
}

impl Writer {
    /// Starts the thread. It lives as long as the process.
    ///
    /// # Errors
    /// The machine has no room for a thread.
    pub fn start() -> Result<Self, Fault> {
        let writer = Self(Arc::default());
        let shared = writer.0.clone();
        spawn::thread("terminal writer", move || shared.run())
            .map_err(|error| fault("the terminal's writer cannot start", &error))?;
        Ok(writer)
    }

    /// Writes a frame or a change of mode. The caller waits for [`idle`](Self::idle) between frames, so that a
    /// blocked terminal is shown the newest state and not a queue of old ones.
    pub fn write(&self, bytes: Vec<u8>) {
        self.0.lock().waiting.push_back(bytes);
        self.0.more.notify_one();
    }

    /// Writes something beside the frames: a title, a bell, a notification. Whether it is: not while somebody else has
    /// the terminal, nor when it takes nothing.
    pub fn beside(&self, bytes: Vec<u8>) -> bool {
        let mut work = self.0.lock();
        let takes = work.takes();
        if takes {
            work.waiting.push_back(bytes);
            self.0.more.notify_one();
        }
        takes
    }

    /// Somebody else has the terminal from now on, or no more: until then nothing is written beside the frames.
    pub fn lend(&self, lent: bool) {
        self.0.lock().lent = lent;
    }

    /// Whether something beside the frames would be written now.
    pub fn takes(&self) -> bool {
        self.0.lock().takes()
    }

    /// Waits until everything is written, or the terminal is gone.
    pub async fn idle(&self) {
        while !self.0.lock().is_idle() {
            self.0.done.notified().await;
        }
    }

    /// Whether the terminal no longer takes anything.
    pub fn is_gone(&self) -> bool {
        self.0.lock().gone
    }

    /// One whose thread is in a write that does not come back.
    #[cfg(test)]
    pub fn stalled() -> Self {
        Self(Arc::default())
    }

    /// That thread has written one piece.
    #[cfg(test)]
    pub fn takes_one_more(&self) {
        drop(self.0.lock().waiting.pop_front());
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        loop {
            let mut work = self.lock();
            let bytes = loop {
                if let Some(bytes) = work.waiting.pop_front() {
                    break bytes;
                }
                work = self.more.wait(work).unwrap_or_else(PoisonError::into_inner);
            };
            work.writing = true;
            let gone = work.gone;
            drop(work);
            // Nothing is drawn on a terminal that was given back; what gives it back may come late, behind a stall.
            let due = mode::is_ours() || bytes == mode::LEAVE;
            let gone = gone || (due && write_all(&bytes).is_err());
            let mut work = self.lock();
            (work.writing, work.gone) = (false, gone);
            drop(work);
            self.done.notify_one();
        }
    }
}

impl Work {
    fn takes(&self) -> bool {
        !self.lent && self.waiting.len() < WAITING
    }

    fn is_idle(&self) -> bool {
        self.gone || (!self.writing && self.waiting.is_empty())
    }
}

/// Writes to standard output past every buffer.
fn write_all(mut bytes: &[u8]) -> Result<(), Errno> {
    let terminal = rustix::stdio::stdout();
    while !bytes.is_empty() {
        match rustix::io::write(terminal, bytes) {
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Somebody who shares the terminal made it non-blocking.
            Err(Errno::AGAIN) => {
                let mut ready = [PollFd::new(&terminal, PollFlags::OUT)];
                poll(&mut ready, None)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_a_terminal_that_takes_nothing_is_bounded() {
        let writer = Writer::stalled();
        let taken = (0..1_000).filter(|_| writer.beside(vec![7])).count();
        assert_eq!(taken, WAITING);
        assert!(!writer.takes());
        writer.0.lock().waiting.clear();
        writer.lend(true);
        assert!(!writer.takes() && !writer.beside(vec![7]), "somebody else has it");
        writer.lend(false);
        assert!(writer.takes());
    }
}
