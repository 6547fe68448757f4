//! The ledger's screen: reached, moved about in, searched, read whole, checked.

use quell::backend::{Refusal, RefusalKind};
use quell::console::effect::Effect;
use quell::console::ledger::{Check, Stretch};
use quell::console::model::Screen;
use quell::domain::chain::Verdict;
use quell::domain::record::Entry;
use quell::domain::text::Outside;

use crate::support::play::{Play, console};

/// This many notes on one of the usual incidents.
fn noted(count: usize) -> Play {
    let mut play = console().usual();
    for n in 0..count {
        play.engine.by("ana", 1047, "14:03:00", Entry::Noted { text: Outside::new(format!("note {n}")) });
    }
    play
}

fn asked(play: &Play) -> Vec<Stretch> {
    let stretch = |effect: &Effect| match effect {
        Effect::ReadRecords(stretch) => Some(*stretch),
        _ => None,
    };
    play.asked.iter().filter_map(stretch).collect()
}

#[test]
fn it_stands_in_the_ring_of_screens_and_has_a_key_of_its_own() {
    let mut play = noted(3);
    play.press("s tab");
    assert_eq!(play.model.screen, Screen::Ledger);
    play.press("esc l");
    assert_eq!(play.model.screen, Screen::Ledger);
    play.press("q");
    assert_eq!(play.model.screen, Screen::Triage);
}

#[test]
fn it_is_read_while_it_is_looked_at_and_only_then() {
    let mut play = noted(3);
    play.press("l");
    assert_eq!(asked(&play), [Stretch::Last]);
    play.engine.by("bo", 1047, "14:03:30", Entry::Noted { text: Outside::new("one more") });
    play.wait(1000);
    assert_eq!(asked(&play), [Stretch::Last, Stretch::From(4)]);
    assert_eq!(play.model.ledger.at_cursor(), Some(4), "the cursor follows the newest");
    play.press("esc");
    play.wait(60_000);
    assert_eq!(asked(&play).len(), 2);
}

#[test]
fn the_end_leads_to_older_ones_until_there_are_none() {
    let mut play = noted(450);
    play.press("l");
    for _ in 0..4 {
        play.press("G");
    }
    let before: Vec<_> = asked(&play).into_iter().filter(|it| matches!(it, Stretch::Before(_))).collect();
    assert_eq!(before, [Stretch::Before(251), Stretch::Before(51)]);
    assert_eq!((play.model.ledger.at_cursor(), play.model.ledger.rows.len()), (Some(1), 450));
}

#[test]
fn a_record_is_read_whole_and_left_to_the_row_it_stood_in() {
    let mut play = noted(30);
    play.press("l j j j");
    assert_eq!(play.keys("enter"), [Effect::ReadStored(27)]);
    assert_eq!(play.model.screen, Screen::Record { seq: 27, top: 0 });
    play.press("esc");
    assert_eq!((play.model.screen.clone(), play.model.ledger.at_cursor()), (Screen::Ledger, Some(27)));
}

#[test]
fn words_are_looked_for_as_they_are_typed_and_esc_shows_all() {
    let mut play = noted(30);
    play.press("l / 2 7");
    let found = |play: &Play| play.model.ledger.shown().iter().map(|row| row.seq).collect::<Vec<_>>();
    assert_eq!(found(&play), [28, 27]);
    play.press("enter j");
    assert_eq!(play.model.ledger.at_cursor(), Some(27));
    play.press("esc");
    assert_eq!((play.model.screen.clone(), found(&play).len()), (Screen::Ledger, 30));
    assert_eq!(play.model.ledger.at_cursor(), Some(27), "the cursor stays on its record");
}

#[test]
fn a_check_is_asked_once_and_says_what_it_found_and_when() {
    let mut play = noted(3);
    assert_eq!(play.keys("l v"), [Effect::Verify]);
    assert_eq!(play.toast(), "verified 3 records");
    play.engine.bad = Some(Verdict::Bad { seq: 2, why: "it is missing".into() });
    play.press("v");
    assert_eq!(play.toast(), "BROKEN at record 2: it is missing");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Unreachable, "the ledger is locked"));
    play.press("v");
    assert_eq!((play.toast(), play.model.ledger.check.clone()), ("the ledger is locked", None));
    play.model.ledger.check = Some(Check::Running(play.now));
    assert_eq!(play.keys("v"), []);
}
