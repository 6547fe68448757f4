//! Counts that gather speed up to a limit and then keep it: no number of a story stands still while its cause goes on.

use crate::domain::time::Span;

/// How fast something happens: so often a minute at first, so often after some time and from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// A minute's worth at the beginning.
    pub from: u64,
    /// A minute's worth in the end.
    pub to: u64,
    /// How long it takes from one to the other.
    pub over: Span,
}

impl Growth {
    /// How much happens in a minute, after so long.
    pub fn rate(&self, after: Span) -> u64 {
        let over = self.over.as_millis().max(1);
        let after = after.as_millis().min(over);
        (self.from * (over - after) + self.to * after) / over
    }

    /// How much has happened after so long.
    pub fn count(&self, after: Span) -> u64 {
        let turning = after.as_millis().min(self.over.as_millis());
        let steady = after.as_millis() - turning;
        let mean_twice = self.from + self.rate(Span::millis(turning));
        (turning * mean_twice / 2 + steady * self.to) / 60_000
    }
}

/// How long a cause has been at work; stands still while it is contained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopwatch(Span);

impl Stopwatch {
    /// One that has not run yet.
    pub const ZERO: Self = Self(Span::secs(0));

    /// Lets it run on.
    pub fn run(&mut self, by: Span) {
        self.0 = Span::millis(self.0.as_millis() + by.as_millis());
    }

    /// What it shows.
    pub fn shown(self) -> Span {
        self.0
    }

    /// What it showed when rules that run each `every` last looked.
    pub fn seen(self, every: Span) -> Span {
        let every = every.as_millis().max(1);
        Span::millis(self.0.as_millis() / every * every)
    }
}
