//! An acknowledgement at a source counts as one: on the card, in the post-mortem, in its picture and in the metrics.

use std::sync::Arc;

use chrono::TimeDelta;
use quell::domain::card::{Account, Card};
use quell::domain::metrics::Metrics;
use quell::domain::operator::Actor;
use quell::domain::postmortem;
use quell::domain::record::{Entry, Record};
use quell::domain::text::Outside;
use quell::domain::time::Time;
use quell::domain::timeline_svg::svg;

use crate::support::response::{self, began, fold, plain};

fn at(minutes: i64) -> Time {
    began() + TimeDelta::minutes(minutes)
}

fn bo() -> Option<Outside> {
    Some(Outside::new("Bo Okafor"))
}

/// The opening, and what followed three minutes later and then minute by minute.
fn then(entries: impl IntoIterator<Item = Entry>) -> Vec<Record> {
    let mut records: Vec<Record> = response::records(plain).into_iter().take(1).collect();
    for (entry, minute) in entries.into_iter().zip(3..) {
        let seq = records.len() as u64 + 1;
        records.push(Record { seq, at: at(minute), by: Actor::Engine, entry, ..records[0].clone() });
    }
    records
}

fn turned(held_by: Option<Outside>) -> Entry {
    let records = response::records(plain);
    let Entry::Opened(opening) = &records[0].entry else { panic!() };
    let key = opening.signal.as_ref().unwrap().key.clone();
    Entry::UpstreamTurned { key, held_by, exhausted: false, pages_again: false, unnamed_state: None }
}

fn card(records: &[Record]) -> String {
    let (incident, records) = (Arc::new(fold(records)), records.to_vec());
    let account = Account { incident, records, signals: Vec::new() };
    Card::of(&[account], at(20), &[], began(), at(20)).markdown()
}

#[test]
fn who_acknowledged_at_a_source_acknowledged() {
    let records = then([turned(bo())]);
    let incident = fold(&records);
    assert_eq!(incident.milestones.acknowledged, Some(at(3)));
    let page = postmortem::markdown(&incident, &records, &[]);
    assert!(page.contains("It was acknowledged by Bo Okafor (at prod-am) after 3 minutes"), "{page}");
    assert!(page.contains(", by Bo Okafor (at prod-am)") && !page.contains("Never"), "{page}");
    assert!(page.contains("Met at 2026-11-20 14:04:22Z"), "{page}");
    assert!(card(&records).contains("Owner: Bo Okafor, at prod-am"), "{}", card(&records));
    let counted = Metrics::of([&incident], at(20)).all.acknowledge;
    assert_eq!((counted.count, counted.pending, counted.median_s), (1, 0, Some(180)));
    assert_ne!(svg(&incident, &records), svg(&fold(&records[..1]), &records));
}

#[test]
fn who_had_it_when_it_opened_had_it_from_the_start() {
    let mut records = then([]);
    let Entry::Opened(opening) = &mut records[0].entry else { panic!() };
    opening.signal.as_mut().unwrap().held_by = bo();
    assert_eq!(fold(&records).milestones.acknowledged, Some(began()));
}

#[test]
fn it_counts_once_each_firing_signal_is_held_and_stays_when_they_let_go() {
    let Entry::SignalJoined(mut joining) = response::records(plain)[3].entry.clone() else { panic!() };
    joining.held_by = bo();
    let Entry::UpstreamTurned { key, .. } = turned(None) else { panic!() };
    let cleared = Entry::SignalCleared { key, because: "absent".into() };
    let half = then([Entry::SignalJoined(joining.clone())]);
    assert_eq!(fold(&half).milestones.acknowledged, None);
    assert!(card(&half).contains("Owner: nobody"));
    let whole = then([Entry::SignalJoined(joining), cleared]);
    assert_eq!(fold(&whole).milestones.acknowledged, Some(at(4)));
    let let_go = then([turned(bo()), turned(None)]);
    assert_eq!(fold(&let_go).milestones.acknowledged, Some(at(3)));
    assert!(card(&let_go).contains("Owner: nobody"));
}
