//! A ledger that cannot be written is said over everything, on every screen, and nothing is called clear.

use super::*;
use quell::console::banner::banner;
use quell::console::board::Sight;
use quell::domain::fault::Fault;
use quell::domain::notice::NoticeKind;

const FULL: &str = "cannot be written: the disk is full";

fn said(play: &Play) -> Option<(String, bool)> {
    banner(&play.model, play.now).map(|(line, shouts)| (line.text(), shouts))
}

/// A console whose engine cannot write anything down since 14:03:23.
fn full() -> Play {
    let mut play = console().usual();
    play.engine.ledger = Some(Fault::local(FULL));
    play.now = at("14:03:23");
    play.poll();
    play
}

#[test]
fn it_stands_on_every_screen_with_since_when_until_it_is_over() {
    let mut play = full();
    for keys in ["", "s", "esc m", "esc ?", "esc enter"] {
        play.press(keys);
        play.wait(1000);
        play.poll();
        let expected = format!(" !! LEDGER since 14:03:23Z, no verb works: {FULL}");
        assert_eq!(said(&play), Some((expected, true)), "{keys}");
    }
    play.engine.ledger = None;
    play.poll();
    assert!(!said(&play).is_some_and(|(line, _)| line.contains("LEDGER")));
}

#[test]
fn nothing_is_clear_while_nothing_new_can_be_taken_in() {
    let mut play = console();
    play.poll();
    assert_eq!(play.model.sight(play.now), Sight::Clear);
    play.engine.ledger = Some(Fault::local(FULL));
    play.poll();
    assert!(matches!(play.model.sight(play.now), Sight::Frozen(..)));
    assert!(play.model.title.starts_with("LEDGER"), "{}", play.model.title);
}

#[test]
fn the_operator_is_told_of_it_once() {
    let mut play = full();
    for _ in 0..5 {
        play.wait(1000);
        play.poll();
    }
    let told = play.asked.iter().filter(|effect| {
        matches!(effect, Effect::Deliver { notice, .. } if notice.kind == NoticeKind::Blind && notice.text.raw().contains(FULL))
    });
    assert_eq!(told.count(), 1);
}

#[test]
fn where_another_process_takes_things_in_only_this_console_cannot_write() {
    let mut play = console();
    play.engine.polls = Some(99);
    play.engine.ledger = Some(Fault::local("cannot be written: it is read-only"));
    play.poll();
    assert_eq!(play.model.sight(play.now), Sight::Clear);
    assert!(said(&play).unwrap().0.contains("no verb works: cannot be written: it is read-only"));
}
