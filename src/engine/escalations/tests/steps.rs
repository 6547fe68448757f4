//! Steps in their time, late, missed, sent by hand and sent again.

use super::*;
use crate::domain::escalation::StepState;
use crate::domain::record::{PathArmed, StepSent, StepStarted};

#[test]
fn steps_are_sent_in_their_time_and_then_the_path_is_exhausted() {
    let mut board = Board::open(&["trading"]);
    assert_eq!(board.tick(1), []);
    assert_eq!(board.tick(60), []);
    assert_eq!(board.tick(61), [(1, 1)]);
    board.send(1, 61, 1);
    assert_eq!(board.tick(300), []);
    assert_eq!(board.tick(301), [(1, 2)]);
    board.send(1, 301, 2);
    assert_eq!(board.tick(601), []);
    assert_eq!(board.stopped(1), None);
    let all: Vec<_> = board.0.values().cloned().map(Arc::new).collect();
    let mut out = Vec::new();
    due(&setup(), &all, at(602), &mut out);
    let said = format!("{out:?}");
    assert!(said.contains("nobody acknowledged ANA-1: every step was sent (incident)"), "{said}");
    board.tick(602);
    assert_eq!(board.stopped(1), Some(&Stopped::Exhausted));
    assert!(board.0[&1].noticed.contains(&NoticeKind::Escalation));
}

#[test]
fn what_has_cleared_before_anybody_looked_arms_nothing_until_it_fires_again() {
    let mut board = Board::open(&["trading"]);
    board.fires(1, 2, "late", Severity::Critical);
    board.clears(1, 3, "late");
    assert_eq!(board.tick(70), []);
    assert_eq!(board.0[&1].escalation(), None);
    board.returns(1, 80, "late");
    board.tick(81);
    assert_eq!(board.step(1, 1).due, at(81 + 60));
}

#[test]
fn a_step_more_than_a_minute_late_is_missed_and_not_sent() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    assert_eq!(board.tick(121), [(1, 1)]);
    assert_eq!(board.tick(122), []);
    assert_eq!(board.0[&1].escalation().unwrap().steps[0].state, StepState::Missed);
    assert_eq!(board.tick(301), [(1, 2)], "the following ones keep their times");
}

#[test]
fn a_step_that_is_late_is_missed_only_where_it_is_not_on_the_wire() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    let entry = Entry::StepStarted(StepStarted {
        path: "incident".into(),
        step: 1,
        resumes: false,
        missing: Vec::new(),
    });
    board.does(1, 61, Actor::Engine, entry);
    let mut out = Vec::new();
    due(&setup(), &[Arc::new(board.0[&1].clone())], at(122), &mut out);
    assert!(matches!(&out[..], [Due::Missed(_, _, 1, _)]), "{out:?}");
}

#[test]
fn an_exhausted_path_says_how_many_steps_were_missed() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.tick(122);
    board.send(1, 301, 2);
    let mut out = Vec::new();
    due(&setup(), &[Arc::new(board.0[&1].clone())], at(602), &mut out);
    let said = format!("{out:?}");
    assert!(said.contains("nobody acknowledged ANA-1: 1 of 2 steps sent, 1 MISSED (incident)"), "{said}");
}

#[test]
fn a_missed_step_can_be_sent_by_hand_and_nothing_else_is_sent_twice() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.tick(122);
    let by_hand = Entry::StepStarted(StepStarted {
        path: "incident".into(),
        step: 1,
        resumes: true,
        missing: Vec::new(),
    });
    board.does(1, 130, ana(), by_hand);
    board.does(
        1,
        131,
        ana(),
        Entry::StepSent(StepSent { path: "incident".into(), step: 1, receipts: Vec::new() }),
    );
    assert_eq!(board.tick(140), []);
    assert_eq!(board.tick(301), [(1, 2)]);
}

#[test]
fn an_engine_that_looks_late_does_not_send_what_was_sent() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.send(1, 61, 1);
    let again = record(
        1,
        62,
        Actor::Engine,
        Entry::StepStarted(StepStarted {
            path: "incident".into(),
            step: 1,
            resumes: false,
            missing: Vec::new(),
        }),
    );
    assert!(board.0.get_mut(&1).unwrap().apply(&again).is_err());
}

#[test]
fn a_step_sent_again_is_another_message_and_one_begun_again_after_a_crash_is_not() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    let start = |by| {
        (
            by,
            Entry::StepStarted(StepStarted {
                path: "incident".into(),
                step: 1,
                resumes: true,
                missing: vec![],
            }),
        )
    };
    let (engine, begins) = start(Actor::Engine);
    board.does(1, 61, engine.clone(), begins.clone());
    assert_eq!(board.step(1, 1).next_round(), 1);
    board.does(1, 70, engine, begins);
    assert_eq!((board.step(1, 1).round, board.step(1, 1).attempts), (1, 2));
    board.does(
        1,
        71,
        Actor::Engine,
        Entry::StepSent(StepSent { path: "incident".into(), step: 1, receipts: vec![] }),
    );
    let (person, again) = start(ana());
    board.does(1, 90, person, again);
    assert_eq!((board.step(1, 1).round, board.step(1, 1).due), (2, at(90)));
    assert_eq!(board.step(1, 2).due, at(301), "later ones keep their times");
}

#[test]
fn another_path_by_hand_leaves_the_armed_one_alone() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    let steps = vec![Step { after: Span::secs(0), to: vec!["security".into()] }];
    board.does(1, 10, ana(), Entry::PathArmed(PathArmed { path: "security".into(), steps }));
    board.does(
        1,
        10,
        ana(),
        Entry::StepStarted(StepStarted {
            path: "security".into(),
            step: 1,
            resumes: true,
            missing: Vec::new(),
        }),
    );
    board.does(
        1,
        11,
        ana(),
        Entry::StepSent(StepSent { path: "security".into(), step: 1, receipts: Vec::new() }),
    );
    assert_eq!(board.tick(61), [(1, 1)], "the path that was armed pages in its time");
    assert_eq!(board.0[&1].escalation().map(|e| e.path.as_str()), Some("incident"));
}

#[test]
fn a_path_that_does_not_run_takes_a_persons_own_steps_and_one_that_runs_does_not() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.send(1, 61, 1);
    let steps = vec![Step { after: Span::secs(0), to: vec!["boss".into()] }];
    let own = Entry::PathArmed(PathArmed { path: "incident".into(), steps });
    let refused = board.0.get_mut(&1).unwrap().apply(&record(1, 65, ana(), own.clone()));
    assert!(refused.is_err());
    board.does(1, 66, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    board.does(1, 67, ana(), own);
    assert_eq!((board.step(1, 1).round, board.step(1, 1).to.as_slice()), (1, &["boss".to_owned()][..]));
    assert_eq!(board.0[&1].escalation_on("incident").unwrap().paged, ["room"], "it remembers whom it told");
}
