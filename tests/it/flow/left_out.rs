//! What is over before all that are marked are confirmed is left out, and the sheet says so.

use super::bulk::{bulk, marked, scene};
use super::*;
use crate::support::play::playbook;
use quell::console::bulk::Step;
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
    let (before, accepted) = (plans(&play), crate::support::play::answered(1, Outcome::Accepted, "200"));
    play.engine.rule(1047, "14:03:40", accepted);
    play.poll();
    assert!(text(&play).contains("left out: INC-1047 contained by itself"), "{}", text(&play));
    answered(&mut play, 1050);
    assert_eq!(plans(&play)[before.len()..], [1050]);
}
