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
