//! How a client says who it is: a bearer token, a password or a header of its own.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::keyring::Attributes;
use super::secret::{Environment, Secret, SecretSource, Ways};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::text::Outside;

/// What stands before a token unless said otherwise.
const BEARER: &str = "Bearer ";

/// How configuration names credentials: where the secret is, and how it is sent (as a bearer token by default).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoginSettings {
    /// A program, as its argument list, that prints the secret.
    pub token_command: Option<Vec<String>>,
    /// The attributes by which the keyring finds it.
    pub token_keyring: Option<Attributes>,
    /// A file, readable by its owner only, that holds it.
    pub token_file: Option<PathBuf>,
    /// A variable of the environment that holds it.
    pub token_env: Option<String>,
    /// The user whose password it is.
    pub basic: Option<String>,
    /// The header that carries it instead of `Authorization`.
    pub header: Option<String>,
}

/// Credentials, fetched when first needed.
#[derive(Debug)]
pub struct Login {
    source: Option<SecretSource>,
    form: Form,
    environment: Environment,
    held: Mutex<Held>,
    /// What to do about a refusal where there are none.
    without: &'static str,
}

/// The secret, and how often it was fetched.
#[derive(Debug, Default)]
struct Held {
    secret: Option<Secret>,
    fetched: Fetched,
    /// With which fetch it became what it is.
    since: Fetched,
    /// Why the last fetch brought nothing.
    trouble: Option<Outside>,
}

/// How often a secret was fetched when a request was signed with it.
pub(super) type Fetched = u64;

/// What came of fetching a secret again that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Renewal {
    /// It is another one now; where from.
    Changed(String),
    /// It is not; what to say of that.
    Same(String),
}

#[derive(Debug)]
enum Form {
    Prefix(&'static str),
    Basic(String),
    Header(HeaderName),
}

impl Login {
    /// No credentials.
    pub fn none() -> Self {
        Self {
            source: None,
            form: Form::Prefix(BEARER),
            environment: |_| None,
            held: Mutex::default(),
            without: "check the credentials",
        }
    }

    /// The credentials the settings name.
    ///
    /// # Errors
    /// The settings contradict each other.
    pub fn new(settings: &LoginSettings, environment: Environment) -> Result<Self, Fault> {
        let ways = Ways {
            key: "token",
            inline: None,
            command: settings.token_command.as_ref(),
            keyring: settings.token_keyring.as_ref(),
            file: settings.token_file.as_ref(),
            env: settings.token_env.as_ref(),
        };
        let source = ways.source()?;
        let form = match (&settings.basic, &settings.header) {
            (None, None) => Form::Prefix(BEARER),
            (Some(user), None) if !user.contains(':') => Form::Basic(user.clone()),
            (Some(_), None) => {
                return Err(Fault::local(
                    "basic names a user; the password comes from token_command, token_keyring, token_file or token_env",
                ));
            }
            (None, Some(name)) => Form::Header(
                HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| Fault::local("header is not the name of an HTTP header"))?,
            ),
            (Some(_), Some(_)) => return Err(Fault::local("keep one of basic and header, remove the other")),
        };
        if source.is_none() && !matches!(form, Form::Prefix(_)) {
            return Err(Fault::local(
                "say where the secret is with token_command, token_keyring, token_file or token_env",
            ));
        }
        let without =
            "it wants credentials; name them with token_command, token_keyring, token_file or token_env";
        Ok(Self { source, form, environment, held: Mutex::default(), without })
    }

    /// As [`Login::new`], for hosts that answer nobody without a token.
    ///
    /// # Errors
    /// The settings contradict each other, or name no token.
    pub fn with_token(settings: &LoginSettings, environment: Environment) -> Result<Self, Fault> {
        let login = Self::new(settings, environment)?;
        if login.source.is_none() {
            return Err(Fault::local(
                "say where the key is with token_command, token_keyring, token_file or token_env",
            ));
        }
        Ok(login)
    }

