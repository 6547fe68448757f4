//! What is put off, and what wakes it.

use quell::domain::record::{SnoozeEnded, Snoozed};
use quell::domain::severity::Severity;
use quell::domain::snooze::Worse;

use super::*;

fn put_off(course: &Course, mins: u64, because: Option<&str>) -> Entry {
    Entry::Snoozed(Snoozed {
        until: course.now + Span::mins(mins).delta(),
        because: because.map(Outside::new),
    })
}

fn ended(because: Option<Worse>) -> Entry {
    Entry::SnoozeEnded(SnoozeEnded { because })
}

/// A high one that somebody put off for half an hour.
fn quiet() -> Course {
    let mut course = Course::begins();
    course.does("ana", weight::severity("high", None));
    let entry = put_off(&course, 30, None);
    course.does("ana", entry);
    course
}

#[test]
fn it_is_put_off_until_its_time_and_nobody_holds_it_by_that() {
    let course = quiet();
    let snooze = course.incident.snooze.clone().unwrap();
    assert_eq!((snooze.by.as_str(), snooze.until), ("ana", course.now + Span::mins(30).delta()));
    let at = |mins| course.now + Span::mins(mins).delta();
    assert!(course.incident.is_snoozed(at(29)) && !course.incident.is_snoozed(at(30)));
    assert!(!course.incident.is_acked() && course.incident.ack_due().is_some(), "it is no acknowledgement");
    assert_eq!(course.incident.escalations, Course::begins().incident.escalations, "paths page as before");
}

#[test]
fn what_is_critical_needs_a_reason_and_what_is_over_cannot_be_put_off() {
    let mut course = Course::begins();
    course.does("ana", weight::severity("critical", Some("it spreads")));
    for because in [None, Some("  ")] {
        let entry = put_off(&course, 30, because);
        course.refuses("ana", entry, "with a reason");
    }
    let entry = put_off(&course, 30, Some("the deploy rolls back"));
    course.refuses(QUELL, entry.clone(), "a person");
    course.does("ana", entry);
    let over = Entry::Snoozed(Snoozed { until: course.now, because: Some(text("why")) });
    course.refuses("ana", over, "over already");
    let mut course = Course::in_phase(Phase::Review);
    let entry = put_off(&course, 30, Some("later"));
    course.refuses("ana", entry, "Review");
}

