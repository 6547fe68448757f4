//! What every kind of monitor owes: up is up, and whatever is wrong is said in words.

use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::future::join_all;
use quell::monitors;
use serde_json::json;

use crate::support::faultd::{Faultd, Reply};
use crate::support::torture;

/// Never to be read in what is said of a failure.
const SECRET: &str = "canary-7f3a";

/// What is expected besides, what the other side does, and what is said of it; `None` is up.
type Case = (&'static str, Reply, Option<&'static str>);

/// What the suite must know of a kind.
struct Kind {
    /// Its table, probing `host:port`.
    table: fn(address: &str) -> String,
    cases: fn() -> Vec<Case>,
}

const HTTP: Kind = Kind {
    table: |address| {
        format!(
            "kind = 'http'\nname = 'm'\ntoken_env = 'TOKEN'\nurl = 'http://{address}/health?key={SECRET}'"
        )
    },
    cases: || {
        let json = "json = { '/status' = 'ok' }";
        let late = Duration::from_millis(300);
        vec![
            ("", Reply::status(204), None),
            ("", Reply::status(503), Some("status 503, expected 2xx")),
            ("", Reply::redirect(302, "http://127.0.0.1:1/"), Some("status 302, expected 2xx")),
            ("", Reply::hang(), Some("no answer within 10s")),
            ("", Reply::reset(), Some("connection reset")),
            ("", Reply::ok("[1]").cut_after(77), Some("connection closed before the whole answer came")),
            ("", Reply::gzip_bomb(4), Some("the answer is over 1024 KiB")),
            ("status = [401]", Reply::status(401), None),
            ("status = [200, 204]", Reply::status(201), Some("status 201, expected 200 or 204")),
            (json, Reply::ok(&json!({ "status": "ok" })), None),
            (json, Reply::ok(&json!({ "status": 1 })), Some("\"/status\" is 1, expected \"ok\"")),
            (json, Reply::ok("{}"), Some("\"/status\" is missing, expected \"ok\"")),
            (json, Reply::body(200, "text/html", "<html>log in</html>"), Some("the answer is not JSON")),
            (json, Reply::body(200, "application/json", ""), Some("the answer is not JSON")),
            ("under = '9s'", Reply::status(200).delayed(late), None),
            ("under = '100ms'", Reply::status(200).delayed(late), Some("took ")),
        ]
    },
};

const TCP: Kind = Kind {
    table: |address| format!("kind = 'tcp'\nname = 'm'\naddress = '{address}'"),
    // A connection that stands is all that is asked for.
    cases: || vec![("", Reply::hang(), None), ("", Reply::reset(), None), ("", Reply::status(503), None)],
};

impl Kind {
    /// What is said of an address; `None` is up.
    async fn probe(&self, address: &str, expect: &str) -> Option<String> {
        let expect = if expect.is_empty() { String::new() } else { format!("\nexpect = {{ {expect} }}") };
        let settings = toml::from_str(&format!("{}{expect}", (self.table)(address))).unwrap();
        let monitor = monitors::build(&settings, |_| Some(SECRET.to_owned())).unwrap();
        let wrong = monitor.probe().await.err()?;
        assert!(!wrong.raw().contains(SECRET), "{wrong:?}");
        Some(wrong.raw().to_owned())
    }

    async fn answered(&self, expect: &str, reply: Reply) -> Option<String> {
        let server = Faultd::start();
        server.on("*", [reply]);
        self.probe(&format!("127.0.0.1:{}", server.port()), expect).await
    }
}

async fn every_case_is_said_for_what_it_is(kind: &Kind) {
    let probes = (kind.cases)().into_iter().map(|(expect, reply, wrong)| async move {
        let what = format!("{reply:.200?}, expected {expect}");
        match (kind.answered(expect, reply).await, wrong) {
            (Some(said), Some(wrong)) => assert!(said.starts_with(wrong), "{what}: {said}"),
            (said, wrong) => assert_eq!(said.as_deref(), wrong, "{what}"),
        }
    });
    join_all(probes).await;
}

async fn what_is_not_there_is_refused(kind: &Kind) {
    let server = Faultd::start();
    let address = format!("127.0.0.1:{}", server.port());
    server.stop();
    assert_eq!(kind.probe(&address, "").await.as_deref(), Some("connection refused"));
}

async fn a_port_that_never_accepts_is_a_timeout(kind: &Kind) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Until its queue is full, and the system answers no more.
    let mut waiting = Vec::new();
    while let Ok(connected) =
        tokio::time::timeout(Duration::from_millis(300), tokio::net::TcpStream::connect(address)).await
    {
        waiting.push(connected.unwrap());
    }
    assert_eq!(kind.probe(&address.to_string(), "").await.as_deref(), Some("no connection within 3s"));
}

/// The suite for one kind.
macro_rules! contract {
    ($name:ident, $kind:expr) => {
        mod $name {
            use super::*;

            #[tokio::test]
            async fn every_case_is_said_for_what_it_is() {
                super::every_case_is_said_for_what_it_is(&$kind).await;
            }

            #[tokio::test]
            async fn what_is_not_there_is_refused() {
                super::what_is_not_there_is_refused(&$kind).await;
            }

            #[tokio::test]
            async fn a_port_that_never_accepts_is_a_timeout() {
                super::a_port_that_never_accepts_is_a_timeout(&$kind).await;
            }
        }
    };
}

contract!(http, HTTP);
contract!(tcp, TCP);

#[tokio::test]
async fn a_hostile_answer_is_said_within_bounds() {
    for (name, text) in torture::texts() {
        let text: String = text.chars().take(20_000).collect();
        let said = HTTP.answered("json = { '/a' = 1 }", Reply::ok(&json!({ "a": text }))).await;
        assert!(said.is_some_and(|said| said.len() < 400), "{name}");
    }
}
