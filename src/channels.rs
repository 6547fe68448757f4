//! Ways to reach other people: one trait, one settings enum, one file per kind.

pub mod webhook;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::bulletin::{Posting, Reach};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::plan::Telling;
use crate::domain::text::Outside;
use crate::net::Environment;

/// The other side took a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// What it said, in one line; for HTTP the status.
    pub detail: Outside,
    /// What it calls the message, or the series the message began.
    pub reference: Option<Outside>,
}

impl Accepted {
    /// With this HTTP status, and no name for it.
    pub fn status(status: u16) -> Self {
        Self { detail: Outside::new(status.to_string()), reference: None }
    }
}

/// Something that carries messages to people.
#[async_trait]
pub trait Channel: Send + Sync {
    /// The configured name.
    fn name(&self) -> &str;
    /// Tells people. It may be sent again with the same key: at least once is the promise.
    async fn tell(&self, telling: &Telling) -> Result<Accepted, Fault>;
    /// Posts a bulletin, once: a fault says whether it can have left ([`FaultKind::Unreachable`] means it did not).
    async fn post(&self, _posting: &Posting) -> Result<Accepted, Fault> {
        Err(Fault::new(FaultKind::Local, "this channel carries no bulletins"))
    }
    /// Whether readers can see a posting that was accepted; `None` when this channel cannot be asked.
    async fn visible(&self, _posting: &Posting, _reference: &Outside) -> Result<Option<bool>, Fault> {
        Ok(None)
    }
}

/// A `[[channel]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Settings {
    /// A chat's incoming webhook, or one of your own.
    Webhook(webhook::Settings),
}

impl Settings {
    /// The configured name.
    pub fn name(&self) -> &str {
        match self {
            Self::Webhook(settings) => &settings.name,
        }
    }

    /// Whether the steps of a path may name it.
    pub fn tells(&self) -> bool {
        match self {
            Self::Webhook(_) => true,
        }
    }

    /// How it reaches the readers of bulletins; `None` when it carries none.
    pub fn reach(&self) -> Option<Reach> {
        match self {
            Self::Webhook(settings) => settings.reach,
        }
    }
}

/// Makes a channel; fetches no secret yet and sends nothing.
///
/// # Errors
/// A fault on this machine: a setting is not usable.
pub fn build(settings: &Settings, environment: Environment) -> Result<Box<dyn Channel>, Fault> {
    match settings {
        Settings::Webhook(settings) => Ok(Box::new(webhook::Webhook::new(settings, environment)?)),
    }
}
