//! What quell's own probes have seen.

pub mod maintenance;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::flapping::Flapping;
use super::freshness::SourceStatus;
use super::severity::Severity;
use super::text::Outside;
use super::time::{Span, Time};

/// What a probe found, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Found {
    /// Everything is as expected.
    Right(Outside),
    /// Something is not.
    Wrong(Outside),
    /// It is too early to say.
    Early(Outside),
    /// Whoever was asked about it said nothing of it: that says nothing against what is watched, nor for it.
    Unseen(Fault),
    /// What is watched wants to be left alone for a while. At first that says nothing of it; where it goes on so, nobody
    /// can use it.
    Busy(Fault),
}

impl From<Result<Outside, Outside>> for Found {
    fn from(found: Result<Outside, Outside>) -> Self {
        found.map_or_else(Self::Wrong, Self::Right)
    }
}

impl Found {
    /// What a probe found that came to nothing: a failure of what is watched, unless it never left this machine.
    pub fn failed(fault: Fault) -> Self {
        if fault.is_ours() { Self::Unseen(fault) } else { Self::Wrong(fault.detail) }
    }
}

/// One probe's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// When it was asked.
    pub at: Time,
    /// How long the answer took.
    pub took: Span,
    /// What it said.
    pub found: Found,
}

impl Reading {
    /// What was wrong, if anything was.
    pub fn wrong(&self) -> Option<&Outside> {
        match &self.found {
            Found::Wrong(wrong) => Some(wrong),
            Found::Busy(fault) => Some(&fault.detail),
            Found::Right(_) | Found::Early(_) | Found::Unseen(_) => None,
        }
    }

    /// Why it was not answered, where it was not.
    fn fault(&self) -> Option<&Fault> {
        match &self.found {
            Found::Unseen(fault) | Found::Busy(fault) => Some(fault),
            Found::Right(_) | Found::Wrong(_) | Found::Early(_) => None,
        }
    }
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// `http`, `tcp`, …
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
    /// How long one must be to turn it.
    #[serde(default)]
    pub streaks: Streaks,
    /// What is wrong now.
    pub wrong: Option<Outside>,
    /// What the last reading said where nothing was wrong: a value, the days of a certificate, the last beat.
    #[serde(default)]
    pub says: Option<Outside>,
    /// When it was first looked at.
    #[serde(default)]
    pub began: Option<Time>,
    /// How often it turned of late.
    #[serde(default)]
    pub flapping: Flapping,
    /// While it is in maintenance: until when. Nothing opens.
    #[serde(default)]
    pub maintenance: Option<Time>,
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
    const SAMPLES: usize = 120;

    /// One that was never read.
    pub fn never(name: impl Into<String>, every: Span) -> Self {
        Self {
            source: SourceStatus::never(name, every),
            kind: String::new(),
            service: String::new(),
            target: String::new(),
            severity: Severity::High,
            health: Health::Unknown,
            since: None,
            streak: 0,
            streaks: Streaks::default(),
            wrong: None,
            says: None,
            began: None,
            flapping: Flapping::default(),
            maintenance: None,
            samples: VecDeque::new(),
        }
    }

    /// How long a reading took at most, in milliseconds, in so many of a hundred that went well; of those that are kept.
    pub fn percentile(&self, of_hundred: usize) -> Option<u32> {
        let mut took: Vec<u32> = self.samples.iter().flatten().copied().collect();
        took.sort_unstable();
        let rank = (took.len() * of_hundred).div_ceil(100);
        took.get(rank.saturating_sub(1)).copied()
    }

    /// Takes a reading in; says whether the health turned.
    pub fn take(&mut self, reading: &Reading, streaks: Streaks) -> bool {
        self.source.ended(reading.at, reading.fault().cloned());
        self.streaks = streaks;
        self.began.get_or_insert(reading.at);
        if !self.saw(reading) {
            // What was seen last stands, as old as it is.
            return false;
        }
        self.source.as_of = Some(reading.at);
        self.wrong = reading.wrong().cloned();
        let ok = match &reading.found {
            Found::Early(says) => {
                self.says = Some(says.clone());
                return false;
            }
            Found::Right(says) => {
                self.says = Some(says.clone());
                true
            }
            Found::Wrong(_) | Found::Unseen(_) | Found::Busy(_) => {
                self.says = None;
                false
            }
        };
        self.streak = match (ok, self.streak) {
            (true, n) => n.max(0).saturating_add(1),
            (false, n) => n.min(0).saturating_sub(1),
        };
        let sample = u32::try_from(reading.took.as_millis()).unwrap_or(u32::MAX);
        self.samples.push_back(ok.then_some(sample));
        while self.samples.len() > Self::SAMPLES {
            self.samples.pop_front();
        }
        let next = self.next(ok, streaks);
        let turned = next != self.health;
        if turned {
            if self.health != Health::Unknown {
                self.flapping.turn(reading.at);
            }
            self.health = next;
            self.since = Some(reading.at);
        }
        turned
    }

