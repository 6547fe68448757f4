//! Merges and links: what each side keeps, what is refused, and what taking it back brings back.

use super::{Course, QUELL, contain, opened_by, text};
use crate::support::response;
use quell::domain::action::Outcome;
use quell::domain::bulletin::{Audience, Status};
use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::{Step, Stopped};
use quell::domain::id::IncidentId;
use quell::domain::incident::{Incident, Joined};
use quell::domain::opening::{Joining, Opening};
use quell::domain::phase::Phase;
use quell::domain::record::{
    CloseReason, DeadlinePassed, DeadlineSet, Entry, FORMAT, Moving, PathArmed, Record, Tied,
};
use quell::domain::role::Role;
use quell::domain::sensitive::{Said, Sensitive};
use quell::domain::severity::Severity;
use quell::domain::signal::SignalKey;
use quell::domain::tie::Tie;
use quell::domain::time::Span;

/// The incident of the response, and another one that fires by itself.
struct Two {
    one: Course,
    other: Course,
}

fn two() -> Two {
    let one = Course::begins();
    let mut other = Course::begins();
    let signal = Box::new(theirs());
    let opening = Opening {
        title: text("Withdrawals hang"),
        signal: Some(signal),
        group: Some("alertname=\"Hang\"".into()),
        ..other.incident.opening.clone()
    };
    let mut record = other.record(QUELL, Entry::Opened(Box::new(opening)));
    record.incident = Some(IncidentId::new("ANA", 43));
    other.incident = Incident::open(&record).unwrap();
    Two { one, other }
}

/// The signal of the other one.
fn theirs() -> Joining {
    Joining { key: key("c0de"), severity: Severity::Critical, ..opened_by() }
}

fn key(fingerprint: &str) -> SignalKey {
    SignalKey { source: "prod-am".into(), fingerprint: text(fingerprint) }
}

impl Two {
    /// The other one is what is merged, or linked, with the one.
    #[track_caller]
    fn tie(&mut self, tie: &Tie) {
        let (here, there) = tie.sides(&self.other.incident, &self.one.incident);
        self.other.does("ana", Entry::Tied(here));
        self.one.does("ana", Entry::Tied(there));
    }

    fn merged() -> Self {
        let mut two = two();
        two.tie(&Tie::Merge);
        two
    }

    fn after(&mut self, span: Span) {
        self.one.after(span);
        self.other.after(span);
    }

    fn may(&self, tie: &Tie) -> String {
        let answer = tie.may(&self.other.incident, &self.one.incident, self.one.now);
        answer.err().map(|(id, why)| format!("{id}: {why}")).unwrap_or_default()
    }
}

fn merged_into(number: u64) -> Entry {
    Entry::Tied(Tied::MergedInto { into: IncidentId::new("ANA", number) })
}

