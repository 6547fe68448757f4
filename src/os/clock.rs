//! The only reader of time.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::domain::time::{Span, Time};

/// The wall clock, UTC.
#[expect(clippy::disallowed_methods, reason = "this is the place that reads the time")]
pub fn now() -> Time {
    chrono::Utc::now()
}

/// Time since some fixed moment that never jumps and stands still while the machine sleeps.
pub fn monotonic() -> Duration {
    read(ClockId::Monotonic)
}

/// Time since some fixed moment that never jumps and counts sleep as well. When it gets ahead of [`monotonic`],
/// the machine slept.
pub fn boottime() -> Duration {
    read(WITH_SLEEP)
}

/// Whether a time server keeps the wall clock: systemd's says so by a file, others say nothing here.
pub fn synchronised() -> Option<bool> {
    let timesync = Path::new("/run/systemd/timesync");
    timesync.is_dir().then(|| timesync.join("synchronized").exists())
}

#[cfg(target_os = "linux")]
const WITH_SLEEP: ClockId = ClockId::Boottime;
// Darwin's monotonic clock counts sleep.
#[cfg(not(target_os = "linux"))]
const WITH_SLEEP: ClockId = ClockId::Monotonic;

fn read(id: ClockId) -> Duration {
    Duration::try_from(clock_gettime(id)).unwrap_or_default()
}

/// A clock that is handed around: the real one, or one a test turns.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Time + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(now))
    }

    /// A clock that stands at `at`.
    pub fn fixed(at: Time) -> Self {
        Self(Arc::new(move || at))
    }

    /// A clock that starts at `at` and moves only by its hand.
    pub fn by_hand(at: Time) -> (Self, Hand) {
        let hand = Hand(Arc::new(Mutex::new(at)));
        let shown = hand.clone();
        (Self(Arc::new(move || shown.read())), hand)
    }

    /// The time it shows.
    pub fn now(&self) -> Time {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

/// What turns a clock made [`by_hand`](Clock::by_hand).
#[derive(Clone, Debug)]
pub struct Hand(Arc<Mutex<Time>>);

impl Hand {
    /// Turns the clock on.
    pub fn advance(&self, by: Span) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by.delta();
    }

    /// Turns the clock back.
    pub fn set_back(&self, by: Span) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) -= by.delta();
    }

    fn read(&self) -> Time {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_turned_by_hand_moves_only_then() {
        let (clock, hand) = Clock::by_hand(Time::UNIX_EPOCH);
        assert_eq!(clock.now(), Time::UNIX_EPOCH);
        hand.advance(Span::secs(90));
        assert_eq!(clock.clone().now().timestamp(), 90);
        hand.set_back(Span::secs(30));
        assert_eq!(clock.now().timestamp(), 60);
    }
}
