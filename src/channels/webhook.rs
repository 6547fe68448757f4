//! A message posted to a URL, in the form a chat or a program of your own understands.

mod body;

use std::path::PathBuf;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{Accepted, Channel};
use crate::domain::bulletin::Reach;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::plan::Telling;
use crate::domain::text::Outside;
use crate::net::{
    Answer, Client, Connection, Environment, Limits, Login, LoginSettings, Request, Secret, SecretSource,
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
#[serde(try_from = "String", rename_all = "lowercase")]
pub enum Style {
    /// Slack and those that speak like it.
    Slack,
    /// Plain JSON with every field by itself.
    Generic,
}

impl TryFrom<String> for Style {
    type Error = String;
    fn try_from(word: String) -> Result<Self, String> {
        match word.as_str() {
            "slack" => Ok(Self::Slack),
            "generic" => Ok(Self::Generic),
            "teams" => {
                Err("style \"teams\" is not in this build yet; use \"slack\" or \"generic\"".to_owned())
            }
            _ => Err("the style is none quell knows; use \"slack\" or \"generic\"".to_owned()),
        }
    }
}

/// A webhook.
#[derive(Debug)]
pub struct Webhook {
    name: String,
    style: Style,
    source: SecretSource,
    environment: Environment,
    url: Mutex<Option<Secret>>,
    client: Client,
}

impl Webhook {
    /// Makes a channel; fetches no secret yet and sends nothing.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let client = Client::new(&settings.connection, Login::new(&settings.login, environment)?)?;
        let named = SecretSource::one_of(
            "url",
            settings.url_command.as_ref(),
            settings.url_file.as_ref(),
            settings.url_env.as_ref(),
        )?;
        let source = match (&settings.url, named) {
            (Some(url), None) => {
                client.check(url.reveal())?;
                SecretSource::Inline(url.clone())
            }
            (None, Some(named)) => named,
            (Some(_), Some(_)) => {
                return Err(local("keep one of url, url_command, url_file and url_env, remove the others"));
            }
            (None, None) => {
                return Err(local("say where to post with url, url_command, url_file or url_env"));
            }
        };
        Ok(Self {
            name: settings.name.clone(),
            style: settings.style,
            source,
            environment,
            url: Mutex::new(None),
            client,
        })
    }

    async fn url(&self) -> Result<Secret, Fault> {
        let mut held = self.url.lock().await;
        if let Some(url) = held.as_ref() {
            return Ok(url.clone());
        }
        let url = self.source.read(self.environment).await?;
        Ok(held.insert(url).clone())
    }

    async fn post(&self, request: &Request) -> Result<Accepted, Fault> {
        let answer = self.client.send(request, Limits::WRITE).await?;
        match self.style {
            Style::Slack => said_ok(&answer)?,
            Style::Generic => {}
        }
        Ok(Accepted::status(answer.status))
    }
}

#[async_trait]
impl Channel for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    async fn tell(&self, telling: &Telling) -> Result<Accepted, Fault> {
        let body = match self.style {
            Style::Slack => body::slack(telling),
            Style::Generic => body::generic(telling),
        };
        let url = self.url().await?;
        let request = Request::post_json(url.reveal(), &body).header("idempotency-key", &telling.key)?;
        let mut sent = self.post(&request).await;
        if sent.as_ref().is_err_and(|fault| fault.kind == FaultKind::Unreachable) {
            sent = self.post(&request).await;
        }
        if sent.as_ref().is_err_and(|fault| fault.status.is_some()) {
            // It may have been replaced where it is kept.
            self.url.lock().await.take();
        }
        sent
    }
}

/// Slack says `ok`, and nothing else is a success.
fn said_ok(answer: &Answer) -> Result<(), Fault> {
    if answer.status == 200 && answer.body == b"ok" {
        return Ok(());
    }
    let said = Outside::capped(Outside::from_bytes(&answer.body).raw(), 200);
    let detail = format!("the other side did not say \"ok\" but: {}", said.raw());
    Err(Fault { status: Some(answer.status), ..Fault::new(FaultKind::Malformed, detail) })
}

fn local(detail: &str) -> Fault {
    Fault::new(FaultKind::Local, detail)
}

#[cfg(test)]
mod tests;
