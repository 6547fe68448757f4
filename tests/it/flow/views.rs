//! Saved views, and keys that are text where text is typed.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::support::play::told_by_mail;
use quell::console::chord::Chord;
use quell::console::command::TABLE;
use quell::console::keymap::Keymap;
use quell::console::message::Message;
use quell::console::model::Screen;
use quell::console::views::View;
use quell::domain::query::Query;

fn saved() -> Play {
    let mut play = console().usual();
    let view =
        |key, name: &str, filter| View { key, name: name.into(), filter: Query::parse(filter).unwrap() };
    play.model.settings.views = vec![view(1, "mine", "holder:me"), view(2, "high", "sev:high")];
    play.engine.by("ana", 1029, "14:00:00", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.engine.by("bo", 1050, "14:00:00", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    play.wait(2000);
    play
}

#[test]
fn a_digit_shows_its_view_and_once_more_everything() {
    let mut play = saved();
    play.press("1");
    assert_eq!((play.rows(), play.model.triage.view), (vec![1029], Some(1)));
    play.press("2");
    assert_eq!((play.rows(), play.model.triage.view), (vec![1051, 1050], Some(2)));
    play.press("2");
    assert_eq!((play.rows().len(), play.model.triage.view), (4, None));
    play.press("m 1");
    assert_eq!((&play.model.screen, play.rows()), (&Screen::Triage, vec![1029]), "from anywhere");
    play.press("0");
    assert_eq!((play.rows().len(), play.model.triage.filter()), (4, None));
    play.press("1 / backspace backspace");
    assert_eq!(play.model.triage.view, None, "what is changed is that view no more");
    play.press("esc 7");
    assert!(play.toast().contains("add a [[view]] with key = 7 to "), "{}", play.toast());
}

#[test]
fn a_verb_right_after_a_view_does_not_hit_what_slid_under_the_cursor() {
    let mut play = saved();
    assert_eq!(play.selected(), 1047);
    play.press("1");
    assert_eq!(play.selected(), 1029);
    assert_eq!(play.keys("a"), []);
    assert!(play.toast().contains("press again"), "{}", play.toast());
    play.wait(800);
    assert_eq!(play.keys("a").len(), 1);
}

#[test]
fn the_palette_lists_saved_views_by_their_names_and_no_others() {
    let mut play = saved();
    play.press(":");
    play.typing("mine");
    let sheet = quell::console::page::prompt::sheet(&play.model, 80, play.now).unwrap();
    let first = sheet.body[0].text();
    assert!(first.contains("view-1") && first.contains("mine: holder:me"), "{first}");
    play.press("ctrl-u");
    play.typing("view-9");
    let sheet = quell::console::page::prompt::sheet(&play.model, 80, play.now).unwrap();
    assert!(!sheet.body[0].text().contains("view-9"));
}

/// Where text is typed: the keys that lead there.
const TEXTS: [&str; 24] = [
    "/",
    ":",
    "n",
    "l /",
    "H w",
    "N",
    "a B",
    "L",
    "I",
    "I 1 enter",
    "K tab tab",
    "P enter w",
    "X j enter",
    "c",
    "c enter",
    "c ctrl-s",
    "e f",
    "b enter tab",
    "enter /",
    "tab /",
    "m /",
    "? /",
    "r",
    "i",
];

/// Keys that ask for something elsewhere, and any others.
fn typing() -> impl Strategy<Value = String> {
    let bound: Vec<char> = TABLE
        .iter()
        .flat_map(|row| row.keys)
        .filter_map(|key| Chord::parse(key)?.text())
        .filter(|c| *c != ' ')
        .collect();
    let one = prop_oneof![3 => prop::sample::select(bound), 1 => prop::char::range('!', '~'), 1 => Just('é')];
    prop::collection::vec(one, 1..20).prop_map(|all| all.into_iter().collect())
}

/// The letters of the table given to other commands.
fn other_keys() -> Keymap {
    let swapped =
        [("quit", "a"), ("acknowledge", "q"), ("back", "n"), ("note", "esc"), ("close", "j"), ("down", "X")];
    let keys = |key: &str| vec![Chord::parse(key).unwrap()];
    Keymap::with(
        &swapped.map(|(name, key)| (name.to_owned(), keys(key))).into_iter().collect::<BTreeMap<_, _>>(),
    )
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn where_text_is_typed_a_key_is_a_letter(typed in typing(), place in 0..TEXTS.len(), remapped: bool) {
        let mut play = console().usual();
        play.engine.bulletins = told_by_mail();
        play.tell(Message::Resumed);
        play.press(TEXTS[place]);
        // Letters that come with the key that asks for a waiver waive nothing.
        play.wait(300);
        let before = play.model.clone();
        prop_assert!(before.prompt.is_some(), "{}", TEXTS[place]);
        if remapped {
            play.model.settings.keymap = other_keys();
        }
        let asked = play.asked.len();
        for c in typed.chars() {
            play.tell(Message::Pressed(Chord::parse(&c.to_string()).unwrap()));
        }
        let is = |prompt: &Option<Prompt>| prompt.as_ref().map(std::mem::discriminant);
        prop_assert_eq!(is(&play.model.prompt), is(&before.prompt), "{} left by {}", TEXTS[place], typed);
        let shown = format!("{:?}", play.model.prompt);
        let wanted = format!("{typed:?}");
        prop_assert!(shown.contains(wanted.trim_matches('"')), "{wanted} is not in {shown}");
        let is = |screen: &Screen| std::mem::discriminant(screen);
        prop_assert_eq!(is(&play.model.screen), is(&before.screen));
        prop_assert!(TEXTS[place] == "/" || play.model.triage.filter().is_none());
        prop_assert_eq!(&play.model.marks, &before.marks);
        let new: Vec<_> = play.asked[asked..].iter().filter(|it| matches!(it, Effect::Record { .. } | Effect::Quit | Effect::Submit { .. } | Effect::Plan { .. })).collect();
        prop_assert!(new.is_empty(), "{new:?}");
    }
}
