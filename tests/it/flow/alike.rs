//! A note on all that are marked, and closing them: asked once, written down one by one.

use super::recording::unanswered;
use super::*;
use quell::backend::{Refusal, RefusalKind};
use quell::console::message::Message;
use quell::console::page;
use quell::console::prompt::Picked;
use quell::domain::id::IncidentId;
use quell::domain::record::CloseReason;
use quell::domain::tie::Seen;

/// What was asked to be written down, and of which.
fn written(effects: &[Effect]) -> Vec<(u64, Entry)> {
    let one = |effect: &Effect| match effect {
        Effect::Record { id, entry, .. } => Some((id.number(), (**entry).clone())),
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

fn marked(play: &Play) -> Vec<u64> {
    play.model.marks.ids.iter().map(IncidentId::number).collect()
}

/// What is asked: its title, then all else.
fn asked(play: &Play) -> (String, String) {
    let sheet = page::prompt::sheet(&play.model, 100, play.now).unwrap();
    let lines: Vec<String> = sheet.body.iter().chain(&sheet.foot).map(page::Line::text).collect();
    (sheet.title, lines.join("\n"))
}

fn closes(reason: CloseReason, note: Option<&str>) -> Entry {
    Entry::Closed { reason, note: note.map(Outside::new) }
}

/// Chooses a reason to close and goes on to its words.
fn closing(play: &mut Play, reason: CloseReason) {
    play.press("X");
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    let place = choose.choices.iter().position(|it| it.picked == Picked::Reason(reason)).unwrap();
    let (from, key) = (choose.at, if place < choose.at { "k" } else { "j" });
    for _ in 0..from.abs_diff(place) {
        play.press(key);
    }
    play.press("enter");
}

#[test]
fn a_note_on_all_that_are_marked_is_asked_once_and_written_down_about_each() {
    let mut play = console().usual();
    play.press("space j space n");
    let (title, says) = asked(&play);
    assert_eq!(title, "note on all 2 that are marked");
    assert!(says.contains("INC-1047, INC-1051"), "{says}");
    assert_eq!(play.keys("enter"), [], "a note needs words");
    play.typing("provider told");
    let note = || Entry::Noted { text: Outside::new("provider told") };
    assert_eq!(written(&play.keys("enter")), [(1047, note()), (1051, note())]);
    assert_eq!(play.toast(), "you wrote the note on all that were marked");
    assert_eq!(marked(&play), [0u64; 0]);
}

#[test]
fn what_a_note_could_not_be_written_on_stays_marked() {
    let mut play = console().usual();
    play.press("space space n");
    play.typing("provider told");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Unreachable, "the ledger is busy"));
    assert_eq!(written(&play.keys("enter")).len(), 2);
    assert_eq!(marked(&play).len(), 1, "one was written");
    let still = marked(&play)[0];
    let (title, says) = asked(&play);
    assert_eq!(title, format!("note on INC-{still}"));
    let why = format!("not done: INC-{still}: the ledger is busy");
    assert!(says.contains("provider told") && says.contains(&why), "{says}");
    let note = Entry::Noted { text: Outside::new("provider told") };
    assert_eq!(written(&play.keys("enter")), [(still, note)]);
    assert_eq!((play.toast(), marked(&play)), ("you wrote the note on all that were marked", vec![]));
}

#[test]
fn what_closes_all_that_are_marked_comes_back_with_its_words_for_what_could_not_be_closed() {
    let mut play = console().usual();
    play.press("space space");
    closing(&mut play, CloseReason::FalseAlarm);
    play.typing("a test");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Unreachable, "the ledger is busy"));
    play.press("enter");
    let left = marked(&play);
    assert!(!left.is_empty());
    let Some(Prompt::Text(text)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(text.field.text(), "a test");
    assert_eq!(text.together.iter().map(|seen| seen.id.number()).collect::<Vec<_>>(), left);
    let closed = |number| (number, closes(CloseReason::FalseAlarm, Some("a test")));
    assert_eq!(written(&play.keys("enter")), left.iter().copied().map(closed).collect::<Vec<_>>());
    assert_eq!(marked(&play), [0u64; 0]);
}

#[test]
fn a_line_with_words_means_all_that_are_marked_as_its_key_does() {
    let line = |typed: &str| {
        let mut play = console().usual();
        play.press("space j space j :");
        play.typing(typed);
        let title = asked(&play).0;
        assert!(title.ends_with("── all 2 marked"), "{title}");
        (written(&play.keys("enter")), play)
    };
    let note = || Entry::Noted { text: Outside::new("provider told") };
    assert_eq!(line("note provider told").0, [(1047, note()), (1051, note())]);
    let closed = || closes(CloseReason::FalseAlarm, Some("a test"));
    assert_eq!(line("close false-alarm a test").0, [(1047, closed()), (1051, closed())]);
    let (put_off, play) = line("snooze 30m the deploy");
    let of: Vec<u64> = put_off.iter().map(|(number, _)| *number).collect();
    assert_eq!((of, play.toast()), (vec![1047, 1051], "you snoozed all that were marked"));
    let (none, play) = line("snooze 30m");
    assert!(none.is_empty() && asked(&play).1.contains("with a reason only"), "{}", asked(&play).1);
    let (none, play) = line("close resolved");
    assert!(none.is_empty() && asked(&play).1.contains("resolve it by itself"), "{}", asked(&play).1);
}

