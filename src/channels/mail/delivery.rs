//! Handing a message to a mail server: up to the last step it certainly did not leave, after it only a reply says.

use std::error::Error as _;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;

use super::fault;
use super::metered::Metered;
use crate::channels::Accepted;
use crate::channels::held::Held;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::net::{Secret, tcp};

/// How long a connection may take to stand.
const CONNECT_WITHIN: Span = Span::secs(3);
/// How long everything may take that comes before the text.
const READY_WITHIN: Span = Span::secs(10);
/// How long the server may look at the text; some look for a while.
const TAKEN_WITHIN: Span = Span::secs(20);
/// How long a good-bye may take.
const QUIT_WITHIN: Span = Span::secs(1);

/// A mail server, and how quell speaks to it.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: String,
    pub(super) tls: Option<Trust>,
    pub(super) implicit: bool,
    pub(super) hello: ClientId,
    pub(super) login: Option<(String, Held)>,
}

/// Whom to trust; prints nothing of it.
pub(super) struct Trust(pub(super) TlsParameters);

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trust")
    }
}

/// A server that waits for the text.
struct Ready {
    connection: AsyncSmtpConnection,
    text: Vec<u8>,
    /// Whom it will not write to, and why.
    refused: Vec<String>,
    password: Option<Secret>,
}

impl Server {
    /// Hands over what `write` gives, told whether the server takes eight bits.
    pub(super) async fn deliver(
        &self,
        from: &Address,
        to: &[Address],
        write: impl Fn(bool) -> Result<Vec<u8>, Fault> + Send + Sync,
    ) -> Result<Accepted, Fault> {
        let late = |_| {
            let detail = format!("the mail server was not ready for the message within {READY_WITHIN}");
            Fault::new(FaultKind::Unreachable, detail)
        };
        let ready =
            tokio::time::timeout(READY_WITHIN.std(), self.ready(from, to, write)).await.map_err(late)?;
        let Ready { mut connection, text, refused, password } = ready?;
        // From here on it may have left.
        let silent = |_| Fault::new(FaultKind::NoAnswer, format!("no answer within {TAKEN_WITHIN}"));
        let taken =
            tokio::time::timeout(TAKEN_WITHIN.std(), connection.message(&text)).await.map_err(silent)?;
        let reply = taken.map_err(|error| {
            let unclear = if error.is_response() { FaultKind::Malformed } else { FaultKind::NoAnswer };
            said(&error, unclear, password.as_ref())
        })?;
        if !reply.has_code(250) {
            return Err(Fault::new(
                FaultKind::Malformed,
                "the mail server's answer is not the one to a message",
            ));
        }
        // It has the message; how it takes the good-bye changes nothing.
        drop(tokio::time::timeout(QUIT_WITHIN.std(), connection.quit()).await);
        let refused = refused.iter().map(|refused| format!("; {refused}")).collect::<String>();
        let detail = format!("the mail server says: {}{refused}", reply.first_line().unwrap_or_default());
        Ok(Accepted { detail: Outside::capped(detail, 500), reference: None })
    }

