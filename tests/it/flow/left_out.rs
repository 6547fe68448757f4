//! What is over before its turn, when all that are marked are contained, is left out, and the sheet says so.

use super::bulk::{bulk, marked, scene};
use super::*;
use crate::support::play::playbook;
use quell::console::bulk::{State, Step};
use quell::console::hints::hints;
use quell::console::message::Message;
use quell::domain::action::Outcome;
use quell::domain::record::{CloseReason, Tied};

/// Somebody else merges it into 1029.
fn merged(play: &mut Play, number: u64) {
    play.engine.by("bo", number, "14:03:25", Entry::Tied(Tied::MergedInto { into: id(1029) }));
    play.poll();
}

fn closed(play: &mut Play, number: u64) {
    let note = Some(Outside::new("a test"));
    play.engine.by("bo", number, "14:03:30", Entry::Closed { reason: CloseReason::FalseAlarm, note });
    play.poll();
}

fn outcome(play: &mut Play, number: u64, outcome: Outcome) {
    play.engine.rule(number, "14:03:40", crate::support::play::answered(1, outcome, "so it said"));
    play.poll();
}

/// Three of them marked and confirmed: the first is under way.
fn confirmed() -> Play {
    let mut play = scene();
    play.press("space space space c");
    play.typing("freeze-account 3");
    play.wait(600);
    play.press("enter");
    assert_eq!(play.submitted(), 1);
    play
}

/// The word beside the key that contains, where it is named.
fn contains(play: &Play) -> Option<String> {
    hints(&play.model, play.now).into_iter().find(|(key, _)| key == "c").map(|(_, word)| word)
}

/// Three of them marked; nothing answers from then on.
fn asked() -> Play {
    let mut play = scene();
    play.press("space space space");
    play.silent = true;
    play.press("c");
    assert_eq!(bulk(&play).step, Step::Finding);
    play
}

/// The engine answers what is asked about this one.
fn answered(play: &mut Play, number: u64) {
    let answer = play.engine.answer(&Effect::FindApplicable(id(number)), play.now).unwrap();
    play.tell(answer);
}

/// The incidents a plan was asked for.
fn plans(play: &Play) -> Vec<u64> {
    let plan = |effect: &Effect| match effect {
        Effect::Plan { id, .. } => Some(id.number()),
        _ => None,
    };
    play.asked.iter().filter_map(plan).collect()
}

fn text(play: &Play) -> String {
    crate::screens::text(play)
}

#[test]
fn what_is_merged_while_it_is_asked_what_can_be_done_is_not_planned() {
    let mut play = asked();
    answered(&mut play, 1047);
    merged(&mut play, 1050);
    assert!(text(&play).contains("left out: INC-1050 merged into INC-1029"), "{}", text(&play));
    let refused = quell::backend::Refusal::new(quell::backend::RefusalKind::NotFound, "there is none");
    play.tell(Message::Found { id: id(1050), applicable: Err(refused) });
    assert_eq!((plans(&play), &bulk(&play).step), (vec![], &Step::Finding));
    play.silent = false;
    answered(&mut play, 1051);
    assert_eq!((plans(&play), marked(&play)), (vec![1047, 1051], vec![1047, 1051]));
    assert_eq!(bulk(&play).wanted(), "freeze-account 2");
    let shown = text(&play);
    assert!(shown.contains("✗ left out: merged into INC-1029"), "{shown}");
    assert!(shown.contains("contain 2 of the 3"), "{shown}");
}

#[test]
fn the_last_one_that_is_asked_about_being_over_leads_on_with_the_others() {
    let mut play = asked();
    answered(&mut play, 1047);
    answered(&mut play, 1051);
    closed(&mut play, 1050);
    assert_eq!(plans(&play), [1047, 1051]);
    assert!(text(&play).contains("left out: INC-1050 closed as false-alarm"), "{}", text(&play));
}

#[test]
fn where_all_are_over_it_ends_and_says_why() {
    let mut play = asked();
    closed(&mut play, 1047);
    merged(&mut play, 1050);
    assert!(play.model.prompt.is_some());
    closed(&mut play, 1051);
    assert_eq!((&play.model.prompt, plans(&play)), (&None, vec![]));
    let why = "INC-1047 closed as false-alarm; INC-1050 merged into INC-1029; INC-1051 closed as false-alarm";
    assert_eq!(play.toast(), format!("nothing is left to contain: {why}"));
}

