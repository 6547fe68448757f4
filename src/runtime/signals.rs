//! What the kernel tells the process.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;

use super::{Ended, fault};
use crate::domain::fault::Fault;

/// What the kernel tells the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caught {
    /// It is to end.
    End(Ended),
    /// It is to stop until its shell continues it (`kill -TSTP`; the key is read as any other).
    Stop,
    /// It was stopped and goes on.
    Continued,
    /// The terminal has another size.
    Resized,
}

/// A process that was told to stop and still runs after this cannot be stopped.
const STOPS_WITHIN: Duration = Duration::from_millis(250);

/// The signals the console listens to.
pub struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    stop: Signal,
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
            stop: on(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
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
            _ = self.stop.recv() => {
                // Only what continues it after this does.
                self.is_continued();
                Caught::Stop
            }
            _ = self.proceed.recv() => Caught::Continued,
            _ = self.window.recv() => Caught::Resized,
        }
    }

    /// Whether it was told to go on and nobody has heard that yet.
    fn is_continued(&mut self) -> bool {
        self.proceed.recv().now_or_never().is_some()
    }

    /// Stops the process until it is continued: only where somebody could do that. The whole group stops, so that a script
    /// around it does as well and the shell takes its terminal back.
    pub async fn stop(&mut self) {
        // Who stops it and lets it go on at once has had both.
        if self.is_continued() {
            return;
        }
        // What asked for this is caught, so that it stops nothing any more.
        rustix::process::kill_current_process_group(rustix::process::Signal::STOP).ok();
        drop(timeout(STOPS_WITHIN, self.proceed.recv()).await);
    }
}
