//! Every command has another key: no place names an old one.

use std::collections::BTreeMap;

use quell::console::chord::Chord;
use quell::console::command::{Command, TABLE};
use quell::console::keymap::Keymap;
use quell::console::model::Screen;
use quell::console::prompt::Prompt;

use super::places::PLACES;
use super::play::Play;
use super::{HARMLESS, seen};

/// A key that means nothing yet for every command, and which it has instead of which.
fn others() -> (Keymap, BTreeMap<Chord, Chord>) {
    let keys =
        ["f1", "f2", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12", "insert", "delete", "left"];
    let held = ["shift-", "ctrl-", "alt-", "ctrl-alt-", "ctrl-shift-", "alt-shift-", "ctrl-alt-shift-"];
    let mut free =
        held.iter().flat_map(|held| keys.map(|key| Chord::parse(&format!("{held}{key}")).unwrap()));
    let (mut changed, mut instead) = (BTreeMap::new(), BTreeMap::new());
    for entry in TABLE {
        let key = free.next().unwrap();
        changed.insert(entry.name.to_owned(), vec![key]);
        instead.extend(entry.keys.iter().map(|old| (Chord::parse(old).unwrap(), key)));
    }
    (Keymap::with(&changed).unwrap(), instead)
}

/// Presses keys by what they mean: within questions and forms they are as they were.
fn press(play: &mut Play, instead: &BTreeMap<Chord, Chord>, keys: &str) {
    for key in keys.split_whitespace() {
        let key = match instead.get(&Chord::parse(key).unwrap()) {
            Some(other) if play.model.prompt.is_none() => other.to_string(),
            _ => key.to_owned(),
        };
        play.press(&key);
    }
}

/// Words that are an old key where a key would stand: a letter by itself, or anything in parentheses.
fn old(shown: &str, instead: &BTreeMap<Chord, Chord>) -> Vec<String> {
    let is_key = |word: &str| Chord::parse(word).is_some_and(|chord| instead.contains_key(&chord));
    let in_brackets = |word: &&str| {
        let word = word.trim_end_matches([',', '.', ';']);
        let word = word.strip_prefix('(').and_then(|word| word.strip_suffix(')'));
        // A number there counts something.
        word.is_some_and(|word| is_key(word) && !word.chars().all(char::is_numeric))
    };
    let alone = |before: &str, word: &str| {
        let word = word.trim_end_matches([',', '.', ';', ':', ')']).trim_start_matches('(');
        // An article, the first person, and how many there are; behind a number stands a unit.
        !["a", "I", "N"].contains(&word)
            && !before.ends_with(char::is_numeric)
            && word.len() == 1
            && word.chars().all(char::is_alphabetic)
            && is_key(word)
    };
    let words: Vec<&str> = shown.split_whitespace().collect();
    let found = words.windows(2).filter(|pair| in_brackets(&pair[1]) || alone(pair[0], pair[1]));
    found.map(|pair| pair.join(" ")).collect()
}

#[test]
fn no_place_names_a_key_that_was_given_to_nothing() {
    let (keymap, instead) = others();
    let mut wrong = Vec::new();
    for (cols, rows) in [(80, 24), (120, 60)] {
        let mut play = Play::new(HARMLESS, cols, rows);
        play.model.settings.keymap = keymap.clone();
        for (place, keys) in PLACES {
            press(&mut play, &instead, keys);
            if play.model.prompt.is_none() {
                let shown = seen(&play);
                for word in old(&shown, &instead) {
                    wrong.push(format!("{place} names {word}:\n{shown}"));
                }
            }
            for _ in 0..8 {
                let back = if play.model.prompt.is_some() { "esc" } else { "q" };
                if play.model.prompt.is_some() || play.model.screen != Screen::Triage {
                    press(&mut play, &instead, back);
                    if play.model.prompt.as_ref().is_some_and(Prompt::holds_text) {
                        play.press("y");
                    }
                }
            }
            let laid_over = !play.model.marks.ids.is_empty() || play.model.triage.filter().is_some();
            press(&mut play, &instead, if laid_over { "q g" } else { "g" });
            assert!(play.model.prompt.is_none(), "after {place}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_taken_back_and_left_by_another_key_than_esc() {
    let (keymap, instead) = others();
    let back = keymap.takes_back().to_owned();
    assert_eq!(back, keymap.key(Command::Back));
    let mut play = Play::new(HARMLESS, 80, 24);
    play.model.settings.keymap = keymap;
    press(&mut play, &instead, "space");
    assert!(!play.model.marks.ids.is_empty());
    play.press(&back);
    assert!(play.model.marks.ids.is_empty() && play.model.prompt.is_none(), "it takes back");
    play.press(&back);
    assert!(play.model.prompt.is_some(), "and then asks to leave");
}
