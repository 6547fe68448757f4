//! The one HTTP client: no redirects, no surprise proxies, no unbounded answers.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, OnceLock};

use reqwest::header::HeaderMap;
use reqwest::{Certificate, Identity, Proxy, Response, Url, redirect, retry};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::login::{Fetched, Login, Renewal};
use super::request::{Answer, Request, header_flaw};
use super::{fault, guard, secret};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::time::Span;

/// How long a connection may take to stand.
const CONNECT_WITHIN: Span = Span::secs(3);
/// Headers of one answer.
const MAX_HEADERS: usize = 100;
/// Bytes of headers of one answer over HTTP/2.
const HEADER_BYTES: u32 = 64 * 1024;

/// How configuration says a host is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Connection {
    /// The certificates that are trusted, instead of the system's; PEM.
    pub ca_file: Option<PathBuf>,
    /// The certificate and key quell shows, in one PEM file only its owner can read.
    pub client_cert: Option<PathBuf>,
    /// The proxy; without it, none is used.
    pub proxy: Option<String>,
    /// Whether plain http is allowed to a host that is not loopback.
    pub insecure_http: bool,
}

/// What an exchange may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of one attempt, from the first look-up to the last byte. Fetching a secret comes before it, and after a refusal
    /// of what may be repeated there is a second one.
    pub deadline: Span,
    /// Bytes of the body, counted after decompression.
    pub body: usize,
}

impl Limits {
    /// Of a read.
    pub const READ: Self = Self { deadline: Span::secs(10), body: 16 << 20 };
    /// Of a write.
    pub const WRITE: Self = Self { deadline: Span::secs(10), body: 1 << 20 };
}

/// Takes the next piece of a body.
pub type Take<'a> = dyn FnMut(&[u8]) -> Result<(), Fault> + Send + 'a;

/// An HTTP client with one set of trust and credentials.
#[derive(Debug)]
pub struct Client {
    made: Arc<Made>,
    connection: Connection,
    login: Login,
    /// Those of every request.
    headers: HeaderMap,
}

/// What talks to hosts, each made when it is needed first: to read the certificates a machine trusts takes its time,
/// and a host that is spoken to in the clear shows none.
#[derive(Debug, Default)]
struct Made {
    /// How many connections to a host are kept between requests.
    idle: usize,
    clear: OnceLock<reqwest::Client>,
    tls: OnceLock<reqwest::Client>,
    /// Where hosts are that are spoken to in the clear.
    resolver: guard::Resolver,
}

impl Client {
    /// Reads the certificates and makes a client that connects anew for every request: on a kept connection that
    /// the other side just closed, nobody could say whether a write was sent.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault: a file or setting is not usable.
    pub fn new(connection: &Connection, login: Login) -> Result<Self, Fault> {
        // Where nothing of it is kept between requests and nobody has a trust or proxy of their own, it can be shared.
        static PLAIN: LazyLock<Arc<Made>> = LazyLock::new(Arc::default);
        if is_plain(connection) {
            let (made, connection) = (Arc::clone(&PLAIN), connection.clone());
            return Ok(Self { made, connection, login, headers: HeaderMap::new() });
        }
        Self::with(0, connection, login)
    }

    /// As [`Client::new`], and keeps its connection between requests; for what only reads.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault: a file or setting is not usable.
    pub fn for_polling(connection: &Connection, login: Login) -> Result<Self, Fault> {
        Self::with(1, connection, login)
    }

    fn with(idle: usize, connection: &Connection, login: Login) -> Result<Self, Fault> {
        let made = Made { idle, ..Made::default() };
        // Whether its files are usable is to be known before they are used.
        if !is_plain(connection) {
            made.tls(connection)?;
        }
        let (made, connection) = (Arc::new(made), connection.clone());
        Ok(Self { made, connection, login, headers: HeaderMap::new() })
    }

    /// The same, with these headers on every request, none of them secret: a tenant's, say.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault: one of them is none, or not a person's to set.
    pub fn with_headers(mut self, headers: &BTreeMap<String, String>) -> Result<Self, Fault> {
        for (name, value) in headers {
            if header_flaw(name).is_some() {
                let name = name.escape_default();
                return Err(Fault::local(format!(
                    "headers may not hold `{name}`; credentials come from token_command, token_keyring, token_file or token_env"
                )));
            }
            self.headers.extend(Request::get("").header(name, value)?.headers);
        }
        Ok(self)
    }

    /// Says whether a URL may be called, without calling it.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault that says why not.
    pub fn check(&self, url: &str) -> Result<(), Fault> {
        guard::check(url, self.connection.insecure_http).map(|_| ())
    }

