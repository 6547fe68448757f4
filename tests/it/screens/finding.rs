//! Finding: the palette, the filter as it is typed, a saved view, what has just changed, and a footer with room.

use super::*;
use quell::console::views::View;
use quell::domain::query::Query;

/// In every look, and large.
fn everywhere(name: &str, act: impl Fn(&mut Play)) {
    for (look, shot) in looks(|cols, rows| {
        let mut play = night_at(80, 24);
        act(&mut play);
        play.sized(cols, rows)
    }) {
        insta::assert_snapshot!(format!("{name}_{look}"), shot);
    }
}

#[test]
fn the_palette() {
    everywhere("palette", |play| play.press(": c o"));
    everywhere("palette_chosen", |play| play.press(": c o down down"));
    everywhere("palette_barred", |play| play.press(": l o n g e r enter"));
    everywhere("palette_words", |play| play.press(": m e r g e space down down"));
}

#[test]
fn the_filter_as_it_is_typed() {
    everywhere("finder", |play| play.press("/"));
    everywhere("finder_values", |play| play.press("/ s e r v i c e : down"));
    everywhere("finder_wrong", |play| play.press("/ l o d : x space s e v : h i g h"));
    everywhere("finder_letters", |play| play.press("/ g t w y"));
}

#[test]
fn a_saved_view_and_what_has_changed() {
    everywhere("view", |play| {
        let filter = Query::parse("sev:critical -is:acked").unwrap();
        play.model.settings.views = vec![View { key: 1, name: "unclaimed".into(), filter }];
        play.press("1");
    });
    everywhere("changed", |play| {
        play.engine.by("bo", 1050, "14:03:40", Entry::Noted { text: Outside::new("looking") });
        play.engine.put(incident(1060, Severity::High, "14:03:40", "Withdrawals are slow"));
        play.poll();
    });
}

#[test]
fn words_on_a_page_and_a_screen_that_says_which_quell_it_is() {
    everywhere("seek", |play| play.press("enter / s e v e r i t y"));
    let last = |cols| {
        let mut play = night_at(cols, 24);
        play.model.settings.build = "0.1.0 3fa9c2d1".into();
        play.press("?");
        let drawn = frame(&play, &COLOUR);
        (0..cols).map(|x| drawn[(x, 23)].symbol()).collect::<String>()
    };
    assert!(last(200).trim_end().ends_with("quell 0.1.0 3fa9c2d1"), "{}", last(200));
    assert!(!last(36).contains("quell"), "{}", last(36));
}

#[test]
fn the_last_line_is_filled_with_whole_words_and_ends_with_the_ways_to_all() {
    for cols in (36..=240).step_by(12) {
        for keys in ["", "j j", "enter", "s", "l", "tab", "space"] {
            let mut play = night_at(cols, 24);
            play.press(keys);
            let hints = quell::console::hints::fitting(&play.model, play.now, usize::from(cols) - 1);
            let words: Vec<String> = hints.iter().map(|(key, word)| format!("{key} {word}")).collect();
            let all = words.join("  ");
            let drawn = frame(&play, &COLOUR);
            let last: String = (0..cols).map(|x| drawn[(x, 23)].symbol()).collect();
            assert_eq!(last.trim(), all, "{cols} {keys}");
            let narrow = cols <= 60 && all.ends_with("? keys");
            assert!(narrow || all.ends_with("? keys  : all"), "{cols} {keys}: {all}");
        }
    }
    let mut play = night_at(200, 60);
    play.press("j");
    let line = quell::console::hints::fitting(&play.model, play.now, 199);
    for key in ["n", "L", "I", "P", "X", "x", "D", "N", "H"] {
        assert!(line.iter().any(|(it, _)| it == key), "{key}: {line:?}");
    }
}
