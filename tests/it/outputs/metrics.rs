//! What is counted over incidents, and what is not.

use chrono::TimeDelta;
use quell::domain::deadline::DeadlineKind;
use quell::domain::id::IncidentId;
use quell::domain::incident::Incident;
use quell::domain::metrics::Metrics;
use quell::domain::operator::{Actor, Operator};
use quell::domain::record::{CloseReason, DeadlineSet, Entry, Record, Tied};
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::Time;

use crate::support::response::{self, began, fold, plain};

fn later(days: i64) -> Time {
    began() + TimeDelta::days(days)
}

/// A response over, one in its middle, one nobody looked at.
fn three() -> Vec<Incident> {
    let records = response::records(plain);
    let middle = records.iter().position(|record| record.at > began() + TimeDelta::seconds(830)).unwrap();
    vec![fold(&records), fold(&records[..middle]), fold(&records[..1])]
}

#[test]
fn times_are_of_those_in_which_it_happened() {
    let metrics = Metrics::of(&three(), later(0));
    let all = &metrics.all;
    assert_eq!((all.incidents, all.open), (3, 2));
    assert_eq!((all.acknowledge.count, all.acknowledge.pending, all.acknowledge.median_s), (2, 1, Some(430)));
    assert_eq!((all.contain.count, all.contain.median_s), (2, Some(564)));
    assert_eq!((all.recover.count, all.recover.pending, all.recover.p90_s), (1, 2, Some(3600)));
    assert_eq!((all.waived_gates, all.steps_missed), (1, 2));
    let severities: Vec<_> =
        metrics.severities.iter().map(|(severity, group)| (*severity, group.incidents)).collect();
    assert_eq!(severities, [(Severity::Critical, 2), (Severity::High, 1)]);
    assert_eq!(metrics.services[0].0.raw(), "auth");
    let json = serde_json::to_string(&metrics).unwrap();
    assert_eq!(serde_json::from_str::<Metrics>(&json).unwrap(), metrics);
}

#[test]
fn what_was_merged_into_another_one_is_counted_there_only() {
    let mut all = three();
    let mut records: Vec<_> = response::records(plain).into_iter().take(2).collect();
    let by = Actor::Person(Operator::new("ana", "bastion"));
    let entry = Entry::Tied(Tied::MergedInto { into: IncidentId::new("ANA", 7) });
    records.push(Record { seq: 3, by, entry, ..records[1].clone() });
    all.push(fold(&records));
    assert_eq!(Metrics::of(&all, later(0)), Metrics::of(&three(), later(0)));
}

#[test]
fn what_is_overdue_depends_on_now() {
    let undone = |days| {
        let all = Metrics::of(&three(), later(days)).all;
        (all.overdue_reviews, all.overdue_items, all.bulletins_late)
    };
    // The second bulletin of the first came late; the second one of the other is late once its time has passed.
    assert_eq!(undone(0), (0, 0, 1));
    assert_eq!(undone(1), (0, 0, 2));
    assert_eq!(undone(8), (1, 0, 2));
    assert_eq!(undone(12), (1, 1, 2));
}

/// One incident whose bulletin to users was due then, before these records.
fn owing(records: &[Record], before: usize, due: Time, after: &[Record]) -> Incident {
    let (deadline, name, title) = (DeadlineKind::Bulletin, "users".to_owned(), Outside::new("the first one"));
    let entry = Entry::DeadlineSet(DeadlineSet { deadline, name, title, due });
    let mut all = records[..before].to_vec();
    all.push(Record { entry, by: Actor::Engine, ..records[before - 1].clone() });
    all.extend_from_slice(after);
    (1..).zip(&mut all).for_each(|(seq, record)| record.seq = seq);
    fold(&all)
}

#[test]
fn a_first_bulletin_that_came_too_late_or_never_was_late_for_good() {
    let records = response::records(plain);
    let late = |incident: Incident| Metrics::of(&[incident], later(0)).all.bulletins_late;
    let is_first = |record: &Record| matches!(record.entry, Entry::BulletinStarted(_));
    let first = records.iter().position(is_first).unwrap();
    let sent = records[first].at;
    let told = &records[first..first + 3];
    assert_eq!(late(owing(&records, first, sent + TimeDelta::minutes(1), told)), 0);
    assert_eq!(late(owing(&records, first, sent - TimeDelta::minutes(1), told)), 1);
    let (reason, note) = (CloseReason::FalseAlarm, Some(Outside::new("a drill")));
    let by = Actor::Person(Operator::new("ana", "bastion"));
    let closed = Record { entry: Entry::Closed { reason, note }, by, at: sent, ..records[1].clone() };
    let never = owing(&records, 1, sent - TimeDelta::minutes(1), &[closed]);
    assert!(never.is_closed() && never.deadlines.is_empty());
    assert_eq!(late(never), 1);
}

#[test]
fn weeks_follow_each_other_up_to_now() {
    let weeks = Metrics::of(&three(), later(15)).weeks;
    let opened: Vec<_> =
        weeks.iter().map(|week| (week.monday.to_string(), week.opened, week.critical)).collect();
    let week = |monday: &str, opened, critical| (monday.to_owned(), opened, critical);
    assert_eq!(opened, [week("2026-11-16", 3, 2), week("2026-11-23", 0, 0), week("2026-11-30", 0, 0)]);
    assert_eq!(Metrics::of(&three(), later(4000)).weeks.len(), 53);
    assert!(Metrics::of(&[], later(0)).weeks.is_empty());
}