#[test]
fn what_is_over_while_a_playbook_is_chosen_holds_none_back_and_moves_nothing() {
    let mut play = scene();
    let engine = &mut play.engine;
    engine.playbooks.insert(0, playbook("isolate", "Isolate"));
    (engine.playbooks[0].max_targets, engine.playbooks[1].max_targets) = (2, 5);
    play.tell(Message::Resumed);
    play.press("space space space c");
    let Step::Choosing { at: 1, offers, .. } = &bulk(&play).step else { panic!("{:?}", bulk(&play).step) };
    assert!(offers[0].barred.is_some());
    closed(&mut play, 1050);
    let Step::Choosing { at: 1, offers, .. } = &bulk(&play).step else { panic!("{:?}", bulk(&play).step) };
    assert_eq!((offers.len(), &offers[0].barred), (2, &None), "two are left");
    assert!(text(&play).contains("left out: INC-1050 closed as false-alarm"), "{}", text(&play));
    play.press("enter");
    assert_eq!(plans(&play), [1047, 1051]);
    play.press("esc");
    assert!(matches!(bulk(&play).step, Step::Choosing { at: 1, .. }));
    assert!(bulk(&play).targets[1].is_out(), "it stays out");
    closed(&mut play, 1047);
    closed(&mut play, 1051);
    assert_eq!(play.model.prompt, None);
    assert!(play.toast().starts_with("nothing is left to contain: "), "{}", play.toast());
}

#[test]
fn what_is_over_once_it_was_planned_voids_what_was_typed_and_is_not_sent() {
    let mut play = scene();
    play.press("space space space c");
    play.typing("freeze-account 3");
    play.wait(600);
    merged(&mut play, 1050);
    assert!(text(&play).contains("✗ left out: merged into INC-1029"), "{}", text(&play));
    assert_eq!(play.keys("enter"), [], "what was typed is void");
    play.typing("freeze-account 2");
    play.wait(600);
    play.press("enter");
    let Some(Effect::Submit { confirmation, .. }) = play.asked.last() else {
        panic!("{:?}", play.asked.last())
    };
    let left = [0, 2].map(|place: usize| bulk(&play).targets[place].plan().unwrap().hash.clone());
    assert_eq!(confirmation.together, left);
    assert!(text(&play).contains("was left out: merged into INC-1029"), "{}", text(&play));
}

#[test]
fn where_all_that_were_planned_are_over_the_sheet_stays_for_what_is_being_typed() {
    let mut play = scene();
    play.press("space space c");
    play.typing("freeze-acc");
    closed(&mut play, 1047);
    merged(&mut play, 1050);
    let shown = text(&play);
    for says in
        ["✗ left out: closed as false-alarm", "✗ left out: merged into INC-1029", "None of them can be"]
    {
        assert!(shown.contains(says), "{shown}");
    }
    play.typing("ount 2");
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    play.press("esc");
    assert_eq!(play.model.prompt, None);
}

#[test]
fn what_is_planned_late_for_one_that_is_left_out_does_not_bring_it_back() {
    let mut play = asked();
    [1047, 1050, 1051].into_iter().for_each(|number| answered(&mut play, number));
    assert_eq!(plans(&play), [1047, 1050, 1051]);
    merged(&mut play, 1050);
    let asked: Vec<Effect> =
        play.asked.iter().filter(|it| matches!(it, Effect::Plan { .. })).cloned().collect();
    for effect in asked {
        let answer = play.engine.answer(&effect, play.now).unwrap();
        play.tell(answer);
    }
    assert_eq!(bulk(&play).wanted(), "freeze-account 2");
    assert!(bulk(&play).targets[1].is_out());
}

#[test]
fn one_whose_own_containment_is_accepted_meanwhile_is_not_contained_again() {
    let mut play = scene();
    play.press("space c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter space");
    assert_eq!(marked(&play), [1047, 1050]);
    play.silent = true;
    play.press("c");
    let before = plans(&play);
    outcome(&mut play, 1047, Outcome::Accepted);
    assert!(text(&play).contains("left out: INC-1047 contained by itself"), "{}", text(&play));
    answered(&mut play, 1050);
    assert_eq!(plans(&play)[before.len()..], [1050]);
}

