//! What each phase needs before it is left, and how that is met, waived, and asked for again.

use super::{Course, QUELL, contain, health, review, text, undo, weight};
use quell::domain::action::Outcome;
use quell::domain::bulletin::{Audience, Status};
use quell::domain::deadline::DeadlineKind;
use quell::domain::gate::Gate;
use quell::domain::phase::Phase;
use quell::domain::record::{CloseReason, DeadlineSet, Entry, Record};
use quell::domain::role::Role;
use quell::domain::time::Span;

fn moved(to: Phase, waived: Option<&str>) -> Entry {
    Entry::PhaseMoved { to, waived: waived.map(text) }
}

fn closed(reason: CloseReason, note: Option<&str>) -> Entry {
    Entry::Closed { reason, note: note.map(text) }
}

#[test]
fn each_gate_is_missing_until_its_entry_stands_and_no_longer() {
    let lead = Entry::RoleTaken { role: Role::Lead, name: text("bo"), from: None };
    let mut course = Course::begins();
    let mut identify = vec![Gate::Severity, Gate::Category, Gate::Impact, Gate::Lead];
    let entries = [
        weight::severity("high", None),
        weight::category("outage", Some("orders fail")),
        weight::users(0, None),
        lead,
    ];
    for entry in entries {
        assert_eq!(course.missing(Phase::Contain), identify);
        course.refuses("ana", moved(Phase::Contain, None), &format!("missing: {}", identify[0].words()));
        course.does("ana", entry);
        identify.remove(0);
    }
    course.moves(Phase::Contain);

    assert_eq!(course.missing(Phase::Mitigate), [Gate::Containment]);
    course.refuses("ana", moved(Phase::Mitigate, None), Gate::Containment.words());
    course.refuses("ana", Entry::NothingToContain { because: text(" ") }, "say why");
    course.does("ana", Entry::NothingToContain { because: text("no account is involved") });
    course.moves(Phase::Mitigate);

    assert_eq!(course.missing(Phase::Recover), [Gate::Mitigation]);
    course.refuses("ana", Entry::Mitigated { what: text("\n") }, "say what was done");
    course.does("ana", Entry::Mitigated { what: text("restarted the gateway") });
    course.moves(Phase::Recover);

    let key = course.signal();
    course.does(QUELL, Entry::SignalCleared { key, because: "absent".into() });
    assert_eq!(course.missing(Phase::Review), [Gate::Health]);
    course.refuses("ana", closed(CloseReason::Resolved, None), Gate::Health.words());
    course.does(QUELL, health::turned(true)).after(Span::mins(10)).resolves();
    assert_eq!(course.incident.phase, Phase::Review);
    assert_eq!(course.incident.milestones.recovered, Some(course.now));

    let mut left = vec![Gate::RootCause, Gate::Items, Gate::Published];
    let published = Entry::Published { sha256: "00".into() };
    for entry in [review::cause(), review::item("slow logins down"), published] {
        assert_eq!(course.missing(Phase::Closed), left);
        course.refuses("ana", moved(Phase::Closed, None), left[0].words());
        course.does("ana", entry);
        left.remove(0);
    }
    course.moves(Phase::Closed);
    assert!(course.incident.waived.is_empty());
}

#[test]
fn one_reason_waives_every_gate_between_and_none_is_asked_for_again() {
    let mut course = Course::begins();
    let between = [Gate::Severity, Gate::Category, Gate::Impact, Gate::Lead, Gate::Containment];
    assert_eq!(course.missing(Phase::Mitigate), between);
    for blank in ["", "  ", "\u{a0}\n"] {
        course.refuses("ana", moved(Phase::Mitigate, Some(blank)), "missing: ");
    }
    course.waives(Phase::Mitigate, "the replica was switched off by hand");
    let waiver = &course.incident.waived[0];
    assert_eq!((waiver.gates.as_slice(), waiver.by.as_str(), waiver.at), (&between[..], "ana", course.now));
    course.moves(Phase::Identify).moves(Phase::Mitigate);
    assert_eq!(course.incident.waived.len(), 1, "what was waived is not waived twice");
}

#[test]
fn a_reason_where_nothing_is_missing_waives_nothing() {
    let mut course = Course::in_phase(Phase::Contain);
    course.waives(Phase::Mitigate, "to be sure");
    assert!(course.incident.waived.is_empty());
}