#[test]
fn a_line_says_why_nothing_is_done_to_what_is_marked() {
    let mut play = console().usual();
    play.engine.by("bo", 1047, "14:03:10", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    play.wait(2000);
    play.press("space :");
    play.typing("close duplicate it is the same");
    assert_eq!(written(&play.keys("enter")), []);
    assert!(asked(&play).1.contains("bo holds it; close it by itself"), "{}", asked(&play).1);
}

#[test]
fn of_many_that_could_not_be_done_the_first_are_named_and_the_rest_is_counted() {
    let mut play = console().usual();
    for number in 2000..3000 {
        play.engine.put(incident(number, Severity::Normal, "14:03:00", &format!("one of many {number}")));
    }
    play.poll();
    play.wait(2000);
    play.press("space space n");
    play.typing("provider told");
    let everything: Vec<_> = play.model.board.ranked().cloned().collect();
    let all = everything.len();
    play.model.marks.ids = everything.iter().map(|it| it.id.clone()).collect();
    if let Some(Prompt::Text(text)) = &mut play.model.prompt {
        text.together = everything.iter().map(|it| Seen::of(it)).collect();
    }
    let effects = unanswered(&mut play, &["enter"]);
    assert_eq!(effects.len(), all);
    for effect in effects {
        let Effect::Record { token, .. } = effect else { continue };
        let refusal = Refusal::new(RefusalKind::Unreachable, "the ledger is busy");
        play.tell(Message::Recorded { token, incident: Err(refusal) });
    }
    let Some(Prompt::Text(text)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!((text.together.len(), text.field.text().as_str()), (all, "provider told"));
    let error = text.error.clone().unwrap();
    assert!(error.ends_with(&format!("and {} more", all - 5)) && error.len() < 300, "{error}");
}

#[test]
fn all_that_are_marked_are_closed_for_one_reason_that_is_said_once() {
    let mut play = console().usual();
    play.press("space space");
    closing(&mut play, CloseReason::FalseAlarm);
    let (title, says) = asked(&play);
    assert_eq!(title, "close all 2 that are marked: false-alarm");
    assert!(says.contains("2 of them still fire: say in words why they end all the same"), "{says}");
    assert_eq!(play.keys("enter"), [], "this needs words");
    play.typing("a test");
    let closed = || closes(CloseReason::FalseAlarm, Some("a test"));
    assert_eq!(written(&play.keys("enter")), [(1047, closed()), (1050, closed())]);
    assert_eq!((play.toast(), marked(&play)), ("you closed all that were marked", vec![]));
}

#[test]
fn what_others_hold_or_needs_its_own_words_is_not_closed_with_the_rest_and_stays_marked() {
    let mut play = console().usual();
    play.engine.by("bo", 1050, "14:03:10", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    play.wait(2000);
    // Something is being contained on this one.
    play.press("j c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter g");
    play.wait(2000);
    play.press("space space space");
    let all = marked(&play);
    assert_eq!(all, [1047, 1050, 1051]);
    closing(&mut play, CloseReason::Duplicate);
    let (_, says) = asked(&play);
    assert!(says.contains("stays INC-1050: bo holds it; close it by itself"), "{says}");
    play.typing("one and the same");
    let closed = closes(CloseReason::Duplicate, Some("one and the same"));
    assert_eq!(written(&play.keys("enter")), [(1047, closed)]);
    assert_eq!(marked(&play), [1050, 1051]);
    assert!(play.toast().starts_with("not done: INC-1050: bo holds it"), "{}", play.toast());
}

#[test]
fn nothing_is_resolved_together_because_each_needs_its_own_checklist() {
    let mut play = console().usual();
    play.press("space space");
    closing(&mut play, CloseReason::Resolved);
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(choose.error.as_deref(), Some("each needs its own checklist: resolve it by itself"));
    assert_eq!(asked(&play).0, "close all 2 that are marked");
}

#[test]
fn one_that_somebody_takes_meanwhile_stays_open() {
    let mut play = console().usual();
    play.press("space space");
    closing(&mut play, CloseReason::FalseAlarm);
    play.typing("a test");
    play.engine.by("bo", 1050, "14:03:24", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    let closed = written(&play.keys("enter"));
    assert_eq!(closed, [(1047, closes(CloseReason::FalseAlarm, Some("a test")))]);
    assert_eq!(marked(&play), [1050]);
}

#[test]
fn other_verbs_act_on_the_selected_incident() {
    let mut play = console().usual();
    play.press("space space");
    let selected = play.model.selected_id().cloned();
    play.press("I");
    assert_eq!(play.model.prompt.as_ref().and_then(Prompt::id), selected.as_ref());
}

#[test]
fn what_is_contained_loses_its_mark_whatever_else_was_refused_meanwhile() {
    let mut play = console().usual();
    play.press("space c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Unreachable, "the ledger is busy"));
    play.press("a");
    assert_eq!((play.toast(), marked(&play)), ("not done: INC-1047: the ledger is busy", vec![1047]));
    let accepted = quell::domain::action::Outcome::Accepted;
    play.engine.rule(1047, "14:03:40", crate::support::play::answered(1, accepted, "so it said"));
    play.poll();
    assert_eq!(marked(&play), [0u64; 0]);
}

#[test]
fn a_key_that_is_held_down_on_what_is_marked_does_not_mean_the_selected_one_as_well() {
    let mut play = console().usual();
    play.press("space space g j j");
    assert_eq!((marked(&play), play.selected()), (vec![1047, 1050], 1051));
    for _ in 0..20 {
        play.now += chrono::TimeDelta::milliseconds(33);
        play.tell(Message::Pressed(quell::console::chord::Chord::parse("a").unwrap()));
    }
    let of: Vec<u64> = written(&play.asked).into_iter().map(|(number, _)| number).collect();
    assert_eq!((of, marked(&play)), (vec![1047, 1050], vec![]));
    play.wait(1000);
    assert_eq!(written(&play.keys("a")).len(), 1, "who lets it go means the selected one");
}

#[test]
fn a_key_that_comes_again_soon_says_of_another_incident_that_it_did_nothing_about_it() {
    let mut play = console().usual();
    play.press("space space g j j a");
    assert_eq!((play.selected(), play.toast()), (1051, "you acknowledged all that were marked"));
    assert_eq!(written(&play.keys("a")), []);
    assert_eq!(play.toast(), "INC-1051 was not marked: let the key go for a second, then press it again");
    play.wait(1000);
    assert_eq!(written(&play.keys("a")).len(), 1);
}

#[test]
fn a_key_that_comes_again_soon_says_nothing_of_what_was_marked() {
    let mut play = console().usual();
    play.press("space g a");
    assert_eq!(play.selected(), 1047);
    assert_eq!(written(&play.keys("a")), []);
    assert_eq!(play.toast(), "you acknowledged all that were marked");
}

#[test]
fn why_something_was_not_done_stays_to_be_read_when_the_key_comes_again() {
    let mut play = console().usual();
    play.press("space a");
    let receipt = Err(Refusal::new(RefusalKind::Refused, "404 not found"));
    play.tell(Message::AcknowledgedThere { id: id(1047), receipt });
    play.press("a a");
    let said = "INC-1047 is held here only, not at its source: 404 not found; \
                INC-1050 was not marked: let the key go for a second, then press it again";
    assert_eq!(play.toast(), said);
}

#[test]
fn what_is_closed_while_it_is_asked_about_all_is_left_out_and_said() {
    let mut play = console().usual();
    play.press("space space X");
    let end = |play: &mut Play, number| {
        play.engine.by("bo", number, "14:03:30", closes(CloseReason::FalseAlarm, Some("a test")));
        play.poll();
    };
    play.press("esc space X");
    assert_eq!(marked(&play).len(), 3);
    let all = marked(&play);
    end(&mut play, all[0]);
    let (title, says) = asked(&play);
    assert_eq!(title, "close all 2 that are marked");
    assert!(says.contains(&format!("left out: INC-{} closed as false-alarm", all[0])), "{says}");
    play.press("esc");
    closing(&mut play, CloseReason::FalseAlarm);
    let (_, says) = asked(&play);
    assert!(says.contains("2 of them still fire"), "{says}");
    play.typing("a test");
    end(&mut play, all[1]);
    let (title, says) = asked(&play);
    assert_eq!(title, format!("close INC-{}: false-alarm", all[2]));
    assert!(says.contains("one of them still fires") && says.contains("> a test"), "{says}");
    assert!(says.contains(&format!("left out: INC-{} closed as false-alarm", all[1])), "{says}");
    // Where none is left, what was typed stays and nothing is written.
    end(&mut play, all[2]);
    assert_eq!(written(&play.keys("enter")), []);
    assert_eq!(play.toast(), "none of them is marked any more: nothing was written");
    assert!(asked(&play).1.contains("> a test"));
}