#[test]
fn what_is_in_review_is_left_out_although_an_unknown_outcome_keeps_it_on_triage() {
    let mut play = scene().in_review();
    play.engine.accounts.insert(1033, "90009");
    play.press("tab g c enter");
    play.typing("90009");
    play.wait(600);
    play.press("enter");
    outcome(&mut play, 1033, Outcome::Unknown);
    play.press("tab tab tab tab tab tab");
    play.wait(2000);
    play.press("g space space space");
    assert_eq!(marked(&play), [1033, 1047, 1050], "it stands on Triage");
    play.silent = true;
    let before = plans(&play);
    play.press("c");
    assert!(text(&play).contains("left out: INC-1033 closed as resolved"), "{}", text(&play));
    answered(&mut play, 1047);
    answered(&mut play, 1050);
    assert_eq!(plans(&play)[before.len()..], [1047, 1050]);
}

#[test]
fn what_is_over_while_it_waits_for_its_turn_is_not_sent() {
    let mut play = confirmed();
    closed(&mut play, 1050);
    let shown = text(&play);
    assert!(shown.contains("was left out: closed as false-alarm"), "{shown}");
    assert!(matches!(bulk(&play).targets[0].state, State::Submitted(_)), "what is under way goes on");
    outcome(&mut play, 1047, Outcome::Accepted);
    let Some(Effect::Submit { hash, confirmation }) = play.asked.last() else {
        panic!("{:?}", play.asked.last())
    };
    assert_eq!((play.submitted(), hash), (2, &bulk(&play).targets[2].plan().unwrap().hash));
    assert_eq!(confirmation.together.len(), 3, "as all of them were confirmed");
    outcome(&mut play, 1051, Outcome::Accepted);
    assert_eq!(bulk(&play).summary(), "freeze-account: 2 of 3 accepted; left out INC-1050");
}

#[test]
fn what_is_over_while_nobody_looks_is_not_sent_either_and_the_last_word_says_so() {
    let mut play = confirmed();
    play.press("esc");
    merged(&mut play, 1050);
    merged(&mut play, 1051);
    outcome(&mut play, 1047, Outcome::Accepted);
    assert_eq!((play.submitted(), &play.model.run), (1, &None));
    assert_eq!(play.toast(), "freeze-account: 1 of 3 accepted; left out INC-1050, INC-1051");
}

#[test]
fn what_loses_its_mark_once_all_are_confirmed_is_contained_all_the_same() {
    let mut play = confirmed();
    play.press("esc esc");
    assert_eq!(marked(&play), [0; 0]);
    outcome(&mut play, 1047, Outcome::Accepted);
    outcome(&mut play, 1050, Outcome::Accepted);
    assert_eq!(play.submitted(), 3);
}

#[test]
fn containing_is_named_only_where_a_playbook_contains_all_that_are_marked() {
    let mut play = scene();
    play.press("space space");
    assert_eq!(contains(&play).as_deref(), Some("contain 2 marked"));
    let usual = play.engine.playbooks.clone();
    play.engine.playbooks[0].when = "sev:critical".parse().unwrap();
    play.tell(Message::Resumed);
    assert_eq!(contains(&play), None, "it is none for INC-1050");
    // What applies to the others does not help.
    let mut other = playbook("isolate", "Isolate");
    (other.max_targets, other.when) = (5, "sev:high".parse().unwrap());
    play.engine.playbooks.push(other);
    play.tell(Message::Resumed);
    assert_eq!(contains(&play), None);
    play.press("esc g space");
    assert_eq!(contains(&play).as_deref(), Some("contain 1 marked"));
    for (most, approvals) in [(1, 0), (5, 1)] {
        play.engine.playbooks.clone_from(&usual);
        (play.engine.playbooks[0].max_targets, play.engine.playbooks[0].approvals) = (most, approvals);
        play.tell(Message::Resumed);
        assert_eq!(contains(&play).as_deref(), Some("contain 1 marked"), "by itself");
        play.press("space");
        assert_eq!(contains(&play), None, "none takes two");
        play.press("k space k");
        assert_eq!(marked(&play).len(), 1);
    }
}

#[test]
fn containing_is_not_named_while_others_are_being_contained() {
    let mut play = confirmed();
    play.press("esc");
    assert_eq!((marked(&play), contains(&play)), (vec![1047, 1050, 1051], None));
    play.press("c");
    assert_eq!(play.toast(), "a bulk is under way; it must end first");
}
