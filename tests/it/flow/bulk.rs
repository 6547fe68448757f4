//! Marks, and what is done to all that are marked.

use super::recording::unanswered;
use super::*;
use crate::support::play::answered;
use quell::backend::{Refusal, RefusalKind};
use quell::console::bulk::{Bulk, State, Step};
use quell::console::message::Message;
use quell::console::model::ToastState;
use quell::console::page::Line;
use quell::domain::action::Outcome;
use quell::domain::id::IncidentId;
use quell::domain::plan::{self, Capture, Program, Request};
use quell::domain::time::Span;

/// Four incidents with an account each, and a playbook that takes five at once.
pub(super) fn scene() -> Play {
    // Tall enough for all of what is planned.
    let mut play = console().sized(120, 60).usual();
    play.engine.accounts = [(1047, "88213"), (1050, "90001"), (1051, "90002"), (1029, "90003")].into();
    play.engine.playbooks[0].max_targets = 5;
    play.tell(Message::Resumed);
    play
}

/// Three of them marked, planned, and what confirms them typed.
fn typed() -> Play {
    let mut play = scene();
    play.press("space space space c");
    play.typing("freeze-account 3");
    play.wait(600);
    play
}

pub(super) fn bulk(play: &Play) -> &Bulk {
    match &play.model.prompt {
        Some(Prompt::Bulk(bulk)) => bulk,
        other => panic!("{other:?}"),
    }
}

pub(super) fn marked(play: &Play) -> Vec<u64> {
    play.model.marks.ids.iter().map(IncidentId::number).collect()
}

/// The incidents for which something was submitted, in order.
fn submitted(play: &Play) -> Vec<String> {
    let all = play.asked.iter().filter_map(|effect| match effect {
        Effect::Submit { confirmation, .. } => Some(confirmation.typed.as_ref()?.raw().to_owned()),
        _ => None,
    });
    all.collect()
}

fn outcome(play: &mut Play, number: u64, outcome: Outcome) {
    play.engine.rule(number, "14:03:40", answered(1, outcome, "so it said"));
    play.poll();
}

#[test]
fn space_marks_and_goes_on_and_esc_clears() {
    let mut play = scene();
    play.press("space space");
    assert_eq!((marked(&play), play.selected()), (vec![1047, 1050], 1051));
    play.press("k space");
    assert_eq!(marked(&play), [1047]);
    play.press("esc");
    assert_eq!(marked(&play), [0; 0]);
    assert_eq!(play.model.prompt, None);
}

#[test]
fn marks_stay_on_incidents_whatever_the_rows_do_and_go_with_them() {
    let mut play = scene();
    play.press("j space");
    play.engine.put(incident(1060, Severity::Critical, "14:03:00", "A new one on top"));
    play.poll();
    play.wait(2000);
    assert!(play.rows().contains(&1060));
    assert_eq!(marked(&play), [1050]);
    let closed = Entry::Closed {
        reason: quell::domain::record::CloseReason::FalseAlarm,
        note: Some(Outside::new("a test")),
    };
    play.engine.by("ana", 1050, "14:03:30", closed);
    play.poll();
    assert_eq!(marked(&play), [0; 0]);
}

#[test]
fn each_target_is_planned_by_itself_and_all_are_confirmed_at_once() {
    let mut play = scene();
    let effects = play.keys("space space space c");
    let plans: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Plan { id, parameters, .. } => {
                Some((id.number(), parameters["account"].raw().to_owned()))
            }
            _ => None,
        })
        .collect();
    let expected = [(1047, "88213"), (1050, "90001"), (1051, "90002")];
    assert_eq!(plans, expected.map(|(id, account)| (id, account.to_owned())));
    assert!(matches!(bulk(&play).step, Step::Confirming { .. }));
    assert_eq!(bulk(&play).wanted(), "freeze-account 3");
}

#[test]
fn every_line_of_every_plan_is_shown_before_all_are_confirmed() {
    let mut play = typed();
    let Some(Prompt::Bulk(bulk)) = &mut play.model.prompt else { panic!() };
    let (plan, _) = &mut **bulk.targets[1].plan.as_mut().unwrap();
    plan.request = Request::Exec(Program {
        argv: ["/usr/bin/kubectl", "drain", "--force", "node-7"].map(str::to_owned).to_vec(),
        env: [("QUELL_KEY".to_owned(), plan.key.clone())].into(),
        pass: vec!["KUBECONFIG".to_owned()],
        within: Span::secs(20),
        refused: vec![3],
    });
    let read = plan.look_up.as_ref().unwrap().read.clone();
    plan.before = vec![Capture { name: "pods".into(), read, within: Span::secs(5) }];
    let bulk = bulk.clone();
    let sheet = quell::console::page::bulk::sheet(&play.model, &bulk, 400);
    let shown: Vec<String> = sheet.body.iter().map(Line::text).collect();
    let mut rest = shown.iter();
    for line in bulk.targets.iter().flat_map(|it| plan::sheet::lines(it.plan().unwrap())) {
        let said = |shown: &&String| {
            shown.contains(&line.text) && line.beside.iter().all(|(_, beside)| shown.contains(beside))
        };
        let above = line.label == "Does" && shown.iter().any(|shown| shown.contains(&line.text));
        assert!(above || rest.any(|line| said(&line)), "{line:?} is not in its place in {shown:#?}");
    }
}

