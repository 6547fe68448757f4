//! From a key to a confirmed plan.

use super::*;
use crate::support::play::answered;
use quell::backend::{Confirmation, Receipt, Refusal, RefusalKind};
use quell::console::hints::hints;
use quell::console::message::Message;
use quell::console::page;
use quell::console::prompt::{Awaited, Confirm, Twice, Waiting};
use quell::domain::action::{Outcome, Settlement, Stage};
use quell::domain::playbook;

fn confirm(play: &Play) -> &Confirm {
    match &play.model.prompt {
        Some(Prompt::Confirm(confirm)) => confirm,
        other => panic!("{other:?}"),
    }
}

/// On the plan of freezing 88213, with the target typed and a moment passed.
fn typed() -> Play {
    let mut play = console().usual();
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play
}

#[test]
fn containing_goes_from_form_to_plan_to_typed_target_to_submit() {
    let mut play = console().usual();
    let effects = play.keys("c enter");
    assert!(matches!(&effects[0], Effect::FindApplicable(of) if *of == id(1047)));
    let Effect::Plan { verb, parameters, .. } = &effects[1] else { panic!("{effects:?}") };
    assert_eq!(*verb, Verb::Contain { playbook: "freeze-account".into() });
    assert_eq!(parameters["account"], Outside::new("88213"));
    play.typing("88213");
    play.wait(600);
    let effects = play.keys("enter");
    let [Effect::Submit { confirmation, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(
        *confirmation,
        Confirmation { typed: Some(Outside::new("88213")), twice: false, ..Confirmation::default() }
    );
    assert_eq!(play.model.prompt, None);
    assert_eq!(play.model.selected().unwrap().actions[&1].stage, Stage::Sent);
}

#[test]
fn the_final_enter_must_come_after_the_first_frame_and_after_a_pause() {
    let mut play = console().usual();
    play.press("c enter");
    play.typing("88213");
    for _ in 0..4 {
        // Enter held down: every repeat starts the pause again.
        play.now += chrono::TimeDelta::milliseconds(150);
        play.tell(Message::Pressed(quell::console::chord::Chord::parse("enter").unwrap()));
    }
    assert_eq!(play.submitted(), 0);
    assert_eq!(confirm(&play).guard.nudge.as_deref(), Some("press Enter again, after a breath"));
    assert_eq!(play.keys("enter").len(), 1);
}

#[test]
fn keys_before_the_first_frame_are_dropped() {
    let mut play = console().usual();
    play.press("c enter");
    let Some(Prompt::Confirm(confirm)) = &mut play.model.prompt else { panic!() };
    confirm.guard.drawn_at = None;
    for c in "88213".chars() {
        quell::console::update(
            &mut play.model,
            play.now,
            Message::Pressed(quell::console::chord::Chord::parse(&c.to_string()).unwrap()),
        );
    }
    assert!(self::confirm(&play).target.as_ref().unwrap().is_blank());
}

#[test]
fn a_wrong_target_and_a_pasted_one_do_not_count() {
    let mut play = console().usual();
    play.press("c enter");
    play.tell(Message::Pasted(Outside::new("88213\n")));
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    play.typing("88214");
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    assert_eq!(confirm(&play).guard.nudge.as_deref(), Some("what you typed is not the target, 88213"));
}

#[test]
fn the_target_of_a_form_is_typed_not_pasted() {
    let mut play = console().usual();
    play.engine.playbooks[0].target = Some("account".into());
    play.engine.offers = vec!["88213", "90001"];
    play.tell(Message::Resumed);
    play.press("c");
    for verb in [Verb::playbook("pd/resolve"), Verb::playbook("freeze-account")] {
        let Some(Prompt::Form(form)) = &mut play.model.prompt else { panic!() };
        (form.offered.verb, form.error) = (verb, None);
        play.tell(Message::Pasted(Outside::new("90001")));
        let Some(Prompt::Form(form)) = &play.model.prompt else { panic!() };
        assert!(form.fields[0].1.is_blank());
        assert_eq!(form.error, Some(Outside::new("pasting does not count for the target: type it")));
    }
    play.typing("9");
    let Some(Prompt::Form(form)) = &play.model.prompt else { panic!() };
    assert_eq!((form.fields[0].1.text().as_str(), &form.error), ("9", &None));
}

#[test]
fn typeahead_never_sends() {
    let mut play = console().usual();
    for _ in 0..3 {
        play.typing("c");
        for _ in 0..20 {
            play.tell(Message::Pressed(quell::console::chord::Chord::parse("enter").unwrap()));
        }
        play.typing("88213");
        play.tell(Message::Pressed(quell::console::chord::Chord::parse("enter").unwrap()));
    }
    assert_eq!(play.submitted(), 0);
}

#[test]
fn several_values_are_offered_and_none_is_filled_in() {
    let mut play = console().usual();
    play.engine.offers = vec!["88213", "90001"];
    play.press("c");
    assert_eq!(play.keys("enter"), []);
    let effects = play.keys("down down enter");
    let Some(Effect::Plan { parameters, .. }) = effects.last() else { panic!("{effects:?}") };
    assert_eq!(parameters["account"], Outside::new("90001"));
}

/// On the form of freezing 88213, which also asks for a desk and a number of stages.
fn typed_form() -> Play {
    let mut play = console().usual();
    let desk = "name = 'desk'\nkind = 'choice'\nchoices = ['fraud', 'compliance', 'compute']";
    let stages = "name = 'stages'\nkind = 'integer'\nmin = 1\nmax = 5";
    play.engine.parameters = [desk, stages].map(|toml| toml::from_str(toml).unwrap()).into();
    play.press("c");
    play
}

fn form(play: &Play) -> &quell::console::prompt::Form {
    match &play.model.prompt {
        Some(Prompt::Form(form)) => form,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_choice_is_taken_by_arrows_by_number_and_by_letter_and_by_nothing_else() {
    let mut play = typed_form();
    let desk = |play: &Play| form(play).fields[1].1.text();
    assert_eq!(form(&play).at, 1, "the first that is empty");
    for (keys, taken) in [
        ("right", "fraud"),
        ("right", "compliance"),
        ("left left", "compute"),
        ("2", "compliance"),
        ("c", "compute"),
        ("c", "compliance"),
        ("9", "compliance"),
        ("z", "compliance"),
        ("space", "compute"),
        ("space", "fraud"),
        ("backspace", ""),
        ("left", "compute"),
    ] {
        play.press(keys);
        assert_eq!(desk(&play), taken, "{keys}");
    }
    play.tell(Message::Pasted(Outside::new("support")));
    assert_eq!(desk(&play), "compute");
}

#[test]
fn what_will_not_do_is_said_beside_its_field_and_nothing_is_asked_of_the_engine() {
    let mut play = typed_form();
    assert_eq!(form(&play).said(1), None, "what is missing is not said before it was tried");
    play.press("right tab 6");
    assert_eq!(form(&play).said(2).as_deref(), Some("refused; it takes integer 1…5"), "as it is typed");
    assert_eq!(play.keys("enter"), []);
    play.press("shift-tab backspace");
    assert_eq!(play.keys("enter"), []);
    assert_eq!(form(&play).at, 2, "on any but the last line it goes on");
    assert_eq!(play.keys("enter"), []);
    assert_eq!(form(&play).at, 1, "the caret goes to the first that will not do");
    assert_eq!(form(&play).said(1).as_deref(), Some("needs a value: one of fraud, compliance, compute"));
    play.press("3 tab backspace 5");
    assert_eq!((form(&play).said(1), form(&play).said(2)), (None, None));
    let effects = play.keys("enter");
    let [Effect::Plan { parameters, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let values: Vec<&str> = parameters.values().map(Outside::raw).collect();
    assert_eq!(values, ["88213", "compute", "5"]);
}

#[test]
fn a_change_of_the_basis_disarms_and_shows_the_difference() {
    let mut play = typed();
    play.engine.by("bo", 1047, "14:03:30", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    assert_eq!(confirm(&play).differences, ["the owner was nobody, is now bo"]);
    let effects = play.keys("enter");
    assert!(matches!(effects.as_slice(), [Effect::Plan { .. }]), "{effects:?}");
    assert!(confirm(&play).differences.is_empty());
    assert_eq!(play.submitted(), 0);
}

#[test]
fn notes_do_not_disarm() {
    let mut play = typed();
    play.engine.by("bo", 1047, "14:03:30", Entry::Noted { text: Outside::new("looking") });
    play.poll();
    assert_eq!(play.keys("enter").len(), 1);
}

#[test]
fn a_refusal_because_it_changed_shows_the_differences() {
    let mut play = typed();
    let mut refusal = Refusal::new(RefusalKind::Changed, "it changed since it was planned");
    refusal.differences = vec!["the target's own record has changed".into()];
    play.engine.refuse = Some(refusal);
    play.press("enter");
    assert_eq!(confirm(&play).differences, ["the target's own record has changed"]);
    assert!(!confirm(&play).guard.sent);
}

#[test]
fn a_refused_value_goes_back_to_the_form() {
    let mut play = console().usual();
    play.press("c");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Refused, "account refuses \"*\""));
    play.press("enter");
    let Some(Prompt::Form(form)) = &play.model.prompt else { panic!() };
    assert_eq!(form.error, Some(Outside::new("account refuses \"*\"")));
}

fn unknown() -> Play {
    let mut play = typed();
    play.press("enter");
    play.engine.rule(1047, "14:03:40", answered(1, Outcome::Unknown, "no answer"));
    play.poll();
    play.wait(2000);
    play
}

#[test]
fn repeating_an_unknown_one_asks_about_twice() {
    let mut play = unknown();
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    assert_eq!(confirm(&play).twice, Twice::Asked);
    assert_eq!(play.keys("enter"), []);
    play.wait(600);
    let effects = play.keys("enter");
    assert!(
        matches!(effects.as_slice(), [Effect::Submit { confirmation, .. }] if confirmation.twice),
        "{effects:?}"
    );
}

#[test]
fn an_unknown_one_at_a_source_is_asked_about_twice_too() {
    let mut play = unknown();
    let mut plan = play.engine.incidents[&id(1047)].actions[&1].plan.clone();
    plan.verb = Verb::playbook("pd/note");
    plan.basis.earlier = vec![(1, Stage::Unknown)];
    let what = Awaited::Plan(plan.verb.clone());
    play.model.prompt = Some(Prompt::Waiting(Waiting { id: id(1047), what, back: None }));
    play.tell(Message::Planned { id: id(1047), plan: Ok(Box::new(plan)) });
    assert_eq!(confirm(&play).twice, Twice::Due);
}

#[test]
fn an_unknown_one_is_settled_by_a_note() {
    for (keys, found, stage) in [
        ("U enter", Settlement::ByHand, Stage::SettledByHand),
        ("U down enter", Settlement::NotDone, Stage::NotDone),
    ] {
        let mut play = unknown();
        play.press(keys);
        assert_eq!(play.keys("enter"), [], "it needs words");
        play.typing("the exchange's own console says so");
        let effects = play.keys("enter");
        let [Effect::Record { entry, .. }] = effects.as_slice() else { panic!("{effects:?}") };
        assert!(matches!(&**entry, Entry::Settled { action: 1, settlement, .. } if *settlement == found));
        let incident = play.model.selected().unwrap();
        assert!(!incident.has_unknown());
        assert_eq!(incident.actions[&1].stage, stage);
    }
}

#[test]
fn undoing_passes_the_same_gate() {
    let mut play = typed();
    play.press("enter");
    play.engine.rule(1047, "14:03:40", answered(1, Outcome::Accepted, "200"));
    let verified =
        Entry::Settled { action: 1, settlement: Settlement::Verified, detail: Outside::new("frozen") };
    play.engine.rule(1047, "14:03:41", verified);
    play.poll();
    play.wait(2000);
    play.press("u");
    assert!(matches!(confirm(&play).plan.verb, Verb::Undo { action: 1, .. }));
    play.typing("88213");
    play.wait(600);
    assert!(matches!(play.keys("enter").as_slice(), [Effect::Submit { .. }]));
}

#[test]
fn escalating_shows_the_packet_and_then_sends_it() {
    let mut play = console().usual();
    play.press("e");
    let effects = play.keys("enter");
    assert!(
        matches!(&effects[0], Effect::Plan { verb: Verb::Escalate { path, .. }, .. } if path == "incident")
    );
    play.wait(600);
    assert!(matches!(play.keys("enter").as_slice(), [Effect::Submit { .. }]));
    assert!(play.toast().starts_with("INC-1047 escalated"));
}

#[test]
fn a_suspension_leads_back_from_what_was_asked() {
    let mut play = typed();
    play.tell(Message::Resumed);
    assert!(matches!(&play.model.prompt, Some(Prompt::Form(_))), "what was typed stands");
    assert!(
        matches!(play.keys("enter").as_slice(), [Effect::Plan { .. }]),
        "a plan is made anew, none is sent"
    );
}

#[test]
fn a_bare_enter_has_the_same_guard() {
    let mut play = console().usual();
    play.engine.confirm = playbook::Confirm::Enter;
    play.press("c enter");
    assert_eq!(play.keys("enter"), []);
    play.wait(600);
    assert!(matches!(play.keys("enter").as_slice(), [Effect::Submit { .. }]));
}

#[test]
fn a_plan_that_does_not_fit_must_be_scrolled_to_its_end_first() {
    let mut play = console().usual().sized(60, 12);
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    assert_eq!(confirm(&play).guard.nudge.as_deref(), Some("there is more of it below: pgdn shows the rest"));
    let sheet = |play: &Play| page::prompt::sheet(&play.model, 60, play.now).unwrap();
    let foot = |play: &Play| sheet(play).foot.iter().map(page::Line::text).collect::<String>();
    let more = |play: &Play| hints(&play.model, play.now).iter().any(|(key, _)| key == "pgdn");
    assert!(more(&play) && foot(&play).contains("Read on, then type 88213"), "{}", foot(&play));
    // `end` is the field's.
    play.press(&"pgdn ".repeat(12));
    assert!(!more(&play) && foot(&play).contains("Type 88213 and press Enter"), "{}", foot(&play));
    assert_eq!(play.keys("enter").len(), 1);
}

#[test]
fn a_packet_that_does_not_fit_is_sent_without_scrolling() {
    let mut play = console().usual().sized(36, 9);
    play.press("e enter");
    play.wait(600);
    assert!(matches!(play.keys("enter").as_slice(), [Effect::Submit { .. }]));
}

#[test]
fn a_resize_starts_the_pause_again() {
    let mut play = typed();
    play.tell(Message::Resized { cols: 100, rows: 30 });
    assert_eq!(play.keys("enter"), []);
    play.wait(600);
    assert_eq!(play.keys("enter").len(), 1);
    let mut tiny = typed();
    tiny.tell(Message::Resized { cols: 10, rows: 3 });
    tiny.wait(600);
    assert_eq!(tiny.keys("enter enter"), []);
}

fn shown(play: &Play) -> &quell::console::prompt::Shown {
    match &play.model.prompt {
        Some(Prompt::Shown(shown)) => shown,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plan_is_only_looked_at_and_its_hash_is_copied() {
    let mut play = console().usual();
    play.press("c");
    let effects = play.keys("ctrl-p");
    assert!(matches!(effects.as_slice(), [Effect::Plan { .. }]), "{effects:?}");
    let hash = shown(&play).plan.hash.0.clone();
    play.typing("88213");
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    assert_eq!(play.keys("y"), [Effect::Copy(hash)]);
    play.press("esc");
    assert!(matches!(play.model.prompt, Some(Prompt::Form(_))));
    assert_eq!(play.submitted(), 0);
}

#[test]
fn the_plan_of_a_choice_is_looked_at_and_left_for_the_choice() {
    let mut play = console().usual();
    let second = crate::support::play::playbook("revoke", "Revoke all sessions");
    play.engine.playbooks.push(second);
    play.press("c");
    play.press("j p");
    assert_eq!(shown(&play).plan.verb, Verb::Contain { playbook: "revoke".into() });
    play.press("esc");
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!() };
    assert_eq!(choose.at, 1);
    play.engine.offers = vec!["88213", "90001"];
    play.press("esc c p");
    assert!(matches!(play.model.prompt, Some(Prompt::Form(_))), "a value is missing");
}

#[test]
fn the_plan_of_an_escalation_is_only_looked_at_too() {
    let mut play = console().usual();
    play.press("e p");
    assert!(matches!(shown(&play).plan.verb, Verb::Escalate { .. }));
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
}

#[test]
fn what_needs_a_second_person_says_so_and_nothing_of_having_been_done() {
    let mut play = console().usual();
    play.keys("c enter");
    let hash = confirm(&play).plan.hash.clone();
    let incident = play.model.selected().cloned().unwrap();
    let waits = Some(incident.moved_at + quell::domain::time::Span::mins(15).delta());
    let receipt = Receipt { incident: incident.into(), action: None, repeated: false, waits };
    play.tell(Message::Submitted { hash, receipt: Ok(Box::new(receipt)) });
    assert!(play.toast().contains("waits for a second person until"), "{}", play.toast());
    assert!(play.toast().ends_with("their A approves it"), "{}", play.toast());
    assert_eq!(play.model.prompt, None);
}
