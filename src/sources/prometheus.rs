//! Prometheus itself: the alerts its rules raise, pending ones too, and whether anybody would hear of them.

mod decode;
mod detection;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::detection::{Answers, Detection};
use super::{Polled, Schedule, Source};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::{Remark, Vitals};
use crate::domain::signal::{Answer, Signal, SignalKey, Standing};
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::{Span, Time};
use crate::net::{self, Client, Connection, Environment, Limits, Login, LoginSettings, Request};

/// What is asked beside the alerts: without it they are worth as much.
const BESIDE: Limits = Limits { deadline: Span::secs(3), body: 16 << 20 };
/// How often it is asked whether detection works.
const DETECTION_EVERY: Span = Span::mins(1);
/// What is gone is over after this, even where nobody can say whether its rule was evaluated.
const UNSURE_FOR: Span = Span::mins(10);
/// Names of pending alerts that are said.
const NAMED: usize = 5;

/// `[[source]] kind = "prometheus"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What rows call it.
    pub name: String,
    /// Where it is, or what speaks like it.
    pub url: String,
    /// How often it is asked.
    #[serde(default = "every")]
    pub every: Span,
    /// Alerts that must be firing.
    #[serde(default)]
    pub watchdog: Vec<String>,
    /// Headers of every request, none of them secret: a tenant's, say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Its credentials.
    #[serde(flatten)]
    pub login: LoginSettings,
    /// How it is reached.
    #[serde(flatten)]
    pub connection: Connection,
}

const fn every() -> Span {
    Span::secs(15)
}

/// A Prometheus.
#[derive(Debug)]
pub struct Prometheus {
    settings: Settings,
    base: String,
    client: Client,
    state: Mutex<State>,
}

/// What is known from earlier answers.
#[derive(Debug, Default)]
struct State {
    /// Over the last answer that was taken in, and said all there is.
    said: Option<[u8; 32]>,
    /// What it listed since everything there is was said last, with the names of the rules; none before the first time.
    listed: Option<BTreeMap<SignalKey, Outside>>,
    /// Why what is gone from the last answer may not be over.
    unsure: Option<String>,
    /// Since when that is so.
    unsure_since: Option<Time>,
    /// What fires: since when its condition holds, and since when it fires.
    fires: BTreeMap<SignalKey, (Time, Time)>,
    /// What it said is pending, in words.
    pending: Option<String>,
    detection: Detection,
    detection_at: Option<Time>,
}

impl Prometheus {
    /// Makes a source; sends nothing.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let client = Client::for_polling(&settings.connection, Login::new(&settings.login, environment)?)?
            .with_headers(&settings.headers)?;
        client.check(&settings.url)?;
        let base = format!("{}/api/v1", settings.url.trim_end_matches('/'));
        Ok(Self { settings: settings.clone(), base, client, state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, path: &str, limits: Limits) -> Result<net::Answer, Fault> {
        let request = Request::get(format!("{}{path}", self.base)).header("accept", "application/json")?;
        decode::success(self.client.exchange(&request, limits).await?)
    }

    /// Asks now and then, or at once, whether what should be seen is seen, and whether anybody would be told.
    async fn look_at_detection(&self, at_once: bool, now: Time) {
        let asked = self.state().detection_at.filter(|_| !at_once);
        if asked.is_some_and(|at| (now - at).abs() < DETECTION_EVERY.delta()) {
            return;
        }
        let ask = |path| async move { self.ask(path, BESIDE).await.map(|answer| answer.body) };
        let (rules, targets, receivers, build) = tokio::join!(
            ask("/rules?type=alert"),
            ask("/targets?state=active"),
            ask("/alertmanagers"),
            ask("/status/buildinfo"),
        );
        let mut state = self.state();
        state.detection.hear(Answers { rules, targets, receivers, build }, now);
        state.detection_at = Some(now);
    }
}

impl State {
    /// Whether something is gone, as far as is known.
    fn misses_any(&self, answer: &Answer) -> bool {
        let here: BTreeSet<&SignalKey> = answer.signals.iter().map(|signal| &signal.key).collect();
        self.listed.as_ref().is_none_or(|listed| listed.keys().any(|key| !here.contains(key)))
    }

