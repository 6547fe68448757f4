//! What the kernel tells the process.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Ended, fault};
use crate::domain::fault::Fault;

/// What the kernel tells the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caught {
    /// It is to end.
    End(Ended),
    /// It was stopped and goes on.
    Continued,
    /// The terminal has another size.
    Resized,
}

/// The signals the console listens to. `SIGTSTP` is not among them: caught, it would no longer stop the process.
pub struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    proceed: Signal,
    window: Signal,
}

impl Signals {
    /// Starts to listen.
    ///
    /// # Errors
    /// The kernel refused.
    pub fn listen() -> Result<Self, Fault> {
        let on = |kind| signal(kind).map_err(|error| fault("signals cannot be caught", &error));
        Ok(Self {
            hangup: on(SignalKind::hangup())?,
            terminate: on(SignalKind::terminate())?,
            interrupt: on(SignalKind::interrupt())?,
            proceed: on(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
            window: on(SignalKind::window_change())?,
        })
    }

    /// The next signal.
    pub async fn next(&mut self) -> Caught {
        tokio::select! {
            biased;
            _ = self.hangup.recv() => Caught::End(Ended::HungUp),
            _ = self.terminate.recv() => Caught::End(Ended::Terminated),
            _ = self.interrupt.recv() => Caught::End(Ended::Interrupted),
            _ = self.proceed.recv() => Caught::Continued,
            _ = self.window.recv() => Caught::Resized,
        }
    }

    /// Waits until the process goes on after it was stopped.
    pub async fn continued(&mut self) {
        self.proceed.recv().await;
    }
}
