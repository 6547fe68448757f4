//! The key a person acts with: in a file of their own, or held by their SSH agent.

mod agent;
mod file;

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;
use tokio::time::timeout;

use crate::domain::fault::Fault;
use crate::domain::identity::{KeyId, PublicKey, Signature, Signing, Statement};
use crate::domain::time::Time;

/// How long a signature is waited for that nothing depends on.
const SOON: Duration = Duration::from_secs(1);

/// Where the key is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Settings {
    /// A file with it, instead of the usual one.
    pub key_file: Option<PathBuf>,
    /// The fingerprint of a key that the agent at `SSH_AUTH_SOCK` holds.
    pub agent: Option<KeyId>,
}

/// A key somebody acts with.
pub enum Identity {
    /// In a file.
    File(file::Key),
    /// With an agent.
    Agent(agent::Key),
}

impl Identity {
    /// The key that is configured, else the one in the `usual` file; `None` where there is no such file. An agent, at
    /// `socket`, is not asked before its key is needed.
    ///
    /// # Errors
    /// A [local](Fault::local) fault that says how to mend the file.
    pub fn find(
        settings: &Settings,
        usual: Option<&Path>,
        socket: Option<PathBuf>,
    ) -> Result<Option<Self>, Fault> {
        if let Some(id) = &settings.agent {
            return Ok(Some(Self::Agent(agent::Key::new(id.clone(), socket))));
        }
        let found = settings.key_file.as_deref().or(usual.filter(|path| path.exists()));
        found.map(|path| file::Key::read(path).map(Self::File)).transpose()
    }

    /// Makes a new key and keeps it in a new file, for its owner only.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: there is such a file already, or it cannot be written.
    pub fn make(path: &Path) -> Result<Self, Fault> {
        file::Key::make(path).map(Self::File)
    }

    /// Its fingerprint.
    pub fn id(&self) -> KeyId {
        match self {
            Self::File(key) => key.public().id(),
            Self::Agent(key) => key.id().clone(),
        }
    }

    /// Where it lives, in words.
    pub fn place(&self) -> String {
        match self {
            Self::File(key) => format!("the file {}", key.path().display()),
            Self::Agent(_) => "the SSH agent".to_owned(),
        }
    }

    /// The public key.
    ///
    /// # Errors
    /// The agent does not answer, or does not hold it.
    pub async fn public(&self) -> Result<PublicKey, Fault> {
        match self {
            Self::File(key) => Ok(key.public()),
            Self::Agent(key) => key.public().await,
        }
    }

    /// Signs a statement, as of now.
    ///
    /// # Errors
    /// The agent does not answer, does not hold the key, or does not sign with it.
    pub async fn sign(&self, statement: &Statement<'_>, now: Time) -> Result<Signature, Fault> {
        match self {
            Self::File(key) => Ok(key.sign(now, &statement.bytes(now))),
            Self::Agent(key) => key.sign(now, &statement.bytes(now)).await,
        }
    }

    /// The signature that is wanted, or why it cannot be had; `None` where none is wanted.
    pub async fn sign_if(
        &self,
        wanted: Signing,
        statement: &Statement<'_>,
        now: Time,
    ) -> Option<Result<Signature, Fault>> {
        match wanted {
            Signing::Never => None,
            Signing::IfSoon => Some(self.sign_soon(statement, now).await),
            Signing::Needed => Some(self.sign(statement, now).await),
        }
    }

    /// Signs within a second or not at all. An agent that hangs costs that second once, not for each of many targets.
    async fn sign_soon(&self, statement: &Statement<'_>, now: Time) -> Result<Signature, Fault> {
        let Self::Agent(key) = self else { return self.sign(statement, now).await };
        if key.hangs(now) {
            return Err(Fault::local("the SSH agent hangs, and it goes on without a signature"));
        }
        let signed = timeout(SOON, self.sign(statement, now)).await;
        key.hung(signed.is_err().then_some(now));
        signed.unwrap_or_else(|_| {
            Err(Fault::local("the key did not sign within a second, and it goes on without"))
        })
    }
}

/// Whether that key signed that statement.
pub fn holds(signature: &Signature, statement: &Statement<'_>) -> bool {
    verifies(signature, &statement.bytes(signature.at))
}

fn verifies(signature: &Signature, bytes: &[u8]) -> bool {
    let key = UnparsedPublicKey::new(&ED25519, signature.key.bytes());
    signature.raw().is_some_and(|raw| key.verify(bytes, &raw).is_ok())
}

#[cfg(test)]
mod tests;
