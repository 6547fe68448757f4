//! Who holds it at its source, as the answers say it.

use quell::domain::upstream::Upstream;

use super::*;

/// A critical signal, as its source responds to it.
fn upstream(held_by: Option<&str>, exhausted: bool) -> Signal {
    let upstream = Upstream { held_by: held_by.map(Outside::new), exhausted, ..Upstream::default() };
    Signal { upstream: Some(Box::new(upstream)), ..critical("a", "Down") }
}

#[test]
fn who_holds_it_at_its_source_is_known_from_the_answer_that_opens_it() {
    let mut board = Board::default();
    let held = upstream(Some("bob"), false);
    board.answer(0, std::slice::from_ref(&held));
    assert_eq!(board.incident(1).held_upstream().map(Outside::raw), Some("bob"));
    assert!(board.answer(15, &[held]).notes.is_empty(), "it is written down");
}

#[test]
fn who_held_it_before_it_went_away_holds_nothing_when_it_comes_back() {
    let mut board = Board::default();
    board.answer(0, &[upstream(Some("bob"), false)]);
    board.answer(60, &[]);
    board.answer(120, &[upstream(None, false)]);
    assert_eq!((board.incident(1).firing(), board.incident(1).is_acked()), (1, false));
    board.answer(300, &[]);
    board.answer(360, &[upstream(Some("cy"), false)]);
    assert_eq!(board.incident(1).held_upstream().map(Outside::raw), Some("cy"));
}

#[test]
fn that_nobody_answered_at_its_source_is_told_with_the_answer_that_says_so() {
    let mut board = Board::default();
    let told = |taken: &Taken| {
        let all = taken.notes.values().flatten();
        all.filter(|draft| matches!(draft.entry, Entry::NoticeRaised(_))).count()
    };
    assert_eq!(told(&board.answer(0, &[upstream(None, true)])), 1);
    assert!(board.incident(1).signals.values().all(|signal| signal.is_exhausted()));
    assert_eq!(told(&board.answer(15, &[upstream(None, true)])), 0);
    board.does(20, 1, Entry::Acknowledged { lasts_s: 7200, from: None });
    board.answer(60, &[]);
    assert_eq!(told(&board.answer(120, &[upstream(None, true)])), 1, "nobody holds what comes back");
    let joins = Signal { upstream: upstream(None, true).upstream, ..critical("b", "Down") };
    assert_eq!(told(&board.answer(180, &[upstream(None, true), joins])), 1);
}

#[test]
fn a_state_that_nobody_named_is_written_down_as_long_as_it_fires_in_it() {
    let mut board = Board::default();
    let stands = |word: Option<&str>| {
        let upstream = Upstream { unnamed_state: word.map(Outside::new), ..Upstream::default() };
        Signal { upstream: Some(Box::new(upstream)), ..critical("a", "Down") }
    };
    board.answer(0, &[stands(Some("escalated"))]);
    assert_eq!(board.incident(1).unnamed_state().map(Outside::raw), Some("escalated"));
    assert!(board.answer(15, &[stands(Some("escalated"))]).notes.is_empty(), "it is written down");
    board.answer(30, &[stands(None)]);
    assert_eq!(board.incident(1).unnamed_state(), None);
    board.answer(45, &[stands(Some("parked"))]);
    board.answer(600, &[]);
    assert_eq!(board.incident(1).unnamed_state(), None, "what is over is in no state");
}