#[test]
fn back_is_free_from_every_phase_to_every_earlier_one() {
    let open = [Phase::Identify, Phase::Contain, Phase::Mitigate, Phase::Recover];
    for from in [&open[..], &[Phase::Review]].concat() {
        for to in open.into_iter().filter(|to| *to < from) {
            let mut course = Course::in_phase(from);
            assert_eq!(course.missing(to), []);
            course.moves(to);
            assert_eq!((course.incident.phase, course.incident.closed), (to, None));
        }
    }
}

#[test]
fn phases_are_entered_through_their_door() {
    let mut course = Course::in_phase(Phase::Mitigate);
    course.refuses("ana", moved(Phase::Mitigate, None), "it is in Mitigate already");
    course.refuses("ana", moved(Phase::Review, Some("done")), "closing it with a reason");
    course.refuses("ana", moved(Phase::Closed, Some("done")), "closing it with a reason");
    let mut course = Course::in_phase(Phase::Review);
    course.refuses("ana", closed(CloseReason::Resolved, Some("done")), "it is in Review already");
    let mut course = Course::in_phase(Phase::Closed);
    for entry in [
        moved(Phase::Closed, Some("done")),
        closed(CloseReason::Cleared, Some("gone")),
        Entry::Mitigated { what: text("more") },
        Entry::NothingToContain { because: text("nothing") },
        health::turned(true),
    ] {
        course.refuses("ana", entry, "it is closed");
    }
}

#[test]
fn a_verified_containment_moves_identify_by_itself_and_leaving_contain_asks_what_identify_lacks() {
    let mut course = Course::begins();
    course.acts(contain(), "88213");
    assert_eq!(course.incident.phase, Phase::Contain);
    assert!(course.incident.waived.is_empty());
    let lacks = [Gate::Severity, Gate::Category, Gate::Impact, Gate::Lead];
    assert_eq!(course.missing(Phase::Mitigate), lacks);
    course.refuses("ana", moved(Phase::Mitigate, None), "severity confirmed, category confirmed");
    for phase in [Phase::Contain, Phase::Mitigate, Phase::Recover] {
        let mut course = Course::in_phase(phase);
        course.acts(contain(), "88213");
        assert_eq!(course.incident.phase, phase, "nothing else moves without a person");
    }
}

#[test]
fn a_waiver_is_void_once_it_came_back() {
    let mut course = Course::begins();
    course.waives(Phase::Recover, "burning");
    let key = course.signal();
    course.does(QUELL, Entry::SignalCleared { key, because: "absent".into() });
    course.does("ana", closed(CloseReason::Resolved, Some("seems over")));
    let waived = course.incident.waived.len();
    course.comes_back();
    assert_eq!(course.incident.phase, Phase::Identify);
    assert!(course.incident.waived.iter().all(|waiver| waiver.void));
    assert_eq!(course.missing(Phase::Review).len(), 7, "{:?}", course.missing(Phase::Review));
    course.refuses("ana", moved(Phase::Contain, None), "missing: ");
    course.waives(Phase::Contain, "burning again");
    assert_eq!(course.incident.waived.len(), waived + 1, "both are kept: the review shows them");
}

#[test]
fn a_containment_in_force_is_undone_or_kept_with_a_reason_before_it_is_over() {
    let kept = |action, because: &str| Entry::ContainmentKept { action, because: text(because) };
    let mut course = Course::in_phase(Phase::Recover);
    course.refuses("ana", kept(1, "safer"), "action #1 is not in force");
    course.acts(contain(), "88213").acts(contain(), "88214");
    course.does(QUELL, health::turned(true)).after(Span::mins(10));
    assert_eq!(course.missing(Phase::Review), [Gate::InForce]);
    course.refuses("ana", kept(1, " "), "say why");
    course.does("ana", kept(1, "the customer asked for it"));
    assert_eq!(course.missing(Phase::Review), [Gate::InForce], "there is another one");
    course.acts(undo(2), "88214");
    course.refuses("ana", kept(2, "safer"), "action #2 is not in force");
    assert_eq!(course.missing(Phase::Review), []);
    course.resolves();
}

