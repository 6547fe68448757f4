//! The keys of questions and forms: what they are hinted at is what the help says of them, whatever was configured.

use super::*;
use quell::console::hints::{fitting, hints};
use quell::console::keymap::Keymap;
use quell::console::keymap::fixed::FIXED;

/// A hint's keys as the help writes them.
fn written(hint: &str) -> Vec<String> {
    let word = |key: &str| match key {
        "↑" => "up".to_owned(),
        "↓" => "down".to_owned(),
        "←" => "left".to_owned(),
        "→" => "right".to_owned(),
        key => key.to_owned(),
    };
    hint.split(' ').map(word).collect()
}

#[test]
fn every_key_a_question_hints_at_is_one_that_stays_as_it_is() {
    let fixed: Vec<&str> = FIXED.iter().flat_map(|(keys, _)| keys.split(' ')).collect();
    let asks = [
        "n",
        "c",
        "c p",
        "c enter",
        "e",
        "e f",
        "e enter",
        "z",
        "S",
        "C",
        "P",
        "P j enter",
        "L",
        "I",
        "K",
        "X",
        "D",
        "N",
        "x",
        "q",
        ":",
        "/",
        "m /",
        "l /",
        "H w",
        "B",
        "U",
        "a u",
        "t",
        "space space c",
        "space n",
        "space X",
        "space X j enter",
        "tab r",
        "tab i",
        "tab P",
        "o",
        "O",
        "b",
        "b enter",
    ];
    let mut seen = 0;
    for keys in asks {
        let mut play = console().usual().in_review();
        play.press(keys);
        if play.model.prompt.is_none() {
            continue;
        }
        seen += 1;
        for (key, word) in hints(&play.model, play.now) {
            // Letters are typed there: that is said as `a-z`.
            let known = |key: &String| fixed.contains(&key.as_str()) || key == "a-z";
            assert!(written(&key).iter().all(known), "{keys}: {key} {word}");
        }
    }
    assert!(seen > 20, "{seen} asked something");
}

#[test]
fn a_letter_that_was_given_to_a_command_is_text_in_a_question() {
    let mut play = console().usual();
    let changed = [("quit".to_owned(), vec![quell::console::chord::Chord::parse("e").unwrap()])];
    let free = [("escalate".to_owned(), Vec::new())];
    play.model.settings.keymap = Keymap::with(&changed.into_iter().chain(free).collect()).unwrap();
    play.press("n");
    play.typing("seen");
    assert!(matches!(&play.model.prompt, Some(Prompt::Text(text)) if text.field.text() == "seen"));
}

#[test]
fn every_letter_that_a_question_knows_is_one_of_those_that_stay_as_they_are() {
    use crate::support::repository;
    let all: Vec<&str> =
        FIXED.iter().flat_map(|(keys, says)| keys.split(' ').chain(says.split([' ', ',']))).collect();
    let is_known = |c: char| match c {
        ' ' => all.contains(&"space"),
        '0'..='9' => all.contains(&"0-9"),
        c => all.contains(&c.to_string().as_str()) || all.contains(&format!("ctrl-{c}").as_str()),
    };
    let asks = |file: &std::path::Path| {
        let file = file.to_string_lossy().replace('\\', "/");
        let parts = ["update/", "field", "guard.rs", "choosing.rs"];
        parts.iter().any(|part| file.contains(&format!("console/{part}")))
    };
    let mut seen = 0;
    for file in repository::files("src/console").into_iter().filter(|file| asks(file)) {
        let text = repository::text(&file);
        for key in text.split("Key::Char(").skip(1).filter(|rest| rest.starts_with('\'')) {
            let letters = key.split(')').next().unwrap_or_default().split('\'').skip(1).step_by(2);
            for letter in letters.filter_map(|letter| letter.chars().next()) {
                seen += 1;
                assert!(is_known(letter), "{}: {letter:?}", file.display());
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn whatever_the_room_the_keys_shown_are_those_of_all_that_fit() {
    let screens = [
        "",
        "j",
        "j j j",
        "space",
        "enter",
        "a",
        "s 1 h enter",
        "n",
        "tab",
        "L",
        "M",
        "S",
        "W",
        "?",
        "tab enter",
    ];
    let mut seen = 0;
    for keys in screens {
        for mut play in [console().usual(), console().usual().in_review()] {
            play.press(keys);
            let (model, now) = (&play.model, play.now);
            let owned = |(key, word): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
                (key.into_owned(), word.into_owned())
            };
            let all = hints(model, now);
            let wide: Vec<(String, String)> = fitting(model, now, 9999).into_iter().map(owned).collect();
            let (likely, ways) = wide.split_at(all.len());
            assert_eq!(likely, all, "{keys}");
            let once: std::collections::BTreeSet<_> = all.iter().map(|(key, _)| key).collect();
            assert_eq!(once.len(), all.len(), "{keys}: a key is named once: {all:?}");
            for cells in 1..300 {
                let mut left = cells + 2;
                let mut fits = |(key, word): &&(String, String)| {
                    let wide = key.chars().count() + 1 + word.chars().count() + 2;
                    let there = wide <= left;
                    left -= if there { wide } else { 0 };
                    there
                };
                let kept = ways.len().min(if cells < 60 { 1 } else { 2 });
                let last: Vec<_> = ways.iter().take(kept).filter(|hint| fits(hint)).collect();
                let mut fitted: Vec<_> = all.iter().filter(|hint| fits(hint)).collect();
                fitted.extend(last);
                fitted.extend(ways.iter().skip(kept).filter(|hint| fits(hint)));
                let fitted: Vec<(String, String)> = fitted.into_iter().cloned().collect();
                let shown: Vec<(String, String)> =
                    fitting(model, now, cells).into_iter().map(owned).collect();
                assert_eq!(shown, fitted, "{keys} in {cells} cells");
                seen += 1;
            }
        }
    }
    assert!(seen > 5000, "{seen}");
}
