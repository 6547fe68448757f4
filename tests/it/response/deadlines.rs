//! What is due: set, replaced, announced, met, missed; what is dropped when it ends, and what is owed all the same.

use super::{Course, QUELL, bulletins, review, text};
use quell::domain::bulletin::{Audience, Status};
use quell::domain::deadline::DeadlineKind;
use quell::domain::phase::Phase;
use quell::domain::record::{CloseReason, DeadlineMet, DeadlineNear, DeadlinePassed, DeadlineSet, Entry};
use quell::domain::review::Item;
use quell::domain::time::{Span, Time};

const ALL: [DeadlineKind; 9] = [
    DeadlineKind::Ack,
    DeadlineKind::Step,
    DeadlineKind::Bulletin,
    DeadlineKind::Callout,
    DeadlineKind::Timer,
    DeadlineKind::Regulator,
    DeadlineKind::Partner,
    DeadlineKind::Review,
    DeadlineKind::Item,
];

fn set(deadline: DeadlineKind, name: &str, due: Time) -> Entry {
    Entry::DeadlineSet(DeadlineSet {
        deadline,
        name: name.into(),
        title: text("check the matching engine"),
        due,
    })
}

fn met(deadline: DeadlineKind, name: &str) -> Entry {
    Entry::DeadlineMet(DeadlineMet { deadline, name: name.into(), note: None })
}

fn near(deadline: DeadlineKind, name: &str, due: Time) -> Entry {
    Entry::DeadlineNear(DeadlineNear { deadline, name: name.into(), due })
}

fn passed(deadline: DeadlineKind, name: &str, due: Time) -> Entry {
    Entry::DeadlinePassed(DeadlinePassed { deadline, name: name.into(), due })
}

#[test]
fn it_is_announced_once_missed_once_and_met_once_even_late() {
    let kind = DeadlineKind::Regulator;
    let mut course = Course::begins();
    let due = course.now + Span::mins(240).delta();
    for absent in
        [met(kind, "dora/initial"), near(kind, "dora/initial", due), passed(kind, "dora/initial", due)]
    {
        course.refuses(QUELL, absent, "deadline");
    }
    course.does(QUELL, set(kind, "dora/initial", due));
    course.refuses("ana", met(kind, "dora/other"), "it has no regulator deadline \"dora/other\"");
    course.does(QUELL, near(kind, "dora/initial", due));
    course.refuses(QUELL, near(kind, "dora/initial", due), "was met, or was announced");
    assert!(!course.incident.is_late());
    course.after(Span::mins(240)).does(QUELL, passed(kind, "dora/initial", due));
    course.refuses(QUELL, passed(kind, "dora/initial", due), "is known to have passed");
    assert!(course.incident.is_late() && course.deadline(kind, "dora/initial").is_overdue());
    course.does("ana", met(kind, "dora/initial"));
    let deadline = course.deadline(kind, "dora/initial");
    assert!(deadline.missed && !deadline.is_overdue(), "late is late, and done is done");
    assert_eq!(deadline.met, Some((course.now, "ana".to_owned())));
    assert!(!course.incident.is_late());
    course.refuses("bo", met(kind, "dora/initial"), "was met already");
    course.refuses(QUELL, passed(kind, "dora/initial", due), "was met");
    course.refuses(QUELL, near(kind, "dora/initial", due), "was met");
}

#[test]
fn one_that_is_set_again_begins_anew_and_stands_beside_the_others() {
    let kind = DeadlineKind::Bulletin;
    let mut course = Course::begins();
    let due = course.now + Span::mins(5).delta();
    course.does(QUELL, set(kind, "users", due)).does(QUELL, set(kind, "partners", due));
    course.after(Span::mins(5)).does(QUELL, passed(kind, "users", due));
    let later = course.now + Span::mins(20).delta();
    course.does(QUELL, set(kind, "users", later));
    let users = course.deadline(kind, "users");
    assert_eq!((users.due, users.set_at, users.missed, users.announced), (later, course.now, false, false));
    assert_eq!(course.deadline(kind, "partners").due, due);
    assert_eq!(course.incident.deadlines.len(), 2);
    let order: Vec<&str> = course.incident.open_deadlines().iter().map(|set| set.name.as_str()).collect();
    assert_eq!(order, ["partners", "users"], "the next one first");
}

#[test]
fn timers_are_numbered_and_a_number_is_never_given_twice() {
    let mut course = Course::begins();
    let due = course.now + Span::mins(3).delta();
    course.does("cy", set(DeadlineKind::Timer, "", due)).does("cy", set(DeadlineKind::Timer, "", due));
    course.does("cy", met(DeadlineKind::Timer, "1"));
    course.does("cy", set(DeadlineKind::Timer, "", due));
    let names: Vec<&str> = course.incident.deadlines.iter().map(|set| set.name.as_str()).collect();
    assert_eq!(names, ["1", "2", "3"]);
    assert_eq!(course.incident.open_deadlines().len(), 2);
}