    /// Whether the reading it took in last says anything of what is watched.
    pub fn saw(&self, reading: &Reading) -> bool {
        match reading.found {
            Found::Unseen(_) => false,
            Found::Busy(_) => self.source.failures > self.streaks.down_after,
            Found::Right(_) | Found::Wrong(_) | Found::Early(_) => true,
        }
    }

    fn next(&self, ok: bool, streaks: Streaks) -> Health {
        let length = self.streak.unsigned_abs();
        match (ok, self.health) {
            (false, Health::Up | Health::Unknown) if length >= streaks.down_after => Health::Down,
            (true, Health::Down) if length >= streaks.up_after => Health::Up,
            (true, Health::Unknown) => Health::Up,
            (_, same) => same,
        }
    }

    /// Whether it is not up, and should be.
    pub fn not_up(&self) -> bool {
        self.health != Health::Up && self.maintenance.is_none()
    }

    /// Whether the last readings say otherwise than its health, and are not enough yet to turn it.
    pub fn turning(&self) -> bool {
        match self.health {
            Health::Up | Health::Unknown => self.streak < 0,
            Health::Down => self.streak > 0,
        }
    }

    /// The word of its health, and how far it is on the way to another: `failing 2/3`.
    pub fn word(&self, now: Time) -> String {
        let (length, Streaks { down_after, up_after }) = (self.streak.unsigned_abs(), self.streaks);
        match self.health {
            _ if self.flapping.is_on(now) => "flapping".to_owned(),
            Health::Down if self.turning() => format!("DOWN, up {length}/{up_after}"),
            _ if self.turning() => format!("failing {length}/{down_after}"),
            health => health.word().to_owned(),
        }
    }

