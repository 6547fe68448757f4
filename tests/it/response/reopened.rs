//! What is closed is opened again by a person, in the phase it was closed in or an earlier one, and stands as before.

use super::{Course, QUELL, review, text};
use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::{Receipt, Step, Stopped};
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::phase::Phase;
use quell::domain::record::{
    CloseReason, DeadlinePassed, DeadlineSet, Entry, PathArmed, PathHeld, Snoozed, StepSent, StepStarted,
    Tied,
};
use quell::domain::severity::Severity;
use quell::domain::time::{Span, Time};

use crate::support::response;

fn closed(reason: CloseReason) -> Entry {
    Entry::Closed { reason, note: Some(text("a drill of a partner")) }
}

fn moved(to: Phase) -> Entry {
    Entry::PhaseMoved { to, waived: None }
}

fn steps() -> Vec<Step> {
    let step = |after, to: &str| Step { after: Span::mins(after), to: vec![to.to_owned()] };
    vec![step(0, "room"), step(5, "pager")]
}

fn armed(path: &str) -> Entry {
    Entry::PathArmed(PathArmed { path: path.into(), steps: steps() })
}

/// One that fires, whose first step has paged the room, and for which somebody waits.
fn burning() -> Course {
    let mut course = Course::begins();
    course.does(QUELL, armed("incident"));
    let (path, step) = ("incident".to_owned(), 1);
    let begun = StepStarted { path: path.clone(), step, resumes: false, missing: Vec::new() };
    course.does(QUELL, Entry::StepStarted(begun));
    let receipts = vec![Receipt { channel: "room".into(), accepted: true, detail: text("200") }];
    course.does(QUELL, Entry::StepSent(StepSent { path, step, receipts }));
    let (kind, incident) = (NoticeKind::NewCritical, Some(response::id()));
    course.does(QUELL, Entry::NoticeRaised(Notice::new(kind, incident, text("look"))));
    let due = course.now + Span::mins(9).delta();
    let (deadline, title) = (DeadlineKind::Timer, text("bo: check the engine"));
    course.does("ana", Entry::DeadlineSet(DeadlineSet { deadline, name: String::new(), title, due }));
    course
}

fn passed(deadline: DeadlineKind, name: &str, due: Time) -> Entry {
    Entry::DeadlinePassed(DeadlinePassed { deadline, name: name.into(), due })
}

/// Closed by mistake, and opened again after so long.
fn closed_for(course: &mut Course, span: Span) {
    course.does("ana", closed(CloseReason::FalseAlarm)).after(span).moves(Phase::Identify);
}

/// The next step that is sent by itself, and when.
fn next(course: &Course) -> Option<(u32, Time)> {
    course.incident.escalations[0].next().map(|(number, step)| (number, step.due))
}

#[test]
fn what_burns_and_was_closed_by_mistake_stands_as_before_and_what_fell_due_meanwhile_is_due_at_once() {
    for reason in [CloseReason::FalseAlarm, CloseReason::Duplicate, CloseReason::Cleared] {
        let mut course = burning();
        course.after(Span::mins(1)).does("ana", closed(reason));
        assert_eq!(course.incident.escalations[0].stopped, Some(Stopped::Ended));
        assert!(course.incident.open_deadlines().is_empty() && !course.incident.is_on_triage());
        course.refuses("ana", Entry::Acknowledged { lasts_s: 600, from: None }, "it is closed");
        course.refuses("ana", moved(Phase::Contain), "it was closed in Identify: move it back there first");
        course.refuses("ana", moved(Phase::Closed), "it is closed");
        course.refuses(QUELL, moved(Phase::Identify), "only a person");

        course.after(Span::mins(30)).moves(Phase::Identify);
        let incident = &course.incident;
        assert_eq!((incident.phase, incident.closed, incident.firing()), (Phase::Identify, None, 1));
        assert!(incident.is_on_triage() && incident.takes_back());
        assert_eq!(next(&course), Some((2, course.now)), "the first one was sent");
        assert!(incident.noticed.is_empty(), "it is told as news");
        let due: Vec<_> = incident.open_deadlines().iter().map(|set| (set.kind, set.due)).collect();
        assert_eq!(due, [(DeadlineKind::Timer, course.now)], "somebody still waits for bo");
        // What would have become late meanwhile has the time that was left.
        assert_eq!(incident.ack_due(), Some(course.now + Span::mins(14).delta()));
        assert!(!incident.is_late());
        // And it ends as any other.
        course.does("ana", closed(reason));
    }
}

