//! Notices that the machine slept, or that somebody set its clock: clocks that go together got apart.

use std::time::Duration;

use chrono::TimeDelta;

use super::clock;
use crate::domain::time::Time;

/// A shorter sleep or a smaller step changes nothing anybody would see.
const WORTH_TELLING: Duration = Duration::from_secs(5);

/// What was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// The machine slept.
    Slept,
    /// The wall clock was set.
    Set,
}

/// How the clocks stood to each other when that was last looked at.
pub struct Slept {
    /// How long the machine has slept.
    slept: Duration,
    /// What the wall clock said when the machine had started.
    started: Time,
}

impl Slept {
    /// Begins to watch, at what the wall clock says.
    pub fn watch(wall: Time) -> Self {
        let boottime = clock::boottime();
        Self { slept: so_far(boottime, clock::monotonic()), started: started(wall, boottime) }
    }

    /// Whether the machine slept, or the wall clock was set, since this was last asked.
    pub fn again(&mut self, wall: Time) -> Option<Jump> {
        let boottime = clock::boottime();
        self.check(so_far(boottime, clock::monotonic()), started(wall, boottime))
    }

    fn check(&mut self, slept: Duration, started: Time) -> Option<Jump> {
        let set = (started - self.started).abs().to_std().is_ok_and(|by| by > WORTH_TELLING);
        let longer = slept.saturating_sub(self.slept) > WORTH_TELLING;
        // A clock that is kept right little by little is never set.
        self.started = started;
        if longer {
            self.slept = slept;
        }
        longer.then_some(Jump::Slept).or(set.then_some(Jump::Set))
    }
}

fn started(wall: Time, boottime: Duration) -> Time {
    wall - TimeDelta::from_std(boottime).unwrap_or_default()
}

fn so_far(with_sleep: Duration, without: Duration) -> Duration {
    with_sleep.saturating_sub(without)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_is_told_once() {
        let started = Time::UNIX_EPOCH;
        let mut slept = Slept { slept: Duration::from_secs(100), started };
        assert_eq!(slept.check(Duration::from_secs(104), started), None);
        assert_eq!(slept.check(Duration::from_secs(3700), started), Some(Jump::Slept));
        assert_eq!(slept.check(Duration::from_secs(3700), started), None);
    }

    #[test]
    fn a_clock_that_is_set_either_way_is_told_once_and_one_that_is_corrected_is_not() {
        let none = Duration::ZERO;
        let mut slept = Slept { slept: none, started: Time::UNIX_EPOCH };
        for (secs, told) in [(4, false), (8, false), (3608, true), (3608, false), (8, true), (5, false)] {
            let started = Time::UNIX_EPOCH + TimeDelta::seconds(secs);
            assert_eq!(slept.check(none, started).is_some(), told, "{secs}");
        }
    }
}
