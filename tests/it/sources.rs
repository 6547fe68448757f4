//! What every kind of source owes: each failure is said for what it is, and none of them is a calm answer.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::signal::Answer;
use quell::domain::time::Time;
use quell::sources;
use serde_json::{Value, json};

use crate::support::faultd::{Faultd, Reply};
use crate::support::torture;

/// Never to be read in what is said of a failure.
const SECRET: &str = "canary-7f3a";

/// What the suite must know of a kind.
struct Kind {
    /// Its table, asking these addresses with `$TOKEN`.
    table: fn(urls: &[String]) -> String,
    /// What it asks.
    route: &'static str,
    /// Something that is wrong, with this identity and title.
    element: fn(identity: &str, title: &str) -> Value,
    /// Elements it must not stumble over.
    poisoned: fn() -> Vec<Value>,
    /// The list that these elements are.
    list: fn(Vec<Value>) -> Value,
    /// The fingerprint of the element with this identity.
    fingerprint: fn(&str) -> String,
    /// How it says who it is, with this secret.
    login: fn(&str) -> String,
    /// What it asks besides, of which there is nothing.
    besides: &'static [(&'static str, &'static str)],
}

const ALERTMANAGER: Kind = Kind {
    table: |urls| format!("kind = 'alertmanager'\nname = 'am'\ntoken_env = 'TOKEN'\nurls = {urls:?}"),
    route: "GET /api/v2/alerts",
    element: |identity, title| {
        json!({ "labels": { "alertname": "A", "service": "orders", "severity": "critical" },
                "annotations": { "summary": title, "description": title },
                "startsAt": "2026-11-20T14:01:22Z", "fingerprint": identity,
                "status": { "state": "active", "silencedBy": [], "inhibitedBy": [] } })
    },
    poisoned: || vec![json!({ "startsAt": { "a": [1] }, "fingerprint": "p" }), json!(null), json!(7)],
    list: |elements| json!(elements),
    fingerprint: str::to_owned,
    login: |secret| format!("Bearer {secret}"),
    besides: &[],
};

