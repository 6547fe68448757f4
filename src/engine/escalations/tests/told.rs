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

#[test]
fn only_those_that_did_not_take_it_are_told_again() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.send(1, 41, 1);
    board.does(1, 50, ana(), Entry::Acknowledged { lasts_s: 6000, from: None });
    let held = || Purpose::Acknowledged("ana".into());
    board.told_by(1, 51, held(), &[("room", true), ("pager", false)], FORMAT);
    let untold = |board: &Board| {
        let untold = board.0[&1].escalation_on("incident").unwrap().untold_of(&held()).cloned();
        untold.map(|untold| (untold.channels, untold.tellings))
    };
    assert_eq!(untold(&board), Some((vec!["pager".to_owned()], 1)));
    assert_eq!((board.tells(1, 110), board.tells(1, 111)), (None, Some(held())));
    board.told_by(1, 111, held(), &[("pager", false)], FORMAT);
    assert_eq!((board.tells(1, 230), board.tells(1, 231)), (None, Some(held())), "a longer pause");
    board.told_by(1, 231, held(), &[("pager", true)], FORMAT);
    assert_eq!((untold(&board), board.tells(1, 1000)), (None, None));
    assert_eq!(board.0[&1].escalation_on("incident").unwrap().tellings, 1, "it was one message");
}

#[test]
fn what_no_channel_took_is_not_known_and_in_older_records_it_was() {
    for (v, missing, told) in [(FORMAT, 1, None), (4, 0, Some(Purpose::Ended))] {
        let mut board = Board::open(&["trading"]);
        board.tick(1);
        let path = || "incident".to_owned();
        let started = StepStarted { path: path(), step: 1, resumes: false, missing: vec!["evidence".into()] };
        board.does(1, 61, Actor::Engine, Entry::StepStarted(started));
        let sent = StepSent { path: path(), step: 1, receipts: vec![took("room")] };
        board.does(1, 62, Actor::Engine, Entry::StepSent(sent));
        board.items_told(1, 70, Purpose::Filled, &["evidence"], &[("room", false)], v);
        assert_eq!(board.0[&1].escalation_on("incident").unwrap().missing.len(), missing, "{v}");
        let note = Some(Outside::new("a drill"));
        board.does(1, 80, ana(), Entry::Closed { reason: CloseReason::FalseAlarm, note });
        board.told_by(1, 81, Purpose::Ended, &[("room", false)], v);
        let knows = board.0[&1].escalation_on("incident").unwrap().told.clone();
        assert_eq!(knows.filter(|told| *told != Purpose::Page), told, "{v}");
        assert_eq!(board.tells(1, 141), told.is_none().then_some(Purpose::Ended), "{v}");
    }
}
