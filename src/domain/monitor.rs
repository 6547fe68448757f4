//! What quell's own probes have seen.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::freshness::SourceStatus;
use super::severity::Severity;
use super::text::Outside;
use super::time::{Span, Time};

/// One probe's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// When it was asked.
    pub at: Time,
    /// How long the answer took.
    pub took: Span,
    /// What was wrong; `None` when everything was as expected.
    pub wrong: Option<Outside>,
}

/// Whether an endpoint is up, by streaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Not enough readings.
    #[default]
    Unknown,
    /// Up.
    Up,
    /// Down.
    Down,
}

impl Health {
    /// The word shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "DOWN",
        }
    }
}

/// When a streak turns a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streaks {
    /// Consecutive failures that make it down.
    pub down_after: u32,
    /// Consecutive successes that make it up.
    pub up_after: u32,
}

/// What is known of a monitor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MonitorStatus {
    /// Its schedule and freshness.
    pub source: SourceStatus,
    /// `http`, `tcp`.
    pub kind: String,
    /// The service it watches.
    pub service: String,
    /// What it probes, without secrets.
    pub target: String,
    /// How bad it is when down.
    pub severity: Severity,
    /// Up or down.
    pub health: Health,
    /// Since when.
    pub since: Option<Time>,
    /// Consecutive readings of the same kind: positive successes, negative failures.
    pub streak: i32,
    /// What is wrong now.
    pub wrong: Option<Outside>,
    /// The latest readings, oldest first: milliseconds, `None` for a failure. At most [`MonitorStatus::SAMPLES`].
    pub samples: VecDeque<Option<u32>>,
}

/// Sources and monitors: all that can be fresh or not.
pub fn watched<'a>(
    sources: &'a [SourceStatus],
    monitors: &'a [MonitorStatus],
) -> impl Iterator<Item = &'a SourceStatus> + Clone {
    sources.iter().chain(monitors.iter().map(|monitor| &monitor.source))
}

impl MonitorStatus {
    /// How many samples are kept.
    pub const SAMPLES: usize = 120;

    /// Takes a reading in; says whether the health turned.
    pub fn take(&mut self, reading: &Reading, streaks: Streaks) -> bool {
        let ok = reading.wrong.is_none();
        self.streak = match (ok, self.streak) {
            (true, n) => n.max(0).saturating_add(1),
            (false, n) => n.min(0).saturating_sub(1),
        };
        self.source.as_of = Some(reading.at);
        self.wrong.clone_from(&reading.wrong);
        let sample = u32::try_from(reading.took.as_millis()).unwrap_or(u32::MAX);
        self.samples.push_back(ok.then_some(sample));
        while self.samples.len() > Self::SAMPLES {
            self.samples.pop_front();
        }
        let length = self.streak.unsigned_abs();
        let next = match (ok, self.health) {
            (false, Health::Up | Health::Unknown) if length >= streaks.down_after => Health::Down,
            (true, Health::Down) if length >= streaks.up_after => Health::Up,
            (true, Health::Unknown) => Health::Up,
            (_, same) => same,
        };
        let turned = next != self.health;
        if turned {
            self.health = next;
            self.since = Some(reading.at);
        }
        turned
    }
}
