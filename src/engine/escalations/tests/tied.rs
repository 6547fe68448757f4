//! What paged before a merge or a link pages after it.

use super::*;
use crate::domain::record::PathStopped;
use crate::domain::tie::{Tie, handed_on};

/// Two incidents of one service: the first is critical since the first second and was paged; the second is a high one
/// that somebody opened half an hour later.
fn paging() -> Board {
    let mut board = Board::open(&["trading"]);
    board.fires(1, 1, "a", Severity::Critical);
    board.tick(1);
    board.send(1, 61, 1);
    let later = Board::open(&["trading", "trading"]).0.remove(&2).unwrap();
    let opening = Opening { severity: Severity::High, ..later.opening };
    let opened = record(2, 1800, Actor::Engine, Entry::Opened(Box::new(opening)));
    board.0.insert(2, Incident::open(&opened).unwrap());
    assert_eq!(board.tick(1800), []);
    board
}

impl Board {
    /// A person ties the first to the second; the paths that go on there.
    fn ties(&mut self, second: i64, tie: &Tie) -> Vec<PathArmed> {
        let (here, there) = tie.sides(&self.0[&1], &self.0[&2]);
        let before = self.0[&1].clone();
        self.does(1, second, ana(), Entry::Tied(here));
        self.does(2, second, ana(), Entry::Tied(there));
        handed_on(&before, &self.0[&1], &self.0[&2])
    }
}

fn link() -> Tie {
    Tie::Link { signals: vec!["am\0a".to_owned()] }
}

#[test]
fn what_was_seen_when_it_began_was_not_burning_before_wherever_it_went_since() {
    for tie in [Tie::Merge, link()] {
        let mut board = paging();
        board.ties(1860, &tie);
        assert_eq!(board.0[&2].severity, Severity::Critical, "{tie:?}");
        assert_eq!(board.tick(1861), []);
        assert_eq!(board.stopped(2), None, "{tie:?}: it is armed, not held");
        assert_eq!(board.tick(1861 + 60), [(2, 1)]);
    }
}

#[test]
fn a_path_that_pages_goes_on_where_its_incident_does_whatever_that_is_called() {
    for tie in [Tie::Merge, link()] {
        let mut board = paging();
        // No path is for what a person calls high.
        board.does(2, 1801, ana(), Entry::SeveritySet { severity: Severity::High });
        for armed in board.ties(1860, &tie) {
            board.does(2, 1860, ana(), Entry::PathArmed(armed));
        }
        assert_eq!(board.stopped(2), None, "{tie:?}");
        assert_eq!((board.tick(1860 + 60), board.tick(1860 + 60 + 3600).len()), (vec![(2, 1)], 0), "{tie:?}");
    }
}

#[test]
fn who_holds_an_incident_is_not_paged_for_what_comes_to_it_nor_is_a_path_that_people_stopped_begun() {
    let mut board = paging();
    board.does(2, 1801, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    assert_eq!(board.ties(1860, &Tie::Merge), []);
    let mut board = paging();
    let because = Stopped::Acknowledged("ana".into());
    board.does(1, 1801, ana(), Entry::PathStopped(PathStopped { path: "incident".into(), because }));
    assert_eq!(board.ties(1860, &Tie::Merge), []);
}
