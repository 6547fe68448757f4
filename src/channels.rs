//! Ways to reach other people: one trait, one settings enum, one file per kind.

pub mod cachet;
pub mod exec;
mod held;
pub mod mail;
pub mod pagerduty_events;
mod series;
pub mod statuspage;
pub mod webhook;
mod words;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::bulletin::{Posting, Reach};
use crate::domain::fault::Fault;
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
///
/// What a fault says of a message is [`Fault::outcome`], the same for every channel:
///
/// * [`FaultKind::Unreachable`], [`FaultKind::Unsigned`] and [`FaultKind::Local`]: it certainly never left (name look-up,
///   connection, TLS, no secret, a setting, a text over the channel's limit; for mail everything before the server was
///   handed the text);
/// * a definite no of the other side (a 4xx that means refused, an SMTP reply): it took nothing;
/// * everything else, above all silence after sending, a 5xx over HTTP and an answer that is none: it may be there.
#[async_trait]
pub trait Channel: Send + Sync {
    /// The configured name.
    fn name(&self) -> &str;

    /// Tells people. It may be told again with the same key: at least once is the promise.
    async fn tell(&self, _telling: &Telling) -> Result<Accepted, Fault> {
        Err(Fault::local("this channel carries bulletins only; name another one in the step"))
    }

    /// The same, with what the program printed that carries messages, where one does: it is kept as evidence.
    async fn tell_and_hear(&self, telling: &Telling) -> (Result<Accepted, Fault>, Option<String>) {
        (self.tell(telling).await, None)
    }

    /// Posts a bulletin, to the letter and at most once: nothing is sent a second time within one call, whatever was
    /// answered. With [`Posting::series`] it continues that series; the reference that comes back is the series'.
    async fn post(&self, _posting: &Posting) -> Result<Accepted, Fault> {
        Err(no_bulletins())
    }

    /// Whether what readers see can be asked for at all.
    fn can_be_read(&self) -> bool {
        false
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
    /// A service of PagerDuty.
    PagerdutyEvents(pagerduty_events::Settings),
    /// A mail server.
    Mail(mail::Settings),
    /// A page of Atlassian's Statuspage.
    Statuspage(statuspage::Settings),
    /// A Cachet status page.
    Cachet(cachet::Settings),
    /// A program on this machine.
    Exec(exec::Settings),
}

impl Settings {
    /// The configured name.
    pub fn name(&self) -> &str {
        match self {
            Self::Webhook(settings) => &settings.name,
            Self::PagerdutyEvents(settings) => &settings.name,
            Self::Mail(settings) => &settings.name,
            Self::Statuspage(settings) => &settings.name,
            Self::Cachet(settings) => &settings.name,
            Self::Exec(settings) => &settings.name,
        }
    }

    /// Whether the steps of a path may name it.
    pub fn tells(&self) -> bool {
        match self {
            Self::Webhook(_) | Self::PagerdutyEvents(_) | Self::Mail(_) | Self::Exec(_) => true,
            Self::Statuspage(_) | Self::Cachet(_) => false,
        }
    }

    /// How it reaches the readers of bulletins; `None` when it carries none.
    pub fn reach(&self) -> Option<Reach> {
        match self {
            Self::Webhook(settings) => settings.reach,
            Self::PagerdutyEvents(_) | Self::Exec(_) => None,
            Self::Mail(settings) => settings.reach,
            Self::Statuspage(_) | Self::Cachet(_) => Some(Reach::Broadcast),
        }
    }

    /// Whether everybody reads it, whomever a bulletin is for.
    pub fn is_public(&self) -> bool {
        matches!(self, Self::Statuspage(_) | Self::Cachet(_))
    }
}

/// Makes a channel; fetches no secret yet and sends nothing.
///
/// # Errors
/// A fault on this machine: a setting is not usable.
pub fn build(settings: &Settings, environment: Environment) -> Result<Box<dyn Channel>, Fault> {
    Ok(match settings {
        Settings::Webhook(settings) => Box::new(webhook::Webhook::new(settings, environment)?),
        Settings::PagerdutyEvents(settings) => {
            Box::new(pagerduty_events::PagerdutyEvents::new(settings, environment)?)
        }
        Settings::Mail(settings) => Box::new(mail::Mail::new(settings, environment)?),
        Settings::Statuspage(settings) => Box::new(statuspage::Statuspage::new(settings, environment)?),
        Settings::Cachet(settings) => Box::new(cachet::Cachet::new(settings, environment)?),
        Settings::Exec(settings) => Box::new(exec::Exec::new(settings)?),
    })
}

fn no_bulletins() -> Fault {
    Fault::local("this channel carries no bulletins; set its reach, or use another one")
}

#[cfg(test)]
mod tests;
