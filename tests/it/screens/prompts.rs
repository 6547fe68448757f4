//! Every prompt.

use super::*;

/// A prompt at every size and in every look.
fn everywhere(name: &str, keys: &str) {
    everywhere_after(name, |play| play.press(keys));
}

fn everywhere_after(name: &str, act: impl Fn(&mut Play)) {
    let at = |cols, rows| {
        let mut play = night_at(80, 24);
        act(&mut play);
        play.sized(cols, rows)
    };
    insta::assert_snapshot!(format!("{name}_80x24"), shot(&at(80, 24), &COLOUR));
    insta::assert_snapshot!(format!("{name}_120x40"), shot(&at(120, 40), &COLOUR));
    insta::assert_snapshot!(format!("{name}_40x12"), shot(&at(40, 12), &COLOUR));
    insta::assert_snapshot!(format!("{name}_mono"), shot(&at(80, 24), &MONO));
    insta::assert_snapshot!(format!("{name}_ascii"), shot(&at(80, 24), &ASCII));
}

#[test]
fn local_verbs() {
    everywhere("note", "n g w - 2");
    everywhere("impact", "I m a n y enter");
    everywhere("severity", "S");
    everywhere("phase", "P");
    everywhere("waiver", "P enter");
    everywhere("close", "X");
    everywhere("take_over", "j j j j a");
    everywhere("explain", "x");
    everywhere("leave", "q");
    everywhere("find", "/ s e v : l o u d");
}

#[test]
fn contain() {
    everywhere("contain_form", "j j c");
    everywhere("contain_plan", "j j c enter 8 8 2");
    everywhere_after("contain_values", |play| {
        play.engine.offers = vec!["88213", "90001"];
        play.press("j j c down");
    });
    everywhere_after("contain_disarmed", |play| {
        play.press("j j c enter");
        play.engine.by("bo", 1051, "14:03:30", Entry::Acknowledged { lasts_s: 1800, from: None });
        play.poll();
    });
    everywhere_after("contain_refused", |play| {
        play.press("j j c");
        let text = "account refuses \"*\"; it must match ^[0-9]{4,12}$";
        play.engine.refuse = Some(Refusal::new(RefusalKind::Refused, text));
        play.press("enter");
    });
    everywhere_after("contain_again", |play| {
        play.press("j j c enter");
        play.typing("88213");
        play.press("enter");
    });
}

#[test]
fn escalate() {
    everywhere("escalate", "e");
    everywhere("escalate_plan", "e enter");
}

#[test]
fn what_cannot_be_chosen_says_why() {
    let mut play = night();
    play.press("e");
    let all = shot(&play, &COLOUR);
    assert!(all.contains("cannot: its path has no steps; add them under [[path]]"), "{all}");
}
