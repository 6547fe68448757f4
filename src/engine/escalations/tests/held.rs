//! What somebody holds at its source pages nobody here, as long as they hold it.

use super::*;
use crate::domain::incident::key_text;
use crate::domain::record::Tied;

fn turned(held_by: Option<&str>) -> Entry {
    Entry::UpstreamTurned {
        key: key("a"),
        held_by: held_by.map(Outside::new),
        exhausted: false,
        pages_again: false,
        unnamed_state: None,
    }
}

/// One whose signal fires and whose path has sent its first step.
fn paging() -> Board {
    let mut board = Board::open(&["trading"]);
    board.fires(1, 1, "a", Severity::Critical);
    board.tick(1);
    assert_eq!(board.tick(61), [(1, 1)]);
    board.send(1, 61, 1);
    board
}

#[test]
fn who_takes_it_at_its_source_stops_the_steps_and_who_lets_go_of_it_there_brings_the_next_at_once() {
    let mut board = paging();
    board.does(1, 70, Actor::Engine, turned(Some("bob")));
    assert_eq!(board.stopped(1), Some(&Stopped::Acknowledged("bob".into())));
    assert_eq!(board.tick(301), []);
    board.does(1, 400, Actor::Engine, turned(None));
    assert_eq!(board.tick(400), [(1, 2)]);
}

#[test]
fn it_pages_again_only_when_nobody_holds_it_here_or_there() {
    let mut board = paging();
    board.does(1, 70, Actor::Engine, turned(Some("bob")));
    board.does(1, 80, ana(), Entry::Acknowledged { lasts_s: 20, from: None });
    board.does(1, 100, Actor::Engine, Entry::AckExpired { owner: "ana".into() });
    assert_eq!(board.tick(301), [], "bob has it still");
    board.does(1, 310, ana(), Entry::Acknowledged { lasts_s: 20, from: None });
    board.does(1, 320, Actor::Engine, turned(None));
    assert_eq!(board.tick(320), [], "ana has it still");
    board.does(1, 330, Actor::Engine, Entry::AckExpired { owner: "ana".into() });
    assert_eq!(board.tick(330), [(1, 2)]);
}

#[test]
fn a_signal_that_nobody_holds_brings_the_steps_back() {
    let mut board = paging();
    board.does(1, 70, Actor::Engine, turned(Some("bob")));
    board.fires(1, 80, "b", Severity::Critical);
    assert_eq!(board.tick(80), [(1, 2)]);
    board.clears(1, 81, "b");
    assert_eq!(board.tick(82), []);
    board.fires(1, 83, "c", Severity::Critical);
    assert_eq!(board.tick(83), [(1, 2)]);
    let went = vec![key_text(&key("c"))];
    let linked = Tied::Linked { with: IncidentId::new("ANA", 9), came: Default::default(), went };
    board.does(1, 84, ana(), Entry::Tied(linked));
    assert_eq!(board.tick(85), [], "it belongs to another one");
    // What goes away altogether needs nobody.
    board.clears(1, 90, "a");
    assert_eq!(board.stopped(1), Some(&Stopped::Cleared));
}
