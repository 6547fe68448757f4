//! Who is paged once an acknowledgement is over, or what was quiet is back.

use super::*;

#[test]
fn an_expired_acknowledgement_makes_the_next_step_due_at_once() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.does(1, 30, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    assert_eq!(board.tick(100), []);
    board.does(1, 630, Actor::Engine, Entry::AckExpired { owner: "ana".into() });
    assert_eq!(board.tick(630), [(1, 1)]);
    let steps = &board.0[&1].escalation().unwrap().steps;
    assert_eq!(steps[1].due - steps[0].due, chrono::TimeDelta::minutes(4), "the rest keep their spacing");
}

#[test]
fn with_every_step_sent_an_expired_acknowledgement_ends_in_exhaustion() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.send(1, 61, 1);
    board.send(1, 301, 2);
    board.does(1, 310, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    board.does(1, 910, Actor::Engine, Entry::AckExpired { owner: "ana".into() });
    assert_eq!(board.tick(910), []);
    assert_eq!(board.stopped(1), Some(&Stopped::Exhausted));
}

#[test]
fn what_went_quiet_pages_nobody_when_an_acknowledgement_expires() {
    let mut board = Board::open(&["trading"]);
    board.fires(1, 1, "a", Severity::Critical);
    board.tick(1);
    board.does(1, 30, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    board.clears(1, 40, "a");
    board.does(1, 630, Actor::Engine, Entry::AckExpired { owner: "ana".into() });
    assert_eq!(board.tick(630), []);
    assert_eq!(board.stopped(1), Some(&Stopped::Cleared));
}

#[test]
fn handed_back_it_pages_who_is_next_and_where_nobody_is_the_first_again() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.send(1, 61, 1);
    let acknowledged = Entry::Acknowledged { lasts_s: 600, from: None };
    board.does(1, 70, ana(), acknowledged.clone());
    board.does(1, 80, ana(), Entry::HandedBack { because: None });
    assert_eq!(board.tick(80), [(1, 2)]);
    board.send(1, 80, 2);
    board.does(1, 90, ana(), acknowledged);
    board.does(1, 100, ana(), Entry::HandedBack { because: None });
    assert_eq!(board.tick(100), [(1, 1)]);
}

#[test]
fn what_comes_back_pages_again_from_the_first_step_under_another_round() {
    for sent in [1, 2] {
        let mut board = Board::open(&["trading"]);
        board.fires(1, 1, "a", Severity::Critical);
        board.tick(1);
        board.send(1, 61, 1);
        if sent == 2 {
            board.send(1, 301, 2);
        }
        board.clears(1, 320, "a");
        assert_eq!(board.stopped(1), Some(&Stopped::Cleared));
        board.returns(1, 900, "a");
        assert_eq!((board.tick(959), board.tick(960)), (vec![], vec![(1, 1)]), "{sent} were sent before");
        let (first, second) = (board.step(1, 1), board.step(1, 2));
        assert_eq!((first.round, first.next_round()), (1, 2));
        assert_eq!(second.due - first.due, chrono::TimeDelta::minutes(4));
    }
}

#[test]
fn another_signal_of_what_had_gone_quiet_pages_as_one_that_comes_back() {
    let mut board = Board::open(&["trading"]);
    board.fires(1, 1, "a", Severity::Critical);
    board.tick(1);
    board.send(1, 61, 1);
    board.does(1, 70, ana(), Entry::Acknowledged { lasts_s: 6000, from: None });
    board.clears(1, 80, "a");
    board.fires(1, 200, "b", Severity::Critical);
    assert!(board.0[&1].owner.is_none());
    assert_eq!(board.tick(260), [(1, 1)]);
}

#[test]
fn what_burned_before_quell_saw_it_pages_when_it_comes_back() {
    let mut board = Board::open(&["trading"]);
    board.fires(1, -1000, "a", Severity::Critical);
    board.tick(1);
    assert_eq!(board.stopped(1), Some(&Stopped::BurningBefore));
    board.clears(1, 100, "a");
    board.returns(1, 400, "a");
    board.tick(400);
    assert_eq!(board.stopped(1), None);
    assert_eq!(board.tick(460), [(1, 1)]);
}