#[test]
fn what_is_not_read_to_its_end_is_not_confirmed() {
    let mut play = typed().sized(80, 24);
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    let nudge = bulk(&play).guard.nudge.as_deref();
    assert_eq!(nudge, Some("there is more of it below: pgdn shows the rest"));
    play.press("pgdn pgdn pgdn pgdn");
    play.wait(600);
    assert_eq!(play.keys("enter").len(), 1);
}

#[test]
fn the_next_is_submitted_only_when_the_one_before_has_an_outcome() {
    let mut play = typed();
    play.press("enter");
    assert_eq!(submitted(&play), ["freeze-account 3"]);
    play.wait(2000);
    assert_eq!(play.submitted(), 1, "the first is still under way");
    outcome(&mut play, 1047, Outcome::Accepted);
    assert_eq!((play.submitted(), marked(&play)), (2, vec![1050, 1051]));
    outcome(&mut play, 1050, Outcome::Refused);
    assert_eq!(play.submitted(), 3, "a refusal is an outcome");
    outcome(&mut play, 1051, Outcome::Accepted);
    assert!(matches!(bulk(&play).step, Step::Ended(_)));
    assert_eq!(marked(&play), [1050], "what failed stays marked");
    assert_eq!(bulk(&play).summary(), "freeze-account: 2 of 3 accepted; failed INC-1050");
    play.press("esc");
    assert_eq!(play.model.prompt, None);
}

#[test]
fn the_first_unknown_outcome_stops_the_rest() {
    let mut play = typed();
    play.press("enter");
    outcome(&mut play, 1047, Outcome::Accepted);
    outcome(&mut play, 1050, Outcome::Unknown);
    play.wait(2000);
    assert_eq!(play.submitted(), 2);
    let states: Vec<_> = bulk(&play).targets.iter().map(|target| target.state.clone()).collect();
    assert_eq!(states, [State::Accepted, State::Unknown, State::NotBegun]);
    assert_eq!(marked(&play), [1050, 1051]);
    assert_eq!(
        bulk(&play).summary(),
        "freeze-account: 1 of 3 accepted; UNKNOWN INC-1050; not begun INC-1051"
    );
}

#[test]
fn what_is_typed_must_be_the_playbook_and_the_number_typed_not_pasted_and_not_in_one_stroke() {
    let mut play = scene();
    play.press("space space space c");
    play.tell(Message::Pasted(Outside::new("freeze-account 3")));
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    play.typing("freeze-account 4");
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    assert_eq!(bulk(&play).guard.nudge.as_deref(), Some("type freeze-account 3"));
    play.press("backspace");
    play.typing("3");
    play.tell(Message::Pressed(quell::console::chord::Chord::parse("enter").unwrap()));
    assert_eq!(play.submitted(), 0);
    play.wait(600);
    assert_eq!(play.keys("enter").len(), 1);
}

#[test]
fn one_that_cannot_be_is_listed_counted_out_and_stays_marked() {
    let mut play = scene();
    play.engine.protected = vec!["90001"];
    play.press("space space space c");
    assert_eq!(bulk(&play).targets[1].state, State::Cannot("the account 90001 is protected".into()));
    assert_eq!(bulk(&play).wanted(), "freeze-account 2");
    play.typing("freeze-account 2");
    play.wait(600);
    play.press("enter");
    outcome(&mut play, 1047, Outcome::Accepted);
    outcome(&mut play, 1051, Outcome::Accepted);
    assert_eq!((play.submitted(), marked(&play)), (2, vec![1050]));
}

#[test]
fn all_that_are_confirmed_at_once_are_named_and_a_single_one_is_confirmed_by_its_target() {
    let mut play = typed();
    let hashes: Vec<_> = bulk(&play).targets.iter().map(|it| it.plan().unwrap().hash.clone()).collect();
    play.press("enter");
    let Some(Effect::Submit { hash, confirmation }) = play.asked.last() else { panic!() };
    assert_eq!((hash, &confirmation.together), (&hashes[0], &hashes));
    let mut play = scene();
    play.engine.protected = vec!["88213", "90001"];
    play.press("space space space c");
    assert_eq!(bulk(&play).wanted(), "90002");
    play.typing("90002");
    play.wait(600);
    play.press("enter");
    let Some(Effect::Submit { confirmation, .. }) = play.asked.last() else { panic!() };
    assert_eq!(
        (confirmation.typed.as_ref().map(Outside::raw), confirmation.together.len()),
        (Some("90002"), 0)
    );
}