    /// Takes an answer in. What is gone from it is over only where its rule was evaluated: a Prometheus that has just
    /// started lists nothing until then, and may burn all the same. One that cannot say so for long is believed.
    fn take_in(&mut self, answer: &mut Answer, misses_any: bool, now: Time) {
        let here: BTreeMap<SignalKey, Outside> =
            answer.signals.iter().map(|signal| (signal.key.clone(), signal.alertname.clone())).collect();
        let is_gone = |rule: &str| match &self.listed {
            Some(listed) => listed.iter().any(|(key, name)| name.raw() == rule && !here.contains_key(key)),
            None => true,
        };
        let unsure = if misses_any { self.detection.unsure(is_gone) } else { None };
        let since = self.unsure_since.filter(|_| unsure.is_some()).unwrap_or(now);
        self.unsure_since = unsure.as_ref().map(|_| since);
        self.unsure = unsure.filter(|_| (now - since).abs() <= UNSURE_FOR.delta());
        answer.complete &= self.unsure.is_none();
        match &mut self.listed {
            Some(listed) if self.unsure.is_some() => listed.extend(here),
            // Of what was listed before the first answer nothing is known.
            None if self.unsure.is_some() => {}
            listed => *listed = Some(here),
        }
        self.pending = pending(answer);
        self.date(answer, now);
    }

    /// It says only since when a condition holds: what has to hold for a while fires from then on. What was reckoned once
    /// stands for as long as it fires.
    fn date(&mut self, answer: &mut Answer, now: Time) {
        let before = std::mem::take(&mut self.fires);
        let fires = |signal: &&mut Arc<Signal>| signal.standing == Standing::Firing && !signal.undecodable;
        for signal in answer.signals.iter_mut().filter(fires) {
            let held = before.get(&signal.key).filter(|(active, _)| *active == signal.since);
            let since = held.map_or_else(
                || {
                    let waits = self.detection.waits(signal.alertname.raw());
                    let since = signal.since.checked_add_signed(waits.delta()).unwrap_or(signal.since);
                    // Of rules with one name the longest counts, which may not be the one.
                    since.min(now.max(signal.since))
                },
                |(_, since)| *since,
            );
            self.fires.insert(signal.key.clone(), (signal.since, since));
            Arc::make_mut(signal).since = since;
        }
    }
}

#[async_trait]
impl Source for Prometheus {
    fn schedule(&self) -> Schedule<'_> {
        let settings = &self.settings;
        Schedule { name: &settings.name, every: settings.every, watchdog: &settings.watchdog }
    }

    async fn poll(&self, now: Time) -> Result<Polled, Fault> {
        let page = self.ask("/alerts", Limits::READ).await?;
        let said: [u8; 32] = Sha256::digest(&page.body).into();
        let mut answer = if self.state().said == Some(said) {
            None
        } else {
            Some(decode::page(&page.body, &self.settings.name, now)?)
        };
        let misses_any = answer.as_ref().is_some_and(|answer| self.state().misses_any(answer));
        self.look_at_detection(misses_any, now).await;
        let mut state = self.state();
        if let Some(answer) = &mut answer {
            state.take_in(answer, misses_any, now);
        }
        // What is not sure is looked at again.
        state.said = Some(said).filter(|_| state.unsure.is_none());
        let mut vitals = Vitals { skew_ms: page.skew_ms(now), ..state.detection.vitals() };
        let remark = |text: &String, partial| Remark {
            text: Outside::new(text.as_str()),
            partial,
            ..Remark::default()
        };
        vitals.remarks.extend(state.unsure.as_ref().map(|text| remark(text, true)));
        vitals.remarks.extend(state.pending.as_ref().map(|text| remark(text, false)));
        Ok(Polled { answer, vitals, ..Polled::default() })
    }

    fn forget(&self) {
        let mut state = self.state();
        (state.said, state.listed) = (None, None);
    }
}

/// What may fire soon: how many, and their names.
fn pending(answer: &Answer) -> Option<String> {
    let pending = || answer.signals.iter().filter(|signal| signal.standing == Standing::Pending);
    let names: BTreeSet<&str> = pending().map(|signal| signal.alertname.raw()).collect();
    let more = names.len().checked_sub(NAMED).filter(|more| *more > 0);
    let named = names.iter().take(NAMED).map(|name| SafeText::exact(name).to_string());
    let named = named.chain(more.map(|more| format!("{more} more"))).collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| format!("{} pending: {named}", pending().count()))
}

/// What the answer lacks to be Prometheus's.
fn unlike(what: &str) -> Fault {
    let detail = format!("the answer holds no {what}; check that the URL is Prometheus's own");
    Fault::new(FaultKind::Malformed, detail)
}

#[cfg(test)]
mod tests;
