//! A secret that goes with every message: where configuration says it is, fetched when first needed.

use std::path::PathBuf;

use tokio::sync::Mutex;

use crate::domain::fault::Fault;
use crate::net::{Environment, Secret, SecretSource};

/// The ways configuration gives a secret it calls `key`.
pub(super) struct Ways<'a> {
    pub(super) key: &'a str,
    pub(super) inline: Option<&'a Secret>,
    pub(super) command: Option<&'a Vec<String>>,
    pub(super) file: Option<&'a PathBuf>,
    pub(super) env: Option<&'a String>,
}

impl Ways<'_> {
    fn source(&self) -> Result<Option<SecretSource>, Fault> {
        let named = SecretSource::one_of(self.key, self.command, self.file, self.env)?;
        let key = self.key;
        match (self.inline, named) {
            (Some(_), Some(_)) => Err(Fault::local(format!(
                "keep one of {key}, {key}_command, {key}_file and {key}_env, remove the others"
            ))),
            (Some(secret), None) => Ok(Some(SecretSource::Inline(secret.clone()))),
            (None, named) => Ok(named),
        }
    }
}

/// A secret, kept between messages.
#[derive(Debug)]
pub(super) struct Held {
    source: SecretSource,
    environment: Environment,
    held: Mutex<Option<Secret>>,
}

impl Held {
    /// The one the settings name; `None` when they name none.
    pub(super) fn new(ways: &Ways<'_>, environment: Environment) -> Result<Option<Self>, Fault> {
        Ok(ways.source()?.map(|source| Self { source, environment, held: Mutex::new(None) }))
    }

    /// The secret.
    pub(super) async fn get(&self) -> Result<Secret, Fault> {
        let mut held = self.held.lock().await;
        if let Some(secret) = held.as_ref() {
            return Ok(secret.clone());
        }
        let secret = self.source.read(self.environment).await?;
        Ok(held.insert(secret).clone())
    }

    /// Fetched again after this one was refused; none where it is the same or cannot be had.
    pub(super) async fn another(&self, than: &Secret) -> Option<Secret> {
        self.forget().await;
        let fresh = if self.source.may_change() { self.get().await.ok() } else { None };
        fresh.filter(|fresh| fresh != than)
    }

    /// Lets go of it: after a refusal it may have been replaced where it is kept.
    pub(super) async fn forget(&self) {
        self.held.lock().await.take();
    }
}
