//! An `[[api]]`: the only place that names a host or a secret for calls of playbooks.

use serde::{Deserialize, Serialize};

use super::client::{Client, Connection, Limits};
use super::login::{Login, LoginSettings};
use super::request::{Answer, Request};
use super::secret::Environment;
use crate::domain::fault::Fault;
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
    base: String,
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
        client.check(url)?;
        let written = url;
        let url = reqwest::Url::parse(written).map_err(|_| Fault::local("the api's url is no URL"))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Fault::local("the api's url ends with its path; remove what follows ? or #"));
        }
        let base = url.as_str().trim_end_matches('/').to_owned();
        // Plans hold URLs as text and are compared as text, so there is one way to write it.
        if written.trim_end_matches('/') != base {
            return Err(Fault::local(format!("write the api's url as \"{base}\"")));
        }
        Ok(Self { name: name.to_owned(), base, client, reading: |_, _| None })
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
        format!("{}{path}", self.base)
    }

    /// Sends a plan's request exactly as it was shown; an answer that is no success is a fault.
    ///
    /// # Errors
    /// As [`Client::send`], and a [local](Fault::local) fault if the request is none of this api.
    pub async fn send(&self, request: &HttpRequest, limits: Limits) -> Result<Answer, Fault> {
        self.exchange(request, limits).await?.success()
    }

    /// Sends a plan's request exactly as it was shown and gives back whatever is answered.
    ///
    /// # Errors
    /// As [`Client::exchange`], and a [local](Fault::local) fault if the request is none of this api.
    pub async fn exchange(&self, request: &HttpRequest, limits: Limits) -> Result<Answer, Fault> {
        self.client.exchange(&self.checked(request)?, limits).await
    }

    /// Whether a plan's request could be sent as it is shown.
    ///
    /// # Errors
    /// A [local](Fault::local) fault that says why not.
    pub fn check(&self, request: &HttpRequest) -> Result<(), Fault> {
        self.checked(request).map(|_| ())
    }

    fn checked(&self, request: &HttpRequest) -> Result<Request, Fault> {
        if request.api != self.name {
            return Err(Fault::local("the request names another api; plan it again"));
        }
        let path = request.url.strip_prefix(&self.base).filter(|rest| rest.starts_with('/'));
        // Read and written again it must be the same: `/..` and the like would call something that was not shown.
        let same = reqwest::Url::parse(&request.url).is_ok_and(|url| url.as_str() == request.url);
        if path.is_none() || !same {
            return Err(Fault::local(
                "the request's URL is none of this api as written; check the playbook's path and plan it again",
            ));
        }
        let mut checked = Request::new(&request.method, &request.url)?;
        for (name, value) in &request.headers {
            checked = checked.header(name, value)?;
        }
        Ok(match &request.body {
            Some(body) => checked.body(body.clone()),
            None => checked,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::FaultKind;
    use crate::net::peer::{Act, Peer};

    fn settings(text: &str) -> Result<ApiSettings, toml::de::Error> {
        toml::from_str(text)
    }

    fn request(url: String) -> HttpRequest {
        let headers = [("idempotency-key".to_owned(), "k1".to_owned())].into();
        HttpRequest { api: "exchange".into(), method: "POST".into(), url, headers, body: Some("{}".into()) }
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
}