    /// Sends a request; an answer that is no success is a fault.
    ///
    /// # Errors
    /// Why there is no success. [`FaultKind::Unreachable`], [`FaultKind::Unsigned`] and [`FaultKind::Local`] mean that
    /// nothing was sent.
    pub async fn send(&self, request: &Request, limits: Limits) -> Result<Answer, Fault> {
        self.exchange(request, limits).await?.success()
    }

    /// Asks the host of a URL for its first page, so that nobody takes it for a call of that URL; whatever is answered will
    /// do. Whether it asked: where the URL is that page, it does not.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn knock(&self, url: &str, limits: Limits) -> Result<bool, Fault> {
        let whole = guard::check(url, self.connection.insecure_http)?;
        let mut first = whole.clone();
        first.set_path("/");
        first.set_query(None);
        first.set_fragment(None);
        if first.path() == whole.path() {
            return Ok(false);
        }
        match self.exchange(&Request::get(first), limits).await {
            Err(fault) if fault.kind != FaultKind::TooLarge => Err(fault),
            _ => Ok(true),
        }
    }

    /// Sends a request and gives back whatever is answered. After a 401 or 403 the credentials are fetched again, once;
    /// if they changed, what may be repeated is sent once more. A change never is: that it was refused is certain as
    /// far as the status says so, but a second attempt is somebody's decision, and is written down before it leaves.
    ///
    /// # Errors
    /// Why there is no answer; the same kinds mean that nothing was sent.
    pub async fn exchange(&self, request: &Request, limits: Limits) -> Result<Answer, Fault> {
        let mut body = Vec::new();
        let mut keep = |piece: &[u8]| append(&mut body, piece);
        let mut answer = self.exchange_into(request, limits, &mut keep).await?;
        if answer.is_success() {
            answer.body = body;
        }
        Ok(answer)
    }

    /// As [`Client::exchange`], and hands over the body of a success piece by piece as it comes, instead of keeping it.
    ///
    /// # Errors
    /// As [`Client::exchange`], and what `take` says of a piece.
    pub async fn exchange_into(
        &self,
        request: &Request,
        limits: Limits,
        take: &mut Take<'_>,
    ) -> Result<Answer, Fault> {
        let began = Instant::now();
        let mut answer = self.allowed(request, limits, take).await?;
        answer.took = lasted(began);
        Ok(answer)
    }

    /// The answer; where the secret is refused, it is fetched again once.
    async fn allowed(&self, request: &Request, limits: Limits, take: &mut Take<'_>) -> Result<Answer, Fault> {
        let (answer, signed) = self.once(request, limits, take).await?;
        if !answer.is_unauthorised() {
            return Ok(answer);
        }
        match self.login.renew(signed).await {
            Renewal::Same(why) => Ok(answer.refused_with(why)),
            Renewal::Changed(source) if request.may_repeat => {
                let (again, _) = self.once(request, limits, take).await?;
                Ok(again.refused_with(format!(
                    "what {source} gives now is refused as well; check which one it is"
                )))
            }
            Renewal::Changed(source) => Ok(answer.refused_with(format!(
                "it was the old secret, and {source} gives another one now; try again"
            ))),
        }
    }

    async fn once(
        &self,
        request: &Request,
        limits: Limits,
        take: &mut Take<'_>,
    ) -> Result<(Answer, Fetched), Fault> {
        let url = guard::check(&request.url, self.connection.insecure_http)?;
        let inner = self.made.for_host(&url, &self.connection)?;
        let mut sent = reqwest::Request::new(request.method.clone(), url.clone());
        sent.headers_mut().clone_from(&self.headers);
        sent.headers_mut().extend(request.headers.clone());
        let signed = self.login.sign(sent.headers_mut()).await?;
        *sent.body_mut() = request.body.clone().map(Into::into);
        let exchange = async {
            let response = inner.execute(sent).await.map_err(|error| fault::of_exchange(&error))?;
            if url.scheme() == "http"
                && response.status().is_success()
                && let (Some(host), Some(address)) = (url.domain(), response.remote_addr())
            {
                self.made.resolver.spoke(host, address);
            }
            receive(response, limits.body, take).await
        };
        let late = |_| Fault::new(FaultKind::NoAnswer, format!("no answer within {}", limits.deadline));
        let began = Instant::now();
        let mut answer = tokio::time::timeout(limits.deadline.std(), exchange).await.map_err(late)??;
        answer.alone = lasted(began);
        Ok((answer, signed))
    }
}

fn lasted(began: Instant) -> Span {
    Span::millis(u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX))
}

