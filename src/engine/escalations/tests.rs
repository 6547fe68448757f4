//! Paths over time: what is sent, missed, covered and told afterwards.

mod again;
mod covered;
mod held;
mod reopened;
mod steps;
mod tied;
mod told;

use super::*;
use crate::domain::category::Category;
use crate::domain::escalation::{ArmedStep, Receipt};
use crate::domain::opening::{Joining, Opening};
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::Purpose;
use crate::domain::record::{FORMAT, Record, StepSent, StepStarted, Told};
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
                labels: BTreeMap::new().into(),
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
            Entry::StepStarted(StepStarted {
                path: "incident".into(),
                step,
                resumes: false,
                missing: Vec::new(),
            }),
        );
        self.does(
            number,
            second,
            Actor::Engine,
            Entry::StepSent(StepSent { path: "incident".into(), step, receipts: vec![took("room")] }),
        );
    }

    /// Why those whom the path of an incident paged are told something at a second.
    fn tells(&self, number: u64, second: i64) -> Option<Purpose> {
        let incident = &self.0[&number];
        follow_ups::due(incident, incident.escalation_on("incident")?, at(second))
    }

    fn told(&mut self, number: u64, second: i64, purpose: Purpose, items: &[&str]) {
        let items = items.iter().map(|item| (*item).to_owned()).collect();
        let entry =
            Entry::Told(Told { path: "incident".into(), purpose, items, receipts: vec![took("room")] });
        self.does(number, second, Actor::Engine, entry);
    }

    fn told_by(&mut self, number: u64, second: i64, purpose: Purpose, by: &[(&str, bool)], v: u32) {
        self.items_told(number, second, purpose, &[], by, v);
    }

    /// The same, as a quell of this format says what each channel answered.
    fn items_told(
        &mut self,
        number: u64,
        second: i64,
        purpose: Purpose,
        items: &[&str],
        by: &[(&str, bool)],
        v: u32,
    ) {
        let receipt = |(channel, accepted): &(&str, bool)| Receipt { accepted: *accepted, ..took(channel) };
        let items = items.iter().map(|item| (*item).to_owned()).collect();
        let receipts = by.iter().map(receipt).collect();
        let told = Told { path: "incident".into(), purpose, items, receipts };
        let record = Record { v, ..record(number, second, Actor::Engine, Entry::Told(told)) };
        self.0.get_mut(&number).unwrap().apply(&record).unwrap();
    }

    /// A signal joins.
    fn fires(&mut self, number: u64, second: i64, fingerprint: &str, severity: Severity) {
        let joining = Box::new(joining(second, fingerprint, severity));
        self.does(number, second, Actor::Engine, Entry::SignalJoined(joining));
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

fn joining(second: i64, fingerprint: &str, severity: Severity) -> Joining {
    Joining {
        sensitive: crate::domain::sensitive::Said::new(),
        key: key(fingerprint),
        title: Outside::new("down"),
        severity,
        unmapped: false,
        labels: crate::domain::signal::Packed::default(),
        since: at(second),
        policy: None,
        held_by: None,
        watched: false,
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
