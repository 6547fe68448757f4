//! Whether an HTTP endpoint answers as expected, and in time.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Common, Monitor, since};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::net::{Answer, Client, Connection, Environment, Limits, Login, LoginSettings, Request};
use crate::os::clock;

const LIMITS: Limits = Limits { deadline: Span::secs(10), body: 1 << 20 };
/// Of a value that is not as expected, what is said of it.
const VALUE_BYTES: usize = 200;

/// `[[monitor]] kind = "http"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What every monitor says.
    #[serde(flatten)]
    pub common: Common,
    /// What is read.
    pub url: String,
    /// What the answer must be.
    #[serde(default)]
    pub expect: Expect,
    /// Its credentials.
    #[serde(flatten)]
    pub login: LoginSettings,
    /// How it is reached.
    #[serde(flatten)]
    pub connection: Connection,
}

impl Settings {
    /// The URL without what may be secret.
    pub(super) fn target(&self) -> String {
        let bare = self.url.split(['?', '#']).next().unwrap_or_default();
        match bare.split_once("://") {
            Some((scheme, rest)) => {
                let (host, path) =
                    rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
                let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
                format!("{scheme}://{host}{path}")
            }
            None => bare.to_owned(),
        }
    }
}

/// What an answer must be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expect {
    /// The statuses that are right; any 2xx where none is named.
    pub status: Vec<u16>,
    /// JSON pointer → the value that must stand there.
    pub json: BTreeMap<String, Value>,
    /// How long the whole answer may take.
    pub under: Option<Span>,
}

/// An HTTP endpoint.
#[derive(Debug)]
pub struct Http {
    url: String,
    expect: Expect,
    client: Client,
}

impl Http {
    /// Makes a monitor; sends nothing.
    ///
    /// # Errors
    /// A [`FaultKind::Local`] fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let client = Client::new(&settings.connection, Login::new(&settings.login, environment)?)?;
        client.check(&settings.url)?;
        if let Some(pointer) =
            settings.expect.json.keys().find(|key| !key.is_empty() && !key.starts_with('/'))
        {
            let detail = format!("`{pointer}` is no JSON pointer; write it like \"/status\"");
            return Err(Fault::new(FaultKind::Local, detail));
        }
        Ok(Self { url: settings.url.clone(), expect: settings.expect.clone(), client })
    }
}

#[async_trait]
impl Monitor for Http {
    async fn probe(&self) -> Result<(), Outside> {
        let began = clock::monotonic();
        let answer =
            self.client.exchange(&Request::get(&self.url), LIMITS).await.map_err(|fault| fault.detail)?;
        match self.expect.differs(&answer, since(began)) {
            Some(wrong) => Err(Outside::new(wrong)),
            None => Ok(()),
        }
    }
}

impl Expect {
    /// The first thing that is not as expected, in words.
    fn differs(&self, answer: &Answer, took: Span) -> Option<String> {
        let right =
            if self.status.is_empty() { answer.is_success() } else { self.status.contains(&answer.status) };
        if !right {
            let wanted: Vec<_> = self.status.iter().map(u16::to_string).collect();
            let wanted = if wanted.is_empty() { "2xx".to_owned() } else { wanted.join(" or ") };
            return Some(format!("status {}, expected {wanted}", answer.status));
        }
        self.body_differs(&answer.body).or_else(|| {
            let under = self.under.filter(|under| took >= *under)?;
            Some(format!("took {}, expected under {under}", seconds(took)))
        })
    }

    fn body_differs(&self, body: &[u8]) -> Option<String> {
        if self.json.is_empty() {
            return None;
        }
        let Ok(found) = serde_json::from_slice::<Value>(body) else {
            return Some("the answer is not JSON".to_owned());
        };
        self.json.iter().find_map(|(pointer, wanted)| match found.pointer(pointer) {
            Some(value) if value == wanted => None,
            Some(value) => Some(format!("\"{pointer}\" is {}, expected {}", brief(value), brief(wanted))),
            None => Some(format!("\"{pointer}\" is missing, expected {}", brief(wanted))),
        })
    }
}

fn brief(value: &Value) -> String {
    Outside::capped(value.to_string(), VALUE_BYTES).raw().to_owned()
}

/// `1.2s` from a second on, `340ms` below.
fn seconds(span: Span) -> String {
    match span.as_millis() {
        millis @ 0..1000 => format!("{millis}ms"),
        millis => format!("{}.{}s", millis / 1000, millis % 1000 / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::peer::{Act, Peer};

    async fn probe(expect: &str, act: Act) -> Result<(), String> {
        let peer = Peer::new([act]);
        let text = format!("name = 'api'\nurl = '{}'\nexpect = {expect}", peer.url("/health"));
        let monitor = Http::new(&toml::from_str(&text).unwrap(), |_| None).unwrap();
        monitor.probe().await.map_err(|wrong| wrong.raw().to_owned())
    }

    fn wrong(text: &str) -> Result<(), String> {
        Err(text.to_owned())
    }

    #[tokio::test]
    async fn statuses_are_as_expected_or_said() {
        assert_eq!(probe("{}", Act::say(204, b"")).await, Ok(()));
        assert_eq!(probe("{}", Act::say(503, b"")).await, wrong("status 503, expected 2xx"));
        let named = "{ status = [200, 401] }";
        assert_eq!(probe(named, Act::say(401, b"")).await, Ok(()));
        assert_eq!(probe(named, Act::say(302, b"")).await, wrong("status 302, expected 200 or 401"));
    }

    #[tokio::test]
    async fn values_are_as_expected_or_said() {
        let expect = "{ json = { '/status' = 'ok' } }";
        assert_eq!(probe(expect, Act::say(200, b"{\"status\":\"ok\"}")).await, Ok(()));
        let degraded = Act::say(200, b"{\"status\":\"degraded\"}");
        assert_eq!(probe(expect, degraded).await, wrong("\"/status\" is \"degraded\", expected \"ok\""));
        assert_eq!(
            probe(expect, Act::say(200, b"{}")).await,
            wrong("\"/status\" is missing, expected \"ok\"")
        );
        assert_eq!(probe(expect, Act::say(200, b"<html>")).await, wrong("the answer is not JSON"));
    }

    #[tokio::test]
    async fn slowness_is_said() {
        let slow = probe("{ under = '0ms' }", Act::say(200, b"")).await.unwrap_err();
        assert!(slow.starts_with("took ") && slow.ends_with("ms, expected under 0ms"), "{slow}");
        assert_eq!(probe("{ under = '10s' }", Act::say(200, b"")).await, Ok(()));
        assert_eq!(
            (seconds(Span::millis(999)), seconds(Span::millis(1234))),
            ("999ms".into(), "1.2s".into())
        );
    }

    #[test]
    fn a_pointer_begins_with_a_slash() {
        let text = "name = 'api'\nurl = 'http://127.0.0.1:1'\nexpect = { json = { status = 'ok' } }";
        assert!(Http::new(&toml::from_str(text).unwrap(), |_| None).is_err());
    }

    #[tokio::test]
    async fn no_answer_is_said() {
        let url = Peer::new([]).gone();
        let monitor =
            Http::new(&toml::from_str(&format!("name = 'a'\nurl = '{url}'")).unwrap(), |_| None).unwrap();
        assert_eq!(monitor.probe().await, Err(Outside::new("connection refused")));
    }
}
