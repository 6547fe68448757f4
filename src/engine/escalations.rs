//! Paths: when they arm, and which step is due. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::due::{Due, notice};
use super::setup::Setup;
use super::telling::TOO_LATE;
use crate::domain::deadline::DeadlineKind;
use crate::domain::escalation::{Escalation, Path, Step, StepState, Stopped};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::NoticeKind;
use crate::domain::query::Asker;
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::time::{Span, Time};

/// A signal that fired this long before quell saw it was burning before.
const BURNING_BEFORE: Span = Span::mins(10);
/// How long the next covered incident waits, and how long after the last step a path counts as exhausted.
const GRACE: Span = Span::mins(5);

/// Which incident pages on a path for a service and severity.
type Paging<'a> = BTreeMap<(&'a str, &'a str, Severity), &'a IncidentId>;

/// What is due on all paths.
pub(super) fn due(setup: &Setup, incidents: &[Arc<Incident>], now: Time, out: &mut Vec<Due>) {
    let mut open: Vec<&Arc<Incident>> = incidents.iter().filter(|i| i.phase.is_open()).collect();
    open.sort_by_key(|incident| (incident.opened_at, incident.id.number()));
    let mut paging = Paging::new();
    for incident in &open {
        for escalation in incident.escalations.iter().filter(|e| e.stopped.is_none()) {
            let place = (escalation.path.as_str(), incident.opening.service.raw(), incident.severity);
            paging.entry(place).or_insert(&incident.id);
        }
    }
    for incident in open {
        for escalation in &incident.escalations {
            let entries = match &escalation.stopped {
                Some(Stopped::CoveredBy(other)) if incident.owner.is_none() => {
                    uncover(setup, incident, escalation, other, incidents, &mut paging)
                }
                None => step_due(incident, escalation, now, out),
                Some(_) => None,
            };
            out.extend(entries.map(|entries| Due::Note(incident.id.clone(), entries)));
        }
        let armed = arming(setup, incident, &mut paging, now);
        if !armed.is_empty() {
            out.push(Due::Note(incident.id.clone(), armed));
        }
    }
}

/// Each path arms once an incident.
fn arming<'a>(setup: &'a Setup, incident: &'a Incident, paging: &mut Paging<'a>, now: Time) -> Vec<Entry> {
    if incident.owner.is_some() {
        return Vec::new();
    }
    let asker = Asker { me: "", now };
    let fits = |path: &&Path| {
        let when = path.when.as_ref().filter(|_| !path.steps.is_empty());
        when.is_some_and(|when| incident.matches(when, &asker, false))
            && incident.escalation_on(&path.id).is_none()
    };
    let service = incident.opening.service.raw();
    let began = incident.signals.values().filter(|s| s.cleared.is_none()).map(|s| s.since).max();
    let before = began.is_some_and(|began| incident.opened_at - began > BURNING_BEFORE.delta());
    let arm = |path: &'a Path| {
        let place = (path.id.as_str(), service, incident.severity);
        let other = paging.get(&place).copied().filter(|other| !service.is_empty() && **other != incident.id);
        let (path, steps) = (path.id.clone(), path.steps.clone());
        match other {
            _ if before => Entry::PathHeld { path, steps, because: Stopped::BurningBefore },
            Some(other) => Entry::PathHeld { path, steps, because: Stopped::CoveredBy(other.clone()) },
            None => {
                paging.insert(place, &incident.id);
                Entry::PathArmed { path, steps }
            }
        }
    };
    setup.paths.iter().filter(fits).map(arm).collect()
}

/// When the covering incident is held or over, the oldest covered one pages, and covers the others.
fn uncover<'a>(
    setup: &'a Setup,
    incident: &'a Incident,
    escalation: &'a Escalation,
    other: &IncidentId,
    incidents: &[Arc<Incident>],
    paging: &mut Paging<'a>,
) -> Option<Vec<Entry>> {
    let covering = incidents.iter().find(|i| i.id == *other);
    if covering.is_some_and(|i| i.phase.is_open() && i.owner.is_none() && i.cleared_at.is_none()) {
        return None;
    }
    let path = setup.path(&escalation.path)?;
    let place = (path.id.as_str(), incident.opening.service.raw(), incident.severity);
    if let Some(now_paging) = paging.get(&place) {
        let because = Stopped::CoveredBy((*now_paging).clone());
        return Some(vec![Entry::PathHeld { path: path.id.clone(), steps: path.steps.clone(), because }]);
    }
    paging.insert(place, &incident.id);
    let later = |step: &Step| Step {
        after: Span::millis(step.after.as_millis() + GRACE.as_millis()),
        to: step.to.clone(),
    };
    Some(vec![Entry::PathArmed { path: path.id.clone(), steps: path.steps.iter().map(later).collect() }])
}

fn step_due(
    incident: &Incident,
    escalation: &Escalation,
    now: Time,
    out: &mut Vec<Due>,
) -> Option<Vec<Entry>> {
    let Some((number, step)) = escalation.next() else {
        let last = escalation.steps.last()?.due;
        let exhausted = incident.owner.is_none() && now - last > GRACE.delta();
        let text = format!("nobody acknowledged {}: every step of {} was sent", incident.id, escalation.path);
        return exhausted.then(|| {
            vec![
                Entry::PathStopped { path: escalation.path.clone(), because: Stopped::Exhausted },
                notice(NoticeKind::Escalation, incident, text),
            ]
        });
    };
    if step.due > now {
        return None;
    }
    if now - step.due <= TOO_LATE.delta() {
        out.push(Due::Step(incident.id.clone(), escalation.path.clone(), number));
        return None;
    }
    if let StepState::Started(at) = step.state
        && now - at <= TOO_LATE.delta()
    {
        // It may still be on the wire; the lock on it says so.
        return None;
    }
    let text =
        format!("page of {} MISSED: step {number} to {}; e sends it now", incident.id, step.to.join(", "));
    Some(vec![
        Entry::StepMissed { path: escalation.path.clone(), step: number },
        Entry::DeadlinePassed { deadline: DeadlineKind::Step, name: String::new(), due: step.due },
        notice(NoticeKind::Escalation, incident, text),
    ])
}

#[cfg(test)]
mod tests {
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
        Record {
            v: FORMAT,
            seq: 1,
            at: at(second),
            by,
            incident: Some(IncidentId::new("ANA", number)),
            entry,
        }
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
        let by_hand =
            Entry::StepStarted { path: "incident".into(), step: 1, resumes: true, missing: Vec::new() };
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
}
