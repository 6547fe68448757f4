//! What is closed is opened again by a person, in the phase it was closed in or an earlier one, and needs somebody then.

use super::{Course, QUELL, review, text};
use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::{Receipt, Step, Stopped};
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::phase::Phase;
use quell::domain::record::{CloseReason, DeadlineSet, Entry, PathArmed, PathHeld, StepSent, StepStarted};
use quell::domain::time::Span;

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

#[test]
fn what_burns_and_was_closed_by_mistake_pages_again_from_its_first_step() {
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
        let (number, step) = incident.escalations[0].next().unwrap();
        assert_eq!((number, step.due), (1, course.now));
        assert!(incident.noticed.is_empty(), "it is told as news");
        let due: Vec<DeadlineKind> = incident.open_deadlines().iter().map(|set| set.kind).collect();
        assert_eq!(due, [DeadlineKind::Timer], "somebody still waits for bo");
        // What had no time left to be acknowledged gets as long as it had.
        let given = incident.opening.ack_due.map(|due| due - incident.opened_at);
        assert_eq!(incident.ack_due().map(|due| due - course.now), given);
        assert!(given.is_some());
        // And it ends as any other.
        course.does("ana", closed(reason));
    }
}

#[test]
fn nobody_gets_longer_to_acknowledge_it_by_closing_it_for_a_moment() {
    let mut course = burning();
    let due = course.incident.ack_due();
    course.after(Span::secs(20)).does("ana", closed(CloseReason::FalseAlarm));
    course.after(Span::secs(5)).moves(Phase::Identify);
    assert_eq!(course.incident.ack_due(), due);
}

#[test]
fn whoever_holds_it_goes_on_holding_it_and_nobody_is_paged_meanwhile() {
    let mut course = burning();
    course.does("ana", Entry::Acknowledged { lasts_s: 600, from: None });
    course.does("ana", closed(CloseReason::FalseAlarm)).after(Span::secs(5)).moves(Phase::Identify);
    let held = Some(Stopped::Acknowledged("ana".into()));
    assert_eq!(course.incident.escalations[0].stopped, held);
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
fn a_path_that_was_to_page_soon_is_not_forgotten_and_a_covered_one_is_decided_anew() {
    let mut course = Course::begins();
    course.does("ana", armed("partner"));
    let because = Stopped::CoveredBy(super::other_incident());
    course.does(QUELL, Entry::PathHeld(PathHeld { path: "incident".into(), steps: steps(), because }));
    course.does("ana", closed(CloseReason::FalseAlarm)).after(Span::secs(5)).moves(Phase::Identify);
    let paths: Vec<&str> = course.incident.escalations.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["partner"]);
    assert_eq!(
        course.incident.escalations[0].next().map(|(number, step)| (number, step.due)),
        Some((1, course.now))
    );
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
