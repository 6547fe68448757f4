//! Whether a monitor or a source turns so often that a single turn is no news.

use std::collections::VecDeque;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::domain::time::Time;

/// More turns than this within [`WITHIN_MINUTES`] are flapping.
pub const TURNS: usize = 4;
/// How long a turn is remembered.
pub const WITHIN_MINUTES: i64 = 10;
/// How often the count is told.
const TOLD_EVERY: TimeDelta = TimeDelta::minutes(1);

/// How often it turned of late.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flapping {
    turns: VecDeque<Time>,
    /// Turns nobody was told of.
    untold: u32,
    /// When the count was told last.
    told: Option<Time>,
}

impl Flapping {
    /// It turned.
    pub fn turn(&mut self, at: Time) {
        self.turns.push_back(at);
        while self.turns.len() > TURNS + 1 {
            self.turns.pop_front();
        }
        // Until it flaps, each turn is told by itself.
        self.untold = if self.is_on(at) { self.untold.saturating_add(1) } else { 0 };
    }

    /// Whether it flaps: that it stopped is known once the turns are long enough ago.
    pub fn is_on(&self, now: Time) -> bool {
        // A turn in the future was noted before the clock was set back.
        let recent = |at: &&Time| (now - **at).abs() <= TimeDelta::minutes(WITHIN_MINUTES);
        self.turns.iter().filter(recent).count() > TURNS
    }

    /// How many turns there were since this was asked last; nothing while that is less than a minute ago.
    pub fn tell(&mut self, now: Time) -> Option<u32> {
        let waits = self.told.is_some_and(|told| (now - told).abs() < TOLD_EVERY);
        if self.untold == 0 || waits {
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Span;

    fn at(secs: u64) -> Time {
        Time::UNIX_EPOCH + Span::secs(secs).delta()
    }

    #[test]
    fn the_fifth_turn_in_ten_minutes_is_flapping_and_told_once_a_minute() {
        let mut flapping = Flapping::default();
        for turn in 0..4 {
            flapping.turn(at(turn * 20));
            assert!(!flapping.is_on(at(turn * 20)));
        }
        assert_eq!(flapping.tell(at(61)), None, "these were told by themselves");
        flapping.turn(at(80));
        assert!(flapping.is_on(at(80)));
        assert_eq!(flapping.tell(at(80)), Some(1));
        for turn in 5..8 {
            flapping.turn(at(turn * 20));
        }
        assert_eq!(
            (flapping.tell(at(139)), flapping.tell(at(140)), flapping.tell(at(300))),
            (None, Some(3), None)
        );
    }

    #[test]
    fn turns_far_apart_are_no_flapping_and_it_ends_by_itself() {
        let mut slow = Flapping::default();
        for turn in 0..20 {
            slow.turn(at(turn * 151));
            assert!(!slow.is_on(at(turn * 151)));
        }
        let mut quick = Flapping::default();
        for turn in 0..20 {
            quick.turn(at(turn));
        }
        assert!(quick.is_on(at(615)) && !quick.is_on(at(620)));
    }

    #[test]
    fn turns_of_a_clock_that_was_ahead_are_none_of_late() {
        let mut flapping = Flapping::default();
        for turn in 0..6 {
            flapping.turn(at(90_000 + turn));
        }
        assert_eq!(flapping.tell(at(90_005)), Some(2));
        assert!(flapping.is_on(at(90_005)) && !flapping.is_on(at(3_600)));
        for turn in 0..6 {
            flapping.turn(at(3_600 + turn));
        }
        assert_eq!(flapping.tell(at(3_605)), Some(2), "nobody waits for yesterday's tomorrow");
    }
}
