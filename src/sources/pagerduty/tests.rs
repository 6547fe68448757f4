//! What PagerDuty says, and what is made of it whatever order it comes in.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::decode::{self, Element, Unread};
use super::known::Known;
use super::signal::is_exhausted;
use super::*;
use crate::net::peer::{Act, Peer};

fn incident(id: &str, status: &str, second: u32) -> Value {
    json!({ "id": id, "incident_number": 7, "title": "burns", "status": status,
            "created_at": "2026-11-20T14:00:00Z", "updated_at": format!("2026-11-20T14:00:{second:02}Z") })
}

fn take(known: &mut Known, id: &str, status: &str, second: u32) {
    known.take(decode::element(&incident(id, status, second).to_string()));
}

fn open(known: &Known) -> Vec<&str> {
    known.open().map(|(ticket, ..)| ticket.id.as_str()).collect()
}

#[test]
fn what_was_resolved_does_not_come_back_from_an_older_page() {
    let mut known = Known::default();
    known.begin();
    take(&mut known, "A", "triggered", 5);
    take(&mut known, "A", "resolved", 9);
    take(&mut known, "A", "triggered", 9);
    take(&mut known, "A", "acknowledged", 7);
    assert!(open(&known).is_empty());
    known.begin();
    take(&mut known, "A", "triggered", 8);
    assert!(open(&known).is_empty(), "an older account, whenever it is read");
    take(&mut known, "A", "triggered", 9);
    assert_eq!(
        open(&known),
        ["A"],
        "who reads it later and finds it open believes that: it was opened again"
    );
}

#[test]
fn a_whole_reading_buries_what_it_does_not_name_and_nothing_that_was_news_meanwhile() {
    let mut known = Known::default();
    known.begin();
    take(&mut known, "A", "triggered", 1);
    take(&mut known, "B", "triggered", 1);
    known.settle(1);
    known.begin();
    take(&mut known, "A", "triggered", 1);
    let entry = json!({ "id": "R1", "type": "trigger_log_entry", "created_at": "2026-11-20T14:00:09Z",
                        "incident": incident("C", "triggered", 9) });
    known.hear(decode::entry(&entry.to_string()).unwrap());
    known.settle(2);
    assert_eq!(open(&known), ["A", "C"]);
    assert!(known.take_changed() && !known.take_changed());
}