    /// The same, with something else before the token than `Bearer `: `Token token=`.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &'static str) -> Self {
        if matches!(self.form, Form::Prefix(_)) {
            self.form = Form::Prefix(prefix);
        }
        self
    }

    /// Puts the credentials into a request's headers; says which ones they are.
    pub(super) async fn sign(&self, headers: &mut HeaderMap) -> Result<Fetched, Fault> {
        let Some(source) = &self.source else { return Ok(0) };
        let mut held = self.held.lock().await;
        let secret = match held.secret.take() {
            Some(secret) => held.secret.insert(secret),
            None => held.secret.insert(source.read(self.environment).await.map_err(unsigned)?),
        };
        let (name, value) = match &self.form {
            Form::Prefix(prefix) => (AUTHORIZATION, Secret::new(format!("{prefix}{}", secret.reveal()))),
            Form::Basic(user) => {
                let pair = Secret::new(format!("{user}:{}", secret.reveal()));
                (AUTHORIZATION, Secret::new(format!("Basic {}", STANDARD.encode(pair.reveal()))))
            }
            Form::Header(name) => (name.clone(), secret.clone()),
        };
        let mut value = HeaderValue::from_str(value.reveal()).map_err(|_| {
            unsigned(Fault::local(format!("{source} holds characters that no header may hold")))
        })?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Ok(held.fetched)
    }

    /// Fetches the secret again that a request was signed with and that was refused; once, however many requests
    /// were refused with it.
    pub(super) async fn renew(&self, signed: Fetched) -> Renewal {
        let Some(source) = &self.source else { return Renewal::Same(self.without.to_owned()) };
        if !source.may_change() {
            let how = format!("what {source} holds is refused; put a valid one there and start quell again");
            return Renewal::Same(how);
        }
        let mut held = self.held.lock().await;
        if held.fetched == signed {
            held.fetched += 1;
            match source.read(self.environment).await {
                Ok(fresh) => held.take(fresh),
                Err(fault) => held.trouble = Some(fault.detail),
            }
        }
        match &held.trouble {
            Some(why) => Renewal::Same(why.raw().to_owned()),
            None if held.since > signed => Renewal::Changed(source.to_string()),
            None => Renewal::Same(format!("{source} gives again what is refused; put a valid one there")),
        }
    }
}

/// Without a secret nothing is sent.
fn unsigned(fault: Fault) -> Fault {
    Fault { kind: FaultKind::Unsigned, ..fault }
}

impl Held {
    fn take(&mut self, fresh: Secret) {
        if self.secret.as_ref() != Some(&fresh) {
            self.since = self.fetched;
        }
        (self.secret, self.trouble) = (Some(fresh), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn signed(settings: &LoginSettings) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let login = Login::new(settings, |_| Some("hunter2".to_owned())).unwrap();
        login.sign(&mut headers).await.unwrap();
        headers
    }

    #[tokio::test]
    async fn a_secret_is_sent_as_configured_and_marked() {
        let token = LoginSettings { token_env: Some("T".into()), ..Default::default() };
        let headers = signed(&token).await;
        assert_eq!(headers["authorization"], "Bearer hunter2");
        assert!(!format!("{headers:?}").contains("hunter2"));
        let basic = LoginSettings { basic: Some("ana".into()), ..token.clone() };
        assert_eq!(signed(&basic).await["authorization"], "Basic YW5hOmh1bnRlcjI=");
        let header = LoginSettings { header: Some("X-Api-Key".into()), ..token };
        assert_eq!(signed(&header).await["x-api-key"], "hunter2");
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        let two =
            LoginSettings { token_env: Some("T".into()), token_file: Some("t".into()), ..Default::default() };
        let both = LoginSettings { basic: Some("a".into()), header: Some("B".into()), ..Default::default() };
        let nowhere = LoginSettings { basic: Some("a".into()), ..Default::default() };
        for settings in [two, both, nowhere] {
            assert!(Login::new(&settings, |_| None).is_err(), "{settings:?}");
        }
    }
}
