//! The form of an escalation: steps of one's own, a step again, items filled in by hand, the packet copied.

use super::*;
use quell::backend::{Refusal, RefusalKind};
use quell::console::escalation::EscalationForm;
use quell::domain::escalation::Step;
use quell::domain::record::PathArmed;
use quell::domain::time::Span;

fn form(play: &Play) -> &EscalationForm {
    match &play.model.prompt {
        Some(Prompt::Escalation(form)) => form,
        other => panic!("{other:?}"),
    }
}

fn opened() -> Play {
    let mut play = console().usual();
    play.press("e f");
    play
}

fn step(after: u64, to: &str) -> Step {
    Step { after: Span::mins(after), to: vec![to.to_owned()] }
}

/// What sending it asks for.
fn verb(play: &mut Play) -> Verb {
    match play.keys("ctrl-s").as_slice() {
        [Effect::Plan { verb, .. }] => verb.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_form_asks_for_the_packet_and_begins_at_what_is_missing() {
    let mut play = console().usual();
    let effects = play.keys("e f");
    assert!(effects.iter().any(|it| matches!(it, Effect::ReadPacket { path, .. } if path == "incident")));
    assert_eq!(form(&play).at, 3, "two steps and adding one stand before it");
    assert_eq!(verb(&mut play), Verb::escalate("incident"));
}

#[test]
fn what_goes_out_by_itself_is_said_as_it_is() {
    use quell::domain::record::{PathStopped, StepStarted};
    let said = |play: &Play| {
        let sheet = quell::console::page::prompt::sheet(&play.model, 120, play.now).unwrap();
        sheet.body.iter().map(|line| line.text() + "\n").collect::<String>()
    };
    let mut play = opened();
    assert!(said(&play).contains("nothing goes out by itself"), "{}", said(&play));
    assert!(
        said(&play).contains("Plan to confirm: step 1 to inc-room, now, 1 more by itself"),
        "{}",
        said(&play)
    );
    let armed = |path: &str| {
        let steps = vec![step(0, "inc-room"), step(5, "pd-platform")];
        Entry::PathArmed(PathArmed { path: path.into(), steps })
    };
    play.engine.rule(1047, "14:03:20", armed("incident"));
    let begun = StepStarted { path: "incident".into(), step: 1, resumes: false, missing: Vec::new() };
    play.engine.rule(1047, "14:03:20", Entry::StepStarted(begun));
    play.poll();
    assert!(said(&play).contains("goes on by itself until somebody acknowledges"), "{}", said(&play));
    // Its signals clear, and another path goes on.
    let because = quell::domain::escalation::Stopped::Cleared;
    play.engine.rule(1047, "14:03:25", Entry::PathStopped(PathStopped { path: "incident".into(), because }));
    play.engine.rule(1047, "14:03:25", armed("security"));
    play.poll();
    assert!(said(&play).contains("stopped: its signals went away"), "{}", said(&play));
    assert!(said(&play).contains("security goes on by itself: step 1"), "{}", said(&play));
    // Who holds it is called to, and nobody after that one.
    play.engine.by("bo", 1047, "14:03:26", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    assert!(!said(&play).contains("more by itself"), "{}", said(&play));
}

#[test]
fn an_item_filled_in_by_hand_is_written_down_and_shown_with_who_said_it() {
    let mut play = opened();
    play.typing("eu-1 only");
    let effects = play.keys("enter");
    let Some(Effect::Record { entry, .. }) = effects.first() else { panic!("{effects:?}") };
    let expected = Entry::PacketFilled { item: "impact scope".into(), value: Outside::new("eu-1 only") };
    assert_eq!(**entry, expected);
    let item = form(&play).item("impact scope").unwrap();
    assert!(item.values[0].whence.words().starts_with("ana "), "{}", item.values[0].whence.words());
    assert!(form(&play).typed.is_empty());
}

#[test]
fn an_item_that_could_not_be_written_down_still_goes_out() {
    let mut play = opened();
    play.engine.refuse = Some(Refusal::new(RefusalKind::Unreachable, "no room on the disk"));
    play.typing("eu-1");
    let effects = play.keys("ctrl-s");
    let [Effect::Record { .. }, Effect::Plan { .. }] = effects.as_slice() else { panic!("{effects:?}") };
    play.press("esc");
    let effects = play.keys("ctrl-s");
    let Some(Effect::Plan { parameters, .. }) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(parameters["impact scope"], Outside::new("eu-1"));
}

#[test]
fn steps_are_edited_added_and_deleted() {
    let mut play = opened();
    // Up to the second step: another channel; then the first one's delay.
    play.press("up up right up backspace backspace 2 m enter");
    assert_eq!(form(&play).steps, [step(2, "inc-room"), step(5, "inc-room")]);
    play.press("a left");
    assert_eq!(form(&play).steps[2], step(10, "pd-platform"));
    play.press("up d");
    let steps = vec![step(2, "inc-room"), step(10, "pd-platform")];
    assert_eq!(form(&play).steps, steps);
    let own = Verb::Escalate { path: "incident".into(), step: None, steps: Some(steps) };
    assert_eq!(verb(&mut play), own);
    // Back in the form with all of it, and not out of it without a question.
    play.press("esc");
    assert_eq!(form(&play).steps.len(), 2);
    play.press("esc x");
    assert_eq!(form(&play).steps.len(), 2);
    play.press("esc y");
    assert_eq!(play.model.prompt, None);
}

#[test]
fn a_delay_that_is_none_says_so_and_keeps_the_line() {
    let mut play = opened();
    play.press("up up 5 x enter");
    assert!(form(&play).error.is_some() && form(&play).editing.is_some());
    assert_eq!(form(&play).steps[1], step(5, "pd-platform"));
}

#[test]
fn a_step_is_sent_again_and_the_steps_of_a_running_path_stand() {
    let mut play = console().usual();
    let steps = vec![step(0, "inc-room"), step(5, "pd-platform")];
    play.engine.rule(1047, "14:01:22", Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    play.poll();
    play.press("e f up up up");
    play.press("d right");
    assert_eq!(form(&play).steps.len(), 2);
    assert!(form(&play).error.as_ref().unwrap().raw().contains("runs"), "{:?}", form(&play).error);
    play.press("up up up r");
    assert_eq!(verb(&mut play), Verb::Escalate { path: "incident".into(), step: Some(1), steps: None });
}

#[test]
fn the_steps_shown_are_those_it_is_armed_with() {
    let mut play = console().usual();
    let steps = vec![step(0, "inc-room"), step(30, "pd-platform")];
    let armed = PathArmed { path: "incident".into(), steps: steps.clone() };
    play.engine.rule(1047, "14:01:22", Entry::PathArmed(armed));
    play.poll();
    play.press("e f");
    assert_eq!(form(&play).steps, steps);
    // Acknowledged and expired since: what is left counts anew, and its distance stays what it was.
    play.press("esc a e f");
    assert_eq!(form(&play).steps, steps);
}

#[test]
fn the_packet_and_the_id_are_copied() {
    let mut play = opened();
    let effects = play.keys("ctrl-y");
    let [Effect::Copy(text)] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(text.contains("ord-7f3a91 [label order_id of OrderGatewayDown]"), "{text}");
    assert!(play.toast().contains("sent to the terminal"), "{}", play.toast());
    play.press("esc");
    assert_eq!(play.keys("y"), [Effect::Copy("INC-1047".into())]);
}

#[test]
fn what_does_not_fit_under_a_choice_is_scrolled_to() {
    let mut play = console().usual();
    play.tell(quell::console::message::Message::Resized { cols: 40, rows: 12 });
    play.press("e");
    let hidden = |play: &Play| {
        let regions = quell::console::layout::regions(play.model.size).unwrap();
        let sheet = quell::console::page::prompt::sheet(&play.model, 40, play.now).unwrap();
        let (lines, rows) = sheet.extent(&regions);
        lines.saturating_sub(usize::from(rows)).saturating_sub(usize::from(sheet.top))
    };
    let all = hidden(&play);
    assert!(all > 8, "{all} lines below");
    let keys = quell::console::hints::fitting(&play.model, play.now, 80);
    assert!(keys.contains(&("pgdn".into(), "more".into())), "{keys:?}");
    play.press("pgdn");
    assert_eq!(hidden(&play), all - 8);
    play.press("pgdn pgdn pgdn pgdn");
    assert_eq!(hidden(&play), 0);
    play.press("pgup");
    assert_eq!(hidden(&play), 8, "one key back is one key on");
    play.press("pgdn j k");
    assert_eq!(hidden(&play), all, "another choice begins at its top");
}

#[test]
fn a_path_that_is_begun_again_says_so_and_at_which_step_it_is() {
    use quell::domain::escalation::Receipt;
    use quell::domain::record::{StepSent, StepStarted};
    let mut play = console().usual();
    let path = || "incident".to_owned();
    let steps = vec![step(0, "inc-room"), step(5, "pd-platform")];
    play.engine.rule(1047, "14:01:22", Entry::PathArmed(PathArmed { path: path(), steps }));
    let send = |play: &mut Play, number: u32, clock: &str| {
        let started = StepStarted { path: path(), step: number, resumes: false, missing: Vec::new() };
        play.engine.rule(1047, clock, Entry::StepStarted(started));
        let receipt = Receipt { channel: "inc-room".into(), accepted: true, detail: Outside::new("200") };
        let sent = StepSent { path: path(), step: number, receipts: vec![receipt] };
        play.engine.rule(1047, clock, Entry::StepSent(sent));
        play.poll();
    };
    let said = |play: &Play| {
        let page = quell::console::page::detail::page(&play.model, 100, 30, play.now);
        let lines = page.iter().map(quell::console::page::Line::text);
        lines.filter(|line| line.contains("Escalation")).collect::<String>()
    };
    send(&mut play, 1, "14:01:23");
    assert!(said(&play).contains("Escalation incident 1/2 · next pd-platform 14:06:22Z"), "{}", said(&play));
    send(&mut play, 2, "14:02:00");
    assert!(said(&play).contains("Escalation incident 2/2"), "{}", said(&play));
    play.engine.by("ana", 1047, "14:02:10", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.engine.by("ana", 1047, "14:03:00", Entry::HandedBack { because: None });
    send(&mut play, 1, "14:03:01");
    let again = "Escalation incident begun again, at step 2 of 2 · next pd-platform 14:08:00Z";
    assert!(said(&play).contains(again), "{}", said(&play));
}

#[test]
fn what_is_handed_back_goes_on_at_a_step_that_is_named() {
    let mut play = console().usual();
    let steps = vec![step(2, "inc-room"), step(5, "pd-platform")];
    play.engine.rule(1047, "14:01:22", Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    play.engine.by("ana", 1047, "14:02:10", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.engine.by("ana", 1047, "14:03:00", Entry::HandedBack { because: None });
    play.poll();
    let page = quell::console::page::detail::page(&play.model, 100, 30, play.now);
    let said =
        page.iter().map(quell::console::page::Line::text).find(|line| line.contains("Escalation")).unwrap();
    assert!(
        said.starts_with(" Escalation incident goes on at step 1 of 2 · next inc-room 14:03:00Z"),
        "{said}"
    );
}

#[test]
fn a_form_that_does_not_fit_says_how_to_go_on_and_does() {
    let mut play = opened();
    let more = |play: &Play| {
        let keys = quell::console::hints::hints(&play.model, play.now);
        keys.contains(&("pgdn".into(), "more".into()))
    };
    assert!(!more(&play), "all of it is on the screen");
    play.tell(quell::console::message::Message::Resized { cols: 40, rows: 12 });
    assert!(more(&play));
    let last = |play: &Play| {
        let incident = play.model.board.get(&form(play).id).unwrap().clone();
        form(play).spots(&incident).len() - 1
    };
    play.press("pgup pgup pgup");
    assert_eq!(form(&play).at, 0);
    play.press("pgdn");
    assert_eq!(form(&play).at, 4);
    play.press("pgdn pgdn pgdn pgdn");
    assert_eq!(form(&play).at, last(&play));
}

#[test]
fn how_many_are_affected_needs_a_number_or_why_there_is_none() {
    let mut play = opened();
    let place = form(&play).names().iter().position(|name| name == "affected users").unwrap();
    for _ in 0..place {
        play.press("down");
    }
    play.typing("xyz");
    assert_eq!(play.keys("enter"), []);
    let why = "write a number, a range like 100..150, or: unknown because …";
    assert_eq!(form(&play).error.as_ref().map(Outside::raw), Some(why));
    assert!(form(&play).editing.is_some(), "it waits for a better one");
    assert_eq!(play.keys("ctrl-s"), [], "nothing leaves with it either");
    play.press("ctrl-u");
    play.typing("about 500");
    let effects = play.keys("enter");
    let Some(Effect::Record { entry, .. }) = effects.first() else { panic!("{effects:?}") };
    let item = "affected users".to_owned();
    assert_eq!(**entry, Entry::PacketFilled { item, value: Outside::new("about 500") });
}

#[test]
fn the_packet_is_not_copied_before_what_is_typed_is_in_it_and_that_is_said() {
    let mut play = opened();
    play.typing("eu-1");
    assert_eq!(play.keys("ctrl-y"), []);
    let why = "enter first: what you type here is not in the packet yet";
    assert_eq!(form(&play).error.as_ref().map(Outside::raw), Some(why));
    assert_eq!(form(&play).editing.as_ref().map(|(field, _)| field.text()).as_deref(), Some("eu-1"));
    play.press("enter");
    assert!(matches!(play.keys("ctrl-y").as_slice(), [Effect::Copy(text)] if text.contains("eu-1")));
}
