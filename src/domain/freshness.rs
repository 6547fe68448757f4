//! What a source's answers are worth right now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::flapping::Flapping;
use super::signal::SignalKey;
use super::text::Outside;
use super::time::{Span, Time};
use super::upstream::{Coming, Silence};

/// Clocks that differ by less are said to agree: answers take their time, and say whole seconds.
const SKEWED_MS: i64 = 3000;

/// The state of a source or monitor, worst knowledge first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SourceState {
    /// No answer yet.
    Never,
    /// 401 or 403, or there is no secret to ask with.
    Auth,
    /// The last two attempts failed, or it is older than two intervals and the last attempt failed.
    Down,
    /// Older than two intervals.
    Stale,
    /// Something was left out of the last answer, or a watchdog alert is missing.
    Partial,
    /// Complete and recent.
    Live,
}

impl SourceState {
    /// The word shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Never => "NEVER",
            Self::Auth => "AUTH",
            Self::Down => "DOWN",
            Self::Stale => "STALE",
            Self::Partial => "PARTIAL",
            Self::Live => "LIVE",
        }
    }

    /// Whether rows from this source can be trusted to be current.
    pub fn sees(self) -> bool {
        matches!(self, Self::Live | Self::Partial)
    }
}

/// How many requests a source still grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// So many may still be made.
    pub left: u32,
    /// Of so many.
    pub of: u32,
    /// Until then.
    pub until: Time,
}

/// Something to know about a source beside its signals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// One line.
    pub text: Outside,
    /// What it shows is not all there is.
    pub partial: bool,
    /// It shows all there is, and somebody has to mend something all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warns: bool,
}

/// What a source will do by itself to one of its signals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Countdown {
    /// Which.
    pub key: SignalKey,
    /// What, and when; `None` where its policy pages nobody any more.
    pub coming: Option<Coming>,
}

/// What a source lets one know about itself, beside its signals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vitals {
    /// What it still grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// How far its clock is ahead of ours, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skew_ms: Option<i64>,
    /// Its version, as it says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Outside>,
    /// What else there is to know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
    /// What it does next by itself; the soonest, of unacknowledged signals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countdowns: Vec<Countdown>,
    /// The silences that hold there or will; of many, those that last longest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silences: Vec<Silence>,
    /// Its signals that somebody silenced, by their fingerprints, and until when; of many, those that began last.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub silenced: BTreeMap<Outside, Option<Time>>,
    /// When those started who told all there is, by its clock, where they know it from what they were told since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told_by: Vec<Time>,
}

impl Vitals {
    /// How far its clock is ahead of ours, in milliseconds, where they do not agree.
    pub fn skew(&self) -> Option<i64> {
        self.skew_ms.filter(|skew| skew.abs() >= SKEWED_MS)
    }

    /// What was measured of its clock before holds as long as it differs by no more than a measurement does, and by more
    /// than now, since slow answers say too little: what is reckoned from it holds still from answer to answer.
    pub fn steady(&mut self, before: Option<i64>) {
        let holds = |(now, before): (i64, i64)| {
            now.abs_diff(before) < SKEWED_MS.unsigned_abs() && now.abs() < before.abs()
        };
        if self.skew_ms.zip(before).is_some_and(holds) {
            self.skew_ms = before;
        }
    }
}

/// A failure that is remembered after it is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastFault {
    /// When the last attempt failed.
    pub at: Time,
    /// What it was.
    pub detail: Outside,
    /// When an answer came again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Time>,
}

/// What is known of a source's attempts; the state is computed from it at a given time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceStatus {
    /// The configured name.
    pub name: String,
    /// The configured interval.
    pub every: Span,
    /// When what the last complete or partial answer says was true: when it was asked for, or the last part of it.
    pub as_of: Option<Time>,
    /// Consecutive failed attempts.
    pub failures: u32,
    /// The last attempt's failure, if it failed.
    pub fault: Option<Fault>,
    /// The last failure there was, whether or not it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Box<LastFault>>,
    /// Elements the last answer left out or could not decode.
    pub left_out: u32,
    /// Watchdog alerts that should be firing and are not.
    pub watchdog_missing: Vec<String>,
    /// Signals that open nothing: pending, silenced, inhibited or watchdog.
    pub quiet: u32,
    /// When it is asked next.
    pub next_poll: Option<Time>,
    /// Before that it is not asked, whoever hurries: it wants to be left alone, or refuses the credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone_until: Option<Time>,
    /// What it lets one know about itself.
    #[serde(default)]
    pub vitals: Vitals,
    /// How often it began to fail or to answer of late.
    #[serde(default)]
    pub flapping: Flapping,
    /// How late another process may hear of its answers, where another one asks it.
    #[serde(default, skip_serializing_if = "Span::is_zero")]
    pub heard_within: Span,
}