const PAGERDUTY: Kind = Kind {
    table: |urls| format!("kind = 'pagerduty'\nname = 'pd'\ntoken_env = 'TOKEN'\nurl = {:?}", urls[0]),
    route: "GET /incidents",
    element: |identity, title| {
        let status = "triggered";
        json!({ "id": identity, "incident_number": number(identity), "title": title, "status": status,
                "urgency": "high", "created_at": "2026-11-20T14:01:22Z",
                "service": { "id": "PSVC", "summary": title }, "pending_actions": null })
    },
    poisoned: || vec![json!({ "id": "p", "created_at": { "a": [1] } }), json!(null), json!(7)],
    list: |elements| json!({ "incidents": elements, "more": false }),
    fingerprint: |identity| number(identity).to_string(),
    login: |secret| format!("Token token={secret}"),
    besides: &[("GET /log_entries", r#"{"log_entries":[],"more":false}"#)],
};

/// A number that stands for an identity.
fn number(identity: &str) -> u64 {
    identity.bytes().fold(1, |number, byte| number * 131 % 1_000_003 + u64::from(byte))
}

impl Kind {
    async fn poll(&self, urls: &[String]) -> Result<Answer, Fault> {
        let settings: sources::Settings = toml::from_str(&(self.table)(urls)).unwrap();
        let source = sources::build(&settings, |_| Some(SECRET.to_owned())).unwrap();
        let polled = source.poll(Time::from_timestamp(1_795_183_200, 0).unwrap()).await;
        polled.map(|polled| polled.answer.unwrap())
    }

    /// Asks a server that answers like this.
    async fn answered(&self, reply: Reply) -> Result<Answer, Fault> {
        let server = Faultd::start();
        server.on(self.route, [reply]);
        for (route, nothing) in self.besides {
            server.on(route, [Reply::ok(*nothing)]);
        }
        let answer = self.poll(&[server.url()]).await;
        let login = (self.login)(SECRET);
        assert!(server.requests().iter().all(|it| it.header("authorization") == Some(login.as_str())));
        answer
    }

    fn page(&self, identities: &[&str]) -> Reply {
        Reply::ok(&(self.list)(identities.iter().map(|name| (self.element)(name, "burns")).collect()))
    }
}

/// What is answered, the fault that is, and a word of its reason.
fn failures(kind: &Kind) -> Vec<(&'static str, Reply, FaultKind, &'static str)> {
    use FaultKind::{Broken, Malformed, NoAnswer, Redirected, Refused, Throttled, TooLarge, Unauthorised};
    let html = format!("<html><body>Please log in, {SECRET}</body></html>");
    let huge = format!("[{}]", " ".repeat(17 << 20));
    let drip = kind.page(&["f1"]).dripping(1, Duration::from_secs(1));
    vec![
        ("401", Reply::status(401), Unauthorised, "401"),
        ("403", Reply::body(403, "text/html", html.clone()), Unauthorised, "403"),
        ("404", Reply::status(404), Refused, "404"),
        ("429", Reply::status(429).header("Retry-After", "30"), Throttled, "429"),
        ("500", Reply::body(500, "text/plain", SECRET), Broken, "500"),
        ("503", Reply::status(503), Broken, "503"),
        ("a hang", Reply::hang(), NoAnswer, "no answer within 10s"),
        ("a drip", drip, NoAnswer, "no answer within 10s"),
        ("a reset", Reply::reset(), NoAnswer, "reset"),
        ("half an answer", kind.page(&["f1"]).cut_after(200), NoAnswer, "closed before"),
        ("garbage", Reply::body(200, "application/json", vec![0xff, 0, 0x1b, b'[']), Malformed, ""),
        ("broken gzip", Reply::ok("[]").header("Content-Encoding", "gzip"), Malformed, ""),
        ("a log-in page", Reply::body(200, "text/html", html), Malformed, ""),
        ("an empty body", Reply::body(200, "application/json", ""), Malformed, ""),
        ("null", Reply::ok("null"), Malformed, ""),
        ("a huge body", Reply::ok(&huge), TooLarge, "over 16384 KiB"),
        ("a gzip bomb", Reply::gzip_bomb(64), TooLarge, "over 16384 KiB"),
        ("a redirect", Reply::redirect(302, &format!("http://127.0.0.1:1/{SECRET}")), Redirected, "redirect"),
    ]
}

async fn every_failure_is_said_for_what_it_is(kind: &Kind) {
    let polls = failures(kind).into_iter().map(|(what, reply, expected, reason)| async move {
        let fault = kind.answered(reply).await.expect_err(what);
        assert_eq!(fault.kind, expected, "{what}: {fault:?}");
        assert!(fault.detail.raw().contains(reason), "{what}: {fault:?}");
        assert!(!format!("{fault:?}").contains(SECRET), "{what}: {fault:?}");
    });
    join_all(polls).await;
    let gone = Faultd::start();
    let url = gone.url();
    gone.stop();
    let fault = kind.poll(&[url]).await.unwrap_err();
    assert_eq!((fault.kind, fault.detail.raw()), (FaultKind::Unreachable, "connection refused"));
}

async fn only_an_empty_list_is_calm(kind: &Kind) {
    let answer = kind.answered(kind.page(&[])).await.unwrap();
    assert_eq!((answer.signals.len(), answer.left_out, answer.complete), (0, 0, true));
}

async fn a_poisoned_element_hides_no_other(kind: &Kind) {
    let mut page = vec![(kind.element)("first", "burns")];
    page.extend((kind.poisoned)());
    page.push((kind.element)("last", "burns"));
    let answer = kind.answered(Reply::ok(&(kind.list)(page))).await.unwrap();
    let known = |name: &str| {
        answer.signals.iter().any(|signal| signal.key.fingerprint.raw() == (kind.fingerprint)(name))
    };
    assert!(known("first") && known("last"), "{answer:#?}");
    let undecodable = answer.signals.iter().filter(|signal| signal.undecodable).count();
    assert!(undecodable > 0 && answer.left_out > 0, "what cannot be read is not passed over: {answer:#?}");
}

async fn hostile_text_is_kept_within_bounds_and_shown_without_harm(kind: &Kind) {
    let texts = torture::texts();
    let cut = |text: &str| text.chars().take(20_000).collect::<String>();
    let element = |(n, (_, text)): (usize, &(String, String))| (kind.element)(&n.to_string(), &cut(text));
    let page: Vec<Value> = texts.iter().enumerate().map(element).collect();
    let answer = kind.answered(Reply::ok(&(kind.list)(page))).await.unwrap();
    assert_eq!(answer.signals.len(), texts.len());
    for signal in &answer.signals {
        assert!(signal.title.raw().len() <= 1024, "{:?}", signal.key);
        assert!(!signal.title.safe().to_string().contains(char::is_control), "{:?}", signal.title);
    }
}

/// The suite for one kind.
macro_rules! contract {
    ($name:ident, $kind:expr) => {
        mod $name {
            use super::*;

            #[tokio::test]
            async fn every_failure_is_said_for_what_it_is() {
                super::every_failure_is_said_for_what_it_is(&$kind).await;
            }

            #[tokio::test]
            async fn only_an_empty_list_is_calm() {
                super::only_an_empty_list_is_calm(&$kind).await;
            }

            #[tokio::test]
            async fn a_poisoned_element_hides_no_other() {
                super::a_poisoned_element_hides_no_other(&$kind).await;
            }

            #[tokio::test]
            async fn hostile_text_is_kept_within_bounds_and_shown_without_harm() {
                super::hostile_text_is_kept_within_bounds_and_shown_without_harm(&$kind).await;
            }
        }
    };
}

contract!(alertmanager, ALERTMANAGER);
contract!(pagerduty, PAGERDUTY);

#[tokio::test]
async fn a_peer_of_a_cluster_may_be_late_but_one_that_hangs_delays_nobody_for_long() {
    let kind = &ALERTMANAGER;
    let replies = [
        Reply::hang(),
        kind.page(&["f2"]).delayed(Duration::from_millis(300)),
        Reply::status(503),
        kind.page(&["f1"]),
    ];
    let peers = replies.map(|reply| {
        let peer = Faultd::start();
        peer.on(kind.route, [reply]);
        peer
    });
    let began = Instant::now();
    let answer = kind.poll(&peers.each_ref().map(Faultd::url)).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "took {:?}", began.elapsed());
    let known: Vec<_> = answer.signals.iter().map(|signal| signal.key.fingerprint.raw()).collect();
    assert_eq!((known, answer.complete), (vec!["f1", "f2"], true));
}
