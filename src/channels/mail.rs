//! A message handed to a mail server.

mod delivery;
mod letter;
mod metered;

use std::net::IpAddr;
use std::path::PathBuf;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use serde::{Deserialize, Serialize};

use self::delivery::{Server, Trust};
use self::letter::Letter;
use super::held::Held;
use super::{Accepted, Channel, no_bulletins};
use crate::domain::bulletin::{Posting, Reach};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::plan::Telling;
use crate::domain::text::Outside;
use crate::net::{Attributes, Environment, Ways, tcp};

/// Addresses one message goes to.
const MAX_RECIPIENTS: usize = 100;
/// Bytes of a bulletin.
const BODY_BYTES: usize = 256 * 1024;

/// `[[channel]] kind = "mail"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What paths call it.
    pub name: String,
    /// The mail server, `host:port`.
    pub address: String,
    /// How the connection is kept private.
    #[serde(default)]
    pub tls: Tls,
    /// Who writes.
    pub from: String,
    /// Who is written to.
    pub to: Vec<String>,
    /// Who gets a copy.
    #[serde(default)]
    pub cc: Vec<String>,
    /// How it reaches the readers of bulletins; absent: it carries none.
    pub reach: Option<Reach>,
    /// The user the server knows quell by.
    pub user: Option<String>,
    /// A program, as its argument list, that prints the user's password.
    pub password_command: Option<Vec<String>>,
    /// The attributes by which the keyring finds it.
    pub password_keyring: Option<Attributes>,
    /// A file, readable by its owner only, that holds it.
    pub password_file: Option<PathBuf>,
    /// A variable of the environment that holds it.
    pub password_env: Option<String>,
    /// The certificates that are trusted, instead of the system's; PEM.
    pub ca_file: Option<PathBuf>,
}

/// How the connection is kept private.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// It begins in the open and must turn private before anything is said; mostly port 587.
    #[default]
    Starttls,
    /// It is private from its first byte; mostly port 465.
    Implicit,
    /// It is not; only to a server on this machine.
    None,
}

/// A mail server, and whom it carries messages to.
#[derive(Debug)]
pub struct Mail {
    name: String,
    from: Mailbox,
    to: Vec<Mailbox>,
    cc: Vec<Mailbox>,
    reach: Option<Reach>,
    server: Server,
}

impl Mail {
    /// Makes a channel; fetches no secret yet and sends nothing.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let (host, _) = tcp::split(&settings.address).map_err(Fault::local)?;
        let from = mailbox(&settings.from)?;
        let all = |list: &[String]| list.iter().map(|text| mailbox(text)).collect::<Result<Vec<_>, _>>();
        let (to, cc) = (all(&settings.to)?, all(&settings.cc)?);
        if to.is_empty() || to.len() + cc.len() > MAX_RECIPIENTS {
            return Err(Fault::local(format!(
                "to and cc name one to {MAX_RECIPIENTS} addresses; use a list's address"
            )));
        }
        let server = Server {
            address: settings.address.clone(),
            tls: tls(settings, &host)?.map(Trust),
            implicit: settings.tls == Tls::Implicit,
            // Its own name would tell readers how a machine inside is called.
            hello: ClientId::Domain(from.email.domain().to_owned()),
            login: login(settings, environment)?,
        };
        Ok(Self { name: settings.name.clone(), from, to, cc, reach: settings.reach, server })
    }

    async fn send(&self, letter: &Letter) -> Result<Accepted, Fault> {
        let recipients: Vec<_> =
            self.to.iter().chain(&self.cc).map(|mailbox| mailbox.email.clone()).collect();
        let write = |eight_bit| letter.write(&self.from, &self.to, &self.cc, eight_bit);
        self.server.deliver(&self.from.email, &recipients, write).await
    }

    fn domain(&self) -> &str {
        self.from.email.domain()
    }
}

#[async_trait]
impl Channel for Mail {
    fn name(&self) -> &str {
        &self.name
    }

    async fn tell(&self, telling: &Telling) -> Result<Accepted, Fault> {
        self.send(&Letter::telling(telling, self.domain())).await
    }

