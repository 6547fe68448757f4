//! An `[[api]]`: the only place that names a host or a secret for calls of playbooks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use super::client::{Client, Connection, Limits};
use super::login::{Login, LoginSettings};
use super::request::{Answer, Request};
use super::secret::Environment;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::plan::HttpRequest;

/// How configuration names an api.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiSettings {
    /// What playbooks call it.
    pub name: String,
    /// Where it is; paths are added to it.
    pub url: String,
    /// Its credentials.
    #[serde(flatten)]
    pub login: LoginSettings,
    /// How it is reached.
    #[serde(flatten)]
    pub connection: Connection,
}

/// What an answer to a write says in words of its own protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// In one line.
    pub words: String,
    /// What was asked for is so already: a no that is as good as a yes.
    pub already: bool,
}

/// Reads the meaning of an answer, given what was asked; none where its status says all there is.
pub type Reading = fn(&HttpRequest, &Answer) -> Option<Meaning>;

/// A configured host with its credentials and trust.
#[derive(Debug)]
pub struct Api {
    name: String,
    /// Where it is: one address, or each peer's of a cluster.
    bases: Vec<String>,
    /// The place of the peer that is asked first.
    first: Arc<AtomicUsize>,
    client: Client,
    reading: Reading,
}

impl Api {
    /// Makes the client; fetches no secret yet and sends nothing.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: a setting is not usable.
    pub fn new(settings: &ApiSettings, environment: Environment) -> Result<Self, Fault> {
        let login = Login::new(&settings.login, environment)?;
        Self::with_login(&settings.name, &settings.url, &settings.connection, login)
    }

    /// As [`Api::new`], and keeps its connection between requests; for what only reads.
    ///
    /// # Errors
    /// As [`Api::new`].
    pub fn for_polling(settings: &ApiSettings, environment: Environment) -> Result<Self, Fault> {
        let login = Login::new(&settings.login, environment)?;
        Self::of(&settings.name, &settings.url, Client::for_polling(&settings.connection, login)?)
    }

    /// Makes the client of a host of which this is known; sends nothing.
    ///
    /// # Errors
    /// As [`Api::new`].
    pub fn with_login(name: &str, url: &str, connection: &Connection, login: Login) -> Result<Self, Fault> {
        Self::of(name, url, Client::new(connection, login)?)
    }

    fn of(name: &str, url: &str, client: Client) -> Result<Self, Fault> {
        let bases = vec![base(&client, url)?];
        Ok(Self { name: name.to_owned(), bases, first: Arc::default(), client, reading: |_, _| None })
    }

    /// The same, of a cluster whose other peers are these: a call that certainly did not reach the first one goes to
    /// the next. `first` says at each time which one that is.
    ///
    /// # Errors
    /// As [`Api::new`].
    pub fn with_peers(mut self, urls: &[String], first: Arc<AtomicUsize>) -> Result<Self, Fault> {
        for url in urls {
            self.bases.push(base(&self.client, url)?);
        }
        Ok(Self { first, ..self })
    }

    /// The same, with these headers on every request, beside those that a plan shows.
    ///
    /// # Errors
    /// As [`Client::with_headers`].
    pub fn with_headers(self, headers: &BTreeMap<String, String>) -> Result<Self, Fault> {
        Ok(Self { client: self.client.with_headers(headers)?, ..self })
    }

    /// The same, whose answers to writes are read so.
    #[must_use]
    pub fn reading(self, reading: Reading) -> Self {
        Self { reading, ..self }
    }

    /// What an answer to this request means by the other side's own words, where it has any.
    pub fn meaning(&self, request: &HttpRequest, answer: &Answer) -> Option<Meaning> {
        (self.reading)(request, answer)
    }

    /// What playbooks call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL of a path, which begins with `/`; what a plan's request must hold.
    pub fn url(&self, path: &str) -> String {
        self.urls(path).into_iter().next().unwrap_or_default()
    }

    /// The URLs of a path at every peer, in the order they are tried; never empty.
    pub fn urls(&self, path: &str) -> Vec<String> {
        let first = self.first.load(Ordering::Relaxed) % self.bases.len().max(1);
        let (before, from) = self.bases.split_at_checked(first).unwrap_or((&[], &self.bases));
        from.iter().chain(before).map(|base| format!("{base}{path}")).collect()
    }

    /// Sends a plan's request exactly as it was shown; an answer that is no success is a fault.
    ///
    /// # Errors
    /// As [`Client::send`], and a [local](Fault::local) fault if the request is none of this api.
    pub async fn send(&self, request: &HttpRequest, limits: Limits) -> Result<Answer, Fault> {
        self.exchange(request, limits).await?.success()
    }

    /// Sends a plan's request exactly as it was shown and gives back whatever is answered. Where it certainly did not
    /// leave for one peer, it goes to the next; where that is not known, it does not.
    ///
    /// # Errors
    /// As [`Client::exchange`], and a [local](Fault::local) fault if the request is none of this api.
    pub async fn exchange(&self, request: &HttpRequest, limits: Limits) -> Result<Answer, Fault> {
        self.among_peers(request, limits, std::convert::identity).await
    }