/// Whether it has no trust or proxy of its own.
fn is_plain(connection: &Connection) -> bool {
    let Connection { ca_file, client_cert, proxy, insecure_http: _ } = connection;
    ca_file.is_none() && client_cert.is_none() && proxy.is_none()
}

impl Made {
    fn for_host(&self, url: &Url, connection: &Connection) -> Result<&reqwest::Client, Fault> {
        if url.scheme() == "https" || !is_plain(connection) {
            return self.tls(connection);
        }
        // It trusts nobody: where it is used there is nothing to be shown.
        made(&self.clear, || {
            let clear = builder(self).tls_certs_only([]);
            clear.build().map_err(|error| unusable(connection, &error))
        })
    }

    fn tls(&self, connection: &Connection) -> Result<&reqwest::Client, Fault> {
        made(&self.tls, || build(self, connection))
    }
}

fn made(
    place: &OnceLock<reqwest::Client>,
    make: impl FnOnce() -> Result<reqwest::Client, Fault>,
) -> Result<&reqwest::Client, Fault> {
    if let Some(client) = place.get() {
        return Ok(client);
    }
    let client = make()?;
    Ok(place.get_or_init(|| client))
}

/// The beginning of every client.
fn builder(made: &Made) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("quell/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .dns_resolver(made.resolver.clone())
        .connect_timeout(CONNECT_WITHIN.std())
        .pool_max_idle_per_host(made.idle)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(HEADER_BYTES)
}

fn build(made: &Made, connection: &Connection) -> Result<reqwest::Client, Fault> {
    let mut builder = builder(made);
    if let Some(path) = &connection.ca_file {
        builder = builder.tls_certs_only(trusted(path)?);
    }
    if let Some(path) = &connection.client_cert {
        let none = |_| Fault::local(format!("{} holds no certificate with its key in PEM", path.display()));
        let identity = Identity::from_pem(&secret::read_private(path)?).map_err(none)?;
        builder = builder.identity(identity);
    }
    if let Some(proxy) = &connection.proxy {
        builder = builder.proxy(through(proxy)?);
    }
    builder.build().map_err(|error| unusable(connection, &error))
}

/// What a client cannot be made of: nothing is decoded before all of it is there.
fn unusable(connection: &Connection, error: &reqwest::Error) -> Fault {
    let files = [&connection.ca_file, &connection.client_cert];
    let files: Vec<_> = files.into_iter().flatten().map(|path| path.display().to_string()).collect();
    let what = if files.is_empty() { "the HTTP client".to_owned() } else { files.join(" or ") };
    Fault::local(format!("{what} cannot be used: {}", fault::of_exchange(error).detail.safe()))
}

async fn receive(mut response: Response, max_bytes: usize, take: &mut Take<'_>) -> Result<Answer, Fault> {
    let status = response.status().as_u16();
    let mut answer = Answer::new(status, std::mem::take(response.headers_mut()));
    let mut received = 0;
    let fault = loop {
        match response.chunk().await {
            Ok(None) => return Ok(answer),
            Ok(Some(piece)) if received + piece.len() > max_bytes => {
                break Fault::new(
                    FaultKind::TooLarge,
                    format!("the answer is over {} KiB", max_bytes / 1024),
                );
            }
            Ok(Some(piece)) => {
                received += piece.len();
                let taken = if answer.is_success() { take(&piece) } else { append(&mut answer.body, &piece) };
                if let Err(fault) = taken {
                    break fault;
                }
            }
            Err(error) => break fault::of_exchange(&error),
        }
    };
    // The status of a refusal is the answer, whole or not.
    if answer.is_success() { Err(Fault { status: Some(status), ..fault }) } else { Ok(answer) }
}

fn append(body: &mut Vec<u8>, piece: &[u8]) -> Result<(), Fault> {
    let no_room = |_| Fault::new(FaultKind::TooLarge, "this machine has no memory left for the answer");
    body.try_reserve(piece.len()).map_err(no_room)?;
    body.extend_from_slice(piece);
    Ok(())
}

fn through(proxy: &str) -> Result<Proxy, Fault> {
    let unusable = "the proxy is no URL without credentials; write it like \"http://proxy.example.com:3128\"";
    let url = Url::parse(proxy).ok().filter(|url| url.username().is_empty() && url.password().is_none());
    url.and_then(|url| Proxy::all(url).ok()).ok_or_else(|| Fault::local(unusable.to_owned()))
}

fn trusted(path: &std::path::Path) -> Result<Vec<Certificate>, Fault> {
    let shown = path.display();
    let pem = std::fs::read(path)
        .map_err(|error| Fault::local(format!("the file {shown} cannot be read: {error}")))?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(Fault::local(format!("{shown} holds no certificate in PEM"))),
    }
}

#[cfg(test)]
mod tests;
