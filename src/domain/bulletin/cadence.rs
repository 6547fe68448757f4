//! How often readers hear from us.

use serde::{Deserialize, Serialize};

use crate::domain::time::{Span, Time};

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
}