    /// As [`Api::exchange`], for what changes something, by whatever method: no peer is sent it twice.
    ///
    /// # Errors
    /// As [`Api::exchange`].
    pub async fn change(&self, request: &HttpRequest, limits: Limits) -> Result<Answer, Fault> {
        self.among_peers(request, limits, Request::once).await
    }

    async fn among_peers(
        &self,
        request: &HttpRequest,
        limits: Limits,
        how: fn(Request) -> Request,
    ) -> Result<Answer, Fault> {
        let mut missed: Vec<String> = Vec::new();
        for url in std::iter::once(&request.url).chain(&request.instead) {
            match self.client.exchange(&how(self.checked(request, url)?), limits).await {
                Err(fault) if fault.kind == FaultKind::Unreachable && !request.instead.is_empty() => {
                    missed.push(format!("{}: {}", self.base_of(url).unwrap_or_default(), fault.detail.raw()));
                }
                Ok(answer) if !missed.is_empty() => {
                    let by = self.base_of(url).unwrap_or_default();
                    return Ok(answer.by(format!("by {by}, since {}", missed.join(", "))));
                }
                answered => return answered,
            }
        }
        let missed = missed.join(", ");
        Err(Fault::new(FaultKind::Unreachable, format!("no peer can be reached: {missed}")))
    }

    /// Whether a plan's request could be sent as it is shown.
    ///
    /// # Errors
    /// A [local](Fault::local) fault that says why not.
    pub fn check(&self, request: &HttpRequest) -> Result<(), Fault> {
        let mut urls = std::iter::once(&request.url).chain(&request.instead);
        urls.try_for_each(|url| self.checked(request, url).map(drop))
    }

    fn base_of(&self, url: &str) -> Option<&str> {
        let is_under =
            |base: &&String| url.strip_prefix(base.as_str()).is_some_and(|path| path.starts_with('/'));
        self.bases.iter().find(is_under).map(String::as_str)
    }

    fn checked(&self, request: &HttpRequest, url: &str) -> Result<Request, Fault> {
        if request.api != self.name {
            return Err(Fault::local("the request names another api; plan it again"));
        }
        // Read and written again it must be the same: `/..` and the like would call something that was not shown.
        let same = reqwest::Url::parse(url).is_ok_and(|read| read.as_str() == url);
        if self.base_of(url).is_none() || !same {
            return Err(Fault::local(
                "the request's URL is none of this api as written; check the playbook's path and plan it again",
            ));
        }
        let mut checked = Request::new(&request.method, url)?;
        for (name, value) in &request.headers {
            checked = checked.header(name, value)?;
        }
        Ok(match &request.body {
            Some(body) => checked.body(body.clone()),
            None => checked,
        })
    }
}

