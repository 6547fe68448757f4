//! A popup's button acknowledges its own incident, or says why not; what is repeated takes one line.

use super::*;
use quell::backend::{Refusal, RefusalKind};
use quell::console::message::Message;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::record::CloseReason;

/// What a press on the popup of this incident asks for.
fn pressed(play: &mut Play, number: u64) -> Vec<Effect> {
    let before = play.asked.len();
    play.tell(Message::PopupPressed(id(number)));
    let new = play.asked[before..].iter();
    new.filter(|effect| matches!(effect, Effect::Record { .. } | Effect::Refuse { .. })).cloned().collect()
}

fn refused(effects: &[Effect]) -> &str {
    let [Effect::Refuse { why, .. }] = effects else { panic!("{effects:?}") };
    why
}

#[test]
fn a_press_acknowledges_that_incident_whatever_is_selected_or_asked() {
    let mut play = console().usual();
    play.press("j");
    assert_ne!(play.selected(), 1051);
    play.press("n");
    play.typing("a note");
    let prompt = play.model.prompt.clone();
    let effects = pressed(&mut play, 1051);
    let [Effect::Record { id: of, entry, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((of, &**entry), (&id(1051), &Entry::Acknowledged { lasts_s: 1800, from: None }));
    assert_eq!(play.model.board.get(&id(1051)).unwrap().owner.as_ref().unwrap().name, "ana");
    assert_eq!(play.model.prompt, prompt);
    assert_eq!(play.toast(), "you acknowledged INC-1051, on the desktop");
}

#[test]
fn a_press_does_no_more_than_the_key_and_says_why() {
    let mut play = console().usual();
    play.engine.by("bo", 1047, "14:02:00", Entry::Acknowledged { lasts_s: 1800, from: None });
    let note = Some(Outside::new("a test of the pager"));
    let closed = Entry::Closed { reason: CloseReason::FalseAlarm, note };
    play.engine.by("bo", 1051, "14:02:01", closed);
    play.poll();
    assert_eq!(refused(&pressed(&mut play, 1047)), "bo holds INC-1047; a at the console takes it over");
    assert_eq!(play.toast(), "not acknowledged: bo holds INC-1047; a at the console takes it over");
    assert_eq!(refused(&pressed(&mut play, 1051)), "INC-1051 is in Closed: nobody needs to hold it any more");
    assert_eq!(refused(&pressed(&mut play, 9)), "INC-9 is not there any more");
}

#[test]
fn a_refusal_of_the_engine_is_said_where_it_was_pressed() {
    let mut play = console().usual();
    let effects = quell::console::update(&mut play.model, play.now, Message::PopupPressed(id(1047)));
    let Some(Effect::Record { token, .. }) = effects.first() else { panic!("{effects:?}") };
    let refusal = Refusal::new(RefusalKind::Refused, "bo holds it; taking over must name them");
    let answer = Message::Recorded { token: *token, incident: Err(refusal) };
    let effects = quell::console::update(&mut play.model, play.now, answer);
    let refuse =
        effects.into_iter().filter(|effect| matches!(effect, Effect::Refuse { .. })).collect::<Vec<_>>();
    assert!(refused(&refuse).contains("bo holds it"));
}

fn told(seq: u64, kind: NoticeKind, incident: Option<u64>) -> (u64, Notice) {
    (seq, Notice::new(kind, incident.map(id), Outside::new("look there")))
}

#[test]
fn what_is_told_again_stands_on_one_line_until_somebody_holds_it() {
    let mut play = console().usual();
    for (seq, notice) in [
        told(7, NoticeKind::NewCritical, Some(1047)),
        told(8, NoticeKind::Unacknowledged, Some(1047)),
        told(9, NoticeKind::Unacknowledged, Some(1047)),
    ] {
        play.notice(seq, "14:03:20", notice);
    }
    assert_eq!(play.model.banners.iter().map(|banner| banner.seq).collect::<Vec<_>>(), [9]);
    let (_, of_several) = told(10, NoticeKind::Unacknowledged, None);
    play.notice(10, "14:03:21", of_several.clone());
    assert_eq!(play.model.banners.iter().map(|banner| banner.seq).collect::<Vec<_>>(), [10]);
    let stands = |play: &Play| quell::console::banner::matters(&play.model, &of_several, play.now);
    assert!(stands(&play));
    pressed(&mut play, 1047);
    assert!(!stands(&play));
}

#[test]
fn a_terminal_that_says_nothing_of_its_focus_may_be_anywhere() {
    let watched = |play: &Play| match play.asked.iter().rev().find(|it| matches!(it, Effect::Deliver { .. }))
    {
        Some(Effect::Deliver { watched, .. }) => *watched,
        _ => panic!("nothing was delivered"),
    };
    let mut play = console().usual();
    for (seq, focus, expected) in [(7, None, false), (8, Some(true), true), (9, Some(false), false)] {
        focus.into_iter().for_each(|focused| play.tell(Message::Focused(focused)));
        play.press("j");
        play.notice(seq, "14:03:20", told(seq, NoticeKind::NewCritical, Some(1047)).1);
        assert_eq!(watched(&play), expected, "{focus:?}");
    }
    play.tell(Message::Focused(true));
    play.wait(61_000);
    play.notice(10, "14:03:20", told(10, NoticeKind::NewCritical, Some(1047)).1);
    assert!(!watched(&play), "nobody has pressed a key for a minute");
}
