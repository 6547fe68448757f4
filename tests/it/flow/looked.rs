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

#[test]
fn a_line_that_is_shown_of_what_was_selected_does_not_move_when_the_rest_is_read() {
    use quell::console::page::{Line, detail};
    let mut play = console().usual();
    play.press("j");
    let shown = |play: &Play, now| -> Vec<String> {
        detail::page(&play.model, 80, 12, now).iter().map(Line::text).collect()
    };
    let whole = shown(&play, play.now);
    play.model.detail = None;
    assert!(shown(&play, play.now).len() > 3, "what cannot be read is not waited for");
    play.model.loading = Some("INC-1050".to_owned());
    let first = shown(&play, play.now);
    assert_eq!((first.len(), &first[0]), (1, &whole[0]), "what stands above all that is read");
    let later = play.now + quell::domain::time::Span::millis(150).delta();
    assert_eq!(play.model.next_wake(play.now), Some(later), "it is drawn when it takes longer");
    assert!(shown(&play, later).len() > 3, "what is known is not kept back");
}