    /// Whether nothing speaks against it: up, and not only for a moment.
    pub fn is_well(&self, now: Time) -> bool {
        self.health == Health::Up && !self.flapping.is_on(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::FaultKind;
    use crate::domain::freshness::SourceState;

    const STREAKS: Streaks = Streaks { down_after: 3, up_after: 2 };

    fn at(secs: u64) -> Time {
        Time::UNIX_EPOCH + Span::secs(secs).delta()
    }

    fn read(status: &mut MonitorStatus, secs: u64, found: Found) -> bool {
        status.take(&Reading { at: at(secs), took: Span::millis(40), found }, STREAKS)
    }

    fn right() -> Found {
        Found::Right(Outside::new("status 200"))
    }

    fn wrong() -> Found {
        Found::Wrong(Outside::new("connection refused"))
    }

    #[test]
    fn streaks_turn_it_and_what_it_says_is_kept() {
        let mut status = MonitorStatus::never("api", Span::secs(10));
        assert!(read(&mut status, 0, right()), "one success is enough at first");
        assert_eq!(status.says, Some(Outside::new("status 200")));
        assert!(!read(&mut status, 10, wrong()) && !read(&mut status, 20, wrong()));
        assert_eq!((status.health, status.streak), (Health::Up, -2));
        assert_eq!((status.word(at(20)).as_str(), status.turning()), ("failing 2/3", true));
        assert!(read(&mut status, 30, wrong()));
        assert_eq!((status.word(at(30)).as_str(), status.turning()), ("DOWN", false));
        assert_eq!((status.health, status.since, status.says.clone()), (Health::Down, Some(at(30)), None));
        assert!(!read(&mut status, 40, right()));
        assert_eq!((status.word(at(40)).as_str(), status.turning()), ("DOWN, up 1/2", true));
        assert!(read(&mut status, 50, right()));
        assert_eq!((status.word(at(50)).as_str(), status.turning()), ("up", false));
        assert_eq!(status.samples, [Some(40), None, None, None, Some(40), Some(40)]);
        assert_eq!(status.began, Some(at(0)));
    }

    #[test]
    fn what_is_too_early_to_say_decides_nothing() {
        let mut status = MonitorStatus::never("batch", Span::secs(10));
        for secs in 0..5 {
            assert!(!read(&mut status, secs, Found::Early(Outside::new("waits"))));
        }
        assert_eq!((status.health, status.streak, status.samples.len()), (Health::Unknown, 0, 0));
        assert_eq!(status.source.as_of, Some(at(4)));
    }

    #[test]
    fn percentiles_are_of_what_went_well_by_the_nearest_rank() {
        let mut status = MonitorStatus::never("m", Span::secs(1));
        assert_eq!(status.percentile(50), None);
        status.samples = (1..=10).map(|ms| Some(ms * 10)).chain([None]).collect();
        let all = [1, 50, 95, 99, 100].map(|of| status.percentile(of));
        assert_eq!(all, [Some(10), Some(50), Some(100), Some(100), Some(100)]);
    }

    #[test]
    fn what_cannot_be_seen_is_no_failure_of_what_is_watched_and_does_not_make_it_well() {
        let mut status = MonitorStatus::never("errors", Span::secs(10));
        let refused = |kind| Found::Unseen(Fault::new(kind, "status 401"));
        read(&mut status, 0, wrong());
        read(&mut status, 10, wrong());
        for secs in 1..=5 {
            assert!(!read(&mut status, 10 + 10 * secs, refused(FaultKind::Unauthorised)));
        }
        assert_eq!((status.health, status.streak, status.samples.len()), (Health::Unknown, -2, 2));
        assert_eq!((status.source.as_of, status.wrong.is_some()), (Some(at(10)), true), "as old as it is");
        assert_eq!(status.source.state(at(60)), SourceState::Auth);
        assert!(read(&mut status, 70, wrong()), "the third failure that was seen");
        assert_eq!((status.health, status.source.state(at(70))), (Health::Down, SourceState::Live));
        for secs in [80, 90] {
            read(&mut status, secs, refused(FaultKind::Unreachable));
        }
        assert_eq!((status.health, status.source.state(at(90))), (Health::Down, SourceState::Down));
    }

    #[test]
    fn what_wants_to_be_left_alone_and_goes_on_so_is_down() {
        let mut status = MonitorStatus::never("api", Span::secs(10));
        let busy = || {
            let throttled = Fault::new(FaultKind::Throttled, "status 429 Too Many Requests");
            Found::Busy(Fault { status: Some(429), retry_after: Some(Span::secs(60)), ..throttled })
        };
        read(&mut status, 0, right());
        for secs in 1..=5 {
            assert!(!read(&mut status, 60 * secs, busy()), "three say nothing, two are not enough");
        }
        assert_eq!((status.health, status.streak), (Health::Up, -2));
        assert!(read(&mut status, 360, busy()));
        assert_eq!((status.health, status.source.state(at(360))), (Health::Down, SourceState::Down));
        assert_eq!(status.wrong, Some(Outside::new("status 429 Too Many Requests")));
        let asked = status.source.fault.as_ref().and_then(|fault| fault.retry_after);
        assert_eq!(asked, Some(Span::secs(60)), "it is left alone all the same");
        read(&mut status, 370, right());
        assert!(!read(&mut status, 380, busy()) && status.streak == 1, "in a row");
    }

    #[test]
    fn what_never_left_this_machine_was_not_seen() {
        for kind in [FaultKind::Local, FaultKind::Unsigned] {
            let fault = Fault::new(kind, "too many open files");
            assert_eq!(Found::failed(fault.clone()), Found::Unseen(fault));
        }
        let refused = Fault::new(FaultKind::Unreachable, "connection refused");
        assert_eq!(Found::failed(refused), wrong());
    }

    #[test]
    fn what_turns_again_and_again_flaps_and_is_not_well() {
        let quick = Streaks { down_after: 1, up_after: 1 };
        let mut status = MonitorStatus::never("api", Span::secs(10));
        for secs in 0..6 {
            let found = if secs % 2 == 0 { right() } else { wrong() };
            status.take(&Reading { at: at(secs), took: Span::millis(1), found }, quick);
        }
        assert_eq!(status.word(at(6)), "flapping");
        status.take(&Reading { at: at(6), took: Span::millis(1), found: right() }, quick);
        assert!(!status.is_well(at(6)));
        assert!(status.is_well(at(6 + 601)), "ten minutes later");
    }
}
