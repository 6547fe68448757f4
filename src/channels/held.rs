//! A secret that goes with every message: where configuration says it is, fetched when first needed.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::domain::fault::Fault;
use crate::net::{Environment, Secret, SecretSource, Ways};

/// How soon a secret that is refused is fetched once more: it may be a program that asks a person.
const AGAIN: Duration = Duration::from_secs(60);

/// A secret, kept between messages.
#[derive(Debug)]
pub(super) struct Held {
    source: SecretSource,
    environment: Environment,
    held: Mutex<Fetched>,
}

#[derive(Debug, Default)]
struct Fetched {
    secret: Option<Secret>,
    /// When it was fetched again last after it was refused.
    again: Option<Instant>,
}

impl Held {
    /// The one the settings name; `None` when they name none.
    pub(super) fn new(ways: &Ways<'_>, environment: Environment) -> Result<Option<Self>, Fault> {
        Ok(ways.source()?.map(|source| Self { source, environment, held: Mutex::default() }))
    }

    /// The secret.
    pub(super) async fn get(&self) -> Result<Secret, Fault> {
        let mut held = self.held.lock().await;
        if let Some(secret) = &held.secret {
            return Ok(secret.clone());
        }
        let secret = self.source.read(self.environment).await?;
        Ok(held.secret.insert(secret).clone())
    }

    /// Fetched again after this one was refused, since it may have been replaced where it is kept; once in a while,
    /// however often it is refused. None where it is the same or cannot be had.
    pub(super) async fn another(&self, than: &Secret) -> Option<Secret> {
        let mut held = self.held.lock().await;
        let is_due = held.again.is_none_or(|at| at.elapsed() >= AGAIN);
        if is_due && self.source.may_change() && held.secret.as_ref() == Some(than) {
            held.again = Some(Instant::now());
            held.secret = self.source.read(self.environment).await.ok();
        }
        held.secret.clone().filter(|fresh| fresh != than)
    }
}
