//! How often readers hear from us.

use serde::{Deserialize, Serialize};

use crate::domain::time::{Span, Time, whole_minute};

/// How often readers hear from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cadence {
    /// The first one, counted from the moment bulletins became due.
    pub first: Span,
    /// The next one, counted from the last.
    pub every: Span,
    /// How long that holds, counted from the moment bulletins became due.
    pub until: Span,
    /// The next one after that, counted from the last.
    pub later: Span,
}

impl Default for Cadence {
    fn default() -> Self {
        Self { first: Span::mins(5), every: Span::mins(20), until: Span::mins(120), later: Span::mins(60) }
    }
}

impl Cadence {
    /// When the next one is due, if bulletins became due at `armed` and the last one left at `last`.
    pub fn next_due(&self, armed: Time, last: Option<Time>) -> Time {
        match last {
            None => armed + self.first.delta(),
            Some(last) if last < armed + self.until.delta() => last + self.every.delta(),
            Some(last) => last + self.later.delta(),
        }
    }

    /// How long readers wait for the one after a bulletin that leaves now, if bulletins became due at `armed`, or now.
    pub fn wait(&self, armed: Option<Time>, now: Time) -> Span {
        let wait = self.next_due(armed.unwrap_or(now), Some(now)) - now;
        Span::millis(u64::try_from(wait.num_milliseconds()).unwrap_or_default())
    }

    /// What to say of a bulletin that leaves now and promises the next one for later than that.
    pub fn late(&self, armed: Option<Time>, now: Time, promised: Time) -> Option<String> {
        let wait = self.wait(armed, now);
        // A promise is a whole minute, as it is read.
        (promised > whole_minute(now + wait.delta()))
            .then(|| format!("later than your cadence, by which it is due in {wait}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soon_at_first_then_often_then_hourly() {
        let at = |minutes| Time::UNIX_EPOCH + Span::mins(minutes).delta();
        let due = |last: Option<u64>| Cadence::default().next_due(at(0), last.map(at));
        assert_eq!(due(None), at(5));
        assert_eq!(due(Some(3)), at(23));
        assert_eq!(due(Some(119)), at(139), "the last of the frequent ones");
        assert_eq!(due(Some(120)), at(180));
        assert_eq!(due(Some(600)), at(660));
    }

    #[test]
    fn a_promise_is_late_only_beyond_what_readers_are_used_to() {
        let at = |minutes| Time::UNIX_EPOCH + Span::mins(minutes).delta();
        let late = |now, promised| Cadence::default().late(Some(at(0)), at(now), at(promised));
        assert_eq!((late(60, 80), late(60, 70), late(120, 180)), (None, None, None));
        assert_eq!(late(60, 81).as_deref(), Some("later than your cadence, by which it is due in 20m"));
        assert_eq!(Cadence::default().wait(None, at(600)), Span::mins(20), "whoever begins now begins often");
    }
}
