//! Paths over time: what is sent, missed, covered and told afterwards.

use super::*;
use crate::domain::category::Category;
use crate::domain::escalation::{ArmedStep, Receipt, StepState};
use crate::domain::opening::{Joining, Opening};
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::Purpose;
use crate::domain::record::CloseReason;
use crate::domain::record::{FORMAT, Record};
use crate::domain::signal::SignalKey;
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
                // Nothing is on the wire here.
                Due::Missed(id, _, _, entries) => {
                    for entry in entries {
                        self.does(id.number(), second, Actor::Engine, entry);
                    }
                }
                Due::FollowUp(..) => {}
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
            Entry::StepSent { path: "incident".into(), step, receipts: vec![took("room")] },
        );
    }

    /// Why those whom the path of an incident paged are told something at a second.
    fn tells(&self, number: u64, second: i64) -> Option<Purpose> {
        let incident = &self.0[&number];
        follow_ups::due(incident, incident.escalation_on("incident")?, at(second))
    }

    fn told(&mut self, number: u64, second: i64, purpose: Purpose, items: &[&str]) {
        let items = items.iter().map(|item| (*item).to_owned()).collect();
        let entry = Entry::Told { path: "incident".into(), purpose, items, receipts: vec![took("room")] };
        self.does(number, second, Actor::Engine, entry);
    }

    /// A signal joins.
    fn fires(&mut self, number: u64, second: i64, fingerprint: &str, severity: Severity) {
        let joining = Joining {
            key: key(fingerprint),
            title: Outside::new("down"),
            severity,
            unmapped: false,
            labels: BTreeMap::new(),
            since: at(second),
        };
        self.does(number, second, Actor::Engine, Entry::SignalJoined(Box::new(joining)));
    }

    fn clears(&mut self, number: u64, second: i64, fingerprint: &str) {
        let entry = Entry::SignalCleared { key: key(fingerprint), because: "gone".into() };
        self.does(number, second, Actor::Engine, entry);
    }

    fn returns(&mut self, number: u64, second: i64, fingerprint: &str) {
        self.does(number, second, Actor::Engine, Entry::SignalReturned { key: key(fingerprint) });
    }

    fn step(&self, number: u64, step: u32) -> &ArmedStep {
        self.0[&number].escalation_on("incident").unwrap().step(step).unwrap()
    }

    fn stopped(&self, number: u64) -> Option<&Stopped> {
        self.0[&number].escalation()?.stopped.as_ref()
    }
}

fn record(number: u64, second: i64, by: Actor, entry: Entry) -> Record {
    Record {
        v: FORMAT,
        on: None,
        seq: 1,
        at: at(second),
        by,
        incident: Some(IncidentId::new("ANA", number)),
        entry,
    }
}

fn took(channel: &str) -> Receipt {
    Receipt { channel: channel.into(), accepted: true, detail: Outside::new("200") }
}

