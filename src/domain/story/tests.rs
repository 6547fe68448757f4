//! What records say, to the letter.

use super::*;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::SourceState;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::operator::Operator;
use crate::domain::record::FORMAT;

#[test]
fn records_of_no_incident_are_sentences_too() {
    let said = |entry| {
        let by = Actor::Person(Operator::new("ana", "bastion"));
        let record = Record { v: FORMAT, on: None, seq: 9, at: Time::UNIX_EPOCH, by, incident: None, entry };
        sentence(&record, None).1
    };
    let fault = Some(Fault::new(FaultKind::NoAnswer, "no answer in 5s"));
    let turned =
        Entry::SourceTurned { source: "prom".into(), from: SourceState::Live, to: SourceState::Down, fault };
    assert_eq!(said(turned), "source prom went from LIVE to DOWN: no answer in 5s");
    let text = Outside::new("no source answers");
    let notice = Notice::new(NoticeKind::Blind, None, text);
    assert_eq!(said(Entry::NoticeRaised(notice)), "notice raised: BLIND: no source answers");
    for (console, how, sentence) in [
        ("bastion pts/3", "bell, osc9", "ana was told of notice 8 by bell, osc9 on bastion pts/3"),
        ("bastion pts/3", "bell, no desktop", "ana was told of notice 8 by bell on bastion pts/3"),
        ("notify.exec", "exit 0", "notify.exec was told of notice 8: exit 0"),
        ("notify.exec", "failed: exit 1", "notice 8 did not reach notify.exec: exit 1"),
        ("notify.exec", "quiet hours", "notice 8 waits for the end of the quiet hours on notify.exec"),
    ] {
        let told = Entry::NoticeDelivered { notice: 8, console: console.into(), how: how.into() };
        assert_eq!(said(told), sentence);
    }
}

#[test]
fn a_day_is_said_where_it_is_another_one_and_nothing_twice() {
    let at: Time = "2026-11-20T14:03:22Z".parse().unwrap();
    let said = |entry| {
        let record = Record { v: FORMAT, on: None, seq: 9, at, by: Actor::Engine, incident: None, entry };
        sentence(&record, None)
    };
    let set = |due: &str| {
        let (deadline, title) = (DeadlineKind::Review, Outside::new("the review"));
        let due = due.parse().unwrap();
        said(Entry::DeadlineSet(DeadlineSet { deadline, name: String::new(), title, due }))
    };
    let today = (Tone::Aside, "review due 16:00Z: the review".to_owned());
    assert_eq!(set("2026-11-20T16:00:00Z"), today);
    assert_eq!(set("2026-11-27T23:59:59Z").1, "review due 2026-11-27 23:59Z: the review");
    let passed = |deadline| {
        let due = "2026-11-20T14:01:00Z".parse().unwrap();
        said(Entry::DeadlinePassed(DeadlinePassed { deadline, name: String::new(), due })).1
    };
    assert_eq!(passed(DeadlineKind::Ack), "nobody acknowledged it by 14:01Z");
    assert_eq!(passed(DeadlineKind::Review), "the deadline of review passed at 14:01Z");
    let opening = |because: &str| {
        let opening = serde_json::json!({
            "title": "t", "severity": "high", "category": "outage", "service": "", "because": because,
            "unmapped": false, "group": null, "signal": null, "ack_due": null,
        });
        said(Entry::Opened(Box::new(serde_json::from_value(opening).unwrap()))).1
    };
    assert_eq!(opening("opened by quell"), "opened by quell, severity high");
    assert_eq!(opening("rule 1"), "opened by quell, severity high (rule 1)");
    let text = Outside::new("a key ran out\nand nobody was told");
    let found = said(Entry::RootCauseFound { text }).1;
    assert!(found.ends_with("found the root cause: a key ran out and nobody was told"), "{found}");
}