    /// Everything that comes before the text.
    async fn ready(
        &self,
        from: &Address,
        to: &[Address],
        write: impl Fn(bool) -> Result<Vec<u8>, Fault> + Send + Sync,
    ) -> Result<Ready, Fault> {
        let mut connection = self.connect().await?;
        let password = self.log_in(&mut connection).await?;
        let before = |error: Error| said(&error, FaultKind::Unreachable, password.as_ref());
        let eight_bit = connection.server_info().supports_feature(Extension::EightBitMime);
        let text = write(eight_bit)?;
        let form =
            if text.is_ascii() { vec![] } else { vec![MailParameter::Body(MailBodyParameter::EightBitMime)] };
        let reply = connection.command(Mail::new(Some(from.clone()), form)).await.map_err(before)?;
        expect(&reply, &[250])?;
        let mut refused = Vec::new();
        let mut last = None;
        for address in to {
            match connection.command(Rcpt::new(address.clone(), vec![])).await {
                Ok(reply) => expect(&reply, &[250, 251, 252])?,
                Err(error) if error.status().is_some() => {
                    let fault = before(error);
                    refused.push(format!("not to {address}: {}", fault.detail.raw()));
                    last = Some(fault);
                }
                Err(error) => return Err(before(error)),
            }
        }
        if let Some(fault) = last.filter(|_| refused.len() == to.len()) {
            return Err(fault);
        }
        let reply = connection.command(Data).await.map_err(before)?;
        expect(&reply, &[354])?;
        Ok(Ready { connection, text, refused, password })
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Fault> {
        let before = |error: Error| said(&error, FaultKind::Unreachable, None);
        let within = Some(CONNECT_WITHIN.std());
        match &self.tls {
            Some(Trust(tls)) if self.implicit => {
                let found = tcp::look_up(&self.address).await?;
                let tls = Some(tls.clone());
                AsyncSmtpConnection::connect_tokio1(found.as_slice(), within, &self.hello, tls, None)
                    .await
                    .map_err(before)
            }
            tls => {
                let stream = Metered::new(tcp::connect(&self.address, CONNECT_WITHIN).await?);
                let connecting = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello);
                let mut connection = connecting.await.map_err(before)?;
                if let Some(Trust(tls)) = tls {
                    if !connection.can_starttls() {
                        return Err(Fault::local(
                            "the mail server offers no STARTTLS; use tls = \"implicit\" and its port",
                        ));
                    }
                    connection.starttls(tls.clone(), &self.hello).await.map_err(before)?;
                }
                Ok(connection)
            }
        }
    }

    async fn log_in(&self, connection: &mut AsyncSmtpConnection) -> Result<Option<Secret>, Fault> {
        let Some((user, password)) = &self.login else { return Ok(None) };
        let secret = password.get().await?;
        let credentials = Credentials::new(user.clone(), secret.reveal().to_owned());
        match connection.auth(DEFAULT_MECHANISMS, &credentials).await {
            Ok(reply) => expect(&reply, &[235]).map(|()| Some(secret)),
            Err(error) if error.is_client() => {
                Err(Fault::local("the mail server takes no password; remove user, or use tls"))
            }
            Err(error) => {
                if error.is_permanent() {
                    password.another(&secret).await;
                }
                // What it says to a password may repeat it.
                Err(match error.status().map(u16::from) {
                    Some(code @ 500..) => {
                        fault(FaultKind::Unauthorised, &format!("status {code}: check user and password"))
                    }
                    Some(code) => fault(FaultKind::Throttled, &format!("status {code}: no log-in now")),
                    None => fault(FaultKind::Unreachable, "the mail server broke off the log-in"),
                })
            }
        }
    }
}

/// Replies must be the ones to what was said: an injected one would make all that follow it answers to something
/// else.
fn expect(reply: &Response, codes: &[u16]) -> Result<(), Fault> {
    if codes.iter().any(|code| reply.has_code(*code)) {
        return Ok(());
    }
    Err(Fault::new(FaultKind::Unreachable, "the mail server answers something else than it was asked"))
}

/// What an error means. A reply with a status is a definite no, for now (4xx) or for good; `unclear` is what it means
/// when there is none.
fn said(error: &Error, unclear: FaultKind, password: Option<&Secret>) -> Fault {
    let mut root = error.source();
    while let Some(deeper) = root.and_then(|cause| cause.source()) {
        root = Some(deeper);
    }
    let words = root.map_or_else(|| "it broke off".to_owned(), ToString::to_string);
    // It could repeat what it was told.
    let repeats = |secret: &Secret| words.contains(secret.reveal());
    let words = if password.is_some_and(repeats) { String::new() } else { words };
    match error.status().map(u16::from) {
        Some(code @ (530 | 534 | 535 | 538)) => {
            fault(FaultKind::Unauthorised, &format!("status {code}: {words}"))
        }
        Some(code @ 400..500) => fault(FaultKind::Throttled, &format!("status {code}: {words}")),
        Some(code) => fault(FaultKind::Refused, &format!("status {code}: {words}")),
        None => fault(unclear, &format!("the mail server did not take the message: {words}")),
    }
}
