//! The metrics: over which span, what was counted, and how it went from day to day or week to week.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use crate::domain::incident::Incident;
use crate::domain::metrics::Metrics;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// Bins that are kept, the last one included.
const BINS: usize = 53;
/// How soon it is counted again.
const AGAIN_AFTER: Span = Span::secs(30);

/// Over which time it is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// The last seven days, day by day.
    Week,
    /// The last thirty days.
    #[default]
    Month,
    /// The last ninety days.
    Quarter,
    /// Everything in the ledger.
    All,
}

impl Reach {
    /// Every reach, the shortest first.
    pub const ALL: [Self; 4] = [Self::Week, Self::Month, Self::Quarter, Self::All];

    /// The word beside a key.
    pub fn word(self) -> &'static str {
        match self {
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::All => "all",
        }
    }

    /// The first moment of it.
    pub fn since(self, now: Time) -> Time {
        let days = match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
            Self::All => return Time::UNIX_EPOCH,
        };
        now.checked_sub_days(Days::new(days)).unwrap_or(Time::UNIX_EPOCH)
    }

    /// By one step more or less, if there is one.
    pub fn stepped(self, by: isize) -> Option<Self> {
        let here = Self::ALL.iter().position(|reach| *reach == self)?;
        Self::ALL.get(here.checked_add_signed(by)?).copied()
    }

    fn days(self) -> u64 {
        if self == Self::Week { 1 } else { 7 }
    }

    /// The first day of the bin a day falls into; weeks begin on Monday.
    fn bin(self, day: NaiveDate) -> NaiveDate {
        let into = if self == Self::Week { 0 } else { day.weekday().num_days_from_monday() };
        day.checked_sub_days(Days::new(u64::from(into))).unwrap_or(day)
    }
}

/// The metrics.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Over which time.
    pub reach: Reach,
    /// What was counted.
    pub counted: Option<Counted>,
    /// What was to be counted, and when.
    pub asked: Asked<(Reach, Time)>,
}

/// What was counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// Over which time.
    pub reach: Reach,
    /// When.
    pub at: Time,
    /// Over all of it.
    pub metrics: Metrics,
    /// Day by day or week by week without gaps, the oldest first.
    pub bins: Vec<Bin>,
}

/// The incidents that were opened within one day or week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bin {
    /// Its first day, UTC.
    pub from: NaiveDate,
    /// How many.
    pub opened: u64,
    /// The critical ones.
    pub critical: u64,
    /// Their median time to acknowledge, in seconds.
    pub acknowledge: Option<u64>,
    /// Their median time to contain.
    pub contain: Option<u64>,
    /// Their median time to recover.
    pub recover: Option<u64>,
}

impl Measure {
    /// Counts over more time, or less.
    pub fn step(&mut self, by: isize) {
        if let Some(reach) = self.reach.stepped(by) {
            (self.reach, self.asked) = (reach, Asked::default());
        }
    }

    /// What is to be counted, if it must be now.
    pub fn wants(&mut self, at: Time) -> Option<Reach> {
        let fresh =
            |it: &Counted| it.reach == self.reach && (it.at..it.at + AGAIN_AFTER.delta()).contains(&at);
        let asks = self.asked.may_ask(at) && !self.counted.as_ref().is_some_and(fresh);
        asks.then(|| self.asked.ask(at, (self.reach, at)).0)
    }

    /// Takes in what was counted; an answer to an older question is none.
    pub fn learn(&mut self, at: Time, asked: (Reach, Time), answer: Result<Counted, Outside>) {
        if let Some((_, counted)) = self.asked.answered(at, asked, answer) {
            self.counted = Some(counted);
        }
    }
}

impl Counted {
    /// Counts every incident that was open within this reach before `at`.
    pub fn of(history: &[Arc<Incident>], reach: Reach, at: Time) -> Self {
        let since = reach.since(at);
        let metrics = Metrics::of(history.iter().map(AsRef::as_ref), at);
        let mut opened: BTreeMap<NaiveDate, Vec<&Incident>> = BTreeMap::new();
        for incident in history.iter().filter(|incident| incident.opened_at >= since) {
            opened.entry(reach.bin(incident.opened_at.date_naive())).or_default().push(incident);
        }
        let first = match reach {
            Reach::All => opened.keys().next().copied(),
            _ => Some(reach.bin(since.date_naive())),
        };
        let last = reach.bin(at.date_naive());
        let back = std::iter::successors(Some(last), |day| day.checked_sub_days(Days::new(reach.days())));
        let days = back.take(BINS).take_while(|day| first.is_some_and(|first| *day >= first));
        let mut bins: Vec<Bin> = days
            .map(|day| Bin::of(day, opened.get(&day).map(Vec::as_slice).unwrap_or_default(), at))
            .collect();
        bins.reverse();
        Self { reach, at, metrics, bins }
    }
}

impl Bin {
    fn of(from: NaiveDate, incidents: &[&Incident], now: Time) -> Self {
        let all = Metrics::of(incidents.iter().copied(), now).all;
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let critical = incidents.iter().filter(|incident| incident.severity == Severity::Critical);
        Self {
            from,
            opened: count(incidents.len()),
            critical: count(critical.count()),
            acknowledge: all.acknowledge.median_s,
            contain: all.contain.median_s,
            recover: all.recover.median_s,
        }
    }
}