fn key(fingerprint: &str) -> SignalKey {
    SignalKey { source: "am".into(), fingerprint: Outside::new(fingerprint) }
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
    assert!(said.contains("nobody acknowledged ANA-1: every step was sent (incident)"), "{said}");
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

#[test]
fn what_comes_back_pages_again_from_the_first_step_under_another_round() {
    for sent in [1, 2] {
        let mut board = Board::open(&["trading"]);
        board.fires(1, 1, "a", Severity::Critical);
        board.tick(1);
        board.send(1, 61, 1);
        if sent == 2 {
            board.send(1, 301, 2);
        }
        board.clears(1, 320, "a");
        assert_eq!(board.stopped(1), Some(&Stopped::Cleared));
        board.returns(1, 900, "a");
        assert_eq!((board.tick(959), board.tick(960)), (vec![], vec![(1, 1)]), "{sent} were sent before");
        let (first, second) = (board.step(1, 1), board.step(1, 2));
        assert_eq!((first.round, first.next_round()), (1, 2));
        assert_eq!(second.due - first.due, chrono::TimeDelta::minutes(4));
    }
}

#[test]
fn another_signal_of_what_had_gone_quiet_pages_as_one_that_comes_back() {
    let mut board = Board::open(&["trading"]);
    board.fires(1, 1, "a", Severity::Critical);
    board.tick(1);
    board.send(1, 61, 1);
    board.does(1, 70, ana(), Entry::Acknowledged { lasts_s: 6000, from: None });
    board.clears(1, 80, "a");
    board.fires(1, 200, "b", Severity::Critical);
    assert!(board.0[&1].owner.is_none());
    assert_eq!(board.tick(260), [(1, 1)]);
}

#[test]
fn with_every_step_sent_an_expired_acknowledgement_ends_in_exhaustion() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.send(1, 61, 1);
    board.send(1, 301, 2);
    board.does(1, 310, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    board.does(1, 910, Actor::Engine, Entry::AckExpired { owner: "ana".into() });
    assert_eq!(board.tick(910), []);
    assert_eq!(board.stopped(1), Some(&Stopped::Exhausted));
}

#[test]
fn what_went_quiet_pages_nobody_when_an_acknowledgement_expires() {
    let mut board = Board::open(&["trading"]);
    board.fires(1, 1, "a", Severity::Critical);
    board.tick(1);
    board.does(1, 30, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    board.clears(1, 40, "a");
    board.does(1, 630, Actor::Engine, Entry::AckExpired { owner: "ana".into() });
    assert_eq!(board.tick(630), []);
    assert_eq!(board.stopped(1), Some(&Stopped::Cleared));
}

#[test]
fn handed_back_it_pages_who_is_next_and_where_nobody_is_the_first_again() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.send(1, 61, 1);
    let acknowledged = Entry::Acknowledged { lasts_s: 600, from: None };
    board.does(1, 70, ana(), acknowledged.clone());
    board.does(1, 80, ana(), Entry::HandedBack { because: None });
    assert_eq!(board.tick(80), [(1, 2)]);
    board.send(1, 80, 2);
    board.does(1, 90, ana(), acknowledged);
    board.does(1, 100, ana(), Entry::HandedBack { because: None });
    assert_eq!(board.tick(100), [(1, 1)]);
}

#[test]
fn what_burned_before_quell_saw_it_pages_when_it_comes_back() {
    let mut board = Board::open(&["trading"]);
    board.fires(1, -1000, "a", Severity::Critical);
    board.tick(1);
    assert_eq!(board.stopped(1), Some(&Stopped::BurningBefore));
    board.clears(1, 100, "a");
    board.returns(1, 400, "a");
    board.tick(400);
    assert_eq!(board.stopped(1), None);
    assert_eq!(board.tick(460), [(1, 1)]);
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
fn a_step_that_is_late_is_missed_only_where_it_is_not_on_the_wire() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    let entry = Entry::StepStarted { path: "incident".into(), step: 1, resumes: false, missing: Vec::new() };
    board.does(1, 61, Actor::Engine, entry);
    let mut out = Vec::new();
    due(&setup(), &[Arc::new(board.0[&1].clone())], at(122), &mut out);
    assert!(matches!(&out[..], [Due::Missed(_, _, 1, _)]), "{out:?}");
}

#[test]
fn a_step_sent_again_is_another_message_and_one_begun_again_after_a_crash_is_not() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    let start =
        |by| (by, Entry::StepStarted { path: "incident".into(), step: 1, resumes: true, missing: vec![] });
    let (engine, begins) = start(Actor::Engine);
    board.does(1, 61, engine.clone(), begins.clone());
    assert_eq!(board.step(1, 1).next_round(), 1);
    board.does(1, 70, engine, begins);
    assert_eq!((board.step(1, 1).round, board.step(1, 1).attempts), (1, 2));
    board.does(1, 71, Actor::Engine, Entry::StepSent { path: "incident".into(), step: 1, receipts: vec![] });
    let (person, again) = start(ana());
    board.does(1, 90, person, again);
    assert_eq!((board.step(1, 1).round, board.step(1, 1).due), (2, at(90)));
    assert_eq!(board.step(1, 2).due, at(301), "later ones keep their times");
}

#[test]
fn a_path_that_does_not_run_takes_a_persons_own_steps_and_one_that_runs_does_not() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    board.send(1, 61, 1);
    let steps = vec![Step { after: Span::secs(0), to: vec!["boss".into()] }];
    let own = Entry::PathArmed { path: "incident".into(), steps };
    let refused = board.0.get_mut(&1).unwrap().apply(&record(1, 65, ana(), own.clone()));
    assert!(refused.is_err());
    board.does(1, 66, ana(), Entry::Acknowledged { lasts_s: 600, from: None });
    board.does(1, 67, ana(), own);
    assert_eq!((board.step(1, 1).round, board.step(1, 1).to.as_slice()), (1, &["boss".to_owned()][..]));
    assert_eq!(board.0[&1].escalation_on("incident").unwrap().paged, ["room"], "it remembers whom it told");
}

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
    board.does(1, 20, ana(), Entry::StepStarted { path: path(), step: 1, resumes: false, missing: vec![] });
    board.does(1, 21, ana(), Entry::StepSent { path: path(), step: 1, receipts: vec![took("room")] });
    assert_eq!(board.tells(1, 22), None);
}

#[test]
fn what_becomes_known_follows_once_whoever_fills_it_in_pauses() {
    let mut board = Board::open(&["trading"]);
    board.tick(1);
    let missing = vec!["order ids".to_owned(), "affected users".to_owned()];
    let path = || "incident".to_owned();
    board.does(1, 61, Actor::Engine, Entry::StepStarted { path: path(), step: 1, resumes: false, missing });
    board.does(1, 62, Actor::Engine, Entry::StepSent { path: path(), step: 1, receipts: vec![took("room")] });
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