#[test]
fn whoever_waits_for_a_bulletin_is_missing_until_the_last_one_or_a_reason() {
    let users = |due| DeadlineSet {
        deadline: DeadlineKind::Bulletin,
        name: "users".into(),
        title: text("the next bulletin to users"),
        due,
    };
    let recovered = || {
        let mut course = Course::in_phase(Phase::Recover);
        course.does(QUELL, health::turned(true)).after(Span::mins(10));
        course
    };
    // Nothing was said when it should have been.
    let mut course = recovered();
    let due = course.now + Span::mins(5).delta();
    course.does(QUELL, Entry::DeadlineSet(users(due)));
    assert_eq!(course.missing(Phase::Review), [], "there is time");
    course.after(Span::mins(5));
    assert_eq!(course.missing(Phase::Review), [Gate::Bulletins]);
    course.refuses("ana", closed(CloseReason::Resolved, None), "a last bulletin to whoever waits for one");
    course.does("ana", closed(CloseReason::Resolved, Some("nobody noticed")));
    let waiver = course.incident.waived.last().unwrap();
    assert_eq!((waiver.gates.as_slice(), waiver.because.raw()), (&[Gate::Bulletins][..], "nobody noticed"));
    // Something was said, and not that it is over.
    let mut course = recovered();
    let say = |number, status| super::bulletins::started(number, Audience::Users, status, &["page"]);
    course.does("ana", say(1, Status::Monitoring)).does(QUELL, super::bulletins::accepted(1, "page", None));
    assert_eq!(course.missing(Phase::Review), [Gate::Bulletins]);
    course.does("ana", say(2, Status::Resolved)).does(QUELL, super::bulletins::accepted(2, "page", None));
    assert_eq!(course.missing(Phase::Review), []);
    course.resolves();
}

#[test]
fn what_was_contained_stays_so_for_the_gate_when_it_is_undone_in_recover() {
    let mut course = Course::begins();
    course.acts(contain(), "88213").waives(Phase::Recover, "burning");
    let waived = course.incident.waived[0].gates.clone();
    assert!(!waived.contains(&Gate::Containment), "{waived:?}");
    let key = course.signal();
    course.does(QUELL, Entry::SignalCleared { key, because: "absent".into() });
    course.does(QUELL, health::turned(true)).after(Span::mins(10));
    course.acts(undo(1), "88213");
    assert_eq!(course.missing(Phase::Review), [], "undoing it is what Recover asked for");
    course.resolves();
}

#[test]
fn a_containment_undone_before_contain_is_left_is_none() {
    let mut course = Course::begins();
    course.acts(contain(), "88213").acts(undo(1), "88213");
    assert_eq!(course.incident.phase, Phase::Contain);
    assert!(course.missing(Phase::Mitigate).contains(&Gate::Containment));
}

#[test]
fn moved_back_from_review_it_is_not_over_and_its_review_not_due() {
    let mut course = Course::in_phase(Phase::Review);
    course.does(QUELL, review::due(course.now));
    let first = course.now;
    course.after(Span::mins(30)).moves(Phase::Recover);
    assert_eq!(course.incident.milestones.recovered, None);
    assert!(course.incident.open_deadlines().is_empty(), "{:?}", course.incident.deadlines);
    course.does(QUELL, health::turned(true)).after(Span::mins(10)).resolves();
    assert_eq!(course.incident.milestones.recovered, Some(first + Span::mins(40).delta()));
}

#[test]
fn ending_it_otherwise_needs_words_only_after_something_was_done_or_said() {
    for reason in [CloseReason::FalseAlarm, CloseReason::Duplicate, CloseReason::Cleared] {
        let mut quiet = Course::in_phase(Phase::Identify);
        quiet.does("ana", closed(reason, None));
        assert_eq!(quiet.incident.phase, Phase::Closed);
        let mut contained = Course::in_phase(Phase::Identify);
        contained.acts(contain(), "88213");
        contained.refuses("ana", closed(reason, None), "after a containment");
        contained.refuses("ana", closed(reason, Some(" ")), "after a containment");
        contained.does("ana", closed(reason, Some("it was a drill of a partner")));
        let mut fires = Course::begins();
        fires.refuses("ana", closed(reason, None), "its signal still fires");
    }
}

#[test]
fn a_record_passes_the_gates_there_were_when_it_was_written() {
    let mut course = Course::in_phase(Phase::Recover);
    course.does(QUELL, health::turned(true)).after(Span::mins(10));
    course.does("ana", super::bulletins::started(1, Audience::Users, Status::Investigating, &["page"]));
    course.does(QUELL, super::bulletins::answered(1, "page", Outcome::Accepted, None));
    course.refuses("ana", closed(CloseReason::Resolved, None), "missing: ");
    let first = Record { v: 1, ..course.record("ana", closed(CloseReason::Resolved, None)) };
    course.incident.apply(&first).unwrap();
    assert_eq!(course.incident.phase, Phase::Review);
}
