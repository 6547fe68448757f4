//! What is folded, and that nothing is lost or shown twice by it.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::category::Category;
use crate::domain::escalation::{Step, Stopped};
use crate::domain::incident::There;
use crate::domain::opening::{Joining, Opening};
use crate::domain::operator::{Actor, Operator};
use crate::domain::record::{Entry, FORMAT, PathArmed, PathStopped, Record};
use crate::domain::signal::{Labels, Packed, SignalKey};

fn at(second: i64) -> Time {
    Time::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn one(number: u64, second: i64, severity: Severity, service: &str, title: &str) -> Arc<Incident> {
    let joining = Joining {
        sensitive: crate::domain::sensitive::Said::new(),
        key: SignalKey { source: "am".into(), fingerprint: Outside::new(number.to_string()) },
        title: Outside::new(title),
        severity,
        unmapped: false,
        labels: Packed::default(),
        since: at(second),
        policy: None,
        held_by: None,
        watched: false,
    };
    let opening = Opening {
        title: Outside::new(title),
        severity,
        unmapped: false,
        category: Category::Outage,
        service: Outside::new(service),
        group: None,
        signal: Some(Box::new(joining)),
        because: Outside::default(),
        labels: Labels::new().into(),
        ack_due: None,
        recurrence_of: None,
        reported: None,
    };
    let record = record(number, second, Actor::Engine, Entry::Opened(Box::new(opening)));
    Arc::new(Incident::open(&record).unwrap())
}

fn record(number: u64, second: i64, by: Actor, entry: Entry) -> Record {
    let incident = Some(IncidentId::new("ANA", number));
    Record { v: FORMAT, on: None, seq: number, at: at(second), by, incident, entry }
}

fn ana() -> Actor {
    Actor::Person(Operator::new("ana", "bastion"))
}

fn then(incident: &Arc<Incident>, second: i64, by: Actor, entry: Entry) -> Arc<Incident> {
    let mut next = (**incident).clone();
    next.apply(&record(incident.id.number(), second, by, entry)).unwrap();
    Arc::new(next)
}

/// So many critical ones of trading, one each second.
fn storm(many: u64) -> Vec<Arc<Incident>> {
    (1..=many)
        .map(|n| one(n, i64::try_from(n).unwrap(), Severity::Critical, "trading", "GatewayDown"))
        .collect()
}

fn drawn(all: &[Arc<Incident>], open: &[Storm]) -> Vec<Row> {
    let shown: Vec<&Arc<Incident>> = all.iter().collect();
    rows(&shown, |_| false, &open.iter().cloned().collect())
}

fn numbers(rows: &[Row]) -> Vec<u64> {
    rows.iter().filter_map(Row::incident).map(IncidentId::number).collect()
}

fn fold(rows: &[Row]) -> &Fold {
    let mut folds = rows.iter().filter_map(|row| match row {
        Row::Fold(fold) => Some(fold),
        Row::Incident(_) => None,
    });
    let first = folds.next().expect("a fold");
    assert!(folds.next().is_none(), "one fold only");
    first
}

#[test]
fn more_than_ten_in_a_minute_are_one_row_and_ten_are_not() {
    assert_eq!(drawn(&storm(10), &[]).len(), 10);
    let rows = drawn(&storm(11), &[]);
    assert_eq!((rows.len(), fold(&rows).members.len()), (1, 11));
    let slow: Vec<_> =
        (1..=30).map(|n| one(n, 7 * n as i64, Severity::Critical, "trading", "Slow")).collect();
    assert_eq!(drawn(&slow, &[]).len(), 30, "nine a minute are no storm, however many there are");
}

#[test]
fn a_storm_is_of_one_severity_and_one_service() {
    let mut all = storm(6);
    all.extend((7..=12).map(|n| one(n, n as i64, Severity::High, "trading", "GatewayDown")));
    all.extend((13..=18).map(|n| one(n, n as i64, Severity::Critical, "auth", "GatewayDown")));
    assert_eq!(drawn(&all, &[]).len(), 18);
}

#[test]
fn what_came_at_another_time_is_not_of_it() {
    let mut all = storm(12);
    all.push(one(13, 600, Severity::Critical, "trading", "Late"));
    let rows = drawn(&all, &[]);
    assert_eq!((numbers(&rows), fold(&rows).members.len()), (vec![13], 12));
}

#[test]
fn what_somebody_works_on_or_what_pages_is_never_hidden() {
    let mut all = storm(15);
    all[2] = then(&all[2], 20, ana(), Entry::Acknowledged { lasts_s: 60, from: None });
    all[5] = then(&all[5], 20, ana(), Entry::Noted { text: Outside::new("looking") });
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    let armed = Entry::PathArmed(PathArmed { path: "incident".into(), steps });
    all[7] = then(&all[7], 20, Actor::Engine, armed);
    let rows = drawn(&all, &[]);
    assert_eq!((numbers(&rows), fold(&rows).members.len()), (vec![3, 6, 8], 12));
    // A path that came to its end has told nobody who answered.
    let stopped = Entry::PathStopped(PathStopped { path: "incident".into(), because: Stopped::Exhausted });
    all[7] = then(&all[7], 30, Actor::Engine, stopped);
    assert_eq!(numbers(&drawn(&all, &[])), [3, 6, 8]);
}

#[test]
fn what_its_source_pages_for_is_never_hidden() {
    let mut all = storm(15);
    let mut paged = (*all[4]).clone();
    for signal in paged.signals.values_mut() {
        signal.there = Some(Box::new(There { policy: Some(Outside::new("Platform")), ..There::default() }));
    }
    all[4] = Arc::new(paged);
    assert_eq!(numbers(&drawn(&all, &[])), [5]);
}

#[test]
fn a_fold_counts_what_its_incidents_are_beside() {
    let mut all = storm(12);
    for incident in all.iter_mut().take(3) {
        let mut other = (**incident).clone();
        other.signals =
            other.signals.into_iter().map(|(key, it)| (key.replacen("am", "prom", 1), it)).collect();
        *incident = Arc::new(other);
    }
    let rows = drawn(&all, &[]);
    let sampled: Vec<u64> = fold(&rows).samples.iter().map(IncidentId::number).collect();
    assert_eq!(sampled, [4, 1], "one for each source");
}

#[test]
fn a_storm_stays_one_while_somebody_works_through_it() {
    let mut all = storm(12);
    for incident in all.iter_mut().take(9) {
        *incident = then(incident, 20, ana(), Entry::Acknowledged { lasts_s: 60, from: None });
    }
    assert_eq!(fold(&drawn(&all, &[])).members.len(), 3);
}

#[test]
fn an_open_fold_stands_above_its_incidents() {
    let mut all = storm(11);
    all.insert(5, one(50, 3, Severity::Critical, "auth", "TokenDown"));
    let open = Storm { severity: Severity::Critical, service: Outside::new("trading") };
    let rows = drawn(&all, &[open]);
    assert_eq!(numbers(&rows), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 50]);
    assert!(matches!(&rows[0], Row::Fold(fold) if fold.open) && rows[0].hides() == 0);
}