/// What stands before every path of a call.
fn base(client: &Client, written: &str) -> Result<String, Fault> {
    client.check(written)?;
    let url = reqwest::Url::parse(written).map_err(|_| Fault::local("the api's url is no URL"))?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Fault::local("the api's url ends with its path; remove what follows ? or #"));
    }
    let base = url.as_str().trim_end_matches('/').to_owned();
    // Plans hold URLs as text and are compared as text, so there is one way to write it.
    if written.trim_end_matches('/') != base {
        return Err(Fault::local(format!("write the api's url as \"{base}\"")));
    }
    Ok(base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::peer::{Act, Peer};

    fn settings(text: &str) -> Result<ApiSettings, toml::de::Error> {
        toml::from_str(text)
    }

    fn request(url: String) -> HttpRequest {
        let headers = [("idempotency-key".to_owned(), "k1".to_owned())].into();
        HttpRequest {
            api: "exchange".into(),
            method: "POST".into(),
            url,
            headers,
            body: Some("{}".into()),
            instead: Vec::new(),
        }
    }

    #[test]
    fn settings_are_flat_and_unknown_keys_are_errors() {
        let text = "name = 'exchange'\nurl = 'https://a.example'\ntoken_env = 'T'\ninsecure_http = true\n";
        let read = settings(text).unwrap();
        assert_eq!(read.login.token_env.as_deref(), Some("T"));
        assert!(read.connection.insecure_http);
        assert!(settings(&format!("{text}tokn_file = 'x'\n")).unwrap_err().to_string().contains("tokn_file"));
    }

    #[test]
    fn a_url_is_written_in_one_way() {
        for (url, fine) in [
            ("https://a.example", true),
            ("https://a.example/admin/", true),
            ("https://A.example", false),
            ("https://a.example:443", false),
            ("https://a.example/x/../y", false),
            ("https://a.example?x=1", false),
        ] {
            let settings = settings(&format!("name = 'exchange'\nurl = '{url}'\n")).unwrap();
            assert_eq!(Api::new(&settings, |_| None).is_ok(), fine, "{url}");
        }
    }

    #[tokio::test]
    async fn a_request_goes_out_as_shown_with_the_credentials() {
        let peer = Peer::new([Act::say(409, b"already frozen")]);
        let text = format!("name = 'exchange'\nurl = '{}'\ntoken_env = 'T'\n", peer.url("/admin/"));
        let api = Api::new(&settings(&text).unwrap(), |_| Some("hunter2".to_owned())).unwrap();
        let answer = api.exchange(&request(api.url("/accounts/1/freeze")), Limits::WRITE).await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (409, b"already frozen".as_slice()));
        let seen = peer.seen().concat();
        assert!(seen.starts_with("POST /admin/accounts/1/freeze HTTP/1.1"), "{seen}");
        assert!(
            seen.contains("idempotency-key: k1") && seen.contains("Bearer hunter2") && seen.ends_with("{}")
        );
    }

    #[tokio::test]
    async fn a_request_elsewhere_is_refused_before_anything_is_sent() {
        let api =
            Api::new(&settings("name = 'exchange'\nurl = 'http://127.0.0.1:1/admin'\n").unwrap(), |_| None)
                .unwrap();
        for url in [
            "http://127.0.0.1:1/adminx/1",
            "http://127.0.0.1:1/admin",
            "http://127.0.0.1:1/admin/../other",
            "http://127.0.0.1:1/admin/%2e%2e/other",
            "http://127.0.0.1:12/admin/1",
            "http://127.0.0.1:1/admin/a b",
        ] {
            let fault = api.send(&request(url.to_owned()), Limits::WRITE).await.unwrap_err();
            assert_eq!(fault.kind, FaultKind::Local, "{url}");
        }
    }

    /// Of a cluster of these peers, of which the one at this place is asked first; and a call to it.
    fn cluster(urls: &[String], first: usize) -> (Api, HttpRequest) {
        let text = format!("name = 'exchange'\nurl = '{}'\n", urls[0]);
        let api = Api::new(&settings(&text).unwrap(), |_| None).unwrap();
        let api = api.with_peers(&urls[1..], Arc::new(AtomicUsize::new(first))).unwrap();
        let mut urls = api.urls("/silences");
        let request = HttpRequest { instead: urls.split_off(1), ..request(urls.remove(0)) };
        (api, request)
    }

    #[tokio::test]
    async fn what_did_not_reach_one_peer_goes_to_the_next_and_says_so() {
        let (gone, up) = (Peer::new([]).gone(), Peer::new([Act::say(200, b"{}")]));
        let (api, request) = cluster(&[gone.clone(), up.url("")], 0);
        let answer = api.exchange(&request, Limits::WRITE).await.unwrap();
        let said = format!("by {}, since {gone}: connection refused", up.url(""));
        assert_eq!((answer.status, answer.given_by()), (200, Some(said.as_str())));
        assert!(up.seen().concat().starts_with("POST /silences HTTP/1.1"), "{:?}", up.seen());
        let nobody = [Peer::new([]).gone(), Peer::new([]).gone()];
        let (api, request) = cluster(&nobody, 0);
        let fault = api.exchange(&request, Limits::WRITE).await.unwrap_err();
        let said = fault.detail.raw();
        assert!(
            fault.kind == FaultKind::Unreachable && nobody.iter().all(|url| said.contains(url)),
            "{said}"
        );
    }

    #[tokio::test]
    async fn what_may_have_reached_one_peer_goes_to_no_other() {
        for act in [Act::Hang, Act::Raw(Vec::new()), Act::say(500, b""), Act::say(400, b"\"no\"")] {
            let (first, other) = (Peer::new([act]), Peer::new([Act::say(200, b"{}")]));
            let (api, request) = cluster(&[first.url(""), other.url("")], 0);
            let soon = Limits { deadline: crate::domain::time::Span::millis(300), ..Limits::WRITE };
            let answered = api.exchange(&request, soon).await;
            assert!(answered.is_err() || answered.is_ok_and(|it| it.status >= 400));
            assert_eq!((first.seen().len(), other.seen().len()), (1, 0));
        }
    }

    #[tokio::test]
    async fn the_peer_that_is_up_goes_first_and_no_other_host_is_called() {
        let (down, up) = (Peer::new([Act::Hang]), Peer::new([Act::say(200, b"{}")]));
        let (api, request) = cluster(&[down.url(""), up.url("")], 1);
        assert_eq!(request.url, up.url("/silences"));
        assert_eq!(request.instead, [down.url("/silences")]);
        assert_eq!(api.exchange(&request, Limits::WRITE).await.unwrap().given_by(), None);
        assert!(down.seen().is_empty());
        let elsewhere = HttpRequest { instead: vec!["http://127.0.0.1:1/silences".to_owned()], ..request };
        assert_eq!(api.check(&elsewhere).unwrap_err().kind, FaultKind::Local);
    }
}
