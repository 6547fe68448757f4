//! What an incident's earlier ones teach.

use super::{Course, QUELL, contain, review, text, undo};
use quell::domain::action::{Outcome, Verb};
use quell::domain::earlier::Earlier;
use quell::domain::phase::Phase;
use quell::domain::record::{CloseReason, Entry};
use quell::domain::time::Span;

#[test]
fn it_says_what_took_effect_how_long_it_took_and_why_it_happened() {
    let mut course = Course::in_phase(Phase::Mitigate);
    course.acts(contain(), "88213").acts(contain(), "88214").acts(undo(2), "88214");
    course.after(Span::mins(14));
    course.does("ana", Entry::Closed { reason: CloseReason::Resolved, note: Some(text("over")) });
    let earlier = Earlier::of(&course.incident);
    assert_eq!((&earlier.id, earlier.opened_at), (&course.incident.id, course.incident.opened_at));
    assert_eq!(earlier.ended, Some((CloseReason::Resolved, course.now)));
    assert_eq!(earlier.contained.len(), 2, "what was undone took effect as well: {:?}", earlier.contained);
    assert_eq!(earlier.root_cause, None);
    let words = earlier.words();
    assert!(words.starts_with("ANA-42 2026-11-20, over after 14m: "), "{words}");
    assert!(words.contains("freeze-account") && words.contains("88213"), "{words}");
    course.does("ana", review::cause());
    let words = Earlier::of(&course.incident).words();
    assert!(words.ends_with("(root cause: a leak of passwords elsewhere)"), "{words}");
}

#[test]
fn what_did_nothing_is_not_told() {
    for outcome in [Outcome::Refused, Outcome::NotSent, Outcome::Unknown] {
        let mut course = Course::in_phase(Phase::Contain);
        let plan = Box::new(super::plan(contain(), "88213"));
        course.does("ana", Entry::intended(1, plan)).does(QUELL, Entry::Sent { action: 1 });
        course.does(QUELL, Entry::answered(1, outcome, text("")));
        assert!(Earlier::of(&course.incident).contained.is_empty(), "{outcome:?}");
    }
}

#[test]
fn what_a_source_was_asked_for_and_what_mended_it_are_told_as_well() {
    let mut course = Course::in_phase(Phase::Mitigate);
    course.acts(Verb::Upstream { playbook: "pd/resolve".into() }, "4711");
    let words = Earlier::of(&course.incident).words();
    assert!(words.ends_with("still open: pd/resolve 4711, restarted"), "{words}");
    assert_eq!(Earlier::of(&course.incident).brief(), "ANA-42: pd/resolve 4711, restarted");
}

#[test]
fn how_it_ended_is_said_in_a_word() {
    let mut course = Course::in_phase(Phase::Identify);
    assert_eq!(Earlier::of(&course.incident).words(), "ANA-42 2026-11-20, still open: restarted");
    assert_eq!(Earlier::of(&course.incident).brief(), "ANA-42: restarted");
    course.after(Span::mins(3));
    course.does("ana", Entry::Closed { reason: CloseReason::FalseAlarm, note: None });
    assert_eq!(Earlier::of(&course.incident).words(), "ANA-42 2026-11-20, false-alarm after 3m: restarted");
}
