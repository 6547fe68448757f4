//! What paged before a merge or a link pages after it.

use super::*;
use crate::domain::record::{PathStopped, Tied};
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
    let signal = signal.map(Box::new);
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

#[test]
fn a_path_of_ones_own_that_waits_for_nobody_keeps_no_other_from_coming() {
    let mut board = paging(None);
    let steps = vec![Step { after: Span::mins(1), to: vec!["room".into()] }];
    let because = Stopped::BurningBefore;
    board.does(2, 1801, Actor::Engine, Entry::PathHeld(PathHeld { path: "incident".into(), steps, because }));
    board.does(2, 1802, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    for held in board.ties(1810, &Tie::Merge) {
        board.does(2, 1810, ana(), held);
    }
    board.does(2, 2001, ana(), Entry::HandedBack { because: None });
    assert_eq!(board.tick(2001 + 60), [(2, 1)]);
}

#[test]
fn a_path_goes_on_also_where_a_source_pages_by_itself() {
    let paged = Joining { policy: Some(Outside::new("default")), ..joining(1, "c", Severity::High) };
    let mut board = paging(Some(paged));
    for armed in board.ties(1810, &Tie::Merge) {
        board.does(2, 1810, ana(), armed);
    }
    assert!(board.0[&2].paged_upstream());
    assert_eq!(board.stopped(2), None);
    assert_eq!(board.tick(1810 + 60), [(2, 1)]);
}

#[test]
fn what_stands_by_itself_again_pages_there_and_where_it_was_only_what_is_left() {
    let mut board = paging(None);
    for armed in board.ties(1810, &Tie::Merge) {
        board.does(2, 1810, ana(), armed);
    }
    board.send(2, 1870, 1);
    assert_eq!(board.0[&2].paths_of(&IncidentId::new("ANA", 1)).collect::<Vec<_>>(), ["incident"]);
    board.ties(1900, &Tie::Unmerge);
    assert_eq!(board.stopped(2), Some(&Stopped::LetGo(IncidentId::new("ANA", 1))));
    // It fell due meanwhile.
    assert_eq!(board.tick(1900), [(1, 1)]);
    board.send(1, 1900, 1);
    // One that becomes critical by itself pages, with a message that nobody had.
    let because = Some(Outside::new("nobody can log in"));
    board.does(2, 2000, ana(), Entry::SeveritySet { severity: Severity::Critical, because });
    assert_eq!((board.tick(2000), board.tick(2060)), (vec![], vec![(2, 1)]));
    assert_eq!(board.step(2, 1).next_round(), 2);
}

#[test]
fn what_a_person_begins_anew_where_it_was_merged_stays_there() {
    let mut board = paging(None);
    for armed in board.ties(1810, &Tie::Merge) {
        board.does(2, 1810, ana(), armed);
    }
    let (path, missing) = ("incident".to_owned(), Vec::new());
    let begun = StepStarted { path, step: 1, resumes: false, missing };
    board.does(2, 1820, ana(), Entry::StepStarted(begun));
    board.ties(1900, &Tie::Unmerge);
    assert_eq!(board.stopped(2), None, "it is no longer the merged one's");
}

#[test]
fn of_what_an_older_quell_merged_nobody_knows_whose_its_paths_are() {
    for (v, doubtful) in [(2, vec!["incident"]), (FORMAT, vec![])] {
        let mut board = paging(None);
        let (here, there) = Tie::Merge.sides(&board.0[&1], &board.0[&2]);
        let Tied::TookIn { from, title, groups, signals, said, paths: _ } = there else { panic!() };
        let there = Tied::TookIn { from, title, groups, signals, said, paths: Vec::new() };
        for (number, tied) in [(1, here), (2, there)] {
            let tied = Record { v, ..record(number, 1810, ana(), Entry::Tied(tied)) };
            board.0.get_mut(&number).unwrap().apply(&tied).unwrap();
        }
        let steps = vec![Step { after: Span::mins(1), to: vec!["room".into()] }];
        board.does(2, 1810, ana(), Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
        let of = IncidentId::new("ANA", 1);
        assert_eq!(board.0[&2].doubtful_paths_of(&of).collect::<Vec<_>>(), doubtful);
        assert_eq!(board.0[&2].paths_of(&of).count(), 0);
    }
}
