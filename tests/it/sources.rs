//! Every kind of source stands in the contract suite with one line; what one kind alone owes follows.

pub mod contract;
mod maps;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::contract::{Ask, Kind, Pages};
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
                "startsAt": "2026-11-20T14:01:22Z", "fingerprint": identity, "generatorURL": title,
                "status": { "state": "active", "silencedBy": [], "inhibitedBy": [] } })
    },
    body: |elements| json!(elements),
    pages: Pages::Whole,
    maps: maps::alertmanager,
    poisoned: || vec![json!({ "startsAt": { "a": [1] }, "fingerprint": "p" }), Value::Null, json!(7)],
    later: |element| with(element, "startsAt"),
    names_people: false,
    asks: &[
        Ask {
            verb: "silence",
            route: "POST /api/v2/silences",
            given: &[("comment", "we are at it")],
            found: &[],
        },
        Ask {
            verb: "extend-silence",
            route: "POST /api/v2/silences",
            given: &[("silence", "8d9e1a2b"), ("for", "1h")],
            found: &[
                ("id", r#""8d9e1a2b""#),
                ("matchers", r#"[{"name":"service","value":"orders","isRegex":false,"isEqual":true}]"#),
                ("starts", r#""2026-11-20T14:01:22Z""#),
                ("by", r#""bo""#),
                ("comment", r#""why""#),
            ],
        },
        Ask {
            verb: "expire-silence",
            route: "DELETE /api/v2/silence/8d9e1a2b",
            given: &[("silence", "8d9e1a2b")],
            found: &[],
        },
    ],
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
    later: |element| with(element, "created_at"),
    maps: maps::pagerduty,
    names_people: true,
    beside: |server| {
        server.on("GET /log_entries", [Reply::ok(r#"{"log_entries":[],"more":false}"#)]);
    },
    body: |elements| json!({ "incidents": elements, "more": false }),
    pages: Pages::Several(|first, second| {
        // A page begins with the end of the one before: what was resolved in between moves the list.
        let second = [first, second].concat();
        [json!({ "incidents": first, "more": true }), json!({ "incidents": second, "more": false })]
    }),
    asks: &[
        Ask {
            verb: "acknowledge",
            route: "PUT /incidents/first",
            given: &[("from", "ana@example.com")],
            found: &[],
        },
        Ask {
            verb: "note",
            route: "POST /incidents/first/notes",
            given: &[("text", "we are at it"), ("from", "ana@example.com")],
            found: &[],
        },
        Ask {
            verb: "escalate",
            route: "PUT /incidents/first",
            given: &[("level", "2"), ("from", "ana@example.com")],
            found: &[],
        },
        Ask {
            verb: "responders",
            route: "POST /incidents/first/responder_requests",
            given: &[("user", "PU1"), ("message", "come"), ("requester", "PU2"), ("from", "ana@example.com")],
            found: &[],
        },
        Ask {
            verb: "responders-policy",
            route: "POST /incidents/first/responder_requests",
            given: &[
                ("policy", "PP1"),
                ("message", "come"),
                ("requester", "PU2"),
                ("from", "ana@example.com"),
            ],
            found: &[],
        },
        Ask {
            verb: "status-update",
            route: "POST /incidents/first/status_updates",
            given: &[("message", "we are at it"), ("from", "ana@example.com")],
            found: &[],
        },
        Ask {
            verb: "resolve",
            route: "PUT /incidents/first",
            given: &[("resolution", "restarted"), ("from", "ana@example.com")],
            found: &[],
        },
        Ask {
            verb: "reassign",
            route: "PUT /incidents/first",
            given: &[("user", "PU1"), ("from", "ana@example.com")],
            found: &[],
        },
        Ask {
            verb: "reassign-policy",
            route: "PUT /incidents/first",
            given: &[("policy", "PP1"), ("from", "ana@example.com")],
            found: &[],
        },
        Ask {
            verb: "priority",
            route: "PUT /incidents/first",
            given: &[("priority", "P1"), ("from", "ana@example.com")],
            found: &[],
        },
        Ask {
            verb: "snooze",
            route: "POST /incidents/first/snooze",
            given: &[("for", "1h"), ("from", "ana@example.com")],
            found: &[],
        },
        Ask {
            verb: "merge",
            route: "PUT /incidents/PINTO/merge",
            given: &[("into", "PINTO"), ("from", "ana@example.com")],
            found: &[],
        },
    ],
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
    pages: Pages::Whole,
    maps: maps::prometheus,
    poisoned: || vec![json!({ "labels": 7 }), Value::Null, json!([])],
    later: |element| with(element, "activeAt"),
    names_people: false,
    // It only tells.
    asks: &[],
};

const HTTP_JSON: Kind = Kind {
    table: |_| {
        "kind = 'http-json'\nname = 'desk'\napi = 'desk'\npath = '/incidents'\nlist = '/data/items'\n\
         next = '/data/after'\ncursor = 'after'\nid = '/number'\ntitle = '/summary'\nservice = '/component'\n\
         description = '/text'\nlabels = '/tags'\n\
         severity = '/severity'\nsince = '/opened'\nlink = '/url'\nheld_by = '/owner/name'\nstate = '/phase'\n\
         states = { open = ['open'], acknowledged = ['held'], resolved = ['closed'] }\n\
         acknowledge = { method = 'PUT', path = '/incidents/{{id}}', json = { phase = 'held' } }\n\
         resolve = { path = '/incidents/{{id}}/close', json = { text = '{{text}}' } }\n\
         note = { path = '/incidents/{{id}}/notes', json = { text = '{{text}}' } }\n"
            .to_owned()
    },
    api: Some(|urls| format!("name = 'desk'\ntoken_env = 'TOKEN'\nurl = '{}/api'\n", urls[0])),
    login: "Bearer ",
    route: "GET /api/incidents",
    beside: |_| {},
    element: |identity, title| {
        json!({ "number": identity, "summary": title, "text": title, "component": "orders", "severity": "critical",
                "opened": "2026-11-20T14:01:22Z", "url": title, "phase": "open", "tags": { "pod": title, "region": "eu-1" } })
    },
    body: |elements| json!({ "data": { "items": elements, "after": null } }),
    pages: Pages::Several(|first, second| {
        let first = json!({ "data": { "items": first, "after": "c2" } });
        [first, json!({ "data": { "items": second, "after": null } })]
    }),
    maps: maps::http_json,
    poisoned: || {
        vec![json!({ "summary": "no id" }), json!({ "number": { "a": [1] } }), Value::Null, json!(7)]
    },
    later: |element| with(element, "summary"),
    names_people: false,
    asks: &[
        Ask { verb: "acknowledge", route: "PUT /api/incidents/first", given: &[], found: &[] },
        Ask {
            verb: "note",
            route: "POST /api/incidents/first/notes",
            given: &[("text", "we are at it")],
            found: &[],
        },
        Ask {
            verb: "resolve",
            route: "POST /api/incidents/first/close",
            given: &[("text", "restarted")],
            found: &[],
        },
    ],
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
            async fn every_field_is_where_it_belongs() {
                maps::every_field_is_where_it_belongs(&$kind).await;
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
            async fn what_is_said_twice_is_one() {
                contract::what_is_said_twice_is_one(&$kind).await;
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

/// Who has pages and how many verbs: what the suite asks of a kind is no less by oversight.
#[test]
fn what_each_kind_owes_stands_here() {
    let owes = KINDS.map(|kind| {
        let table: toml::Table = toml::from_str(&(kind.table)(&["http://127.0.0.1:1".to_owned()])).unwrap();
        let name = table["kind"].as_str().unwrap().to_owned();
        (name, matches!(kind.pages, Pages::Several(_)), kind.asks.len())
    });
    let owed = [
        ("alertmanager", false, 3),
        ("pagerduty", true, 12),
        ("prometheus", false, 0),
        ("http-json", true, 3),
    ];
    assert_eq!(owes, owed.map(|(name, pages, verbs)| (name.to_owned(), pages, verbs)));
}

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
