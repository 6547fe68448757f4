//! What sources say of the incident that is shown is read again when they say more, without a record of it.

use super::*;

fn loads(play: &Play) -> usize {
    play.asked.iter().filter(|effect| matches!(effect, Effect::Load(_))).count()
}

#[test]
fn a_detail_is_read_again_once_its_source_has_answered_and_not_more_often_than_that() {
    let mut play = console().usual();
    let before = loads(&play);
    play.wait(10_000);
    assert_eq!(loads(&play), before, "no source has answered since");
    play.poll();
    assert_eq!(loads(&play), before + 1);
    play.wait(1000);
    play.poll();
    assert_eq!(loads(&play), before + 1, "so soon it is not read again");
    play.wait(3000);
    assert_eq!(loads(&play), before + 2, "what was said meanwhile is");
    play.wait(60_000);
    assert_eq!(loads(&play), before + 2);
}

#[test]
fn what_is_not_on_the_screen_is_not_read() {
    for (cols, rows, keys) in [(40, 12, ""), (80, 24, "m")] {
        let mut play = console().usual().sized(cols, rows);
        play.press(keys);
        let before = loads(&play);
        play.wait(10_000);
        play.poll();
        assert_eq!(loads(&play), before, "{cols}x{rows} {keys}");
    }
}

#[test]
fn nothing_disappears_while_it_is_read_again() {
    let mut play = console().usual();
    play.press("enter");
    play.wait(10_000);
    let shown = play.model.detail.clone();
    let changes = play.engine.changes(play.now);
    let mut changes = changes;
    changes.sources.iter_mut().for_each(|source| source.as_of = Some(play.now));
    let asked = quell::console::update(
        &mut play.model,
        play.now,
        quell::console::message::Message::Changed(Box::new(changes)),
    );
    assert_eq!(asked, [Effect::Load("INC-1047".into())]);
    assert_eq!(play.model.detail, shown);
}