#[test]
fn closing_and_opening_it_again_holds_no_page_off_and_gives_nobody_longer() {
    let mut course = burning();
    let (due, page) = (course.incident.ack_due(), next(&course));
    for _ in 0..3 {
        course.after(Span::secs(20));
        closed_for(&mut course, Span::secs(5));
        assert_eq!((course.incident.ack_due(), next(&course)), (due, page));
    }
    // One that began to count with a pause before it.
    let mut course = Course::begins();
    let step = Step { after: Span::mins(6), to: vec!["room".into()] };
    course.does(QUELL, Entry::PathArmed(PathArmed { path: "incident".into(), steps: vec![step] }));
    let page = Some((1, course.now + Span::mins(6).delta()));
    course.after(Span::mins(5));
    closed_for(&mut course, Span::secs(1));
    assert_eq!(next(&course), page);
}

#[test]
fn an_acknowledgement_that_was_overdue_stays_overdue() {
    let mut course = burning();
    let due = course.incident.ack_due().unwrap();
    course.after(Span::mins(16)).does(QUELL, passed(DeadlineKind::Ack, "", due));
    closed_for(&mut course, Span::mins(1));
    assert_eq!((course.incident.ack_due(), course.incident.is_late()), (Some(due), true));
}

#[test]
fn what_is_due_to_readers_and_on_the_bridge_is_set_anew_and_not_missed_at_once() {
    let mut course = burning();
    let due = course.now + Span::mins(4).delta();
    for (deadline, name) in [(DeadlineKind::Bulletin, "users"), (DeadlineKind::Callout, "")] {
        let (name, title) = (name.to_owned(), text("the first one"));
        course.does(QUELL, Entry::DeadlineSet(DeadlineSet { deadline, name, title, due }));
    }
    closed_for(&mut course, Span::mins(5));
    let kinds: Vec<_> = course.incident.open_deadlines().iter().map(|set| set.kind).collect();
    assert_eq!(kinds, [DeadlineKind::Timer]);
    assert!(course.incident.milestones.bulletins_missed.is_empty());
}

#[test]
fn a_snooze_that_lasts_is_kept_and_one_that_is_over_or_hides_what_got_worse_is_not() {
    let snoozed = || {
        let mut course = Course::begins();
        let (until, because) = (course.now + Span::mins(30).delta(), Some(text("the deploy rolls back")));
        course.does("ana", Entry::Snoozed(Snoozed { until, because }));
        course
    };
    let mut course = snoozed();
    let before = course.incident.snooze.clone();
    closed_for(&mut course, Span::mins(5));
    assert_eq!(course.incident.snooze, before);
    closed_for(&mut course, Span::mins(25));
    assert_eq!(course.incident.snooze, None);
    let mut course = snoozed();
    course.does("ana", closed(CloseReason::FalseAlarm));
    let (key, severity) = (course.signal(), Severity::Critical);
    course.does(QUELL, Entry::SignalResorted { key, severity, unmapped: false }).moves(Phase::Identify);
    assert_eq!((course.incident.severity, &course.incident.snooze), (Severity::Critical, &None));
}

