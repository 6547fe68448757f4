//! PagerDuty, REST API v2: every open incident, what it does next by itself, and what it can be asked.

mod decode;
mod details;
mod directory;
mod known;
mod lists;
mod policies;
mod reading;
mod signal;
#[cfg(test)]
mod tests;
mod verbs;
mod wire;
mod words;

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use self::directory::{Directory, Shelf, Whose};
use self::reading::Reader;
use self::verbs::Verbs;
use self::wire::Wire;
use super::{Polled, Schedule, Source, api_name};
use crate::domain::fault::Fault;
use crate::domain::playbook::Playbook;
use crate::domain::time::{Span, Time};
use crate::net::{Api, Client, Connection, Environment, Login, LoginSettings};

/// `[[source]] kind = "pagerduty"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What rows call it.
    pub name: String,
    /// Where its API is.
    #[serde(default = "api")]
    pub url: String,
    /// How often it is asked what changed.
    #[serde(default = "every")]
    pub every: Span,
    /// How often everything is read again.
    #[serde(default = "whole_every")]
    pub whole_every: Span,
    /// The ids of the teams whose incidents are shown; all of them when empty.
    #[serde(default)]
    pub teams: Vec<String>,
    /// The address of the user on whose behalf changes are made; that of the key's user where it has one.
    pub from: Option<String>,
    /// Whether an acknowledgement here is one there.
    #[serde(default = "yes")]
    pub acknowledge: bool,
    /// Its key.
    #[serde(flatten)]
    pub login: LoginSettings,
    /// How it is reached.
    #[serde(flatten)]
    pub connection: Connection,
}

fn api() -> String {
    "https://api.pagerduty.com".to_owned()
}

const fn every() -> Span {
    Span::secs(15)
}

const fn whole_every() -> Span {
    Span::mins(5)
}

const fn yes() -> bool {
    true
}

/// How long what is worth having beside the list of incidents may take, all together.
const BESIDE: Span = Span::millis(1500);

/// An account of PagerDuty.
pub struct Pagerduty {
    settings: Settings,
    environment: Environment,
    wire: Wire,
    reader: Mutex<Reader>,
    /// Nothing that was said before counts any more.
    forgotten: AtomicBool,
    /// Who and what there is, as it was read last.
    directory: Shelf,
}

impl Pagerduty {
    /// Makes a source; sends nothing.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let client = Client::for_polling(&settings.connection, login(settings, environment)?)?;
        // What calls it must be able to.
        drop(callable(settings, environment)?);
        if settings
            .from
            .as_ref()
            .is_some_and(|from| !from.contains('@') || !from.bytes().all(|b| b.is_ascii_graphic()))
        {
            return Err(Fault::local("from is no address; write the mail address of a PagerDuty user"));
        }
        if settings
            .teams
            .iter()
            .any(|team| team.is_empty() || !team.bytes().all(|b| b.is_ascii_alphanumeric()))
        {
            return Err(Fault::local("teams holds what is no id; copy it from the team's page: \"PT9KX2Q\""));
        }
        let base = settings.url.trim_end_matches('/').to_owned();
        Ok(Self {
            settings: settings.clone(),
            environment,
            wire: Wire::new(base, client),
            reader: Mutex::default(),
            forgotten: AtomicBool::new(false),
            directory: Shelf::default(),
        })
    }

    fn api_name(&self) -> String {
        api_name(&self.settings.name)
    }

    /// On whose behalf changes are made.
    fn from(&self, directory: &Directory) -> Option<String> {
        self.settings.from.clone().or_else(|| Some(directory.me()?.email.clone()))
    }
}

fn login(settings: &Settings, environment: Environment) -> Result<Login, Fault> {
    Ok(Login::with_token(&settings.login, environment)?.with_prefix("Token token="))
}

fn callable(settings: &Settings, environment: Environment) -> Result<Api, Fault> {
    let login = login(settings, environment)?;
    let api = Api::with_login(&api_name(&settings.name), &settings.url, &settings.connection, login)?;
    Ok(api.reading(words::meaning))
}

#[async_trait]
impl Source for Pagerduty {
    fn schedule(&self) -> Schedule<'_> {
        let settings = &self.settings;
        Schedule { name: &settings.name, every: settings.every, watchdog: &[] }
    }

    async fn poll(&self, now: Time) -> Result<Polled, Fault> {
        let mut reader = self.reader.lock().await;
        if self.forgotten.swap(false, Ordering::SeqCst) {
            reader.forget();
        }
        reader.poll(&self.settings, &self.wire, &self.directory, now).await
    }

    fn forget(&self) {
        self.forgotten.store(true, Ordering::SeqCst);
    }

    async fn prepare(&self, now: Time) {
        let mut asking = self.wire.asking(now);
        // A person waits: what is not known by then is not offered.
        let choices = async {
            self.directory.read_basics(&mut asking, now).await;
            self.directory.read_policies(&mut asking, now).await;
        };
        tokio::time::timeout(BESIDE.std(), choices).await.ok();
    }

    fn playbooks(&self) -> Vec<Playbook> {
        let directory = self.directory.read();
        let from = self.from(&directory);
        let (name, api) = (&self.settings.name, self.api_name());
        Verbs { name, api: &api, from: from.as_deref(), directory: &directory }.all()
    }

    fn acknowledges(&self) -> Option<String> {
        // Where nobody knows yet on whose behalf, that is said when it is tried.
        let somebodys = self.settings.from.is_some() || self.directory.read().whose != Whose::Account;
        (self.settings.acknowledge && somebodys).then(|| format!("{}/acknowledge", self.settings.name))
    }

    fn api(&self) -> Option<Api> {
        callable(&self.settings, self.environment).ok()
    }
}