impl SourceStatus {
    /// The longest that a source can want to be left alone.
    pub const ALONE_AT_MOST: Span = Span::mins(2);

    /// A source that was never asked.
    pub fn never(name: impl Into<String>, every: Span) -> Self {
        Self {
            name: name.into(),
            every,
            as_of: None,
            failures: 0,
            fault: None,
            last: None,
            left_out: 0,
            watchdog_missing: Vec::new(),
            quiet: 0,
            next_poll: None,
            alone_until: None,
            vitals: Vitals::default(),
            flapping: Flapping::default(),
            heard_within: Span::default(),
        }
    }

    /// Takes note of how an attempt ended: an answer, or why there is none.
    pub fn ended(&mut self, at: Time, fault: Option<Fault>) {
        let before = self.fault.is_some();
        if before != fault.is_some() && (before || self.as_of.is_some()) {
            self.flapping.turn(at);
        }
        match &fault {
            None => {
                (self.as_of, self.failures) = (Some(at), 0);
                if let Some(last) = &mut self.last {
                    last.over.get_or_insert(at);
                }
            }
            // Where nothing was asked, nothing failed.
            Some(fault) if fault.is_held_back() => {}
            Some(fault) => {
                self.failures = self.failures.saturating_add(1);
                self.last = Some(Box::new(LastFault { at, detail: fault.detail.clone(), over: None }));
            }
        }
        self.fault = fault;
    }

    /// Until when it is not asked, whoever hurries.
    pub fn left_alone(&self, now: Time) -> Option<Time> {
        // Nobody can ask for more than a minute: what lies further ahead was said before the clock was set back.
        self.alone_until.filter(|until| now < *until && *until - now <= Self::ALONE_AT_MOST.delta())
    }

    /// A moment that it named, by our clock; nothing that is said to be so began later than now.
    pub fn ours(&self, theirs: Time, now: Time) -> Time {
        let ahead = chrono::TimeDelta::milliseconds(self.vitals.skew().unwrap_or(0));
        theirs.checked_sub_signed(ahead).unwrap_or(theirs).min(now)
    }

    /// How far its clock is behind ours.
    pub fn behind(&self) -> Span {
        let behind = self.vitals.skew().unwrap_or(0).saturating_neg();
        Span::millis(u64::try_from(behind).unwrap_or(0))
    }

    /// Whether what it does not say is not so: it is LIVE, and not only in between.
    pub fn is_calm(&self, now: Time) -> bool {
        self.state(now) == SourceState::Live && !self.flapping.is_on(now)
    }

