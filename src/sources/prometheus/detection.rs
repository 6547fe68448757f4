//! Whether detection works: rules that cannot be evaluated, targets that are not scraped, alerts that go nowhere.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::unlike;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::{Remark, Vitals};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// Bytes that are kept of one thing's name or error.
const WORDS_BYTES: usize = 200;
/// How long what was said last stands while nothing newer can be read.
const HOLDS: Span = Span::mins(10);

/// No condition has to hold for longer than this.
const LONGEST: Span = Span::mins(366 * 24 * 60);

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct Detection {
    rules: Part<Vec<Rule>>,
    targets: Part<Vec<Target>>,
    receivers: Part<usize>,
    version: Part<String>,
}

/// What was answered to the questions for it: a body, or why there is none.
pub(super) struct Answers {
    pub(super) rules: Result<Vec<u8>, Fault>,
    pub(super) targets: Result<Vec<u8>, Fault>,
    pub(super) receivers: Result<Vec<u8>, Fault>,
    pub(super) build: Result<Vec<u8>, Fault>,
}

/// A part of it.
#[derive(Debug)]
struct Part<T> {
    /// What was said last, and when.
    said: Option<(T, Time)>,
    /// Why it was not said the last time it was asked for.
    missing: Option<Fault>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { said: None, missing: None }
    }
}

impl<T> Part<T> {
    /// Takes in what was answered; what was said long ago says nothing of now.
    fn hear(&mut self, read: Result<T, Fault>, now: Time) {
        match read {
            Ok(said) => *self = Self { said: Some((said, now)), missing: None },
            Err(fault) => self.missing = Some(fault),
        }
        self.said.take_if(|(_, at)| (now - *at).abs() > HOLDS.delta());
    }

    fn said(&self) -> Option<&T> {
        self.said.as_ref().map(|(said, _)| said)
    }

    /// That it is not known, of what that is worth a word.
    fn unknown(&self, what: &str) -> Option<Remark> {
        let why = self.missing.as_ref()?.detail.safe().to_string();
        let text = format!("{what} cannot be read: {why}");
        Some(Remark { text: Outside::capped(text, 2 * WORDS_BYTES), ..Remark::default() })
    }
}

#[derive(Deserialize)]
struct Said<T> {
    data: T,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    name: String,
    #[serde(default)]
    health: String,
    #[serde(default, rename = "lastError")]
    last_error: String,
    /// For how many seconds its condition holds before it fires.
    #[serde(default)]
    duration: f64,
}

#[derive(Deserialize)]
struct Targets {
    #[serde(rename = "activeTargets")]
    active: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    health: String,
    #[serde(default, rename = "scrapePool")]
    pool: String,
}

#[derive(Deserialize)]
struct Receivers {
    #[serde(rename = "activeAlertmanagers")]
    active: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Build {
    version: String,
}

fn said<T: DeserializeOwned>(body: Result<Vec<u8>, Fault>, what: &str) -> Result<T, Fault> {
    serde_json::from_slice::<Said<T>>(&body?).map(|said| said.data).map_err(|_| unlike(what))
}

impl Detection {
    /// Takes in what was said now. What was not said stays for a while as it was said last.
    pub(super) fn hear(&mut self, answers: Answers, now: Time) {
        let Answers { rules, targets, receivers, build } = answers;
        let rules = said::<Groups>(rules, "list of rules");
        let rules = rules.map(|it| it.groups.into_iter().flat_map(|group| group.rules).collect());
        self.rules.hear(rules, now);
        self.targets.hear(said::<Targets>(targets, "list of targets").map(|it| it.active), now);
        let receivers = said::<Receivers>(receivers, "list of Alertmanagers");
        self.receivers.hear(receivers.map(|it| it.active.len()), now);
        self.version.hear(said::<Build>(build, "version").map(|it| it.version), now);
    }

    /// Why an alert of one of these rules may burn although it is not listed; nothing where each was evaluated, or where
    /// there is nobody to ask about it.
    pub(super) fn unsure(&self, is_asked_about: impl Fn(&str) -> bool) -> Option<String> {
        use FaultKind::{Broken, Local, NoAnswer, Throttled, Unreachable};
        if let Some(fault) = &self.rules.missing {
            // Who has no such list, or does not show it to us, will not have it the next time either.
            let passes = matches!(fault.kind, Broken | NoAnswer | Throttled | Unreachable | Local);
            let why = fault.detail.safe();
            let text = format!("what is gone may burn: whether its rule was evaluated cannot be read: {why}");
            return passes.then_some(text);
        }
        let rules = self.rules.said()?;
        // After a start each rule waits for its turn, and until then nothing of it burns there.
        let mut waiting = rules.iter().filter(|rule| rule.health == "unknown" && is_asked_about(&rule.name));
        let (first, more) = (waiting.next()?, waiting.count());
        let (first, more) = (&first.name, if more > 0 { format!(" and {more} more") } else { String::new() });
        Some(format!("what is gone may burn: {first}{more} was not evaluated since it started"))
    }

    /// How long a condition holds before an alert of this name fires, at the most; nothing where that is not known.
    pub(super) fn waits(&self, name: &str) -> Span {
        let rules = self.rules.said().into_iter().flatten().filter(|rule| rule.name == name);
        let seconds = rules.map(|rule| rule.duration).fold(0.0, f64::max);
        let wait = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default();
        u64::try_from(wait.as_millis()).map_or(LONGEST, |millis| Span::millis(millis).min(LONGEST))
    }

    /// As the screen of sources shows it.
    pub(super) fn vitals(&self) -> Vitals {
        let remarks = [
            self.nowhere(),
            self.broken_rules(),
            self.lost_targets(),
            self.receivers.unknown("whether alerts arrive"),
            self.rules.unknown("whether rules can be evaluated"),
            self.targets.unknown("whether targets are scraped"),
        ];
        let version = self.version.said().map(|version| Outside::capped(version.as_str(), WORDS_BYTES));
        Vitals { version, remarks: remarks.into_iter().flatten().collect(), ..Vitals::default() }
    }

    fn nowhere(&self) -> Option<Remark> {
        let text = "alerts go nowhere: it sends to no Alertmanager";
        let remark = Remark { text: Outside::new(text), warns: true, ..Remark::default() };
        (self.receivers.said() == Some(&0)).then_some(remark)
    }

    /// What cannot be evaluated cannot fire.
    fn broken_rules(&self) -> Option<Remark> {
        let rules = self.rules.said()?;
        let mut broken = rules.iter().filter(|rule| rule.health == "err");
        let first = broken.next()?;
        let more = broken.count();
        let text = format!(
            "{} of {} alerting rules cannot be evaluated: {}: {}",
            more + 1,
            rules.len(),
            first.name,
            first.last_error
        );
        Some(Remark { text: Outside::capped(text, 2 * WORDS_BYTES), partial: true, ..Remark::default() })
    }

    /// What is not scraped cannot fire either, but who watches a fleet always misses some: only all of it blinds.
    fn lost_targets(&self) -> Option<Remark> {
        let targets = self.targets.said()?;
        let down: Vec<&Target> = targets.iter().filter(|target| target.health == "down").collect();
        let mut pools: Vec<&str> = down.iter().map(|target| target.pool.as_str()).collect();
        pools.dedup();
        let named = pools.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let text = format!("{} of {} targets are down: {named}", down.len(), targets.len());
        // One that was not scraped yet shows nothing either.
        let partial = targets.iter().all(|target| target.health != "up");
        let remark = Remark { text: Outside::capped(text, 2 * WORDS_BYTES), partial, ..Remark::default() };
        (!down.is_empty()).then_some(remark)
    }
}
