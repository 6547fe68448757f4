//! What paged before a merge or a link pages after it.

use super::*;
use crate::domain::record::PathStopped;
use crate::domain::tie::{Tie, handed_on};

/// Two incidents: the first is critical since the first second and about to page; the second is a high one, opened half
/// an hour later by hand or by this signal.
fn paging(signal: Option<Joining>) -> Board {
    let mut board = Board::open(&["trading"]);
    board.fires(1, 1, "a", Severity::Critical);
    board.fires(1, 2, "b", Severity::High);
    board.clears(1, 3, "b");
    assert_eq!((board.tick(1790), board.stopped(1)), (vec![], None));
    let later = Board::open(&["trading", "auth"]).0.remove(&2).unwrap();
    let opening = Opening { severity: Severity::High, signal, ..later.opening };
    let opened = record(2, 1800, Actor::Engine, Entry::Opened(Box::new(opening)));
    board.0.insert(2, Incident::open(&opened).unwrap());
    assert_eq!((board.tick(1800), board.0[&2].escalations.len()), (vec![], 0));
    board
}

impl Board {
    /// A person ties the first to the second; the paths that go on there.
    fn ties(&mut self, second: i64, tie: &Tie) -> Vec<Entry> {
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
        let mut board = paging(Some(joining(1, "c", Severity::High)));
        board.ties(1810, &tie);
        assert_eq!(board.0[&2].severity, Severity::Critical, "{tie:?}");
        assert_eq!(board.tick(1811), []);
        assert_eq!(board.stopped(2), None, "{tie:?}: it is armed, not held");
        assert_eq!(board.tick(1811 + 60), [(2, 1)]);
    }
}

#[test]
fn a_path_that_pages_goes_on_where_its_incident_does_whatever_that_is_called() {
    for tie in [Tie::Merge, link()] {
        // No path is for what a person calls high.
        let mut board = paging(None);
        for armed in board.ties(1810, &tie) {
            board.does(2, 1810, ana(), armed);
        }
        assert_eq!(board.stopped(2), None, "{tie:?}");
        assert_eq!((board.tick(1810 + 60), board.tick(1810 + 60 + 3600).len()), (vec![(2, 1)], 0), "{tie:?}");
    }
}

#[test]
fn who_holds_an_incident_is_paged_for_what_comes_to_it_once_they_do_no_more() {
    let mut board = paging(None);
    board.does(2, 1801, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    for held in board.ties(1810, &Tie::Merge) {
        board.does(2, 1810, ana(), held);
    }
    assert_eq!(board.tick(2000), []);
    assert_eq!(board.stopped(2), Some(&Stopped::Acknowledged("ana".into())));
    board.does(2, 2001, ana(), Entry::HandedBack { because: None });
    assert_eq!(board.tick(2001 + 60), [(2, 1)]);
    assert_eq!(board.stopped(2), None);
}

#[test]
fn a_path_that_people_stopped_is_not_begun_elsewhere() {
    let mut board = paging(None);
    let because = Stopped::Acknowledged("ana".into());
    board.does(1, 1801, ana(), Entry::PathStopped(PathStopped { path: "incident".into(), because }));
    assert_eq!(board.ties(1810, &Tie::Merge), []);
}
