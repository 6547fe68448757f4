//! Several records under way at once: each answer is about the one it names.

use super::*;
use quell::backend::{Refusal, RefusalKind};
use quell::console::chord::Chord;
use quell::console::message::Message;
use quell::console::model::ToastState;
use quell::console::update;

/// Presses keys on an engine that does not answer yet; returns what was to be written down.
pub fn unanswered(play: &mut Play, keys: &[&str]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys {
        play.now += chrono::TimeDelta::milliseconds(300);
        effects.extend(update(&mut play.model, play.now, Message::Pressed(Chord::parse(key).unwrap())));
    }
    effects.retain(|effect| matches!(effect, Effect::Record { .. }));
    effects
}

fn one(effects: Vec<Effect>) -> Effect {
    let Ok([effect]) = <[Effect; 1]>::try_from(effects) else { panic!("one is written down") };
    effect
}

fn refused(play: &mut Play, effect: &Effect, why: &str) {
    let Effect::Record { token, .. } = effect else { panic!("{effect:?}") };
    let incident = Err(Refusal::new(RefusalKind::Refused, why));
    play.tell(Message::Recorded { token: *token, incident });
}

fn written(play: &mut Play, effect: &Effect) {
    let answer = play.engine.answer(effect, play.now).unwrap();
    play.tell(answer);
}

/// A note and an acknowledgement of the same incident, neither answered.
fn note_and_acknowledgement(play: &mut Play) -> (Effect, Effect) {
    let note = one(unanswered(play, &["n", "o", "k", "enter"]));
    let acknowledgement = one(unanswered(play, &["a"]));
    (note, acknowledgement)
}

#[test]
fn a_refused_acknowledgement_is_not_taken_for_the_note_under_way() {
    let mut play = console().usual();
    let (note, acknowledgement) = note_and_acknowledgement(&mut play);
    refused(&mut play, &acknowledgement, "bo was faster");
    assert_eq!(play.model.prompt, None, "the note is not asked again");
    assert_eq!(play.toast(), "bo was faster");
    written(&mut play, &note);
    assert_eq!(play.toast(), "bo was faster", "it stays to be read");
}

#[test]
fn a_refused_note_is_asked_again_though_an_acknowledgement_went_through() {
    let mut play = console().usual();
    let (note, acknowledgement) = note_and_acknowledgement(&mut play);
    written(&mut play, &acknowledgement);
    refused(&mut play, &note, "the disk is full");
    let Some(Prompt::Text(text)) = &play.model.prompt else { panic!("the note is lost") };
    assert_eq!(text.field.text(), "ok");
}

#[test]
fn what_is_said_to_be_done_is_what_was_answered() {
    let mut play = console().usual();
    let (note, acknowledgement) = note_and_acknowledgement(&mut play);
    written(&mut play, &note);
    assert_eq!(play.toast(), "noted on INC-1047");
    written(&mut play, &acknowledgement);
    assert_eq!(play.toast(), "you acknowledged INC-1047");
    assert_eq!(play.model.toast.as_ref().unwrap().state, ToastState::Done);
}

#[test]
fn what_follows_one_form_waits_for_that_form() {
    let mut play = console().usual();
    let first = one(unanswered(&mut play, &["K", "l", "tab", "tab", "s", "ctrl-s"]));
    let note = one(unanswered(&mut play, &["n", "o", "k", "enter"]));
    let before = play.asked.len();
    written(&mut play, &note);
    assert!(
        !play.asked[before..].iter().any(|effect| matches!(effect, Effect::Record { .. })),
        "the note answers nothing of the form"
    );
    written(&mut play, &first);
    assert_eq!(verbs::recorded(&records(&play, before)).len(), 1);
}

fn records(play: &Play, from: usize) -> Vec<Effect> {
    play.asked[from..].iter().filter(|effect| matches!(effect, Effect::Record { .. })).cloned().collect()
}

#[test]
fn a_note_on_a_marked_incident_is_not_its_acknowledgement() {
    let mut play = console().usual();
    let note = one(unanswered(&mut play, &["n", "o", "k", "enter"]));
    let acknowledgements = unanswered(&mut play, &["space", "space", "a"]);
    assert_eq!(acknowledgements.len(), 2);
    written(&mut play, &note);
    assert_eq!(play.model.marks.ids.len(), 2, "neither is acknowledged yet");
    for effect in &acknowledgements {
        written(&mut play, effect);
    }
    assert!(play.model.marks.ids.is_empty());
    assert_eq!(play.toast(), "you acknowledged all that were marked");
}