fn armed(course: &mut Course) {
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    course.does(QUELL, Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
}

#[test]
fn what_is_merged_closes_as_a_duplicate_and_its_signals_go_on_in_the_other() {
    let mut two = two();
    assert_eq!(two.one.incident.severity, Severity::High);
    armed(&mut two.other);
    two.tie(&Tie::Merge);
    let (one, other) = (&two.one.incident, &two.other.incident);
    assert_eq!(
        (other.phase, other.closed.map(|(reason, _)| reason)),
        (Phase::Closed, Some(CloseReason::Duplicate))
    );
    assert_eq!(other.merged.as_ref().map(|merged| &merged.into), Some(&response::id()));
    assert_eq!(
        (other.firing(), other.escalations[0].stopped.clone()),
        (0, Some(Stopped::Merged(response::id())))
    );
    assert!(!other.is_alive() && !other.takes_back());
    assert_eq!((one.firing(), one.severity), (2, Severity::Critical), "the worst of its signals");
    assert_eq!(one.taken_in[0].id, other.id);
    assert!(one.groups().any(|group| group == "alertname=\"Hang\""));
    two.one.does(QUELL, Entry::SignalCleared { key: key("c0de"), because: "absent".into() });
    assert_eq!(two.one.incident.severity, Severity::High);
    let back = Entry::PhaseMoved { to: Phase::Identify, waived: None };
    two.other.refuses("ana", back, "take it out of there instead");
}

#[test]
fn who_holds_each_and_their_roles_stay_with_each() {
    let mut two = two();
    two.one.does("bo", Entry::Acknowledged { lasts_s: 600, from: None });
    two.other.does("cy", Entry::Acknowledged { lasts_s: 600, from: None });
    two.other.does("cy", Entry::RoleTaken { role: Role::Lead, name: text("cy"), from: None });
    two.tie(&Tie::Merge);
    let holds = |incident: &Incident| incident.owner.as_ref().map(|owner| owner.name.clone());
    assert_eq!(holds(&two.one.incident).as_deref(), Some("bo"));
    assert_eq!(two.one.incident.lead(), None);
    assert_eq!(
        (holds(&two.other.incident).as_deref(), two.other.incident.lead()),
        (Some("cy"), Some(&text("cy")))
    );
}

#[test]
fn nothing_that_somebody_must_see_to_is_merged_out_of_sight() {
    let mut course = Course::begins();
    course.does("ana", Entry::intended(1, Box::new(super::plan(contain(), "88213"))));
    course.refuses("bo", merged_into(7), "action #1 is intended; it must be settled first");
    course.does(QUELL, Entry::Sent { action: 1 });
    course.does(QUELL, Entry::answered(1, Outcome::Unknown, text("no answer")));
    course.refuses("bo", merged_into(7), "action #1 is UNKNOWN");

    let mut course = Course::begins();
    course.acts(contain(), "88213");
    course.refuses("bo", merged_into(7), "containment #1 is in force");
    course.does("ana", Entry::ContainmentKept { action: 1, because: text("until Monday") });
    course.does("bo", merged_into(7));

    let mut course = Course::begins();
    course.does("ana", super::bulletins::started(1, Audience::Users, Status::Investigating, &["page"]));
    course.refuses("bo", merged_into(7), "readers wait for its next bulletin");
    course.does(QUELL, super::bulletins::answered(1, "page", Outcome::Accepted, None));
    course.refuses("bo", merged_into(7), "readers wait for its next bulletin");
}

#[test]
fn only_a_person_says_so_and_never_of_one_incident() {
    let mut course = Course::begins();
    course.refuses(QUELL, merged_into(7), "only a person");
    course.refuses("ana", merged_into(42), "not to itself");
    let linked = Tied::Linked { with: response::id(), came: Default::default(), went: Vec::new() };
    course.refuses("ana", Entry::Tied(linked), "not to itself");
    course.does("ana", merged_into(7));
    course.refuses("bo", merged_into(8), "ana merged it into ANA-7 at 14:01");
}

#[test]
fn what_has_ended_neither_goes_on_in_another_nor_takes_one_in() {
    for phase in [Phase::Review, Phase::Closed] {
        let mut two = two();
        let signals = two.other.incident.signals.clone();
        two.one = Course::in_phase(phase);
        two.one.refuses("ana", merged_into(7), &format!("it is in {}", phase.title()));
        let from = two.other.incident.id.clone();
        let (groups, said, paths) = (Vec::new(), Said::new(), Vec::new());
        let took = Tied::TookIn { from, title: text("x"), groups, signals, said, paths };
        two.one.refuses("ana", Entry::Tied(took), &format!("it is in {}", phase.title()));
        assert!(two.may(&Tie::Merge).starts_with("ANA-42: it is in"));
    }
    let two = Two::merged();
    let third = Tie::Merge.may(&two.one.incident, &two.other.incident, two.one.now).unwrap_err();
    assert_eq!(third.1.to_string(), "it goes on in ANA-42 itself; merge into that");
}

#[test]
fn what_its_signals_said_stays_sensitive_when_they_have_left_it() {
    let mut joining = opened_by();
    joining.key = key("ac01");
    joining.labels = [(text("account_id"), text("88213"))].into();
    let mut course = Course::begins();
    course.does(QUELL, Entry::SignalJoined(Box::new(joining)));
    let said = Said::from([(text("account_id"), text("88213"))]);
    let sensitive = Sensitive::new(["account_id"]);
    assert_eq!(sensitive.said_of(&course.incident), said);
    course.does("ana", merged_into(7));
    assert_eq!((course.incident.signals.len(), sensitive.said_of(&course.incident)), (0, said));
}

#[test]
fn a_merge_that_is_taken_back_brings_both_to_what_they_were() {
    let mut two = two();
    two.other.does("cy", Entry::PhaseMoved { to: Phase::Contain, waived: Some(text("we know it")) });
    let due = two.other.now + Span::mins(3).delta();
    let timer =
        DeadlineSet { deadline: DeadlineKind::Timer, name: String::new(), title: text("bo: look"), due };
    two.other.does("cy", Entry::DeadlineSet(timer));
    let before = (two.one.incident.clone(), two.other.incident.clone());
    two.tie(&Tie::Merge);
    assert!(two.other.incident.open_deadlines().is_empty());
    two.after(Span::mins(2));
    two.one
        .does(QUELL, Entry::SignalResorted { key: key("c0de"), severity: Severity::High, unmapped: false });
    two.tie(&Tie::Unmerge);
    let (one, other) = (&two.one.incident, &two.other.incident);
    assert_eq!((&one.signals, one.severity, one.taken_in.len()), (&before.0.signals, before.0.severity, 0));
    assert_eq!((other.phase, other.closed, &other.merged), (before.1.phase, None, &None));
    assert_eq!((other.firing(), other.severity), (1, Severity::High), "as its signal is by now");
    assert_eq!(other.deadlines, before.1.deadlines);
    assert!(!one.groups().any(|group| group.contains("Hang")));
    assert_eq!(two.may(&Tie::Unmerge), "ANA-42: ANA-43 does not go on in it");
}

#[test]
fn what_comes_out_pages_anew_unless_somebody_holds_it() {
    let paging = |held: bool, minutes| {
        let mut two = two();
        armed(&mut two.other);
        two.other.after(Span::mins(5));
        let begun = quell::domain::record::StepStarted {
            path: "incident".into(),
            step: 1,
            resumes: false,
            missing: vec![],
        };
        two.other.does(QUELL, Entry::StepStarted(begun));
        if held {
            two.other.does("cy", Entry::Acknowledged { lasts_s: 600, from: None });
        }
        two.tie(&Tie::Merge);
        two.after(Span::mins(minutes));
        two.tie(&Tie::Unmerge);
        two.other.incident.escalations[0].stopped.clone()
    };
    assert_eq!(paging(false, 1), None);
    assert_eq!(paging(true, 1), Some(Stopped::Acknowledged("cy".into())));
    assert_eq!(paging(true, 20), None, "the acknowledgement had run out");
}

#[test]
fn what_comes_out_goes_on_where_its_paths_stood_and_with_records_of_before_from_the_first_step() {
    for v in [6, FORMAT] {
        let mut two = two();
        armed(&mut two.other);
        let page = two.other.now + Span::mins(5).delta();
        two.tie(&Tie::Merge);
        two.after(Span::mins(1));
        let entry = Entry::Tied(Tie::Unmerge.sides(&two.other.incident, &two.one.incident).0);
        let record = Record { v, ..two.other.record("ana", entry) };
        two.other.incident.apply(&record).unwrap();
        let path = two.other.incident.escalation();
        let due = path.and_then(|path| path.next()).map(|(_, step)| step.due);
        assert_eq!(due, (v == FORMAT).then_some(page), "{v}");
    }
}

#[test]
fn the_clock_of_the_acknowledgement_goes_on_from_where_it_was() {
    let mut two = two();
    let due = two.other.incident.ack_due();
    assert!(due.is_some());
    two.tie(&Tie::Merge);
    two.after(Span::mins(5));
    two.tie(&Tie::Unmerge);
    assert_eq!(two.other.incident.ack_due(), due);
    // One that had passed by then has passed.
    let mut two = self::two();
    two.after(Span::mins(16));
    let name = String::new();
    let passed = DeadlinePassed { deadline: DeadlineKind::Ack, name, due: due.unwrap() };
    two.other.does(QUELL, Entry::DeadlinePassed(passed));
    two.tie(&Tie::Merge);
    two.tie(&Tie::Unmerge);
    assert_eq!((two.other.incident.ack_due(), two.other.incident.is_late()), (due, true));
    // And what is quiet gets no longer by taking one in that fires.
    let mut two = self::two();
    let (quiet, due) = (two.one.signal(), two.one.incident.ack_due());
    two.one.does(QUELL, Entry::SignalCleared { key: quiet, because: "absent".into() });
    two.after(Span::mins(5));
    two.tie(&Tie::Merge);
    assert_eq!(two.one.incident.ack_due(), due);
}

#[test]
fn what_comes_to_a_quiet_one_whose_time_was_over_has_its_own_time_to_be_acknowledged() {
    for tie in [Tie::Merge, Tie::Link { signals: vec!["prod-am\0c0de".to_owned()] }] {
        let mut two = two();
        let (quiet, due) = (two.one.signal(), two.one.incident.ack_due().unwrap());
        let within = due - two.one.incident.opened_at;
        two.one.does(QUELL, Entry::SignalCleared { key: quiet, because: "absent".into() });
        two.after(Span::mins(20));
        let passed = DeadlinePassed { deadline: DeadlineKind::Ack, name: String::new(), due };
        two.one.does(QUELL, Entry::DeadlinePassed(passed));
        two.tie(&tie);
        let one = &two.one.incident;
        assert_eq!((one.ack_due(), one.is_late()), (Some(one.moved_at + within), false), "{tie:?}");
        let passed =
            DeadlinePassed { deadline: DeadlineKind::Ack, name: String::new(), due: one.moved_at + within };
        two.one.does(QUELL, Entry::DeadlinePassed(passed));
    }
}

#[test]
fn a_merge_into_one_that_was_quiet_is_news_and_its_holder_goes_on() {
    for held in [false, true] {
        let mut two = two();
        let quiet = two.one.signal();
        two.one.does(QUELL, Entry::SignalCleared { key: quiet, because: "absent".into() });
        if held {
            two.one.does("bo", Entry::Acknowledged { lasts_s: 600, from: None });
        }
        two.tie(&Tie::Merge);
        assert_eq!((two.one.incident.cleared_at, two.one.incident.owner.is_some()), (None, held));
        two.tie(&Tie::Unmerge);
        assert!(two.one.incident.cleared_at.is_some(), "it is as quiet as before");
    }
}

#[test]
fn of_a_signal_that_both_had_the_later_firing_counts_and_each_gets_its_own_back() {
    let mut two = two();
    two.one.incident = {
        // The one had the other's signal before, in an earlier firing period.
        let joined = Joining { title: text("earlier"), ..theirs() };
        two.one.does(QUELL, Entry::SignalJoined(Box::new(joined)));
        two.one.does(QUELL, Entry::SignalCleared { key: key("c0de"), because: "absent".into() });
        two.one.incident.clone()
    };
    let before = two.one.incident.signals.clone();
    two.tie(&Tie::Merge);
    assert_eq!((two.one.incident.signals.len(), two.one.incident.firing()), (2, 2));
    two.tie(&Tie::Unmerge);
    assert_eq!(two.one.incident.signals, before);
    assert_eq!(two.other.incident.firing(), 1);
}

#[test]
fn merges_are_taken_back_one_by_one_also_through_each_other() {
    let mut two = Two::merged();
    let third = IncidentId::new("ANA", 50);
    let into = Tied::MergedInto { into: third.clone() };
    let signals = two.one.incident.signals.clone();
    two.one.does("ana", Entry::Tied(into));
    assert_eq!(two.may(&Tie::Unmerge), "ANA-42: it goes on in ANA-50; take that back first");
    two.one.does("ana", Entry::Tied(Tied::CameOut { of: third, signals }));
    two.tie(&Tie::Unmerge);
    assert_eq!((two.one.incident.firing(), two.other.incident.firing()), (1, 1));
}

#[test]
fn a_link_moves_nothing_unless_a_signal_is_named() {
    let mut two = two();
    two.tie(&Tie::Link { signals: Vec::new() });
    let (one, other) = (&two.one.incident, &two.other.incident);
    assert!(one.links.contains(&other.id) && other.links.contains(&one.id));
    assert_eq!((one.firing(), other.firing(), one.phase), (1, 1, Phase::Identify));
    let again = Tie::Link { signals: Vec::new() }.sides(other, one).0;
    two.other.refuses("ana", Entry::Tied(again), "linked with ANA-42 already");
    two.tie(&Tie::Unlink);
    assert!(two.one.incident.links.is_empty() && two.other.incident.links.is_empty());
    let from = two.one.incident.id.clone();
    two.other.refuses("ana", Entry::Tied(Tied::Unlinked { from }), "not linked with ANA-42");
}

#[test]
fn a_link_moves_the_signals_it_names() {
    let mut two = two();
    let moved = "prod-am\0c0de".to_owned();
    two.tie(&Tie::Link { signals: vec![moved.clone()] });
    assert_eq!((two.one.incident.firing(), two.one.incident.severity), (2, Severity::Critical));
    assert_eq!(
        (two.other.incident.firing(), two.other.incident.phase),
        (0, Phase::Identify),
        "it stays an incident"
    );
    let gone = Tie::Link { signals: vec![moved.clone()] }.sides(&two.other.incident, &two.one.incident).0;
    two.other.refuses("ana", Entry::Tied(gone), "that signal is not one of its");
    // The same the other way round brings it back.
    let (here, there) = Tie::Link { signals: vec![moved] }.sides(&two.one.incident, &two.other.incident);
    two.one.does("ana", Entry::Tied(here));
    two.other.does("ana", Entry::Tied(there));
    assert_eq!((two.one.incident.firing(), two.other.incident.firing()), (1, 1));
}

#[test]
fn what_went_again_leaves_nothing_of_how_bad_it_was() {
    let mut two = two();
    two.one.does(QUELL, Entry::SignalCleared { key: key("5f3c"), because: "absent".into() });
    two.tie(&Tie::Merge);
    assert_eq!(two.one.incident.severity, Severity::Critical);
    two.tie(&Tie::Unmerge);
    assert_eq!((two.one.incident.firing(), two.one.incident.severity), (0, Severity::High));
    assert_eq!(two.other.incident.severity, Severity::Critical);
    // The same of a link that is turned round.
    let link = Tie::Link { signals: vec!["prod-am\0c0de".to_owned()] };
    two.tie(&link);
    assert_eq!(two.one.incident.severity, Severity::Critical);
    let (here, there) = link.sides(&two.one.incident, &two.other.incident);
    two.one.does("ana", Entry::Tied(here));
    two.other.does("ana", Entry::Tied(there));
    assert_eq!((two.one.incident.firing(), two.one.incident.severity), (0, Severity::High));
}

/// What is said of it and others, each with signals it may have itself.
pub(super) fn any(one: usize, other: usize) -> Tied {
    let other_one = IncidentId::new("ANA", [7, 8, 42][other % 3] as u64);
    let joined = response::fold(&response::records(response::plain)).signals;
    let fingerprint = ["5f3c", "9a1b", "c0de"][one / 6 % 3];
    let signal = Joined::clone(joined.values().next().unwrap());
    let cleared = one.is_multiple_of(2).then(response::began);
    let signals =
        Moving::from_iter([(format!("prod-am\0{fingerprint}"), Box::new(Joined { cleared, ..signal }))]);
    let went = vec![format!("prod-am\0{fingerprint}")];
    let all = [
        Tied::MergedInto { into: other_one.clone() },
        Tied::TookIn {
            from: other_one.clone(),
            title: text(if one.is_multiple_of(5) { " " } else { "Slow" }),
            groups: vec!["alertname=\"Slow\"".into()],
            signals: signals.clone(),
            said: Said::new(),
            paths: if one.is_multiple_of(3) { vec!["incident".into()] } else { Vec::new() },
        },
        Tied::CameOut { of: other_one.clone(), signals: signals.clone() },
        Tied::LetGo { of: other_one.clone() },
        Tied::Linked {
            with: other_one.clone(),
            came: if other.is_multiple_of(2) { signals } else { Moving::new() },
            went: if other.is_multiple_of(3) { went } else { Vec::new() },
        },
        Tied::Unlinked { from: other_one },
    ];
    all[one % all.len()].clone()
}
