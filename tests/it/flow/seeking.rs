//! Words looked for on a screen, and letters that are typed where no field was opened.

use super::*;
use quell::console::model::Screen;

fn found(play: &Play) -> Option<usize> {
    match &play.model.prompt {
        Some(Prompt::Seek { at, .. }) => *at,
        other => panic!("{other:?}"),
    }
}

/// An incident with so many notes, opened.
fn opened(notes: usize) -> Play {
    let mut play = console().usual();
    for n in 0..notes {
        let text = Outside::new(format!("note {n} of them"));
        play.engine.by("ana", 1047, "14:03:00", Entry::Noted { text });
    }
    play.poll();
    play.wait(2000);
    play.press("enter");
    play.wait(1000);
    play
}

fn page(play: &Play) -> Vec<String> {
    let lines = quell::console::page::of_screen(&play.model, 80, play.now);
    lines.iter().map(quell::console::page::Line::text).collect()
}

#[test]
fn words_are_found_in_the_page_and_enter_goes_on() {
    let mut play = opened(60);
    play.press("/");
    play.typing("NOTE 7 of");
    let (at, all) = (found(&play).unwrap(), page(&play));
    assert!(all[at].contains("note 7 of"), "{:?}", all[at]);
    let top = usize::from(play.model.screen.top());
    assert!((top..top + 18).contains(&at), "line {at} is not in sight of {top}");
    play.press("ctrl-u");
    play.typing("of them");
    let first = found(&play).unwrap();
    play.press("enter");
    let second = found(&play).unwrap();
    assert!(second > first && page(&play)[second].contains("of them"));
    play.press("up");
    assert_eq!(found(&play), Some(first));
    play.press("ctrl-u");
    play.typing("no such words");
    play.press("enter enter");
    assert!(matches!(play.model.screen, Screen::Incident { .. }));
    play.press("esc");
    assert_eq!(play.model.prompt, None, "where it was found is where one stays");
}

#[test]
fn no_letter_acts_while_words_are_looked_for_on_any_screen() {
    for keys in ["enter", "tab", "m", "s", "H", "M", "?", "l enter", "p", "l"] {
        let mut play = console().usual().in_review();
        play.engine.asks("bo", 1047, "14:03:00", "88213");
        play.poll();
        play.wait(2000);
        play.press(keys);
        let before = play.model.screen.clone();
        assert_eq!(play.keys("/ a c e D q X"), [], "{keys}");
        let same = std::mem::discriminant(&before) == std::mem::discriminant(&play.model.screen);
        let typed = match &play.model.prompt {
            Some(Prompt::Seek { field, .. } | Prompt::Find(field)) => field.text(),
            other => panic!("{keys}: {other:?}"),
        };
        assert!(same && typed == "aceDqX", "{keys}: {typed}");
    }
}

#[test]
fn on_lists_the_cursor_goes_to_what_has_the_words() {
    let mut play = console().usual().in_review();
    let mut other = incident(1034, Severity::High, "09:00:00", "Webhooks came twice");
    other.opening.service = Outside::new("webhooks");
    play.engine.put(other);
    let note = Some(Outside::new("mended"));
    let reason = quell::domain::record::CloseReason::Resolved;
    play.engine.by("bo", 1034, "09:41:00", Entry::Closed { reason, note });
    play.poll();
    play.wait(2000);
    play.press("tab");
    for (words, number) in [("sign-in", 1033), ("twice", 1034), ("inc-1033", 1033)] {
        play.press("/");
        play.typing(words);
        assert_eq!(play.selected(), number, "{words}");
        play.press("esc");
    }
}

#[test]
fn letters_that_follow_a_field_that_was_not_opened_do_nothing() {
    let mut play = console().usual();
    play.press("m n");
    assert!(play.toast().starts_with("no incident is selected"), "{}", play.toast());
    play.typing("q");
    let why = play.toast().to_owned();
    assert!(
        why.starts_with("no incident is selected") && why.ends_with("what you typed was not taken"),
        "{why}"
    );
    play.typing("restart gateway a");
    assert_eq!(play.toast(), why, "said once, and the reason stays");
    assert_eq!(play.model.screen, Screen::Monitors { top: 0 }, "it went back, and acted there");
    assert_eq!(play.keys("enter"), []);
    assert_eq!(play.model.screen, Screen::Monitors { top: 0 });
    play.press("q");
    assert_eq!(play.model.screen, Screen::Triage, "after enter a key is a key");
    play.press("m n");
    play.wait(1200);
    play.press("q");
    assert_eq!(play.model.screen, Screen::Triage, "and after a pause");
    play.press("m n esc");
    assert_eq!(play.model.screen, Screen::Triage, "esc is no letter");
}
