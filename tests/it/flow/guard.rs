//! When a final Enter counts.

use super::*;
use quell::console::chord::Chord;
use quell::console::message::Message;

#[test]
fn an_enter_that_is_held_down_from_before_the_page_calls_nobody() {
    let mut play = console().usual();
    play.press("e enter");
    assert!(matches!(play.model.prompt, Some(Prompt::Confirm(_))), "{:?}", play.model.prompt);
    // As long as a terminal may wait before it repeats a key, then as fast as it does.
    for millis in [660, 40, 40, 40, 500] {
        play.now += chrono::TimeDelta::milliseconds(millis);
        play.tell(Message::Pressed(Chord::parse("enter").unwrap()));
    }
    assert_eq!(play.submitted(), 0);
    play.wait(1000);
    assert_eq!(play.keys("enter").len(), 1);
}

#[test]
fn a_clock_that_was_set_back_refuses_nothing_for_an_hour() {
    let mut play = console().usual();
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play.now -= chrono::TimeDelta::hours(1);
    assert_eq!(play.keys("enter").len(), 1, "{:?}", play.model.prompt);
}

#[test]
fn what_went_well_before_stands_not_below_the_next_question_and_again_behind_it() {
    let said = |play: &Play| play.model.said().map(|toast| toast.text.clone());
    let mut play = console().usual();
    play.press("a");
    let done = Some("you acknowledged INC-1047".to_owned());
    assert_eq!(said(&play), done);
    play.press("c enter");
    assert!(matches!(play.model.prompt, Some(Prompt::Confirm(_))), "{:?}", play.model.prompt);
    assert_eq!(said(&play), None);
    play.press("esc esc");
    assert_eq!((&play.model.prompt, said(&play)), (&None, done));
    play.press("/");
    assert!(said(&play).is_some(), "a filter asks nothing");
    play.press("esc");
    play.silent = true;
    play.press("R n");
    assert_eq!(said(&play), None, "nor what is under way");
    play.tell(Message::Refreshed(Ok(())));
    assert_eq!(said(&play).as_deref(), Some("every source is asked now"), "it came while that was asked");
    play.press("esc");
    play.tell(Message::Refreshed(Err(quell::backend::Refusal::new(
        quell::backend::RefusalKind::Unreachable,
        "the engine does not answer",
    ))));
    play.press("n");
    assert_eq!(said(&play).as_deref(), Some("the engine does not answer"), "nobody can have read it yet");
}
