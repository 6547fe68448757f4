//! How many popups a storm of notices makes: five a minute, then one summary.

use chrono::TimeDelta;

use crate::domain::time::Time;

/// Popups in a burst, and per minute.
const BUCKET: u32 = 5;
/// One popup more after this long.
const REFILL: TimeDelta = TimeDelta::seconds(12);
/// After this long without a critical, the next is never held back.
const QUIET: TimeDelta = TimeDelta::minutes(1);
/// The rest of a burst is awaited this long before it is summed up.
const GATHER: TimeDelta = TimeDelta::seconds(2);
/// Bells are at least this far apart.
const BELL_GAP: TimeDelta = TimeDelta::seconds(2);

/// The bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storm {
    tokens: u32,
    filled_at: Option<Time>,
    critical_at: Option<Time>,
    summed_up_at: Option<Time>,
    rang_at: Option<Time>,
    bell_owed: bool,
    held: u32,
    held_since: Option<Time>,
    seen: Time,
}

impl Default for Storm {
    fn default() -> Self {
        Self {
            tokens: BUCKET,
            filled_at: None,
            critical_at: None,
            summed_up_at: None,
            rang_at: None,
            bell_owed: false,
            held: 0,
            held_since: None,
            seen: Time::MIN_UTC,
        }
    }
}

impl Storm {
    /// Takes a notice in. Whether it gets a popup of its own; else it is counted, and told in the next summary.
    pub fn take(&mut self, now: Time, critical: bool) -> bool {
        self.see(now);
        self.refill(now);
        let first = critical && self.critical_at.is_none_or(|at| now - at >= QUIET);
        if critical {
            self.critical_at = Some(now);
        }
        if self.tokens == 0 && !first {
            self.held = self.held.saturating_add(1);
            self.held_since.get_or_insert(now);
            return false;
        }
        self.tokens = self.tokens.saturating_sub(1);
        true
    }

    /// When a summary is due, if something is held back: soon after a burst, and at most one a minute.
    fn summary_due(&self) -> Option<Time> {
        let gathered = self.held_since? + GATHER;
        Some(self.summed_up_at.map_or(gathered, |at| gathered.max(at + QUIET)))
    }

    /// How many were held back, once their summary is due; they count as told then.
    pub fn summary(&mut self, now: Time) -> Option<u32> {
        self.see(now);
        let due = self.summary_due()?;
        (now >= due).then(|| {
            self.summed_up_at = Some(now);
            self.held_since = None;
            std::mem::take(&mut self.held)
        })
    }

    /// The bell is to ring; several that are to ring before it does are one.
    pub fn owe_bell(&mut self) {
        self.bell_owed = true;
    }

    /// Whether the bell rings now: one is owed, and the last is long enough ago.
    pub fn rings(&mut self, now: Time) -> bool {
        self.see(now);
        let rings = self.bell_owed && self.rang_at.is_none_or(|at| now - at >= BELL_GAP);
        if rings {
            (self.rang_at, self.bell_owed) = (Some(now), false);
        }
        rings
    }

    /// A clock set back must silence nobody: what was remembered of its future is forgotten.
    fn see(&mut self, now: Time) {
        if now < self.seen {
            self.filled_at = Some(now);
            self.held_since = self.held_since.map(|_| now);
            (self.critical_at, self.summed_up_at, self.rang_at) = (None, None, None);
        }
        self.seen = now;
    }

    fn refill(&mut self, now: Time) {
        let since = *self.filled_at.get_or_insert(now);
        let gained = (now - since).num_seconds() / REFILL.num_seconds();
        let Ok(gained @ 1..) = u32::try_from(gained) else { return };
        self.tokens = self.tokens.saturating_add(gained).min(BUCKET);
        self.filled_at = Some(if self.tokens == BUCKET {
            now
        } else {
            since + REFILL * i32::try_from(gained).unwrap_or(i32::MAX)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::seconds(secs)
    }

    fn told(storm: &mut Storm, count: usize, now: Time, critical: bool) -> usize {
        (0..count).filter(|_| storm.take(now, critical)).count()
    }

    #[test]
    fn a_thousand_at_once_are_five_and_a_summary() {
        let mut storm = Storm::default();
        assert_eq!(told(&mut storm, 1000, at(0), true), 5);
        assert_eq!(storm.summary(at(1)), None);
        assert_eq!(storm.summary(at(2)), Some(995));
        assert_eq!((storm.summary(at(3)), storm.summary_due()), (None, None));
    }

    #[test]
    fn a_lasting_storm_is_five_a_minute_and_one_summary_a_minute() {
        let mut storm = Storm::default();
        let (mut popups, mut summaries) = (0, 0);
        for second in 0..600 {
            popups += told(&mut storm, 3, at(second), true);
            summaries += u32::from(storm.summary(at(second)).is_some());
        }
        assert!((50..=55).contains(&popups) && (9..=11).contains(&summaries), "{popups} {summaries}");
    }

    #[test]
    fn the_first_critical_after_quiet_is_told_whatever_came_before() {
        let mut storm = Storm::default();
        told(&mut storm, 100, at(0), false);
        assert!(storm.take(at(0), true));
        assert!(!storm.take(at(0), true));
        told(&mut storm, 100, at(60), false);
        assert!(storm.take(at(60), true));
    }

    #[test]
    fn a_clock_set_back_silences_nobody() {
        let mut storm = Storm::default();
        told(&mut storm, 100, at(7200), true);
        for time in [at(7200), at(0)] {
            storm.owe_bell();
            assert!(storm.rings(time));
        }
        assert_eq!(told(&mut storm, 2, at(0), true), 1);
        assert_eq!(storm.summary(at(2)), Some(96));
        assert!(storm.take(at(12), false));
    }

    #[test]
    fn bells_keep_apart() {
        let mut storm = Storm::default();
        let mut notice = |second: &i64| {
            storm.owe_bell();
            storm.rings(at(*second))
        };
        let rung: Vec<_> = [0, 1, 2, 3, 4].into_iter().filter(&mut notice).collect();
        assert_eq!(rung, [0, 2, 4]);
    }

    #[test]
    fn a_bell_that_comes_too_soon_after_another_rings_a_little_later_and_once() {
        let mut storm = Storm::default();
        storm.owe_bell();
        assert!(storm.rings(at(0)));
        storm.owe_bell();
        storm.owe_bell();
        let rung: Vec<_> = [1, 2, 3, 4].into_iter().filter(|second| storm.rings(at(*second))).collect();
        assert_eq!(rung, [2]);
    }
}
