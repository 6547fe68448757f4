//! The transition table of a response: what each entry does, and what it is refused for.

pub(crate) mod any;
mod bulletins;
mod contained;
mod deadlines;
mod earlier;
mod gates;
mod health;
mod reopened;
mod review;
mod roles;
mod snooze;
mod ties;
mod weight;

use quell::domain::action::{Outcome, Settlement, Verb};
use quell::domain::deadline::{Deadline, DeadlineKind};
use quell::domain::gate::Gate;
use quell::domain::id::IncidentId;
use quell::domain::incident::Incident;
use quell::domain::opening::Joining;
use quell::domain::operator::{Actor, Operator};
use quell::domain::phase::Phase;
use quell::domain::plan::Plan;
use quell::domain::record::{CloseReason, Entry, FORMAT, Record};
use quell::domain::role::Role;
use quell::domain::signal::SignalKey;
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};

use crate::support::response;

/// The engine, among the names of people.
const QUELL: &str = "quell";

fn text(words: &str) -> Outside {
    Outside::new(words)
}

/// An incident whose clock the test turns.
struct Course {
    incident: Incident,
    now: Time,
}

/// The signal that opens every course.
fn opened_by() -> Joining {
    let records = response::records(response::plain);
    let Entry::Opened(opening) = &records[0].entry else { unreachable!("what begins is opened") };
    opening.signal.as_deref().unwrap().clone()
}

impl Course {
    /// A signal fires; nobody has said anything yet.
    fn begins() -> Self {
        let records = response::records(response::plain);
        Self { incident: Incident::open(&records[0]).unwrap(), now: response::began() }
    }

    /// One whose every gate up to here is met, and which has moved here.
    fn in_phase(phase: Phase) -> Self {
        let mut course = Self::begins();
        course.does("ana", Entry::RoleTaken { role: Role::Lead, name: text("ana"), from: None });
        course.does("ana", weight::severity("critical", Some("it spreads")));
        course.does("ana", weight::category("outage", Some("orders fail")));
        course.does("ana", weight::users(3, None));
        course.does("ana", Entry::NothingToContain { because: text("nothing goes on") });
        course.does("ana", Entry::Mitigated { what: text("restarted") });
        let (key, because) = (course.signal(), "absent".to_owned());
        course.does(QUELL, Entry::SignalCleared { key, because });
        if phase > Phase::Identify {
            course.moves(phase.min(Phase::Recover));
        }
        if phase > Phase::Recover {
            course.does(QUELL, health::turned(true));
            course.after(Span::mins(10));
            course.resolves();
        }
        if phase > Phase::Review {
            course.does("ana", review::cause());
            course.does("ana", review::item("slow logins down"));
            course.does("ana", Entry::Published { sha256: "00".into() });
            course.moves(Phase::Closed);
        }
        assert_eq!(course.incident.phase, phase);
        course
    }

    fn record(&self, by: &str, entry: Entry) -> Record {
        let by = if by == QUELL { Actor::Engine } else { Actor::Person(Operator::new(by, "bastion")) };
        let seq = self.incident.version + 1;
        Record { v: FORMAT, on: None, seq, at: self.now, by, incident: Some(response::id()), entry }
    }

    /// What the table allows now.
    #[track_caller]
    fn does(&mut self, by: &str, entry: Entry) -> &mut Self {
        let record = self.record(by, entry);
        if let Err(why) = self.incident.apply(&record) {
            panic!("{why}: {record:?}");
        }
        self
    }

    /// What it does not, for this reason; nothing has changed then.
    #[track_caller]
    fn refuses(&mut self, by: &str, entry: Entry, why: &str) -> &mut Self {
        let (record, before) = (self.record(by, entry), self.incident.clone());
        let refused = match self.incident.apply(&record) {
            Ok(()) => panic!("it was allowed: {record:?}"),
            Err(refused) => refused.to_string(),
        };
        assert!(refused.contains(why), "{refused:?} does not say {why:?}");
        assert_eq!(self.incident, before, "a refused record leaves nothing behind");
        self
    }

    fn after(&mut self, span: Span) -> &mut Self {
        self.now += span.delta();
        self
    }

    /// Moves on, all gates met.
    #[track_caller]
    fn moves(&mut self, to: Phase) -> &mut Self {
        self.does("ana", Entry::PhaseMoved { to, waived: None })
    }

    /// Moves on with a reason for the gates that are not met.
    #[track_caller]
    fn waives(&mut self, to: Phase, because: &str) -> &mut Self {
        self.does("ana", Entry::PhaseMoved { to, waived: Some(text(because)) })
    }

    #[track_caller]
    fn resolves(&mut self) -> &mut Self {
        self.does("ana", Entry::Closed { reason: CloseReason::Resolved, note: None })
    }

    /// The signal that opened it.
    fn signal(&self) -> SignalKey {
        opened_by().key
    }

    /// It goes away and comes back.
    fn comes_back(&mut self) -> &mut Self {
        let key = self.signal();
        if self.incident.firing() > 0 {
            self.does(QUELL, Entry::SignalCleared { key: key.clone(), because: "absent".into() });
        }
        self.does(QUELL, Entry::SignalReturned { key })
    }

    fn missing(&self, to: Phase) -> Vec<Gate> {
        self.incident.missing_for(to, self.now)
    }

    fn deadline(&self, kind: DeadlineKind, name: &str) -> &Deadline {
        self.incident.deadline(kind, name).unwrap_or_else(|| panic!("no {} {name:?}", kind.word()))
    }

    /// Ana carries this out, and it is read back as expected.
    fn acts(&mut self, verb: Verb, target: &str) -> &mut Self {
        let action = self.incident.next_action();
        let (plan, detail) = (Box::new(plan(verb, target)), text("200"));
        let outcome = Outcome::Accepted;
        self.does("ana", Entry::intended(action, plan));
        self.does(QUELL, Entry::Sent { action });
        self.does(QUELL, Entry::answered(action, outcome, detail.clone()));
        self.does(QUELL, Entry::Settled { action, settlement: Settlement::Verified, detail })
    }
}

fn contain() -> Verb {
    Verb::Contain { playbook: "freeze-account".into() }
}

fn undo(action: u32) -> Verb {
    Verb::Undo { playbook: "freeze-account".into(), action }
}

/// A plan like those of the whole response.
fn plan(verb: Verb, target: &str) -> Plan {
    let records = response::records(response::plain);
    let mut plans = records.into_iter().filter_map(|record| match record.entry {
        Entry::Intended { plan, .. } => Some(*plan),
        _ => None,
    });
    let target = Some(("account".to_owned(), text(target)));
    Plan { verb, target, ..plans.next().unwrap() }
}

fn other_incident() -> IncidentId {
    IncidentId::new("ANA", 7)
}

#[test]
fn a_whole_response_is_legal_from_the_first_alert_to_the_review() {
    let incident = response::fold(&response::records(response::plain));
    assert_eq!(incident.phase, Phase::Review);
    assert_eq!(incident.bulletins.len(), 2);
    assert!(incident.open_series().is_empty(), "{:?}", incident.open_series());
}
