//! What always fires, and what its absence says of everything else.

use super::*;

fn watchdog() -> Signal {
    signal("w", &[("alertname", "Watchdog")])
}

fn watched() -> Board {
    Board { watchdogs: vec!["Watchdog".into()], ..Board::default() }
}

#[test]
fn a_watchdog_opens_nothing_and_is_missed_when_it_stops() {
    let mut board = watched();
    let taken = board.answer(0, &[watchdog()]);
    assert!(board.incidents.is_empty() && taken.watchdog_missing.is_empty());
    assert_eq!(board.answer(15, &[]).watchdog_missing, ["Watchdog"]);
}

#[test]
fn while_a_watchdog_is_missing_nothing_that_is_absent_is_over() {
    let mut board = watched();
    board.answer(0, &[watchdog(), critical("a", "Down")]);
    // Whoever should send them is dead: its alerts expire, one after the other.
    let silenced = Signal { standing: Standing::Silenced, ..watchdog() };
    for (second, still) in [(300, vec![]), (315, vec![silenced]), (330, vec![critical("b", "Slow")])] {
        let taken = board.answer(second, &still);
        assert_eq!(taken.watchdog_missing, ["Watchdog"]);
        assert_eq!((board.incident(1).firing(), board.incident(1).cleared_at), (1, None), "{second}");
    }
    assert_eq!(board.incidents.len(), 2, "what is there all the same counts");
    board.answer(345, &[watchdog(), critical("b", "Slow")]);
    assert_eq!((board.incident(1).firing(), board.incident(1).cleared_at), (0, Some(at(345))));
    assert_eq!(board.incident(2).firing(), 1);
}
