//! Prometheus Alertmanager, API v2: the alerts of all its peers, united by fingerprint.

mod decode;

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::{Deserialize, Serialize};

use super::{Polled, Source};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::signal::{Answer, Signal, Standing};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::net::{Client, Connection, Environment, Limits, Login, LoginSettings, Request};

/// How long the other peers may take after one has answered.
const OTHERS_WITHIN: Span = Span::millis(1500);

/// `[[source]] kind = "alertmanager"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What rows call it.
    pub name: String,
    /// The peers of one cluster; one that answers suffices.
    pub urls: Vec<String>,
    /// How often it is asked.
    #[serde(default = "every")]
    pub every: Span,
    /// Alerts that must be firing.
    #[serde(default)]
    pub watchdog: Vec<String>,
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

/// An Alertmanager cluster.
#[derive(Debug)]
pub struct Alertmanager {
    name: String,
    every: Span,
    watchdog: Vec<String>,
    peers: Vec<String>,
    client: Client,
}

impl Alertmanager {
    /// Makes a source; sends nothing.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let client = Client::for_polling(&settings.connection, Login::new(&settings.login, environment)?)?;
        if settings.urls.is_empty() {
            return Err(Fault::new(FaultKind::Local, "urls is empty; name at least one Alertmanager"));
        }
        for url in &settings.urls {
            client.check(url)?;
        }
        let list = |url: &String| format!("{}/api/v2/alerts", url.trim_end_matches('/'));
        Ok(Self {
            name: settings.name.clone(),
            every: settings.every,
            watchdog: settings.watchdog.clone(),
            peers: settings.urls.iter().map(list).collect(),
            client,
        })
    }

    async fn ask(&self, peer: &str, now: Time) -> Result<Vec<Signal>, Fault> {
        let request = Request::get(peer).header("accept", "application/json")?;
        let answer = self.client.send(&request, Limits::READ).await?;
        decode::page(&answer.body, &self.name, now)
    }

    /// What the peers say, in the order they are configured. One page suffices, so a peer that hangs delays
    /// nothing for long and is left out.
    async fn ask_all(&self, now: Time) -> BTreeMap<usize, Result<Vec<Signal>, Fault>> {
        let mut asked = FuturesUnordered::new();
        for (place, peer) in self.peers.iter().enumerate() {
            asked.push(async move { (place, self.ask(peer, now).await) });
        }
        let mut answers = BTreeMap::new();
        while let Some((place, answer)) = asked.next().await {
            let is_page = answer.is_ok();
            answers.insert(place, answer);
            if is_page {
                break;
            }
        }
        let others = async {
            while let Some((place, answer)) = asked.next().await {
                answers.insert(place, answer);
            }
        };
        tokio::time::timeout(OTHERS_WITHIN.std(), others).await.ok();
        answers
    }
}

#[async_trait]
impl Source for Alertmanager {
    fn name(&self) -> &str {
        &self.name
    }

    fn every(&self) -> Span {
        self.every
    }

    fn watchdog(&self) -> &[String] {
        &self.watchdog
    }

    async fn poll(&self, now: Time) -> Result<Polled, Fault> {
        let mut pages = Vec::new();
        let mut fault = None;
        for answer in self.ask_all(now).await.into_values() {
            match answer {
                Ok(page) => pages.push(page),
                Err(said) => fault = fault.or(Some(said)),
            }
        }
        match fault {
            Some(fault) if pages.is_empty() => Err(fault),
            _ => Ok(unite(pages).into()),
        }
    }
}

/// The alerts of all peers. Where they disagree on one, the peer that would wake somebody is believed.
fn unite(pages: Vec<Vec<Signal>>) -> Answer {
    let mut united: BTreeMap<Outside, Signal> = BTreeMap::new();
    for signal in pages.into_iter().flatten() {
        match united.get(&signal.key.fingerprint) {
            Some(held) if loudness(held) >= loudness(&signal) => {}
            _ => drop(united.insert(signal.key.fingerprint.clone(), signal)),
        }
    }
    let signals: Vec<_> = united.into_values().collect();
    let undecodable = signals.iter().filter(|signal| signal.undecodable).count();
    Answer { left_out: u32::try_from(undecodable).unwrap_or(u32::MAX), signals, complete: true }
}

fn loudness(signal: &Signal) -> (bool, u8) {
    let standing = match signal.standing {
        Standing::Firing => 2,
        Standing::Pending | Standing::Inhibited { .. } => 1,
        Standing::Silenced => 0,
    };
    (!signal.undecodable, standing)
}

#[cfg(test)]
mod tests;
