//! What PagerDuty says, and what is made of it whatever order it comes in.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::decode::{self, Element};
use super::known::Known;
use super::*;

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
    known.settle();
    known.begin();
    take(&mut known, "A", "triggered", 1);
    let entry = json!({ "id": "R1", "type": "trigger_log_entry", "created_at": "2026-11-20T14:00:09Z",
                        "incident": incident("C", "triggered", 9) });
    known.hear(decode::entry(&entry.to_string()).unwrap());
    known.settle();
    assert_eq!(open(&known), ["A", "C"]);
    assert!(known.take_changed() && !known.take_changed());
}

#[test]
fn a_poisoned_element_keeps_its_identity() {
    for (raw, named) in
        [(r#"{"id":"PX","status":"new"}"#, "PX"), ("null", "sha256:74234e98afe7"), ("7", "sha256:")]
    {
        let Element::Unread { id, .. } = decode::element(raw) else { panic!("{raw}") };
        assert!(id.starts_with(named), "{raw}: {id}");
    }
    let path = incident("P1/../../users", "triggered", 1).to_string();
    assert!(
        matches!(decode::element(&path), Element::Unread { .. }),
        "an id that is no id is no part of a path"
    );
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
