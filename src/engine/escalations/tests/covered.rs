//! One incident pages for the others of its service.

use super::*;

#[test]
fn further_incidents_of_the_service_are_covered_until_somebody_takes_the_first() {
    let mut board = Board::open(&["trading", "trading", "trading", "auth"]);
    board.tick(5);
    assert_eq!(board.stopped(2), Some(&Stopped::CoveredBy(IncidentId::new("ANA", 1))));
    assert_eq!(board.stopped(3), Some(&Stopped::CoveredBy(IncidentId::new("ANA", 1))));
    assert_eq!(board.stopped(4), None, "another service pages for itself");
    board.does(1, 20, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    board.tick(21);
    assert_eq!(board.stopped(2), None, "the oldest covered one is next");
    assert_eq!(board.0[&2].escalation().unwrap().steps[0].due, at(21 + 300 + 60));
}

#[test]
fn of_a_storm_one_incident_pages_and_one_after_it_is_held() {
    let mut board = Board::open(&["trading"; 5]);
    board.tick(6);
    board.does(1, 20, ana(), Entry::Acknowledged { lasts_s: 6000, from: None });
    for second in 21..30 {
        board.tick(second);
    }
    let paging = (1..=5).filter(|n| board.stopped(*n).is_none()).collect::<Vec<_>>();
    assert_eq!(paging, [2]);
    assert_eq!(board.stopped(5), Some(&Stopped::CoveredBy(IncidentId::new("ANA", 2))));
}

#[test]
fn a_covered_incident_that_becomes_worse_than_what_covers_it_pages() {
    let mut board = Board::open(&["trading", "trading"]);
    board.tick(5);
    assert_eq!(board.stopped(2), Some(&Stopped::CoveredBy(IncidentId::new("ANA", 1))));
    let because = Some(Outside::new("one desk only"));
    board.does(1, 6, Actor::Engine, Entry::SeveritySet { severity: Severity::High, because });
    board.tick(7);
    assert_eq!(board.stopped(2), None);
    assert_eq!(board.step(2, 1).due, at(67), "what is worse waits for nobody");
}

#[test]
fn one_that_has_cleared_pages_nobody_unless_it_fires_again() {
    let mut board = Board::open(&["trading", "trading"]);
    board.tick(5);
    board.fires(2, 6, "late", Severity::Critical);
    board.clears(2, 7, "late");
    board.does(1, 20, ana(), Entry::Acknowledged { lasts_s: 6000, from: None });
    board.tick(21);
    assert_eq!(board.stopped(2), Some(&Stopped::CoveredBy(IncidentId::new("ANA", 1))));
    board.returns(2, 30, "late");
    board.tick(31);
    assert_eq!((board.stopped(2), board.step(2, 1).due), (None, at(31 + 60)));
}
