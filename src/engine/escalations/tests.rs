//! Paths over time: what is sent, missed, covered and told afterwards.

use super::*;
use crate::domain::category::Category;
use crate::domain::opening::Opening;
use crate::domain::operator::{Actor, Operator};
use crate::domain::record::{FORMAT, Record};
use crate::domain::text::Outside;

fn at(second: i64) -> Time {
    chrono::DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

fn setup() -> Setup {
    let mut setup = Setup::default();
    let path = setup.paths.first_mut().unwrap();
    path.when = Some("sev:critical".parse().unwrap());
    path.steps = [1, 5].map(|minute| Step { after: Span::mins(minute), to: vec!["room".into()] }).into();
    setup
}

struct Board(BTreeMap<u64, Incident>);

impl Board {
    fn open(services: &[&str]) -> Self {
        let opened = (1..).zip(services).map(|(number, service)| {
            let opening = Opening {
                title: Outside::new("gateway"),
                severity: Severity::Critical,
                unmapped: false,
                category: Category::Outage,
                service: Outside::new(*service),
                group: None,
                signal: None,
                because: Outside::default(),
                labels: BTreeMap::new(),
                ack_due: None,
                recurrence_of: None,
                reported: None,
            };
            let record = record(
                number,
                i64::try_from(number).unwrap(),
                Actor::Engine,
                Entry::Opened(Box::new(opening)),
            );
            (number, Incident::open(&record).unwrap())
        });
        Self(opened.collect())
    }

    fn does(&mut self, number: u64, second: i64, by: Actor, entry: Entry) {
        self.0.get_mut(&number).unwrap().apply(&record(number, second, by, entry)).unwrap();
    }

    /// Writes down what is due at a second; says which steps are to be sent.
    fn tick(&mut self, second: i64) -> Vec<(u64, u32)> {
        let all: Vec<_> = self.0.values().cloned().map(Arc::new).collect();
        let mut out = Vec::new();
        due(&setup(), &all, at(second), &mut out);
        let mut steps = Vec::new();
        for due in out {
            match due {
                Due::Note(id, entries) => {
                    for entry in entries {
                        self.does(id.number(), second, Actor::Engine, entry);
                    }
                }
                Due::Step(id, _, step) => steps.push((id.number(), step)),
            }
        }
        steps
    }

    fn send(&mut self, number: u64, second: i64, step: u32) {
        self.does(
            number,
            second,
            Actor::Engine,
            Entry::StepStarted { path: "incident".into(), step, resumes: false, missing: Vec::new() },
        );
        self.does(
            number,
            second,
            Actor::Engine,
            Entry::StepSent { path: "incident".into(), step, receipts: Vec::new() },
        );
    }

    fn stopped(&self, number: u64) -> Option<&Stopped> {
        self.0[&number].escalation()?.stopped.as_ref()
    }
}

fn record(number: u64, second: i64, by: Actor, entry: Entry) -> Record {
    Record { v: FORMAT, seq: 1, at: at(second), by, incident: Some(IncidentId::new("ANA", number)), entry }
}

fn ana() -> Actor {
    Actor::Person(Operator::new("ana", "bastion"))
}

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
    assert!(said.contains("nobody acknowledged ANA-1: every step of incident was sent"), "{said}");
    board.tick(602);
    assert_eq!(board.stopped(1), Some(&Stopped::Exhausted));
    assert!(board.0[&1].noticed.contains(&NoticeKind::Escalation));
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
fn an_expired_acknowledgement_makes_the_next_step_due_at_once() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.does(1, 30, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    assert_eq!(board.tick(100), []);
    board.does(1, 630, Actor::Engine, Entry::AckExpired { owner: "ana".into() });
    assert_eq!(board.tick(630), [(1, 1)]);
    let steps = &board.0[&1].escalation().unwrap().steps;
    assert_eq!(steps[1].due - steps[0].due, chrono::TimeDelta::minutes(4), "the rest keep their spacing");
}

#[test]
fn a_missed_step_can_be_sent_by_hand_and_nothing_else_is_sent_twice() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.tick(122);
    let by_hand = Entry::StepStarted { path: "incident".into(), step: 1, resumes: true, missing: Vec::new() };
    board.does(1, 130, ana(), by_hand);
    board.does(1, 131, ana(), Entry::StepSent { path: "incident".into(), step: 1, receipts: Vec::new() });
    assert_eq!(board.tick(140), []);
    assert_eq!(board.tick(301), [(1, 2)]);
}

#[test]
fn another_path_by_hand_leaves_the_armed_one_alone() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    let steps = vec![Step { after: Span::secs(0), to: vec!["security".into()] }];
    board.does(1, 10, ana(), Entry::PathArmed { path: "security".into(), steps });
    board.does(
        1,
        10,
        ana(),
        Entry::StepStarted { path: "security".into(), step: 1, resumes: true, missing: Vec::new() },
    );
    board.does(1, 11, ana(), Entry::StepSent { path: "security".into(), step: 1, receipts: Vec::new() });
    assert_eq!(board.tick(61), [(1, 1)], "the path that was armed pages in its time");
    assert_eq!(board.0[&1].escalation().map(|e| e.path.as_str()), Some("incident"));
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
        Entry::StepStarted { path: "incident".into(), step: 1, resumes: false, missing: Vec::new() },
    );
    assert!(board.0.get_mut(&1).unwrap().apply(&again).is_err());
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
