//! What was learnt: cause, items, proof, publication.

use super::{Course, QUELL, text};
use quell::domain::deadline::DeadlineKind;
use quell::domain::gate::Gate;
use quell::domain::phase::Phase;
use quell::domain::record::{CloseReason, DeadlineSet, Entry};
use quell::domain::review::Item;
use quell::domain::time::{Span, Time};

pub(super) fn cause() -> Entry {
    Entry::RootCauseFound { text: text("a leak of passwords elsewhere") }
}

fn item_of(change: impl FnOnce(&mut Item)) -> Entry {
    let mut item = Item {
        text: text("slow logins down"),
        owner: text("dee"),
        due: "2026-12-01T12:00:00Z".parse().unwrap(),
        check: text("a test sends 1000 logins"),
        done: None,
    };
    change(&mut item);
    Entry::ItemAdded { item }
}

pub(super) fn item(words: &str) -> Entry {
    item_of(|item| item.text = text(words))
}

fn done(item: u32, proof: &str) -> Entry {
    Entry::ItemDone { item, proof: text(proof) }
}

/// The engine says when the review is due.
pub(super) fn due(now: Time) -> Entry {
    let (deadline, due) = (DeadlineKind::Review, now + Span::mins(5 * 24 * 60).delta());
    Entry::DeadlineSet(DeadlineSet { deadline, name: String::new(), title: text("the review"), due })
}

#[test]
fn an_item_says_what_who_and_what_proves_it_and_has_a_deadline_of_its_own() {
    let mut course = Course::in_phase(Phase::Review);
    let changes: [fn(&mut Item); 3] =
        [|item| item.text = text(" "), |item| item.owner = text(""), |item| item.check = text("\n")];
    for change in changes {
        course.refuses("ana", item_of(change), "an item needs what, who, until when");
    }
    course.refuses(QUELL, item("x"), "only a person reviews");
    course.does("ana", item("first")).does("ana", item("second"));
    for (name, title) in [("1", "dee: first"), ("2", "dee: second")] {
        let deadline = course.deadline(DeadlineKind::Item, name);
        assert_eq!(deadline.title.raw(), title);
        assert_eq!(deadline.due, "2026-12-01T12:00:00Z".parse::<Time>().unwrap());
    }
}

#[test]
fn an_item_is_done_once_with_a_proof_even_after_the_review() {
    let mut course = Course::in_phase(Phase::Closed);
    course.refuses("dee", done(1, " "), "say what");
    for absent in [0, 2, u32::MAX] {
        course.refuses("dee", done(absent, "merged"), &format!("the review has no item {absent}"));
    }
    course.refuses(QUELL, done(1, "merged"), "only a person reviews");
    assert!(course.incident.is_alive(), "something is still due");
    course.does("dee", done(1, "merged, and the test passes"));
    let (proof, by, at) = course.incident.review.items[0].done.clone().unwrap();
    assert_eq!((proof.raw(), by.as_str(), at), ("merged, and the test passes", "dee", course.now));
    assert_eq!(course.deadline(DeadlineKind::Item, "1").met, Some((course.now, "dee".to_owned())));
    course.refuses("dee", done(1, "merged"), "item 1 is done already");
    assert!(course.incident.open_deadlines().is_empty());
}

#[test]
fn nothing_else_is_learnt_of_what_is_closed() {
    let mut course = Course::in_phase(Phase::Closed);
    for entry in [cause(), item("late"), Entry::Published { sha256: "00".into() }] {
        course.refuses("ana", entry, "it is closed");
    }
}

#[test]
fn a_post_mortem_is_published_in_review_and_the_cause_may_be_known_before() {
    let published = || Entry::Published { sha256: "00".into() };
    for phase in [Phase::Identify, Phase::Contain, Phase::Mitigate, Phase::Recover] {
        let mut course = Course::in_phase(phase);
        course.refuses("ana", published(), "published in Review");
        course.refuses("ana", Entry::RootCauseFound { text: text(" ") }, "needs words");
        course.does("ana", cause()).does("ana", item("soon"));
    }
    let mut course = Course::in_phase(Phase::Review);
    course.does("ana", published());
    assert_eq!(course.incident.review.published, Some((course.now, "00".to_owned())));
}

#[test]
fn the_review_is_met_when_it_is_closed_however_that_is() {
    for how in 0..2 {
        let mut course = Course::in_phase(Phase::Review);
        course.does(QUELL, due(course.now)).after(Span::mins(60));
        let _ended = match how {
            0 => course
                .does("ana", Entry::PhaseMoved { to: Phase::Closed, waived: Some(text("nothing to learn")) }),
            _ => course.does("ana", Entry::Closed { reason: CloseReason::FalseAlarm, note: None }),
        };
        assert_eq!(course.incident.phase, Phase::Closed);
        assert_eq!(course.deadline(DeadlineKind::Review, "").met, Some((course.now, "ana".to_owned())));
    }
}

#[test]
fn a_post_mortem_of_before_it_came_back_is_not_the_one_that_ends_the_review() {
    let mut course = Course::in_phase(Phase::Review);
    course.does("ana", cause()).does("ana", item("soon"));
    course.does("ana", Entry::Published { sha256: "00".into() });
    course.comes_back();
    let gate = quell::domain::gate::Gate::Published;
    assert!(!course.incident.is_met(gate, course.now), "it tells only half of the story");
}

#[test]
fn a_post_mortem_published_before_its_cause_was_written_does_not_count() {
    let published = || Entry::Published { sha256: "00".into() };
    let mut course = Course::in_phase(Phase::Recover);
    course.does(QUELL, super::health::turned(true)).after(Span::mins(10));
    course.resolves();
    course.does("ana", published()).after(Span::mins(1));
    assert!(!course.incident.is_published_early());
    assert_eq!(course.incident.unsaid(), ["the root cause", "action items"]);
    course.does("ana", cause()).after(Span::mins(1));
    course.does("ana", item("slow logins down")).after(Span::mins(1));
    assert!(course.incident.is_published_early());
    assert_eq!(course.missing(Phase::Closed), [Gate::Published]);
    course.does("ana", published());
    assert_eq!(course.missing(Phase::Closed), []);
}
