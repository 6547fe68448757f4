//! Ways to reach other people: one trait, one settings enum, one file per kind.

pub mod webhook;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::fault::Fault;
use crate::domain::id::IncidentId;
use crate::domain::plan::Telling;
use crate::net::Environment;

/// The other side took a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// With this HTTP status.
    pub status: u16,
}

/// Something that carries messages to people.
#[async_trait]
pub trait Channel: Send + Sync {
    /// The configured name.
    fn name(&self) -> &str;
    /// Sends a message about an incident. It may be sent again with the same key: at least once is the promise.
    async fn send(&self, incident: &IncidentId, telling: &Telling) -> Result<Accepted, Fault>;
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
