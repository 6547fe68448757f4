//! Whether an HTTP endpoint answers as expected, and in time.

mod expect;

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Asked, Common, Monitor, since};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::monitor::Found;
use crate::domain::text::{Outside, size};
use crate::domain::time::Span;
use crate::net::{Client, Connection, Environment, Limits, Login, LoginSettings, Request};
use crate::os::clock;
pub use expect::Expect;
use expect::Expected;

const DEADLINE: Span = Span::secs(10);
/// Bytes of a body that are read where no size is expected.
const BODY: usize = 1 << 20;

/// `[[monitor]] kind = "http"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What every monitor says.
    #[serde(flatten)]
    pub common: Common,
    /// What is read.
    pub url: String,
    /// How it is asked.
    #[serde(default = "get")]
    pub method: String,
    /// Headers to send, none of them secret.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// What is sent.
    pub body: Option<String>,
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

fn get() -> String {
    "GET".to_owned()
}

/// An HTTP endpoint.
pub struct Http {
    request: Request,
    expected: Expected,
    limits: Limits,
    client: Client,
}

impl Http {
    /// Makes a monitor; sends nothing.
    ///
    /// # Errors
    /// A [local](Fault::local) fault: a setting is not usable.
    pub fn new(settings: &Settings, environment: Environment) -> Result<Self, Fault> {
        let client = Client::new(&settings.connection, Login::new(&settings.login, environment)?)?
            .with_headers(&settings.headers)?;
        client.check(&settings.url)?;
        let mut request = Request::new(&settings.method, &settings.url)?;
        if let Some(body) = &settings.body {
            request = request.body(body.as_str());
        }
        let sizes = [settings.expect.min_bytes, settings.expect.max_bytes].into_iter().flatten();
        // One byte more, to see that there is more.
        let body = sizes.map(|bytes| bytes.saturating_add(1)).fold(BODY, usize::max);
        let limits = Limits { deadline: DEADLINE, body };
        Ok(Self { request, expected: Expected::new(&settings.expect)?, limits, client })
    }
}

impl Http {
    /// What is larger than was read is right as far as nobody asks for all of it.
    fn larger(&self, status: u16, took: Span) -> Found {
        match self.expected.differs_unread(status, self.limits.body, took) {
            Some(wrong) => Found::Wrong(Outside::new(wrong)),
            None => {
                Found::Right(Outside::new(format!("status {status}, over {}", size(self.limits.body as u64))))
            }
        }
    }
}

#[async_trait]
impl Monitor for Http {
    async fn probe(&self, _asked: &Asked) -> Found {
        let began = clock::monotonic();
        let answer = match self.client.exchange(&self.request, self.limits).await {
            Ok(answer) => answer,
            Err(Fault { kind: FaultKind::TooLarge, status: Some(status), .. }) => {
                return self.larger(status, since(began));
            }
            Err(fault) => return Found::failed(fault),
        };
        // Whoever gives the secret is not who is watched.
        let Some(wrong) = self.expected.differs(answer.status, &answer.body, answer.alone) else {
            return Found::Right(Outside::new(format!(
                "status {}, {}",
                answer.status,
                size(answer.body.len() as u64)
            )));
        };
        match answer.success() {
            Err(fault) if fault.kind == FaultKind::Throttled && fault.retry_after.is_some() => {
                Found::Busy(fault)
            }
            _ => Found::Wrong(Outside::new(wrong)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Time;
    use crate::net::peer::{Act, Peer};

    fn made(text: &str) -> Result<Http, Fault> {
        Http::new(&toml::from_str(&format!("name = 'api'\n{text}")).unwrap(), |_| Some("hunter2".to_owned()))
    }

    async fn probe(monitor: &Http) -> Result<String, String> {
        match monitor.probe(&Asked::first(Time::UNIX_EPOCH)).await {
            Found::Right(says) => Ok(says.raw().to_owned()),
            Found::Wrong(wrong) => Err(wrong.raw().to_owned()),
            Found::Unseen(fault) | Found::Busy(fault) => panic!("{fault:?}"),
            Found::Early(_) => panic!("an answer is never too early"),
        }
    }

    #[tokio::test]
    async fn it_asks_as_configured_and_says_what_it_saw() {
        let peer = Peer::new([Act::say(200, b"{\"status\":\"ok\"}")]);
        let text = format!(
            "url = '{}'\nmethod = 'POST'\nbody = '{{}}'\ntoken_env = 'T'\n\
             headers = {{ X-Scope-OrgID = 'tenant-1' }}\nexpect = {{ json = {{ '/status' = 'ok' }} }}",
            peer.url("/rpc")
        );
        assert_eq!(probe(&made(&text).unwrap()).await, Ok("status 200, 15 B".to_owned()));
        let seen = peer.seen().concat();
        assert!(seen.starts_with("POST /rpc HTTP/1.1") && seen.ends_with("{}"), "{seen}");
        assert!(seen.contains("x-scope-orgid: tenant-1") && seen.contains("Bearer hunter2"), "{seen}");
    }

    #[tokio::test]
    async fn a_body_that_may_be_large_is_read_as_far_as_that() {
        let body = vec![b'x'; BODY + 2];
        let peer = Peer::new([(); 6].map(|()| Act::say(200, &body)));
        let of = |expect: &str| made(&format!("url = '{}'\nexpect = {expect}", peer.url("/"))).unwrap();
        assert_eq!(probe(&of("{}")).await, Ok("status 200, over 1.0 MiB".to_owned()));
        assert_eq!(probe(&of("{ min_bytes = 1 }")).await, Ok("status 200, over 1.0 MiB".to_owned()));
        assert_eq!(probe(&of("{ status = [204] }")).await, Err("status 200, expected 204".to_owned()));
        let unread = "the answer is over 1.0 MiB; expect.max_bytes says how much of it is read";
        assert_eq!(probe(&of("{ matches = 'ready' }")).await, Err(unread.to_owned()));
        let most = format!("{{ max_bytes = {BODY} }}");
        assert_eq!(
            probe(&of(&most)).await,
            Err("the answer is over 1.0 MiB, expected at most 1.0 MiB".to_owned())
        );
        let enough = format!("{{ min_bytes = {} }}", BODY + 2);
        assert_eq!(probe(&of(&enough)).await, Ok("status 200, 1.0 MiB".to_owned()));
    }

    #[tokio::test]
    async fn no_answer_is_said() {
        let url = Peer::new([]).gone();
        let monitor = made(&format!("url = '{url}'")).unwrap();
        assert_eq!(probe(&monitor).await, Err("connection refused".to_owned()));
    }

    #[test]
    fn settings_that_cannot_be_used_are_refused_by_name() {
        let url = "url = 'http://127.0.0.1:1'\n";
        for (text, words) in [
            ("headers = { Authorization = 'x' }", "token_command"),
            ("headers = { 'a b' = 'x' }", "headers"),
            ("expect = { json = { status = 'ok' } }", "no JSON pointer"),
            ("expect = { matches = '(' }", "no regular expression"),
            ("method = 'G ET'", "method"),
        ] {
            let said = made(&format!("{url}{text}")).map(|_| ()).unwrap_err();
            assert!(said.detail.raw().contains(words), "{said:?}");
        }
    }
}