    async fn post(&self, posting: &Posting) -> Result<Accepted, Fault> {
        if self.reach.is_none() {
            return Err(no_bulletins());
        }
        if posting.body.raw().len() > BODY_BYTES {
            return Err(Fault::local(
                "the bulletin is longer than this channel carries (256 KiB); shorten it",
            ));
        }
        let letter = Letter::posting(posting, self.domain())?;
        let accepted = self.send(&letter).await?;
        let series = posting.series.clone().unwrap_or_else(|| Outside::new(letter.id));
        Ok(Accepted { reference: Some(series), ..accepted })
    }
}

fn mailbox(text: &str) -> Result<Mailbox, Fault> {
    let read = text.parse::<Mailbox>().ok().filter(|read| read.email.to_string().is_ascii());
    read.ok_or_else(|| {
        Fault::local("from, to and cc hold addresses; write them like \"quell <oncall@example.com>\"")
    })
}

fn login(settings: &Settings, environment: Environment) -> Result<Option<(String, Held)>, Fault> {
    let ways = Ways {
        key: "password",
        inline: None,
        command: settings.password_command.as_ref(),
        keyring: settings.password_keyring.as_ref(),
        file: settings.password_file.as_ref(),
        env: settings.password_env.as_ref(),
    };
    match (&settings.user, Held::new(&ways, environment)?) {
        (None, None) => Ok(None),
        (Some(user), Some(password)) => Ok(Some((user.clone(), password))),
        (Some(_), None) => {
            let ways = "password_command, password_keyring, password_file or password_env";
            Err(Fault::local(format!("say where the user's password is with {ways}")))
        }
        (None, Some(_)) => Err(Fault::local("say whose password it is with user")),
    }
}

fn tls(settings: &Settings, host: &str) -> Result<Option<TlsParameters>, Fault> {
    if settings.tls == Tls::None {
        let loopback =
            host.parse::<IpAddr>().map_or(host == "localhost", |ip| ip.to_canonical().is_loopback());
        return if loopback {
            Ok(None)
        } else {
            Err(Fault::local(
                "tls = \"none\" is for a server on this machine; use \"starttls\" or \"implicit\"",
            ))
        };
    }
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = &settings.ca_file {
        let shown = path.display();
        let pem = std::fs::read(path)
            .map_err(|error| Fault::local(format!("the file {shown} cannot be read: {error}")))?;
        let unusable = |_| Fault::local(format!("{shown} holds no certificate in PEM"));
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(&pem).map_err(unusable)?);
    }
    let parameters =
        builder.build().map_err(|_| Fault::local("the certificates to trust cannot be used; name a ca_file"));
    parameters.map(Some)
}

/// A fault of the other side, in its words.
fn fault(kind: FaultKind, detail: &str) -> Fault {
    const DETAIL_BYTES: usize = 300;
    Fault { detail: Outside::capped(detail, DETAIL_BYTES), ..Fault::new(kind, "") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(rest: &str) -> Settings {
        toml::from_str(&format!("name = 'desk'\n{rest}")).unwrap()
    }

    #[test]
    fn settings_are_checked() {
        let base = "address = 'smtp.example.com:587'\nfrom = 'quell <oncall@example.com>'\n";
        let fine = format!("{base}to = ['desk@example.com', 'Ana Lima <ana@example.com>']");
        assert!(Mail::new(&settings(&fine), |_| None).is_ok());
        for (rest, word) in [
            (format!("{base}to = []"), "to and cc"),
            (format!("{base}to = ['desk']"), "addresses"),
            (
                format!("{base}to = ['a@example.com\\r\\nBcc: b@example.com']").replace('\'', "\""),
                "addresses",
            ),
            (format!("{base}to = ['désk@example.com']"), "addresses"),
            (format!("{fine}\ntls = 'none'"), "on this machine"),
            (format!("{fine}\nuser = 'quell'"), "password"),
            (format!("{fine}\npassword_env = 'P'"), "user"),
            (format!("{fine}\nca_file = '/nowhere.pem'"), "/nowhere.pem"),
            (fine.replace("smtp.example.com:587", "smtp.example.com"), "address"),
        ] {
            let fault = Mail::new(&settings(&rest), |_| None).unwrap_err();
            assert_eq!(fault.kind, FaultKind::Local);
            assert!(fault.detail.raw().contains(word), "{rest}: {fault:?}");
        }
    }
}
