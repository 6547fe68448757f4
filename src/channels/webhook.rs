//! A message posted to a URL, in the form a chat or a program of your own understands.

mod generic;
mod slack;
mod teams;

use std::path::PathBuf;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use generic::message;

use super::held::Held;
use super::{Accepted, Channel, no_bulletins};
use crate::domain::action::Outcome;
use crate::domain::bulletin::{Posting, Reach};
use crate::domain::fault::Fault;
use crate::domain::plan::Telling;
use crate::domain::text::Outside;
use crate::net::{
    Answer, Attributes, Client, Connection, Environment, Limits, Login, LoginSettings, Request, Secret, Ways,
};

/// `[[channel]] kind = "webhook"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What paths call it.
    pub name: String,
    /// What the other side understands.
    pub style: Style,
    /// How it reaches the readers of bulletins; absent: it carries none.
    pub reach: Option<Reach>,
    /// The URL; a secret, since whoever knows it can write there.
    pub url: Option<Secret>,
    /// A program, as its argument list, that prints the URL.
    pub url_command: Option<Vec<String>>,
    /// The attributes by which the keyring finds it.
    pub url_keyring: Option<Attributes>,
    /// A file, readable by its owner only, that holds it.
    pub url_file: Option<PathBuf>,
    /// A variable of the environment that holds it.
    pub url_env: Option<String>,
    /// Its credentials, where the URL alone does not suffice.
    #[serde(flatten)]
    pub login: LoginSettings,
    /// How it is reached.
    #[serde(flatten)]
    pub connection: Connection,
}

/// What the other side understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// Slack and those that speak like it.
    Slack,
    /// A workflow of Microsoft Teams that posts the card it is sent.
    Teams,
    /// Plain JSON with every field by itself.
    Generic,
}

/// A webhook.
#[derive(Debug)]
pub struct Webhook {
    name: String,
    style: Style,
    reach: Option<Reach>,
    url: Held,
    client: Client,
}

impl Webhook {
    /// Makes a channel; fetches no secret yet and sends nothing.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let client = Client::new(&settings.connection, Login::new(&settings.login, environment)?)?;
        if let Some(url) = &settings.url {
            client.check(url.reveal())?;
        }
        if settings.reach == Some(Reach::PerRecipient) && settings.style != Style::Generic {
            return Err(Fault::local("a chat shows everybody the same text; write reach = \"broadcast\""));
        }
        let ways = Ways {
            key: "url",
            inline: settings.url.as_ref(),
            command: settings.url_command.as_ref(),
            keyring: settings.url_keyring.as_ref(),
            file: settings.url_file.as_ref(),
            env: settings.url_env.as_ref(),
        };
        let nowhere =
            || Fault::local("say where to post with url, url_command, url_keyring, url_file or url_env");
        let url = Held::new(&ways, environment)?.ok_or_else(nowhere)?;
        Ok(Self { name: settings.name.clone(), style: settings.style, reach: settings.reach, url, client })
    }

    async fn send(&self, url: &Secret, body: &Value, key: &str, often: Often) -> Result<Answer, Fault> {
        let request = Request::post_json(url.reveal(), body).header("idempotency-key", key)?;
        let request = if often == Often::AtLeastOnce { request.repeatable() } else { request };
        let answer = self.client.exchange(&request, Limits::WRITE).await?;
        match self.style {
            Style::Slack => slack::taken(answer, url),
            Style::Teams | Style::Generic => answer.success(),
        }
    }

    /// Another address, where this one was refused: it is a secret too, and may have been replaced where it is kept.
    async fn another(&self, url: &Secret, fault: &Fault) -> Option<Secret> {
        if fault.outcome() == Outcome::Refused { self.url.another(url).await } else { None }
    }
}

/// What is promised of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Often {
    /// A page: that it comes twice is better than that it does not.
    AtLeastOnce,
    /// A bulletin.
    AtMostOnce,
}

#[async_trait]
impl Channel for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    async fn tell(&self, telling: &Telling) -> Result<Accepted, Fault> {
        let body = match self.style {
            Style::Slack => slack::telling(telling),
            Style::Teams => teams::telling(telling),
            Style::Generic => generic::telling(telling),
        };
        let url = self.url.get().await?;
        let refused = match self.send(&url, &body, &telling.key, Often::AtLeastOnce).await {
            Ok(answer) => return Ok(Accepted::status(answer.status)),
            Err(fault) => fault,
        };
        let Some(url) = self.another(&url, &refused).await else { return Err(refused) };
        let answer = self.send(&url, &body, &telling.key, Often::AtLeastOnce).await?;
        Ok(Accepted::status(answer.status))
    }

    async fn post(&self, posting: &Posting) -> Result<Accepted, Fault> {
        if self.reach.is_none() {
            return Err(no_bulletins());
        }
        let body = match self.style {
            Style::Slack => slack::posting(posting)?,
            Style::Teams => teams::posting(posting)?,
            Style::Generic => generic::posting(posting),
        };
        let url = self.url.get().await?;
        let answer = match self.send(&url, &body, &posting.key, Often::AtMostOnce).await {
            Ok(answer) => answer,
            Err(refused) => {
                // Not for this one: a second attempt is somebody's decision.
                self.another(&url, &refused).await;
                return Err(refused);
            }
        };
        let begun = || if self.style == Style::Generic { generic::reference(&answer) } else { None };
        let reference: Option<Outside> = posting.series.clone().or_else(begun);
        Ok(Accepted { reference, ..Accepted::status(answer.status) })
    }
}

/// A bulletin is never trimmed: what would not arrive to the letter is not sent.
fn too_long(limit: &str) -> Fault {
    Fault::local(format!("the bulletin is longer than this channel carries ({limit}); shorten it"))
}

#[cfg(test)]
mod tests;