#[test]
fn a_fold_says_what_its_incidents_are_called() {
    let mut all = storm(11);
    assert_eq!(fold(&drawn(&all, &[])).title(80), "trading: GatewayDown");
    all.push(one(12, 12, Severity::Critical, "trading", "QueueFull"));
    assert_eq!(fold(&drawn(&all, &[])).title(80), "trading: GatewayDown and another title");
    all.push(one(13, 13, Severity::Critical, "trading", "DiskFull"));
    let rows = drawn(&all, &[]);
    assert_eq!(fold(&rows).title(80), "trading: GatewayDown and 2 other titles");
    assert_eq!(fold(&rows).title(24), "trading: Gate… +2 titles", "how many there are is never cut");
    assert_eq!((fold(&rows).from, fold(&rows).to), (at(1), at(13)));
    let nameless: Vec<_> = (1..=11).map(|n| one(n, 0, Severity::Normal, "", "Odd")).collect();
    assert_eq!(fold(&drawn(&nameless, &[])).title(80), "Odd");
}

fn made() -> impl Strategy<Value = Vec<Arc<Incident>>> {
    let each = (0i64..240, 0usize..2, 0usize..3, 0usize..5, 0usize..8);
    prop::collection::vec(each, 0..80).prop_map(|all| {
        let severities = [Severity::Critical, Severity::High];
        let build = |(place, (second, severity, service, title, deed)): (
            usize,
            (i64, usize, usize, usize, usize),
        )| {
            let made = one(
                place as u64 + 1,
                second,
                severities[severity],
                ["trading", "auth", ""][service],
                ["a", "b", "c", "d", "e"][title],
            );
            match deed {
                0 => then(&made, second, ana(), Entry::Acknowledged { lasts_s: 60, from: None }),
                1 => then(&made, second, ana(), Entry::Noted { text: Outside::new("x") }),
                _ => made,
            }
        };
        all.into_iter().enumerate().map(build).collect()
    })
}

proptest! {
    /// Every incident has a row of its own, or is counted by exactly one fold; only what may be hidden is.
    #[test]
    fn every_incident_is_shown_or_counted_by_one_fold(
        all in made(),
        kept in prop::collection::btree_set(1u64..80, 0..6),
        opened in prop::collection::btree_set(0usize..6, 0..4),
    ) {
        let shown: Vec<&Arc<Incident>> = all.iter().collect();
        let open: BTreeSet<Storm> = opened.iter().map(|n| Storm {
            severity: [Severity::Critical, Severity::High][n % 2],
            service: Outside::new(["trading", "auth", ""][n / 2]),
        }).collect();
        let rows = rows(&shown, |it| kept.contains(&it.id.number()), &open);
        let mut seen = numbers(&rows);
        let hidden = rows.iter().filter_map(|row| match row {
            Row::Fold(fold) if !fold.open => Some(&fold.members),
            _ => None,
        });
        for number in hidden.flatten().map(IncidentId::number) {
            prop_assert!(!kept.contains(&number));
            let incident = all.iter().find(|it| it.id.number() == number).unwrap();
            prop_assert!(may_be_hidden(incident));
            seen.push(number);
        }
        seen.sort_unstable();
        prop_assert_eq!(seen, (1..=all.len() as u64).collect::<Vec<_>>());
        prop_assert_eq!(
            rows.iter().map(Row::hides).sum::<usize>() + numbers(&rows).len(), all.len()
        );
        let mut storms: Vec<&Storm> = rows.iter().filter_map(|row| match row {
            Row::Fold(fold) => Some(&fold.storm),
            Row::Incident(_) => None,
        }).collect();
        let many = storms.len();
        storms.sort();
        storms.dedup();
        prop_assert_eq!(storms.len(), many, "one row a storm");
    }
}
