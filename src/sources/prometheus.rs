//! Prometheus itself: the alerts its rules raise, pending ones too, and whether anybody would hear of them.

mod decode;
mod detection;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::detection::Detection;
use super::{Polled, Schedule, Source};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::{Remark, Vitals};
use crate::domain::signal::{Answer, Standing};
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::{Span, Time};
use crate::net::{self, Client, Connection, Environment, Limits, Login, LoginSettings, Request};

/// What is asked beside the alerts: without it they are worth as much.
const BESIDE: Limits = Limits { deadline: Span::secs(3), body: 16 << 20 };
/// How often it is asked whether detection works.
const DETECTION_EVERY: Span = Span::mins(1);
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
    /// Over the last answer that was taken in.
    said: Option<[u8; 32]>,
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

    /// Asks now and then whether what should be seen is seen, and whether anybody would be told.
    async fn look_at_detection(&self, now: Time) {
        let asked = self.state().detection_at;
        if asked.is_some_and(|at| (now - at).abs() < DETECTION_EVERY.delta()) {
            return;
        }
        let ask = |path| async move {
            let answer = self.ask(path, BESIDE).await;
            answer
                .inspect_err(|fault| tracing::debug!(path, why = %fault.detail.safe(), "it was not said"))
                .ok()
        };
        let (rules, targets, receivers, build) = tokio::join!(
            ask("/rules?type=alert"),
            ask("/targets?state=active"),
            ask("/alertmanagers"),
            ask("/status/buildinfo"),
        );
        let body =
            |answer: &Option<net::Answer>| answer.as_ref().map(|it| it.body.clone()).unwrap_or_default();
        let detection = Detection::of(&body(&rules), &body(&targets), &body(&receivers), &body(&build));
        let mut state = self.state();
        state.detection = detection.or(std::mem::take(&mut state.detection));
        state.detection_at = Some(now);
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
        let answer = if self.state().said == Some(said) {
            None
        } else {
            Some(decode::page(&page.body, &self.settings.name, now)?)
        };
        self.look_at_detection(now).await;
        let mut state = self.state();
        state.said = Some(said);
        if let Some(answer) = &answer {
            state.pending = pending(answer);
        }
        let mut vitals = Vitals { skew_ms: page.skew_ms(now), ..state.detection.vitals() };
        let remark = |text: &String| Remark { text: Outside::new(text.as_str()), partial: false };
        vitals.remarks.extend(state.pending.as_ref().map(remark));
        Ok(Polled { answer, vitals })
    }

    fn forget(&self) {
        self.state().said = None;
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
