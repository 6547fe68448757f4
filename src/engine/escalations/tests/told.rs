//! What those who were paged hear afterwards, and that they hear it once.

use super::*;
use crate::domain::record::{CloseReason, StepSent, StepStarted, Tied};

#[test]
fn those_who_were_paged_hear_once_who_holds_it_and_that_it_is_over() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    let acknowledged =
        |from: Option<&str>| Entry::Acknowledged { lasts_s: 6000, from: from.map(str::to_owned) };
    board.does(1, 30, ana(), acknowledged(None));
    assert_eq!(board.tells(1, 31), None, "nobody was paged");
    board.does(1, 40, ana(), Entry::HandedBack { because: None });
    board.send(1, 41, 1);
    assert_eq!(board.tells(1, 42), None);
    board.does(1, 50, ana(), acknowledged(None));
    let held = |name: &str| Purpose::Acknowledged(name.into());
    assert_eq!(board.tells(1, 50), Some(held("ana")));
    assert_eq!(board.tells(1, 50 + 3600), Some(held("ana")));
    assert_eq!(board.tells(1, 50 + 3601), None, "nobody needs it any more");
    board.told(1, 51, held("ana"), &[]);
    assert_eq!(board.tells(1, 52), None);
    let bo = Actor::Person(Operator::new("bo", "bastion"));
    board.does(1, 60, bo.clone(), acknowledged(Some("ana")));
    assert_eq!(board.tells(1, 60), Some(held("bo")));
    board.told(1, 61, held("bo"), &[]);
    let note = Some(Outside::new("a drill"));
    board.does(1, 70, bo, Entry::Closed { reason: CloseReason::FalseAlarm, note });
    assert_eq!(board.tells(1, 70), Some(Purpose::Ended));
    board.told(1, 71, Purpose::Ended, &[]);
    assert_eq!(board.tells(1, 72), None);
}

#[test]
fn who_was_paged_for_what_was_merged_hears_where_it_goes_on_and_is_not_paged_for_it_again() {
    let mut board = Board::open(&["trading", "auth"]);
    board.fires(1, 1, "a", Severity::Critical);
    board.tick(1);
    board.send(1, 61, 1);
    let into = IncidentId::new("ANA", 2);
    board.does(1, 70, ana(), Entry::Tied(Tied::MergedInto { into: into.clone() }));
    assert_eq!(board.stopped(1), Some(&Stopped::Merged(into.clone())));
    assert_eq!(board.tells(1, 70), Some(Purpose::Merged(into.clone())));
    board.told(1, 71, Purpose::Merged(into), &[]);
    assert_eq!(board.tells(1, 72), None);
    assert!(board.tick(500).iter().all(|(incident, _)| *incident != 1), "it pages nobody any more");
}

#[test]
fn who_was_told_that_it_is_over_hears_of_it_again_only_by_a_page() {
    let mut board = Board::open(&["trading"]);
    board.fires(1, 1, "a", Severity::Critical);
    board.tick(1);
    board.send(1, 61, 1);
    board.clears(1, 70, "a");
    board.does(1, 80, ana(), Entry::Closed { reason: CloseReason::Cleared, note: None });
    board.told(1, 81, Purpose::Ended, &[]);
    board.returns(1, 100, "a");
    board.does(1, 110, ana(), Entry::Acknowledged { lasts_s: 20, from: None });
    assert_eq!(board.tells(1, 110), None);
    board.does(1, 130, Actor::Engine, Entry::AckExpired { owner: "ana".into() });
    assert_eq!(board.tick(130), [(1, 1)]);
    board.send(1, 130, 1);
    board.does(1, 140, ana(), Entry::Acknowledged { lasts_s: 20, from: None });
    assert_eq!(board.tells(1, 140), Some(Purpose::Acknowledged("ana".into())));
}

#[test]
fn who_is_called_to_help_the_owner_is_not_told_to_stand_down() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.does(1, 10, ana(), Entry::Acknowledged { lasts_s: 6000, from: None });
    let path = || "incident".to_owned();
    board.does(
        1,
        20,
        ana(),
        Entry::StepStarted(StepStarted { path: path(), step: 1, resumes: false, missing: vec![] }),
    );
    board.does(
        1,
        21,
        ana(),
        Entry::StepSent(StepSent { path: path(), step: 1, receipts: vec![took("room")] }),
    );
    assert_eq!(board.tells(1, 22), None);
}

#[test]
fn what_becomes_known_follows_once_whoever_fills_it_in_pauses() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    let missing = vec!["order ids".to_owned(), "affected users".to_owned()];
    let path = || "incident".to_owned();
    board.does(
        1,
        61,
        Actor::Engine,
        Entry::StepStarted(StepStarted { path: path(), step: 1, resumes: false, missing }),
    );
    board.does(
        1,
        62,
        Actor::Engine,
        Entry::StepSent(StepSent { path: path(), step: 1, receipts: vec![took("room")] }),
    );
    let fills = |item: &str| Entry::PacketFilled { item: item.into(), value: Outside::new("7") };
    board.does(1, 130, ana(), fills("order ids"));
    board.does(1, 140, ana(), fills("order ids"));
    assert_eq!((board.tells(1, 154), board.tells(1, 155)), (None, Some(Purpose::Filled)));
    assert_eq!(board.tells(1, 140 + 3601), None);
    board.told(1, 156, Purpose::Filled, &["order ids"]);
    assert_eq!(board.0[&1].escalation_on("incident").unwrap().missing, ["affected users"]);
    board.told(1, 157, Purpose::Filled, &["affected users"]);
    assert_eq!(board.tells(1, 200), None);
}