#[test]
fn a_timer_of_a_name_takes_no_number_away() {
    let mut course = Course::begins();
    let due = course.now + Span::mins(3).delta();
    course.does("cy", set(DeadlineKind::Timer, "2", due)).does("cy", set(DeadlineKind::Timer, "", due));
    let names: Vec<&str> = course.incident.deadlines.iter().map(|set| set.name.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn without_words_or_on_what_is_closed_nothing_is_set() {
    let mut course = Course::begins();
    let due = course.now;
    let wordless = Entry::DeadlineSet(DeadlineSet {
        deadline: DeadlineKind::Timer,
        name: String::new(),
        title: text(" "),
        due,
    });
    course.refuses("cy", wordless, "a deadline needs words");
    let mut course = Course::in_phase(Phase::Closed);
    for kind in [DeadlineKind::Timer, DeadlineKind::Callout, DeadlineKind::Bulletin, DeadlineKind::Review] {
        course.refuses(QUELL, set(kind, "", due), "it is closed");
    }
    course.does(QUELL, set(DeadlineKind::Regulator, "dora/final", due));
}

#[test]
fn which_a_person_may_set_and_meet() {
    let due = "2026-12-01T12:00:00Z".parse().unwrap();
    let may_set: Vec<_> = ALL.into_iter().filter(|kind| set(*kind, "x", due).is_local()).collect();
    assert_eq!(may_set, [DeadlineKind::Timer]);
    let may_meet: Vec<_> = ALL.into_iter().filter(|kind| met(*kind, "x").is_local()).collect();
    let by_word =
        [DeadlineKind::Callout, DeadlineKind::Timer, DeadlineKind::Regulator, DeadlineKind::Partner];
    assert_eq!(may_meet, by_word);
    assert!(!near(DeadlineKind::Timer, "1", due).is_local());
    assert!(!passed(DeadlineKind::Timer, "1", due).is_local());
}

/// One of each kind that runs, and one of each that was met.
fn busy() -> Course {
    let mut course = Course::in_phase(Phase::Recover);
    let due = course.now + Span::mins(600).delta();
    for kind in ALL.into_iter().filter(|kind| !matches!(kind, DeadlineKind::Ack | DeadlineKind::Step)) {
        for name in ["met", "runs"] {
            course.does(QUELL, set(kind, name, due));
        }
        course.does("ana", met(kind, "met"));
    }
    course
}

fn kinds(course: &Course, name: &str) -> Vec<DeadlineKind> {
    course.incident.deadlines.iter().filter(|set| set.name == name).map(|set| set.kind).collect()
}

#[test]
fn what_belongs_to_the_response_ends_with_it_and_what_is_owed_does_not() {
    let mut course = busy();
    let all = kinds(&course, "met");
    course.does("ana", Entry::Closed { reason: CloseReason::Resolved, note: Some(text("over")) });
    assert_eq!(kinds(&course, "met"), all, "what was done is kept for the post-mortem");
    let owed = [DeadlineKind::Regulator, DeadlineKind::Partner, DeadlineKind::Review, DeadlineKind::Item];
    assert_eq!(kinds(&course, "runs"), owed);
    let waived = Some(text("nothing to learn"));
    course.does("ana", Entry::PhaseMoved { to: Phase::Closed, waived });
    assert_eq!(kinds(&course, "runs"), owed, "closed, and still owed");
    assert!(course.incident.is_alive());
    course.does("ana", met(DeadlineKind::Regulator, "runs"));
    let due = course.deadline(DeadlineKind::Partner, "runs").due;
    course.does(QUELL, near(DeadlineKind::Partner, "runs", due));
    course.does(QUELL, passed(DeadlineKind::Partner, "runs", due));
    assert!(course.incident.is_late());
}

#[test]
fn the_next_bulletin_is_owed_to_those_who_were_told_something_and_not_that_it_is_over() {
    let due = |course: &Course| course.now + Span::mins(20).delta();
    let mut course = Course::in_phase(Phase::Recover);
    let page = ["page"];
    course.does("ana", bulletins::started(1, Audience::Users, Status::Monitoring, &page));
    course.does(QUELL, bulletins::accepted(1, "page", Some("p1")));
    for name in ["users", "partners"] {
        let due = due(&course);
        course.does(QUELL, set(DeadlineKind::Bulletin, name, due));
    }
    course.does("ana", Entry::Closed { reason: CloseReason::Resolved, note: Some(text("over")) });
    let open: Vec<&str> = course.incident.open_deadlines().iter().map(|set| set.name.as_str()).collect();
    assert_eq!(open, ["users"], "partners never heard of it");
    course.does("ana", bulletins::started(2, Audience::Users, Status::Resolved, &page));
    course.does(QUELL, bulletins::accepted(2, "page", Some("p1")));
    assert!(course.incident.open_deadlines().is_empty());
}

#[test]
fn an_item_is_met_by_its_proof_and_the_review_by_its_end() {
    let mut course = Course::in_phase(Phase::Review);
    course.does(QUELL, review::due(course.now));
    let due = course.now + Span::mins(60).delta();
    let item = Item { text: text("x"), owner: text("dee"), due, check: text("a test"), done: None };
    course.does("ana", Entry::ItemAdded { item }).after(Span::mins(60));
    course.does(QUELL, passed(DeadlineKind::Item, "1", due));
    assert!(course.incident.is_late());
    course.does("dee", Entry::ItemDone { item: 1, proof: text("merged") });
    assert!(!course.incident.is_late());
    course.waives(Phase::Closed, "nothing to learn");
    assert!(!course.incident.is_alive(), "{:?}", course.incident.deadlines);
}

#[test]
fn acknowledgements_and_steps_are_only_said_to_have_passed() {
    let mut course = Course::begins();
    for kind in [DeadlineKind::Ack, DeadlineKind::Step] {
        let due = course.now;
        course.does(QUELL, passed(kind, "", due));
        assert_eq!(course.incident.passed[&kind], due);
        course.refuses("ana", met(kind, ""), "it has no");
    }
    let due = course.now;
    course.refuses(QUELL, passed(DeadlineKind::Ack, "", due), "is known to have passed");
    course.does(QUELL, passed(DeadlineKind::Step, "", due));
    assert!(course.incident.is_late());
    assert!(course.incident.deadlines.is_empty());
}
