//! A dead man's switch elsewhere: told that a wall lives, it calls people when it hears no more.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::fault::Fault;
use crate::domain::time::Span;
use crate::net::{
    Attributes, Client, Connection, Environment, Limits, Login, Request, Secret, SecretSource, Ways,
};

/// Of an answer nothing is read but its status.
const LIMITS: Limits = Limits { deadline: Span::secs(10), body: 64 * 1024 };

/// `[dead_man]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How often it is told at most.
    pub every: Option<Span>,
    /// The URL; a secret, since whoever knows it can keep the switch quiet.
    pub url: Option<Secret>,
    /// A program, as its argument list, that prints the URL.
    pub url_command: Option<Vec<String>>,
    /// The attributes by which the keyring finds it.
    pub url_keyring: Option<Attributes>,
    /// A file, readable by its owner only, that holds it.
    pub url_file: Option<PathBuf>,
    /// A variable of the environment that holds it.
    pub url_env: Option<String>,
    /// How it is reached.
    #[serde(flatten)]
    pub connection: Connection,
}

/// A dead man's switch.
#[derive(Clone, Debug)]
pub struct DeadMan {
    every: Span,
    url: SecretSource,
    environment: Environment,
    client: std::sync::Arc<Client>,
}

impl DeadMan {
    /// Unless it is said otherwise.
    pub const EVERY: Span = Span::mins(1);

    /// Makes a switch; fetches no secret yet and sends nothing.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let client = Client::new(&settings.connection, Login::none())?;
        if let Some(url) = &settings.url {
            client.check(url.reveal())?;
        }
        let ways = Ways {
            key: "url",
            inline: settings.url.as_ref(),
            command: settings.url_command.as_ref(),
            keyring: settings.url_keyring.as_ref(),
            file: settings.url_file.as_ref(),
            env: settings.url_env.as_ref(),
        };
        let nobody =
            || Fault::local("say whom to tell with url, url_command, url_keyring, url_file or url_env");
        let url = ways.source()?.ok_or_else(nobody)?;
        let every = settings.every.unwrap_or(Self::EVERY);
        Ok(Self { every, url, environment, client: std::sync::Arc::new(client) })
    }

    /// How often it is told at most.
    pub fn every(&self) -> Span {
        self.every
    }

    /// Whether it can be told, as far as that is known without telling it: its URL can be read, and its host answers.
    ///
    /// # Errors
    /// Why it cannot.
    pub async fn test(&self) -> Result<&'static str, Fault> {
        let url = self.url.read(self.environment).await?;
        let asked = self.client.knock(url.reveal(), LIMITS).await?;
        Ok(if asked {
            "its URL can be read and its host answers; only a wall holds it"
        } else {
            "its URL can be read; its host is not asked, which would be a sign of life"
        })
    }

    /// Tells it that all is well.
    ///
    /// # Errors
    /// Why it did not hear.
    pub async fn hold(&self) -> Result<(), Fault> {
        let url = self.url.read(self.environment).await?;
        self.client.send(&Request::get(url.reveal()), LIMITS).await.map(drop)
    }
}
