//! What was merged, and the signals of both.

use super::*;

#[test]
fn the_signals_of_what_was_merged_go_on_in_the_other() {
    let mut board = Board::default();
    let (down, slow) = (critical("a", "Down"), critical("b", "Slow"));
    board.answer(0, &[down.clone(), slow.clone()]);
    board.ties(10, &Tie::Merge, 2, 1);
    let taken = board.answer(15, &[down.clone(), slow.clone()]);
    assert!(taken.openings.is_empty() && taken.notes.is_empty(), "{taken:?}");
    board.answer(100, std::slice::from_ref(&down));
    assert_eq!((board.incident(1).firing(), board.incident(1).signals.len()), (1, 2));
    board.answer(200, &[down.clone(), slow]);
    assert_eq!((board.incidents.len(), board.incident(1).firing()), (2, 2), "it rejoins where it went on");
    board.answer(300, &[down, critical("c", "Slow")]);
    let one = board.incident(1);
    assert_eq!(
        (board.incidents.len(), one.firing(), one.signals.len()),
        (2, 2, 3),
        "what it would have joined too"
    );
}

#[test]
fn a_merge_into_an_older_or_a_newer_incident_is_the_same_to_its_signals() {
    for (one, other) in [(1, 2), (2, 1)] {
        let mut board = Board::default();
        let all = [critical("a", "Down"), critical("b", "Slow")];
        board.answer(0, &all);
        board.answer(60, &[]);
        // A later firing period of the first is an incident of its own.
        board.answer(60 + 31 * 60, &all);
        assert_eq!(board.incidents.len(), 4);
        board.ties(2000, &Tie::Merge, one + 2, other);
        board.answer(2015, &all);
        board.answer(2100, &[]);
        board.answer(2200, &all);
        assert_eq!((board.incidents.len(), board.incident(other).firing()), (4, 1), "{one} into {other}");
    }
}

#[test]
fn after_a_merge_is_taken_back_each_has_its_signals_again() {
    let mut board = Board::default();
    let all = [critical("a", "Down"), critical("b", "Slow")];
    board.answer(0, &all);
    board.ties(10, &Tie::Merge, 2, 1);
    board.ties(20, &Tie::Unmerge, 2, 1);
    let taken = board.answer(30, &[all[0].clone(), all[1].clone(), critical("c", "Slow")]);
    assert!(taken.openings.is_empty());
    assert_eq!((board.incident(1).firing(), board.incident(2).firing()), (1, 2));
}

#[test]
fn what_fires_long_after_both_ended_is_a_recurrence_of_the_one_that_went_on() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down"), critical("b", "Slow")]);
    board.ties(10, &Tie::Merge, 2, 1);
    board.answer(60, &[]);
    let note = Some(Outside::new("restarted by hand"));
    board.does(90, 1, Entry::Closed { reason: CloseReason::Resolved, note });
    board.answer(90 + 40 * 60, &[critical("b", "Slow")]);
    assert_eq!(board.incident(3).opening.recurrence_of.as_deref(), Some(&IncidentId::new("ANA", 1)));
}