#[test]
fn the_same_target_twice_is_hit_once() {
    let mut play = scene();
    play.engine.accounts.insert(1050, "88213");
    play.press("space space space c");
    assert_eq!(bulk(&play).targets[1].state, State::Cannot("the same target as INC-1047".into()));
    assert_eq!(bulk(&play).wanted(), "freeze-account 2");
}

#[test]
fn what_the_caps_leave_no_room_for_is_counted_out_before_it_is_confirmed() {
    let mut play = scene();
    play.engine.room = Some(2);
    play.press("space space space c");
    assert_eq!(bulk(&play).targets[2].state, State::Cannot("only 2 more are allowed this hour".into()));
    assert_eq!(bulk(&play).wanted(), "freeze-account 2");
}

#[test]
fn where_signals_disagree_the_target_is_not_among_them() {
    let mut play = scene();
    play.engine.accounts.remove(&1050);
    play.engine.offers = vec!["90001", "90009"];
    play.press("space space space c");
    let State::Cannot(why) = &bulk(&play).targets[1].state else { panic!() };
    assert_eq!(why, "account must be said: contain it by itself");
}

#[test]
fn a_change_of_one_basis_takes_it_out_and_asks_again() {
    let mut play = typed();
    play.engine.by("bo", 1050, "14:03:30", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    let State::Cannot(why) = &bulk(&play).targets[1].state else { panic!() };
    assert_eq!(why, "it has changed: the owner was nobody, is now bo");
    assert_eq!(play.keys("enter"), [], "what was typed is void");
    play.typing("freeze-account 2");
    play.wait(600);
    assert_eq!(play.keys("enter").len(), 1);
}

#[test]
fn a_playbook_that_takes_one_or_needs_a_second_person_is_refused_in_words() {
    let barred = |play: &Play| match &bulk(play).step {
        Step::Choosing { offers, .. } => offers[0].barred.clone(),
        other => panic!("{other:?}"),
    };
    for (most, approvals, words) in [
        (1, 0, "it takes one target at a time (max_targets)"),
        (2, 0, "freeze-account takes 2 at once, not 3 (max_targets)"),
        (5, 1, "it needs a second person, for each by itself"),
    ] {
        let mut play = scene();
        let playbook = &mut play.engine.playbooks[0];
        (playbook.max_targets, playbook.approvals) = (most, approvals);
        play.tell(Message::Resumed);
        play.press("space space space c");
        assert_eq!(barred(&play).as_deref(), Some(words));
        assert_eq!(play.keys("enter"), []);
    }
}

#[test]
fn of_more_than_any_playbook_takes_none_is_asked_about() {
    let mut play = scene();
    for number in 2000..2007 {
        play.engine.put(incident(number, Severity::High, "14:03:00", &format!("one more {number}")));
    }
    play.poll();
    play.wait(2000);
    play.model.marks.ids = play.model.board.ranked().map(|it| it.id.clone()).collect();
    let all = marked(&play).len();
    assert!(all > 10);
    assert_eq!((play.keys("c"), play.model.prompt.clone()), (vec![], None));
    assert_eq!(play.toast(), format!("no playbook takes {all} at once: 10 at most; clear some marks"));
}

#[test]
fn hidden_marks_are_counted_listed_as_such_and_never_act_without_being_shown() {
    let mut play = scene();
    play.press("space space /");
    play.typing("sev:critical");
    play.press("enter");
    assert_eq!(play.model.marks.counted(&play.model.triage), (2, 1));
    assert_eq!(play.keys("a"), []);
    assert!(play.toast().starts_with("1 of 2 marked are hidden"), "{}", play.toast());
    play.press("c");
    let hidden: Vec<_> = bulk(&play).targets.iter().map(|it| (it.id.number(), it.hidden)).collect();
    assert_eq!(hidden, [(1047, false), (1050, true)]);
}

#[test]
fn marked_ones_are_acknowledged_and_nobody_elses() {
    let mut play = scene();
    play.engine.by("bo", 1050, "14:03:10", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    play.wait(2000);
    let effects = play.keys("space space space a");
    assert_eq!(effects.len(), 2);
    assert_eq!(marked(&play), [1050]);
    assert_eq!(play.toast(), "not done: INC-1050 is held by bo: take it over by itself");
    assert_eq!(play.model.board.get(&id(1051)).unwrap().owner.as_ref().unwrap().name, "ana");
}

#[test]
fn what_is_held_here_only_stays_to_be_read_when_the_last_of_the_marked_is_acknowledged() {
    let mut play = scene();
    let refused = |play: &mut Play, number: u64| {
        let receipt = Err(Refusal::new(RefusalKind::Refused, "404 not found"));
        play.tell(Message::AcknowledgedThere { id: id(number), receipt });
    };
    let effects = unanswered(&mut play, &["space", "space", "space", "a"]);
    assert_eq!(effects.len(), 3);
    let answer = |play: &mut Play, effect: &Effect| {
        let answer = play.engine.answer(effect, play.now).unwrap();
        play.tell(answer);
    };
    answer(&mut play, &effects[0]);
    refused(&mut play, 1047);
    effects[1..].iter().for_each(|effect| answer(&mut play, effect));
    let one = "INC-1047 is held here only, not at its source: 404 not found";
    assert_eq!(play.toast(), one);
    refused(&mut play, 1050);
    assert_eq!(play.toast(), format!("{one}; {}", one.replace("1047", "1050")));
    assert_eq!(play.model.toast.as_ref().unwrap().state, ToastState::Failed);
    assert!(play.model.marks.ids.is_empty());
}

#[test]
fn it_goes_on_when_it_is_looked_away_from_and_says_how_it_ended() {
    let mut play = typed();
    play.press("enter esc");
    assert_eq!(play.model.prompt, None);
    play.press("n");
    outcome(&mut play, 1047, Outcome::Accepted);
    outcome(&mut play, 1050, Outcome::Accepted);
    assert!(matches!(play.model.prompt, Some(Prompt::Text(_))), "nothing takes the line that is being typed");
    outcome(&mut play, 1051, Outcome::Accepted);
    assert_eq!((play.submitted(), marked(&play)), (3, vec![]));
    assert_eq!(play.toast(), "freeze-account: 3 of 3 accepted");
    assert_eq!(play.model.run, None);
}

#[test]
fn it_stops_after_the_one_under_way_when_that_is_asked_for() {
    let mut play = typed();
    play.press("enter s");
    outcome(&mut play, 1047, Outcome::Accepted);
    assert_eq!((play.submitted(), marked(&play)), (1, vec![1050, 1051]));
}

#[test]
fn a_refusal_that_would_meet_all_of_them_ends_it() {
    let mut play = typed();
    play.engine.refuse = Some(Refusal::new(RefusalKind::ReadOnly, "changes are off"));
    play.press("enter");
    assert_eq!(play.submitted(), 1);
    assert_eq!(
        bulk(&play).summary(),
        "freeze-account: 0 of 3 accepted; failed INC-1047; not begun INC-1050, INC-1051"
    );
    assert_eq!(marked(&play), [1047, 1050, 1051]);
}

#[test]
fn what_was_suspended_while_it_asked_is_not_answered_afterwards() {
    let mut play = typed();
    play.tell(Message::Resumed);
    assert_eq!(play.model.prompt, None);
    let mut begun = typed();
    begun.press("enter");
    begun.tell(Message::Resumed);
    assert!(matches!(bulk(&begun).step, Step::Running { .. }));
}

#[test]
fn a_late_answer_to_another_question_ends_none() {
    let refused = |number| Message::Found {
        id: id(number),
        applicable: Err(Refusal::new(RefusalKind::Unreachable, "the ledger is busy")),
    };
    let mut asking = typed();
    asking.tell(refused(1047));
    assert_eq!(bulk(&asking).wanted(), "freeze-account 3");
    asking.press("enter");
    asking.tell(refused(1047));
    outcome(&mut asking, 1047, Outcome::Accepted);
    assert_eq!(asking.submitted(), 2, "the rest is not dropped");
    let mut finding = scene();
    finding.press("space space space");
    let asked = finding.model.clone();
    finding.model.prompt = Some(Prompt::Bulk(Box::new(Bulk::new([(id(1047), false), (id(1050), false)]))));
    finding.tell(refused(1029));
    assert!(finding.model.prompt.is_some(), "it is none of them");
    finding.tell(refused(1050));
    assert_eq!(finding.model.prompt, asked.prompt);
}

#[test]
fn the_only_one_that_is_marked_loses_its_mark_once_it_is_accepted() {
    for (says, left) in [(Outcome::Accepted, vec![]), (Outcome::Refused, vec![1047])] {
        let mut play = scene();
        play.press("space c enter");
        play.typing("88213");
        play.wait(600);
        play.press("enter");
        assert_eq!(marked(&play), [1047], "nobody has answered");
        outcome(&mut play, 1047, says);
        assert_eq!(marked(&play), left, "{says:?}");
    }
}
