//! Incident backends that quell polls: one trait, one settings enum, one file per kind.

pub mod alertmanager;
pub mod http_json;
mod limits;
pub mod pagerduty;
mod poisoned;
pub mod prometheus;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::fault::Fault;
use crate::domain::freshness::Vitals;
use crate::domain::playbook::Playbook;
use crate::domain::signal::Answer;
use crate::domain::time::{Span, Time};
use crate::net::{Api, ApiSettings, Environment};

/// What one attempt brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Polled {
    /// What the source says; `None` when that is exactly what it said the last time.
    pub answer: Option<Answer>,
    /// What it lets one know about itself.
    pub vitals: Vitals,
    /// How long after it was asked that was true, where all of it took several questions.
    pub after: Span,
}

impl From<Answer> for Polled {
    fn from(answer: Answer) -> Self {
        Self { answer: Some(answer), ..Self::default() }
    }
}

/// What is configured of every source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule<'a> {
    /// The configured name.
    pub name: &'a str,
    /// How often it is asked.
    pub every: Span,
    /// The names of alerts that must be firing; an absent one means that nothing can be seen.
    pub watchdog: &'a [String],
}

/// Something that is asked, again and again, what is wrong.
#[async_trait]
pub trait Source: Send + Sync {
    /// What is configured of it, whatever its kind.
    fn schedule(&self) -> Schedule<'_>;
    /// Its configured name.
    fn name(&self) -> &str {
        self.schedule().name
    }
    /// Asks once. What it says counts as said only with an answer that is given back: whoever stops waiting before was
    /// told nothing.
    async fn poll(&self, now: Time) -> Result<Polled, Fault>;
    /// The next answer is to be whole, whatever was said before: what was kept of it is gone.
    fn forget(&self) {}
    /// Something of it was changed from here, and that was seen, at this time: what it reads seldom is read anew.
    fn was_changed(&self, _at: Time) {}
    /// What it said last, in a few bytes that [`Source::recall`] understands, where it can tell its answers apart.
    fn mark(&self) -> Option<String> {
        None
    }
    /// This is what it said last, to an earlier process: what it says again is not said anew.
    fn recall(&self, _mark: &str) {}
    /// Reads what its playbooks offer to choose from, where it does not know it yet, and soon: a person waits for it.
    async fn prepare(&self, _now: Time) {}
    /// The playbook that an acknowledgement here brings along, where it wants that.
    fn acknowledges(&self) -> Option<String> {
        None
    }
    /// What can be asked of it, as playbooks whose ids begin with its name: `pd/resolve`. Empty where it only tells.
    fn playbooks(&self) -> Vec<Playbook> {
        Vec::new()
    }
    /// The host its playbooks call, by the api's name they use.
    fn api(&self) -> Option<Api> {
        None
    }
}

/// A `[[source]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Settings {
    /// Prometheus Alertmanager, 0.25 and newer.
    Alertmanager(alertmanager::Settings),
    /// PagerDuty, REST API v2.
    Pagerduty(pagerduty::Settings),
    /// Prometheus itself, or what speaks like it.
    Prometheus(prometheus::Settings),
    /// Any backend that lists its incidents as JSON.
    #[serde(rename = "http-json")]
    HttpJson(Box<http_json::Settings>),
}

impl Settings {
    /// The configured name.
    pub fn name(&self) -> &str {
        match self {
            Self::Alertmanager(settings) => &settings.name,
            Self::Pagerduty(settings) => &settings.name,
            Self::Prometheus(settings) => &settings.name,
            Self::HttpJson(settings) => &settings.name,
        }
    }

    /// The `[[api]]` it goes through, where it names no host of its own.
    pub fn api(&self) -> Option<&str> {
        match self {
            Self::HttpJson(settings) => Some(&settings.api),
            Self::Alertmanager(_) | Self::Pagerduty(_) | Self::Prometheus(_) => None,
        }
    }
}

/// Makes a source, which may go through one of these apis; sends nothing.
///
/// # Errors
/// A fault on this machine: a setting is not usable.
pub fn build(
    settings: &Settings,
    apis: &[ApiSettings],
    environment: Environment,
) -> Result<Box<dyn Source>, Fault> {
    match settings {
        Settings::Alertmanager(settings) => {
            Ok(Box::new(alertmanager::Alertmanager::new(settings, environment)?))
        }
        Settings::Pagerduty(settings) => Ok(Box::new(pagerduty::Pagerduty::new(settings, environment)?)),
        Settings::Prometheus(settings) => Ok(Box::new(prometheus::Prometheus::new(settings, environment)?)),
        Settings::HttpJson(settings) => Ok(Box::new(http_json::HttpJson::new(settings, apis, environment)?)),
    }
}

/// What the api is called by which a source is asked for changes: no `[[api]]` can have this name.
fn api_name(source: &str) -> String {
    format!("{source}/api")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_api_that_can_be_configured_takes_the_place_of_a_sources_own() {
        for table in
            ["kind = 'alertmanager'\nurls = ['http://127.0.0.1:1']", "kind = 'pagerduty'\ntoken_env = 'T'"]
        {
            let settings: Settings = toml::from_str(&format!("name = 'prod'\n{table}\n")).unwrap();
            let source = build(&settings, &[], |_| Some("t".to_owned())).unwrap();
            assert_eq!(source.api().unwrap().name(), "prod/api", "{table}");
            for playbook in source.playbooks() {
                let parts = [playbook.lookup, Some(playbook.carry), playbook.verify, playbook.undo];
                let calls = parts.into_iter().flatten().filter_map(|part| part.http);
                assert!(calls.map(|call| call.api).all(|api| api == "prod/api"), "{}", playbook.id);
            }
        }
    }

    #[test]
    fn a_source_says_its_kind_and_nothing_unknown() {
        let text = "kind = 'alertmanager'\nname = 'am'\nurls = ['http://127.0.0.1:1']\nevery = '5s'\n";
        let settings: Settings = toml::from_str(text).unwrap();
        let source = build(&settings, &[], |_| None).unwrap();
        assert_eq!(source.schedule(), Schedule { name: "am", every: Span::secs(5), watchdog: &[] });
        assert!(toml::from_str::<Settings>(&format!("{text}evry = '5s'\n")).is_err());
        assert!(toml::from_str::<Settings>("kind = 'nagios'").is_err());
    }
}