    /// The first state that holds.
    pub fn state(&self, now: Time) -> SourceState {
        // What was read in the future was read before the clock was set back.
        let apart = |at: Time| (now - at).abs();
        // Between two looks at what another process was told it gets no older than that.
        let fresh = self.every.delta() * 2 + self.heard_within.delta();
        let old = self.as_of.is_some_and(|at| apart(at) > fresh);
        let partial = self.vitals.remarks.iter().any(|remark| remark.partial);
        match (&self.fault, self.as_of) {
            (Some(fault), _) if fault.is_of_credentials() => SourceState::Auth,
            (None, None) => SourceState::Never,
            (Some(_), None) if self.failures < 2 => SourceState::Never,
            (Some(_), _) if self.failures >= 2 || old => SourceState::Down,
            _ if old => SourceState::Stale,
            _ if self.left_out > 0 || partial || !self.watchdog_missing.is_empty() => SourceState::Partial,
            _ => SourceState::Live,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::FaultKind;

    fn read_at(secs: i64) -> SourceStatus {
        let as_of = Time::from_timestamp(secs, 0);
        SourceStatus { as_of, ..SourceStatus::never("am", Span::secs(15)) }
    }

    #[test]
    fn what_was_read_in_the_future_is_as_stale_as_what_was_read_long_ago() {
        let now = Time::from_timestamp(1000, 0).unwrap();
        for (at, state) in [(1000, SourceState::Live), (969, SourceState::Stale), (1031, SourceState::Stale)]
        {
            assert_eq!(read_at(at).state(now), state, "{at}");
        }
    }

    #[test]
    fn who_hears_of_answers_by_another_process_does_not_call_them_stale_between_two_looks() {
        let at = |ms: i64| Time::from_timestamp_millis(1_000_000 + ms).unwrap();
        let asked_here = SourceStatus { every: Span::secs(1), ..read_at(1000) };
        let elsewhere = SourceStatus { heard_within: Span::secs(1), ..asked_here.clone() };
        let states = |ms| (asked_here.state(at(ms)), elsewhere.state(at(ms)));
        assert_eq!(states(2000), (SourceState::Live, SourceState::Live));
        assert_eq!(states(2900), (SourceState::Stale, SourceState::Live));
        assert_eq!(states(3100), (SourceState::Stale, SourceState::Stale));
    }

    #[test]
    fn a_source_is_left_alone_until_then_and_not_for_an_hour_because_a_clock_was_set_back() {
        let at = |secs| Time::from_timestamp(secs, 0).unwrap();
        let status = SourceStatus { alone_until: Some(at(5000)), ..read_at(4940) };
        for (now, left) in [(4940, true), (4999, true), (5000, false), (5001, false), (1400, false)] {
            assert_eq!(status.left_alone(at(now)), left.then_some(at(5000)), "{now}");
        }
    }

    #[test]
    fn a_moment_of_a_clock_that_is_wrong_is_corrected_either_way_and_never_lies_ahead() {
        let at = |secs| Time::from_timestamp(secs, 0).unwrap();
        for (skew_s, theirs, ours) in
            [(600, 2000, 1400), (-600, 2000, 2600), (600, 3700, 3000), (0, 3500, 3000), (0, 2000, 2000)]
        {
            let mut status = read_at(3000);
            status.vitals.skew_ms = Some(skew_s * 1000);
            assert_eq!(status.ours(at(theirs), at(3000)), at(ours), "{skew_s} {theirs}");
        }
        let mut status = read_at(3000);
        status.vitals.skew_ms = Some(-600_000);
        assert_eq!(status.ours(Time::MAX_UTC, at(3000)), at(3000));
    }

    #[test]
    fn what_is_reckoned_from_a_clock_holds_still_while_that_differs_by_what_measuring_does() {
        let at = |secs| Time::from_timestamp(secs, 0).unwrap();
        let mut status = read_at(3000);
        let mut began = |skew_ms| {
            let before = status.vitals.skew_ms;
            status.vitals = Vitals { skew_ms, ..Vitals::default() };
            status.vitals.steady(before);
            (status.ours(at(2000), at(3000)).timestamp_millis() - 2_000_000, status.behind().as_millis())
        };
        let agrees = [None, Some(-2100), Some(2900), None, Some(-2999)].map(&mut began);
        assert_eq!(agrees, [(0, 0); 5], "whole seconds and the way explain that");
        let differs = [Some(-40_000), Some(-41_400), Some(-40_900)].map(&mut began);
        assert_eq!(differs, [(40_000, 40_000), (41_400, 41_400), (41_400, 41_400)]);
        assert_eq!(began(Some(-60_000)), (60_000, 60_000), "it was set");
    }

    #[test]
    fn a_source_that_shows_only_a_part_says_so() {
        let now = Time::from_timestamp(1000, 0).unwrap();
        let mut status = read_at(1000);
        for (partial, state) in [(false, SourceState::Live), (true, SourceState::Partial)] {
            status.vitals.remarks = vec![Remark {
                text: Outside::new("2 rules cannot be evaluated"),
                partial,
                ..Remark::default()
            }];
            assert_eq!(status.state(now), state);
        }
    }

    #[test]
    fn the_last_fault_is_remembered_when_it_is_over_and_older_statuses_are_read() {
        let at = |secs| Time::from_timestamp(secs, 0).unwrap();
        let mut status = read_at(1000);
        let old = serde_json::to_value(&status).unwrap();
        assert_eq!(old.get("last"), None);
        assert_eq!(serde_json::from_value::<SourceStatus>(old).unwrap(), status);
        for (secs, fault) in [
            (1015, Some("no answer within 10s")),
            (1030, Some("connection refused")),
            (1045, None),
            (1060, None),
        ] {
            status.ended(at(secs), fault.map(|detail| Fault::new(FaultKind::NoAnswer, detail)));
        }
        let detail = Outside::new("connection refused");
        let last = LastFault { at: at(1030), detail, over: Some(at(1045)) };
        assert_eq!((status.fault.as_ref(), status.last.as_deref()), (None, Some(&last)));
        status.ended(at(1075), Some(Fault::new(FaultKind::Throttled, "the budget is spent")));
        assert_eq!(status.last.as_deref(), Some(&last), "nothing was asked");
    }

    #[test]
    fn what_answers_and_fails_by_turns_flaps_and_is_live_all_the_same() {
        let at = |secs| Time::from_timestamp(secs, 0).unwrap();
        let refused = || Some(Fault::new(FaultKind::Unreachable, "connection refused"));
        let mut status = SourceStatus::never("am", Span::secs(15));
        for turn in 0..5 {
            status.ended(at(turn * 15), if turn % 2 == 0 { None } else { refused() });
            assert!(!status.flapping.is_on(at(turn * 15)), "{turn}");
        }
        status.ended(at(75), refused());
        assert!(status.flapping.is_on(at(75)) && !status.is_calm(at(75)));
        assert_eq!(
            (status.state(at(75)), status.failures),
            (SourceState::Live, 1),
            "one failure is none yet"
        );
        status.ended(at(90), refused());
        assert_eq!((status.state(at(90)), status.as_of), (SourceState::Down, Some(at(60))));
        assert!(!status.flapping.is_on(at(700)));
    }
}
