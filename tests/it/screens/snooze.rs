//! What is put off: the question, the row, the detail; and a link before it is opened.

use super::*;

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

fn put_off(play: &mut Play) {
    play.press("j j z enter");
    play.wait(2000);
}

#[test]
fn snoozing() {
    everywhere("snooze", |play| play.press("j j z"));
    everywhere("snooze_reason", |play| play.press("z enter w h y"));
    everywhere("snoozed", put_off);
}

#[test]
fn links() {
    everywhere("leading", |play| play.press("o"));
    let mut play = night();
    play.model.settings.opener = None;
    play.press("o");
    insta::assert_snapshot!("leading_copied_80x24", shot(&play, &COLOUR));
}
