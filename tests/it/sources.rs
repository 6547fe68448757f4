//! Every kind of source stands in the contract suite with one line; what one kind alone owes follows.

pub mod contract;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::contract::{Ask, Kind};
use crate::support::faultd::{Faultd, Reply};

const ALERTMANAGER: Kind = Kind {
    table: |urls| format!("kind = 'alertmanager'\nname = 'am'\ntoken_env = 'TOKEN'\nurls = {urls:?}"),
    api: None,
    login: "Bearer ",
    route: "GET /api/v2/alerts",
    beside: |_| {},
    element: |identity, title| {
        json!({ "labels": { "alertname": "A", "service": "orders", "severity": "critical" },
                "annotations": { "summary": title, "description": title },
                "startsAt": "2026-11-20T14:01:22Z", "fingerprint": identity,
                "status": { "state": "active", "silencedBy": [], "inhibitedBy": [] } })
    },
    body: |elements| json!(elements),
    pages: None,
    poisoned: || vec![json!({ "startsAt": { "a": [1] }, "fingerprint": "p" }), Value::Null, json!(7)],
    later: Some(|element| with(element, "startsAt")),
    names_people: false,
    verb: Some(Ask {
        playbook: "am/silence",
        given: &[("comment", "we are at it")],
        route: "POST /api/v2/silences",
        answer: || json!({ "silenceID": "8d9e1a2b" }),
    }),
};