#[test]
fn a_poisoned_element_keeps_its_identity() {
    for (raw, named) in
        [(r#"{"id":"PX","status":"new"}"#, "PX"), ("null", "sha256:74234e98afe7"), ("7", "sha256:")]
    {
        let Element::Unread(unread) = decode::element(raw) else { panic!("{raw}") };
        assert!(unread.id.starts_with(named), "{raw}: {unread:?}");
    }
    let path = incident("P1/../../users", "triggered", 1).to_string();
    assert!(
        matches!(decode::element(&path), Element::Unread(Unread { number: Some(7), .. })),
        "an id that is no id is no part of a path"
    );
}

fn hear(known: &mut Known, entry: &str, kind: &str, incident: &Value) {
    let entry =
        json!({ "id": entry, "type": kind, "created_at": "2026-11-20T14:00:09Z", "incident": incident });
    known.hear(decode::entry(&entry.to_string()).unwrap());
}

#[test]
fn what_is_known_of_an_incident_holds_while_what_is_read_of_it_cannot_be_decoded() {
    let poisoned = json!({ "id": "A", "incident_number": 7, "status": { "a": [1] } }).to_string();
    let mut known = Known::default();
    known.begin();
    take(&mut known, "A", "triggered", 1);
    known.settle(1);
    assert!(known.take_changed() && known.undecodable() == 0);
    known.begin();
    known.take(decode::element(&poisoned));
    known.settle(2);
    assert_eq!((open(&known), known.undecodable(), known.unread().count()), (vec!["A"], 1, 0));
    assert!(known.take_changed(), "that it is left out is news");
    known.begin();
    take(&mut known, "A", "triggered", 1);
    assert!(known.undecodable() == 0 && known.take_changed(), "and so is that it is not");
    let mut known = Known::default();
    known.begin();
    known.take(decode::element(&poisoned));
    let Some(unread) = known.unread().next() else { panic!("{known:?}") };
    let key = signal::placeholder("pd", unread, Time::UNIX_EPOCH).key;
    assert_eq!(key.fingerprint.raw(), "7", "it is the signal that it was to an earlier process");
    take(&mut known, "A", "triggered", 1);
    assert_eq!((open(&known), known.unread().count()), (vec!["A"], 0));
}

#[test]
fn an_entry_that_is_heard_again_brings_what_its_incident_is_by_now() {
    let mut known = Known::default();
    known.begin();
    let entry = |known: &mut Known, status, second| {
        hear(known, "R1", "acknowledge_log_entry", &incident("A", status, second));
    };
    entry(&mut known, "triggered", 5);
    known.begin();
    entry(&mut known, "acknowledged", 9);
    let status: Vec<_> = known.open().map(|(ticket, ..)| ticket.status).collect();
    assert_eq!(status, [decode::Status::Acknowledged]);
    hear(&mut known, "R2", "exhaust_escalation_path_log_entry", &json!({ "id": "A" }));
    entry(&mut known, "acknowledged", 9);
    assert!(known.open().all(|(_, _, exhausted)| exhausted), "what happened counts once");
}

#[test]
fn a_policy_is_exhausted_when_it_pages_nobody_any_more_and_nobody_holds_it() {
    let exhausted = |changes: Value, in_log: bool, minutes: u64| {
        let mut burns = incident("A", "triggered", 5);
        burns["escalation_policy"] = json!({ "id": "PPOL1" });
        burns["urgency"] = "high".into();
        burns["pending_actions"] = json!([{ "type": "resolve", "at": "2026-11-20T18:00:00Z" }]);
        burns.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let Element::Ticket(ticket) = decode::element(&burns.to_string()) else { panic!("{burns}") };
        is_exhausted(&ticket, in_log, ticket.created + Span::mins(minutes).delta())
    };
    assert!(exhausted(json!({}), true, 0), "the log says so at once");
    assert!(!exhausted(json!({}), false, 4), "somebody may still answer the last page");
    assert!(exhausted(json!({}), false, 5));
    // It paged its last level twenty minutes after it began: whose phone rings now has not failed to answer.
    let last = json!([{ "at": "2026-11-20T14:00:00Z", "assignee": { "id": "U1" } },
                      { "at": "2026-11-20T14:20:00Z", "assignee": { "id": "U2" } }]);
    assert!(!exhausted(json!({ "assignments": last }), false, 24));
    assert!(exhausted(json!({ "assignments": last }), false, 25));
    assert!(exhausted(json!({ "assignments": last }), true, 20), "the log says so at once");
    let back = json!({ "last_status_change_at": "2026-11-20T14:20:00Z" });
    assert!(!exhausted(back.clone(), false, 24) && exhausted(back, false, 25), "it was given back");
    let pages = json!([{ "type": "escalate", "at": "2026-11-20T15:00:00Z" }]);
    assert!(!exhausted(json!({ "pending_actions": pages }), true, 90), "whoever is paged next may answer");
    assert!(!exhausted(json!({ "pending_actions": null }), false, 90), "what comes was not said");
    for otherwise in [
        json!({ "status": "acknowledged" }),
        json!({ "assigned_via": "direct_assignment" }),
        json!({ "escalation_policy": null }),
    ] {
        assert!(!exhausted(otherwise.clone(), true, 90), "{otherwise}");
    }
    assert!(
        !exhausted(json!({ "urgency": "low" }), false, 90),
        "what is not urgent is escalated by no policy"
    );
}

#[tokio::test]
async fn a_long_list_is_read_over_several_rounds_while_what_was_known_holds() {
    let list = |numbers: &[u64], more: bool| {
        let one = |number: &u64| {
            let mut one = incident(&format!("P{number}"), "triggered", 1);
            one["incident_number"] = json!(number);
            one
        };
        let all: Vec<Value> = numbers.iter().map(one).collect();
        Act::say(200, json!({ "incidents": all, "more": more }).to_string().as_bytes())
    };
    let log = || Act::say(200, br#"{"log_entries":[],"more":false}"#);
    let beside = [(); 4].map(|()| Act::say(404, b""));
    let first = [list(&[1], true), list(&[1, 2], false), log()];
    let rest = [list(&[1], true), log(), list(&[1, 3], false), log(), log()];
    let peer = Peer::new(first.into_iter().chain(beside).chain(rest));
    let text = format!("name = 'pd'\nurl = '{}'\ntoken_env = 'T'\nwhole_every = '1m'", peer.url(""));
    let mut source = Pagerduty::new(&toml::from_str(&text).unwrap(), |_| Some("t".to_owned())).unwrap();
    // Each round has time for one page.
    source.wire.pages_for = Span::default();
    let now = Time::from_timestamp(1_795_183_200, 0).unwrap();
    let mut said = Vec::new();
    for at in [0, 61, 76, 91] {
        let answer = source.poll(now + Span::secs(at).delta()).await.unwrap().answer;
        said.push(answer.map(|answer| {
            assert!(answer.complete, "{answer:?}");
            answer.signals.iter().map(|it| it.key.fingerprint.raw().to_owned()).collect::<Vec<_>>()
        }));
    }
    let open = |numbers: [&str; 2]| Some(numbers.map(str::to_owned).to_vec());
    assert_eq!(
        said,
        [open(["1", "2"]), None, open(["1", "3"]), None],
        "over is what the whole reading lacks"
    );
    let asked: Vec<String> =
        peer.seen().iter().filter_map(|it| Some(it.split(['?', ' ']).nth(1)?.to_owned())).collect();
    let rounds = ["/incidents", "/log_entries", "/incidents", "/log_entries", "/log_entries"];
    assert_eq!(asked[7..], rounds, "each round ends with what changed");
}

#[test]
fn details_that_are_left_out_are_counted() {
    let alert = |length: usize| json!({ "summary": "s", "body": { "details": "x".repeat(length) } });
    let read = |alerts: &[Value], all: u32| {
        let read = details::read(&json!({ "alerts": alerts }).to_string(), (all, 1)).unwrap();
        read.annotations.get("…").map(|note| note.raw().to_owned())
    };
    assert_eq!(read(&[alert(10), alert(10)], 2), None);
    assert_eq!(read(&vec![alert(10); 20], 20), None);
    assert_eq!(read(&vec![alert(10); 25], 25).as_deref(), Some("the details of 5 more alerts left out"));
    assert_eq!(read(&vec![alert(10); 100], 130).as_deref(), Some("the details of 110 more alerts left out"));
    assert_eq!(read(&vec![alert(16_000); 5], 5).as_deref(), Some("the details of 1 more alert left out"));
    assert_eq!(read(&[alert(10), json!({ "summary": "s" })], 2), None, "who has none lacks none");
}

#[test]
fn long_details_are_cut_and_not_left_out() {
    let alert = |length: usize| json!({ "summary": "s", "body": { "details": { "order_id": "O-8831-77", "log": "x".repeat(length) } } });
    let read = |alerts: &[Value]| details::read(&json!({ "alerts": alerts }).to_string(), (1, 1)).unwrap();
    let text = |details: &details::Details, name: &str| {
        details.annotations.get(name).map(|text| (text.raw().contains("O-8831-77"), text.raw().len()))
    };
    let one = read(&[alert(70_000)]);
    assert!(
        text(&one, "details").is_some_and(|(names_it, length)| names_it && length <= 16 * 1024),
        "{one:?}"
    );
    let many = read(&[alert(70_000), alert(70_000), alert(70_000), alert(70_000), alert(70_000), alert(1)]);
    let kept = many.annotations.keys().filter(|name| name.raw().starts_with("details")).count();
    assert_eq!(kept, 4, "all of them together have an end too");
}

#[test]
fn an_acknowledgement_is_never_sent_twice_by_itself() {
    let directory = Directory::default();
    let verbs =
        Verbs { name: "pd", api: "pd/api", from: Some("ana@example.com"), directory: &directory }.all();
    let idempotent: Vec<&str> = verbs.iter().filter(|it| it.idempotent).map(|it| it.id.as_str()).collect();
    assert_eq!(idempotent, ["pd/resolve"]);
    for verb in &verbs {
        assert!(verb.lookup.as_ref().is_some_and(|it| !it.refuse().is_empty()), "{} looks first", verb.id);
        let sound = verb.parameter.iter().all(|parameter| parameter.allowed().is_ok());
        assert!(sound, "{}: {:?}", verb.id, verb.parameter);
    }
}

proptest! {
    #[test]
    fn the_last_change_of_each_counts_whatever_order_pages_come_in(
        accounts in proptest::collection::vec((0..4_u8, 0..30_u32), 1..30),
    ) {
        let status = |second: u32| ["triggered", "acknowledged", "resolved"][second as usize % 3];
        let mut known = Known::default();
        known.begin();
        for (id, second) in &accounts {
            take(&mut known, &format!("P{id}"), status(*second), *second);
        }
        for id in 0..4_u8 {
            let last = accounts.iter().filter(|(it, _)| *it == id).map(|(_, second)| *second).max();
            let burns = last.is_some_and(|second| status(second) != "resolved");
            prop_assert_eq!(open(&known).contains(&format!("P{id}").as_str()), burns);
        }
    }
}
