//! What pages, and what people hear, after an incident was closed by mistake and opened again.

use super::*;
use crate::domain::phase::Phase;
use crate::domain::record::CloseReason;

impl Board {
    fn closes(&mut self, number: u64, second: i64) {
        let note = Some(Outside::new("a drill"));
        self.does(number, second, ana(), Entry::Closed { reason: CloseReason::FalseAlarm, note });
    }

    fn reopens(&mut self, number: u64, second: i64) {
        self.does(number, second, ana(), Entry::PhaseMoved { to: Phase::Identify, waived: None });
    }
}

/// One whose first step has paged the room, and which was closed and opened again after the room had heard that it is
/// over.
fn told_too_soon() -> Board {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.send(1, 61, 1);
    board.closes(1, 100);
    board.told(1, 101, Purpose::Ended, &[]);
    board.reopens(1, 110);
    board
}

#[test]
fn who_was_told_that_it_is_over_hears_that_it_is_not_and_the_next_step_pages_at_its_time() {
    let mut board = told_too_soon();
    assert_eq!((board.tick(300), board.tells(1, 110)), (vec![], Some(Purpose::Reopened)));
    assert_eq!(board.tick(301), [(1, 2)], "the first one is not sent again");
    // Also where the next page is faster than that.
    board.send(1, 301, 2);
    assert_eq!(board.tells(1, 302), Some(Purpose::Reopened));
    board.told(1, 303, Purpose::Reopened, &[]);
    assert_eq!(board.tells(1, 304), None);
    board.does(1, 305, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    assert_eq!(board.tells(1, 305), Some(Purpose::Acknowledged("ana".into())));
    board.closes(1, 310);
    assert_eq!(board.tells(1, 310), Some(Purpose::Ended));
}

#[test]
fn where_somebody_holds_it_they_hear_that() {
    let mut board = told_too_soon();
    board.does(1, 111, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    assert_eq!(board.tells(1, 111), Some(Purpose::Acknowledged("ana".into())));
    // However long ago they took it.
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.send(1, 61, 1);
    board.does(1, 70, ana(), Entry::Acknowledged { lasts_s: 60_000, from: None });
    board.told(1, 71, Purpose::Acknowledged("ana".into()), &[]);
    board.closes(1, 9000);
    board.told(1, 9001, Purpose::Ended, &[]);
    board.reopens(1, 9010);
    assert_eq!(board.tells(1, 9010), Some(Purpose::Acknowledged("ana".into())));
}

#[test]
fn who_had_not_heard_that_it_is_over_hears_nothing() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.send(1, 61, 1);
    board.closes(1, 100);
    board.reopens(1, 101);
    assert_eq!(board.tells(1, 102), None);
}

#[test]
fn who_was_told_too_soon_has_the_time_to_answer_that_others_have() {
    let mut board = told_too_soon();
    board.send(1, 301, 2);
    board.closes(1, 302);
    board.reopens(1, 2000);
    board.tick(2300);
    assert_eq!(board.stopped(1), None);
    board.tick(2301);
    assert_eq!(board.stopped(1), Some(&Stopped::Exhausted));
    // And of one that nobody answered people hear again.
    board.closes(1, 2310);
    board.told(1, 2311, Purpose::Ended, &[]);
    board.reopens(1, 2320);
    assert_eq!(board.stopped(1), Some(&Stopped::Exhausted));
    assert_eq!(board.tells(1, 2320), Some(Purpose::Reopened));
}

#[test]
fn what_began_to_page_only_because_its_cover_was_closed_is_covered_again() {
    let mut board = Board::open(&["trading", "trading"]);
    board.tick(5);
    let covered = Some(Stopped::CoveredBy(IncidentId::new("ANA", 1)));
    assert_eq!(board.stopped(2).cloned(), covered);
    board.closes(1, 20);
    board.tick(21);
    assert_eq!(board.stopped(2), None);
    board.reopens(1, 30);
    board.tick(31);
    assert_eq!((board.stopped(1), board.stopped(2).cloned()), (None, covered.clone()));
    assert_eq!(board.tick(65), [(1, 1)], "the first one, at its time");
    // What has paged somebody goes on.
    let mut board = Board::open(&["trading", "trading"]);
    board.tick(5);
    board.closes(1, 20);
    board.tick(21);
    board.send(2, 21 + 360, 1);
    board.reopens(1, 400);
    board.tick(401);
    assert_eq!(board.stopped(2), None);
}