#[test]
fn whoever_holds_it_goes_on_holding_it_and_nobody_is_paged_meanwhile() {
    let mut course = burning();
    course.does("ana", Entry::Acknowledged { lasts_s: 600, from: None });
    course.does("ana", closed(CloseReason::FalseAlarm)).after(Span::secs(5)).moves(Phase::Identify);
    let held = Some(Stopped::Acknowledged("ana".into()));
    assert_eq!(course.incident.escalations[0].stopped, held);
    assert_eq!(course.incident.noticed.as_slice(), [NoticeKind::NewCritical], "it is no news");
    assert_eq!(course.incident.owner.as_ref().map(|owner| owner.name.as_str()), Some("ana"));
    // An acknowledgement that ran out while it was closed holds nothing.
    course.does("ana", closed(CloseReason::FalseAlarm)).after(Span::mins(20));
    course.does("bo", moved(Phase::Identify));
    assert!(course.incident.owner.is_none() && course.incident.escalations[0].next().is_some());
    // Neither is one paged for that its source says somebody holds.
    let (key, held_by) = (course.signal(), Some(text("B. Okafor")));
    let turned =
        Entry::UpstreamTurned { key, held_by, exhausted: false, pages_again: false, unnamed_state: None };
    course.does(QUELL, turned).does("ana", closed(CloseReason::FalseAlarm)).moves(Phase::Identify);
    assert_eq!(course.incident.escalations[0].stopped, Some(Stopped::Acknowledged("B. Okafor".into())));
}

#[test]
fn paths_that_had_paged_nobody_yet_are_not_forgotten() {
    let mut course = Course::begins();
    course.does("ana", armed("partner"));
    let because = Stopped::CoveredBy(super::other_incident());
    let held = PathHeld { path: "incident".into(), steps: steps(), because: because.clone() };
    course.does(QUELL, Entry::PathHeld(held));
    closed_for(&mut course, Span::secs(5));
    let paths: Vec<_> =
        course.incident.escalations.iter().map(|it| (it.path.as_str(), it.stopped.clone())).collect();
    assert_eq!(paths, [("partner", None), ("incident", Some(because))]);
    assert_eq!(next(&course), Some((1, course.now)));
}

#[test]
fn one_that_goes_on_in_another_says_that_and_not_how_its_phase_moves_back() {
    let mut course = Course::begins();
    course.does("ana", Entry::Tied(Tied::MergedInto { into: super::other_incident() }));
    let why = format!("it is closed; only notes can be added: it goes on in {}", super::other_incident());
    course.refuses("ana", Entry::HandedBack { because: None }, &why);
}

#[test]
fn of_what_went_quiet_nobody_is_told_until_it_fires_again() {
    let mut course = burning();
    let key = course.signal();
    course.does("ana", closed(CloseReason::FalseAlarm));
    course.does(QUELL, Entry::SignalCleared { key: key.clone(), because: "absent".into() });
    course.after(Span::mins(1)).moves(Phase::Identify);
    assert!(course.incident.cleared_at.is_some() && course.incident.touched);
    assert_eq!(course.incident.escalations[0].stopped, Some(Stopped::Cleared));
    assert_eq!(course.incident.noticed.as_slice(), [NoticeKind::NewCritical]);
    course.does(QUELL, Entry::SignalReturned { key });
    assert!(course.incident.escalations[0].next().is_some());
}

#[test]
fn what_closed_itself_is_opened_again_by_who_is_not_sure() {
    let mut course = Course::begins();
    let key = course.signal();
    course.does(QUELL, Entry::SignalCleared { key, because: "absent".into() });
    course.does(QUELL, Entry::Closed { reason: CloseReason::Cleared, note: None });
    course.moves(Phase::Identify);
    assert!(course.incident.closed.is_none() && course.incident.touched, "it does not close itself again");
}

#[test]
fn a_review_that_was_ended_goes_on_and_is_due_again() {
    let mut course = Course::in_phase(Phase::Review);
    let resolved = course.incident.closed;
    course.does(QUELL, review::due(course.now)).after(Span::mins(5));
    // By mistake under another reason: it was resolved all the same.
    course.does("ana", closed(CloseReason::Duplicate));
    assert!(course.incident.open_deadlines().is_empty());
    course.after(Span::mins(5)).moves(Phase::Review);
    assert_eq!((course.incident.phase, course.incident.closed), (Phase::Review, resolved));
    assert_eq!(course.incident.open_deadlines().len(), 1);
    assert!(course.incident.milestones.recovered.is_some());

    let mut course = Course::in_phase(Phase::Closed);
    let resolved = course.incident.closed;
    course.moves(Phase::Review);
    assert_eq!(course.incident.closed, resolved);
    course.moves(Phase::Closed).moves(Phase::Recover);
    assert_eq!((course.incident.closed, course.incident.milestones.recovered), (None, None));
}
