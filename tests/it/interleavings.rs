//! Whatever comes between the keys, and whenever: a person acts only on what was shown, and rows hold still.

mod frame;
mod play;
mod polls;
mod steps;

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::Serialize;
use serde::de::DeserializeOwned;

use play::Play;
use steps::{Step, step, wait};

/// The model is written and read once in so many steps.
const WRITTEN: usize = 8;

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> T {
    let text = serde_json::to_string(value).unwrap();
    let read = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(read == *value, "{value:?}\nwas read back as\n{read:?}");
    read
}

#[test]
fn nothing_that_comes_between_the_keys_leads_to_another_target() {
    let (submitted, recorded) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: 64, failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    let steps = prop::collection::vec((step(), wait()), 80);
    let outcome = TestRunner::new(config).run(&steps, |steps| {
        let mut play = Play::new();
        for (count, (step, wait)) in steps.iter().enumerate() {
            play.go(step, *wait);
            if count % WRITTEN == 0 {
                // Played on from what was written: a recorded session is the session.
                play.model = round_trip(&play.model);
            }
        }
        submitted.set(submitted.get() + play.submitted);
        recorded.set(recorded.get() + play.recorded);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(submitted.get() > 0 && recorded.get() > 0, "nothing was ever done: {submitted:?}, {recorded:?}");
}

#[test]
fn the_stroke_that_was_refused_does_not_send_again() {
    let mut play = Play::new();
    let answer = |play: &mut Play| {
        while !play.asked.is_empty() {
            play.go(&Step::Answer(0), 0);
        }
    };
    play.go(&Step::Tick, 1000);
    for key in ["e", "enter"] {
        answer(&mut play);
        play.key(key);
    }
    answer(&mut play);
    play.target(false);
    play.go(&Step::Enter, 600);
    assert_eq!(play.submitted, 1, "{:?}", play.model.prompt);
    play.go(&Step::Refusal(0, false), 10);
    play.go(&Step::Enter, 20);
    assert_eq!(play.submitted, 1, "a key that bounced sent it again");
    play.go(&Step::Enter, 300);
    assert_eq!(play.submitted, 2);
}