#[test]
fn what_gets_worse_wakes_it_at_once() {
    let severity = |word| move |_: &Course| weight::severity(word, Some("it is"));
    let joined = |_: &Course| {
        let mut joining = opened_by();
        joining.key.fingerprint = text("another");
        joining.severity = Severity::High;
        Entry::SignalJoined(Box::new(joining))
    };
    let exhausted = |course: &Course| Entry::UpstreamTurned {
        key: course.signal(),
        held_by: None,
        exhausted: true,
        pages_again: false,
        unnamed_state: None,
    };
    let resorted = |course: &Course| Entry::SignalResorted {
        key: course.signal(),
        severity: Severity::Critical,
        unmapped: false,
    };
    type Case = (&'static str, Box<dyn Fn(&Course) -> Entry>, Option<Worse>);
    let cases: [Case; 7] = [
        ("ana", Box::new(severity("critical")), Some(Worse::Severity(Severity::Critical))),
        ("ana", Box::new(severity("normal")), None),
        (QUELL, Box::new(joined), Some(Worse::NewSignal)),
        (QUELL, Box::new(exhausted), Some(Worse::NobodyAnswers)),
        ("bo", Box::new(|_: &Course| Entry::Acknowledged { lasts_s: 60, from: None }), None),
        ("bo", Box::new(|_: &Course| Entry::Noted { text: text("looked") }), None),
        (QUELL, Box::new(resorted), Some(Worse::Severity(Severity::Critical))),
    ];
    for (place, (by, entry, worse)) in cases.into_iter().enumerate() {
        let mut course = quiet();
        let entry = entry(&course);
        course.does(by, entry);
        let snooze = course.incident.snooze.as_ref().unwrap();
        assert_eq!(snooze.worse, worse, "{place}");
        assert_eq!(course.incident.is_snoozed(course.now), worse.is_none(), "{place}");
    }
}

#[test]
fn what_fires_again_and_what_nobody_holds_any_more_wakes_it() {
    let mut course = quiet();
    let (key, because) = (course.signal(), "absent".to_owned());
    course.does(QUELL, Entry::SignalCleared { key: key.clone(), because });
    assert!(course.incident.is_snoozed(course.now), "quiet is not worse");
    course.does(QUELL, Entry::SignalReturned { key });
    assert_eq!(course.incident.snooze.as_ref().unwrap().worse, Some(Worse::FiresAgain));

    let mut course = Course::begins();
    course.does("ana", weight::severity("high", None));
    course.does("ana", Entry::Acknowledged { lasts_s: 60, from: None });
    let entry = put_off(&course, 30, None);
    course.does("ana", entry);
    course.now += Span::mins(2).delta();
    course.does(QUELL, Entry::AckExpired { owner: "ana".into() });
    assert_eq!(course.incident.snooze.as_ref().unwrap().worse, Some(Worse::NobodyHoldsIt));
    course.refuses(QUELL, ended(None), "in that way");
    course.does(QUELL, ended(Some(Worse::NobodyHoldsIt)));
    assert_eq!(course.incident.snooze, None);
}

#[test]
fn what_is_let_go_at_its_source_ends_it_as_the_record_of_its_time_said() {
    for (v, worse) in [(3, Worse::NobodyHoldsIt), (FORMAT, Worse::LetGoThere)] {
        let mut course = Course::begins();
        let key = course.signal();
        let turned = |held_by| {
            let key = key.clone();
            Entry::UpstreamTurned { key, held_by, exhausted: false, pages_again: false, unnamed_state: None }
        };
        course.does(QUELL, turned(Some(text("Bo Okafor"))));
        let entry = put_off(&course, 30, Some("she is on it"));
        course.does("ana", entry);
        let let_go = Record { v, ..course.record(QUELL, turned(None)) };
        course.incident.apply(&let_go).unwrap();
        course.does(QUELL, ended(Some(worse)));
    }
}

#[test]
fn it_ends_with_its_time_by_hand_or_with_the_incident() {
    let mut course = quiet();
    course.refuses(QUELL, ended(None), "not over");
    course.now += Span::mins(31).delta();
    course.does(QUELL, ended(None));
    course.refuses("ana", ended(None), "not snoozed");

    let mut course = quiet();
    course.refuses("bo", ended(Some(Worse::NewSignal)), "no reason");
    course.does("bo", ended(None));
    assert_eq!(course.incident.snooze, None);

    let mut course = quiet();
    course.does("ana", Entry::Closed { reason: CloseReason::FalseAlarm, note: Some(text("a test")) });
    assert_eq!(course.incident.snooze, None);
}

#[test]
fn what_is_put_off_ranks_below_what_is_not_and_says_why() {
    let mut low = Course::begins();
    low.does("ana", weight::severity("normal", Some("one user")));
    let sleeping = quiet();
    let snooze = sleeping.incident.snooze.clone().unwrap();
    let now = snooze.since;
    assert!(
        quell::domain::rank::key(&sleeping.incident, now) > quell::domain::rank::key(&low.incident, now),
        "a high one that sleeps below a normal one that does not"
    );
    let why = quell::domain::rank::explain(&sleeping.incident, now);
    assert!(why[0].starts_with("snoozed by ana until 2026-"), "{why:?}");
    let decides = |above, this| quell::domain::rank::decides(above, this, now);
    assert_eq!(decides(&low.incident, &sleeping.incident), "this one is snoozed");
    assert!(
        decides(&sleeping.incident, &low.incident).contains("rows hold still"),
        "it stands there no more"
    );

    // Its time is over, whether or not anybody could write that down.
    let now = snooze.until;
    assert!(quell::domain::rank::key(&sleeping.incident, now) < quell::domain::rank::key(&low.incident, now));
    assert!(quell::domain::rank::explain(&sleeping.incident, now)[0].starts_with("severity"));
}
