//! Roles, and holding it: taken, offered, accepted, handed over, handed back.

use super::{Course, QUELL, text};
use quell::domain::escalation::{Step, StepState, Stopped};
use quell::domain::phase::Phase;
use quell::domain::record::{Entry, Field, PathArmed};
use quell::domain::role::Role;
use quell::domain::text::Outside;
use quell::domain::time::Span;

fn taken(role: Role, name: &str, from: Option<&str>) -> Entry {
    Entry::RoleTaken { role, name: text(name), from: from.map(text) }
}

fn offered(role: Role, to: &str) -> Entry {
    Entry::RoleOffered { role, to: text(to) }
}

fn accepted(role: Role) -> Entry {
    Entry::RoleAccepted { role }
}

fn held(course: &Course, role: Role) -> Option<&str> {
    course.incident.role(role).map(Outside::raw)
}

#[test]
fn a_free_role_is_taken_and_a_held_one_only_from_its_holder() {
    for role in Role::ALL {
        let mut course = Course::begins();
        course.refuses("ana", taken(role, " ", None), "needs a name");
        course.refuses(QUELL, taken(role, "ana", None), "only a person");
        course.does("ana", taken(role, "ana", None));
        let in_the_way = format!("ana is {}; taking over must name them", role.word());
        course.refuses("bo", taken(role, "bo", None), &in_the_way);
        course.refuses("bo", taken(role, "bo", Some("cy")), &in_the_way);
        course.does("bo", taken(role, "bo", Some("ana")));
        assert_eq!(held(&course, role), Some("bo"));
        assert_eq!(course.incident.changed[&Field::from(role)], course.incident.version);
        assert_eq!(course.incident.roles.len(), 1, "the other roles are free");
    }
}

#[test]
fn an_offer_is_accepted_once_and_by_whom_it_was_made_to() {
    for role in Role::ALL {
        let mut course = Course::begins();
        course.refuses("ana", offered(role, "bo"), "nobody is");
        course.refuses("bo", accepted(role), "nobody offered");
        course.does("ana", taken(role, "ana", None));
        course.refuses("bo", accepted(role), "nobody offered");
        course.refuses("bo", offered(role, "cy"), &format!("ana is {}, and only they offer it", role.word()));
        for nobody in ["ana", "", " "] {
            course.refuses("ana", offered(role, nobody), "somebody else");
        }
        course.does("ana", offered(role, "bo")).after(Span::mins(1));
        assert_eq!(held(&course, role), Some("ana"), "an offer moves nothing");
        for wrong in ["cy", "ana", "Bo", "bo "] {
            course.refuses(wrong, accepted(role), &format!("{} was offered to bo", role.word()));
        }
        course.refuses(QUELL, accepted(role), "only a person");
        course.does("bo", accepted(role));
        let now = course.incident.roles[&role].clone();
        assert_eq!((now.name.raw(), now.since, now.offered), ("bo", course.now, None));
        course.refuses("bo", accepted(role), "nobody offered");
    }
}

#[test]
fn the_last_offer_counts_and_a_taking_over_ends_it() {
    let mut course = Course::begins();
    let lead = Role::Lead;
    course.does("ana", taken(lead, "ana", None)).does("ana", offered(lead, "bo"));
    course.does("ana", offered(lead, "cy"));
    course.refuses("bo", accepted(lead), "was offered to cy");
    course.does("dee", taken(lead, "dee", Some("ana")));
    course.refuses("cy", accepted(lead), "nobody offered");
}

#[test]
fn no_role_changes_hands_once_it_is_closed() {
    let mut course = Course::in_phase(Phase::Review);
    course.does("ana", offered(Role::Lead, "bo")).does("bo", accepted(Role::Lead));
    let mut course = Course::in_phase(Phase::Closed);
    for entry in [taken(Role::Scribe, "bo", None), offered(Role::Lead, "bo"), accepted(Role::Lead)] {
        course.refuses("ana", entry, "it is closed");
    }
}

#[test]
fn a_critical_without_a_commander_says_so() {
    let mut course = Course::in_phase(Phase::Identify);
    assert!(course.incident.lacks_commander());
    course.does("cy", taken(Role::Commander, "cy", None));
    assert!(!course.incident.lacks_commander());
    assert!(!Course::begins().incident.lacks_commander(), "it is not critical");
    assert!(!Course::in_phase(Phase::Review).incident.lacks_commander(), "it is over");
}

#[test]
fn only_the_owner_hands_it_back_and_the_next_step_is_due_at_once() {
    let back = || Entry::HandedBack { because: Some(text("my shift ends")) };
    let ack = || Entry::Acknowledged { lasts_s: 600, from: None };
    let mut course = Course::begins();
    course.refuses("ana", back(), "nobody holds it");
    let steps = [5, 15].map(|minute| Step { after: Span::mins(minute), to: vec!["room".into()] });
    course.does(QUELL, Entry::PathArmed(PathArmed { path: "incident".into(), steps: steps.into() }));
    course.does("ana", ack()).after(Span::mins(2));
    course.refuses("bo", back(), "ana holds it, and only they hand it back");
    course.refuses(QUELL, back(), "ana holds it");
    course.does("ana", back());
    assert_eq!(course.incident.owner, None);
    let escalation = course.incident.escalation().unwrap();
    let due: Vec<_> = escalation.steps.iter().map(|step| step.due).collect();
    assert_eq!(due, [course.now, course.now + Span::mins(10).delta()], "the rest keeps its spacing");
    assert_eq!(escalation.stopped, None);
    course.refuses("ana", back(), "nobody holds it");
    course.does("bo", ack());
    let stopped = &course.incident.escalation().unwrap().stopped;
    assert_eq!(*stopped, Some(Stopped::Acknowledged("bo".into())));
    assert!(course.incident.escalation().unwrap().steps.iter().all(|s| s.state == StepState::Waiting));
}

#[test]
fn taking_the_acknowledgement_over_names_its_holder() {
    let ack = |from: Option<&str>| Entry::Acknowledged { lasts_s: 600, from: from.map(str::to_owned) };
    let mut course = Course::begins();
    course.does("ana", ack(None));
    course.refuses("bo", ack(None), "ana holds it");
    course.refuses("bo", ack(Some("cy")), "ana holds it");
    course.does("bo", ack(Some("ana")));
    assert_eq!(course.incident.owner.as_ref().map(|owner| owner.name.as_str()), Some("bo"));
    course.refuses(QUELL, ack(Some("bo")), "only a person");
}