const PAGERDUTY: Kind = Kind {
    table: |urls| format!("kind = 'pagerduty'\nname = 'pd'\ntoken_env = 'TOKEN'\nurl = {:?}", urls[0]),
    api: None,
    login: "Token token=",
    route: "GET /incidents",
    element: |identity, title| {
        let status = if identity == "first" { "triggered" } else { "acknowledged" };
        json!({ "id": identity, "incident_number": number(identity), "title": title, "status": status,
                "urgency": "high", "created_at": "2026-11-20T14:01:22Z", "html_url": title,
                "service": { "id": "PSVC", "summary": title }, "pending_actions": null,
                "escalation_policy": { "id": "PPOL", "summary": title }, "teams": [{ "id": "PT", "summary": title }],
                "assignments": [{ "assignee": { "id": "PU", "summary": title } }],
                "acknowledgements": [{ "acknowledger": { "id": "PU", "summary": title } }] })
    },
    poisoned: || vec![json!({ "id": "p", "created_at": { "a": [1] } }), json!(null), json!(7)],
    later: Some(|element| with(element, "created_at")),
    names_people: true,
    beside: |server| {
        server.on("GET /log_entries", [Reply::ok(r#"{"log_entries":[],"more":false}"#)]);
    },
    body: |elements| json!({ "incidents": elements, "more": false }),
    pages: Some(|first, second| {
        // A page begins with the end of the one before: what was resolved in between moves the list.
        let second = [first, second].concat();
        [json!({ "incidents": first, "more": true }), json!({ "incidents": second, "more": false })]
    }),
    verb: Some(Ask {
        playbook: "pd/note",
        given: &[("text", "we are at it"), ("from", "ana@example.com")],
        route: "POST /incidents/first/notes",
        answer: || json!({ "note": { "content": "we are at it" } }),
    }),
};

/// Every kind, for whoever asks something of all of them.
pub const KINDS: [&Kind; 4] = [&ALERTMANAGER, &PAGERDUTY, &PROMETHEUS, &HTTP_JSON];

/// An element of which a field cannot be decoded.
fn with(mut element: Value, poisoned: &str) -> Value {
    element[poisoned] = json!({ "a": [1] });
    element
}

/// A number that stands for an identity.
fn number(identity: &str) -> u64 {
    identity.bytes().fold(1, |number, byte| number * 131 % 1_000_003 + u64::from(byte))
}

const PROMETHEUS: Kind = Kind {
    table: |urls| format!("kind = 'prometheus'\nname = 'prom'\ntoken_env = 'TOKEN'\nurl = {:?}", urls[0]),
    api: None,
    login: "Bearer ",
    route: "GET /api/v1/alerts",
    beside: |_| {},
    element: |identity, title| {
        json!({ "labels": { "alertname": "A", "service": "orders", "severity": "critical", "pod": identity },
                "annotations": { "summary": title, "description": title },
                "state": "firing", "activeAt": "2026-11-20T14:01:22Z", "value": "1e+00" })
    },
    body: |elements| json!({ "status": "success", "data": { "alerts": elements } }),
    pages: None,
    poisoned: || vec![json!({ "labels": 7 }), Value::Null, json!([])],
    later: None,
    names_people: false,
    verb: None,
};

const HTTP_JSON: Kind = Kind {
    table: |_| {
        "kind = 'http-json'\nname = 'desk'\napi = 'desk'\npath = '/incidents'\nlist = '/data/items'\n\
         next = '/data/after'\ncursor = 'after'\nid = '/number'\ntitle = '/summary'\nservice = '/component'\n\
         description = '/text'\nlabels = '/tags'\n\
         note = { path = '/incidents/{{id}}/notes', json = { text = '{{text}}' } }\n"
            .to_owned()
    },
    api: Some(|urls| format!("name = 'desk'\ntoken_env = 'TOKEN'\nurl = '{}/api'\n", urls[0])),
    login: "Bearer ",
    route: "GET /api/incidents",
    beside: |_| {},
    element: |identity, title| {
        json!({ "number": identity, "summary": title, "text": title, "component": "orders", "severity": "critical",
                "opened": "2026-11-20T14:01:22Z", "tags": { "pod": title, "region": "eu-1" } })
    },
    body: |elements| json!({ "data": { "items": elements, "after": null } }),
    pages: Some(|first, second| {
        let first = json!({ "data": { "items": first, "after": "c2" } });
        [first, json!({ "data": { "items": second, "after": null } })]
    }),
    poisoned: || {
        vec![json!({ "summary": "no id" }), json!({ "number": { "a": [1] } }), Value::Null, json!(7)]
    },
    later: None,
    names_people: false,
    verb: Some(Ask {
        playbook: "desk/note",
        given: &[("text", "we are at it")],
        route: "POST /api/incidents/first/notes",
        answer: || json!({}),
    }),
};

/// The suite for one kind.
macro_rules! contract {
    ($name:ident, $kind:expr) => {
        mod $name {
            use super::*;

            #[tokio::test]
            async fn every_failure_is_said_for_what_it_is() {
                contract::every_failure_is_said_for_what_it_is(&$kind).await;
            }

            #[tokio::test]
            async fn no_page_is_passed_over() {
                contract::no_page_is_passed_over(&$kind).await;
            }

            #[tokio::test]
            async fn what_it_is_asked_carries_its_key_and_shows_no_secret() {
                contract::what_it_is_asked_carries_its_key_and_shows_no_secret(&$kind).await;
            }

            #[tokio::test]
            async fn only_an_empty_list_is_calm() {
                contract::only_an_empty_list_is_calm(&$kind).await;
            }

            #[tokio::test]
            async fn a_poisoned_element_hides_no_other() {
                contract::a_poisoned_element_hides_no_other(&$kind).await;
            }

            #[tokio::test]
            async fn what_is_poisoned_later_is_still_there() {
                contract::what_is_poisoned_later_is_still_there(&$kind).await;
            }

            #[tokio::test]
            async fn hostile_text_is_kept_within_bounds_and_shown_without_harm() {
                contract::hostile_text_is_kept_within_bounds_and_shown_without_harm(&$kind).await;
            }
        }
    };
}

contract!(alertmanager, ALERTMANAGER);
contract!(pagerduty, PAGERDUTY);
contract!(prometheus, PROMETHEUS);
contract!(http_json, HTTP_JSON);

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

#[tokio::test]
async fn a_peer_that_says_something_else_hurries_nobody() {
    let kind = &ALERTMANAGER;
    let replies = [
        Reply::body(200, "text/html", "<html><body>Please log in</body></html>"),
        kind.page(&["f1"]).delayed(Duration::from_millis(1800)),
    ];
    let peers = replies.map(|reply| {
        let peer = Faultd::start();
        peer.on(kind.route, [reply]);
        peer
    });
    let answer = kind.poll(&peers.each_ref().map(Faultd::url)).await.unwrap();
    assert_eq!(answer.signals[0].key.fingerprint.raw(), "f1");
}
