//! An engine that lives in the test, and every piece of text it tells of the test's choosing.

mod answers;
mod offers;
pub mod records;

use std::collections::BTreeMap;
use std::sync::Arc;

use quell::backend::{Changes, Holder, WatchOffer};
use quell::console::keymap::Keymap;
use quell::console::model::{Model, Settings, Size};
use quell::domain::category::Category;
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::freshness::SourceStatus;
use quell::domain::id::{Cursor, IncidentId};
use quell::domain::incident::Incident;
use quell::domain::monitor::{Health, MonitorStatus};
use quell::domain::opening::{Joining, Opening};
use quell::domain::operator::{Actor, Operator};
use quell::domain::plan::Plan;
use quell::domain::record::{Entry, FORMAT, Record};
use quell::domain::severity::Severity;
use quell::domain::signal::{Labels, SignalKey};
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};

/// `14:03:22` on the day these tests play on.
pub fn at(clock: &str) -> Time {
    format!("2026-11-20T{clock}Z").parse().unwrap()
}

/// The incident with this number.
pub fn id(number: u64) -> IncidentId {
    IncidentId::new("INC", number)
}

/// Somebody at a console.
pub fn person(name: &str) -> Actor {
    Actor::Person(Operator::new(name, "bastion"))
}

/// A console of ana's that has just begun.
pub fn console(cols: u16, rows: u16) -> Model {
    let settings = Settings {
        operator: "ana".into(),
        config: "~/.config/quell/config.toml".into(),
        reviews: "~/.local/state/quell/reviews".into(),
        build: String::new(),
        remark: None,
        keymap: Keymap::default(),
        views: Vec::new(),
        opener: Some("xdg-open".into()),
    };
    Model::new(settings, Size { cols, rows }, at("14:00:00"))
}

/// An engine that lives in the test.
pub struct Engine {
    /// Stands wherever text from outside, or of the configuration, can stand.
    text: String,
    /// Every incident.
    pub incidents: BTreeMap<IncidentId, Arc<Incident>>,
    /// Every plan by its hash.
    pub plans: BTreeMap<String, Plan>,
    /// The state of every source.
    pub sources: Vec<SourceStatus>,
    /// The state of every monitor.
    pub monitors: Vec<MonitorStatus>,
    /// How many second persons its containments need.
    pub approvals: u32,
    /// The watch that waits to be taken.
    pub watch: Option<WatchOffer>,
    /// Each incident says one account, its own number, and nothing else is asked.
    pub distinct: bool,
    records: Vec<Record>,
}

impl Engine {
    /// An engine all of whose text is this one.
    pub fn saying(text: &str) -> Self {
        let mut engine = Self {
            text: text.to_owned(),
            incidents: BTreeMap::new(),
            plans: BTreeMap::new(),
            sources: Vec::new(),
            monitors: Vec::new(),
            approvals: 0,
            watch: None,
            distinct: false,
            records: Vec::new(),
        };
        engine.sources = vec![engine.source("prod-am"), engine.source("pd")];
        engine
    }

    fn outside(&self) -> Outside {
        Outside::new(self.text.as_str())
    }

    /// A source that answers.
    pub fn source(&self, name: &str) -> SourceStatus {
        SourceStatus { as_of: Some(at("14:03:20")), ..SourceStatus::never(name, Span::mins(60)) }
    }

    /// A source that does not, a watchdog that is missing, and a monitor that is down.
    pub fn ail(&mut self) {
        let mut down = self.source(&self.text);
        down.failures = 3;
        down.fault = Some(Fault::new(FaultKind::NoAnswer, self.text.as_str()));
        let mut partial = self.source("partial");
        partial.watchdog_missing = vec![self.text.clone()];
        self.sources.extend([down, partial]);
        let down = MonitorStatus {
            source: self.source(&self.text),
            kind: self.text.clone(),
            service: self.text.clone(),
            target: self.text.clone(),
            severity: Severity::Critical,
            health: Health::Down,
            since: Some(at("13:00:00")),
            streak: -3,
            wrong: Some(self.outside()),
            says: Some(self.outside()),
            samples: [Some(40), None, Some(80)].into_iter().collect(),
            ..MonitorStatus::never("", Span::secs(10))
        };
        // What is up says what it saw.
        let up = MonitorStatus { health: Health::Up, wrong: None, ..down.clone() };
        self.monitors.extend([down, up]);
    }

    /// A new incident of prod-am, with this title and the engine's text in every other place.
    pub fn open(&mut self, number: u64, severity: Severity, opened: Time, title: &str) {
        let text = self.outside();
        let mut labels = Labels::from([(Outside::new("account"), text.clone())]);
        for key in ["service", "alertname", title] {
            labels.insert(Outside::new(key), text.clone());
        }
        let fingerprint = Outside::new(format!("{number}{}", self.text));
        let opening = Opening {
            title: Outside::new(title),
            severity,
            unmapped: false,
            category: Category::Outage,
            service: text.clone(),
            group: None,
            signal: Some(Box::new(Joining {
                sensitive: quell::domain::sensitive::Said::new(),
                key: SignalKey { source: "prod-am".into(), fingerprint },
                title: Outside::new(title),
                severity,
                unmapped: false,
                labels: labels.into(),
                since: opened,
                policy: None,
                held_by: None,
                watched: false,
            })),
            because: text,
            labels: Labels::new().into(),
            ack_due: None,
            recurrence_of: None,
            reported: None,
        };
        let record = record(number, opened, Actor::Engine, Entry::Opened(Box::new(opening)));
        self.incidents.insert(id(number), Arc::new(Incident::open(&record).unwrap()));
        self.records.push(record);
    }

    /// Applies an entry and keeps it, unless the transition table refuses.
    pub fn apply(
        &mut self,
        number: u64,
        now: Time,
        by: Actor,
        entry: Entry,
    ) -> Result<Arc<Incident>, String> {
        let record = record(number, now, by, entry);
        let incident = self.incidents.get_mut(&id(number)).ok_or("no such incident")?;
        let mut next = (**incident).clone();
        next.apply(&record).map_err(|illegal| illegal.to_string())?;
        *incident = Arc::new(next);
        self.records.push(record);
        Ok(Arc::clone(incident))
    }

    /// How everything is.
    pub fn changes(&self, now: Time) -> Changes {
        Changes {
            cursor: Cursor::default(),
            incidents: self.incidents.values().cloned().collect(),
            removed: Vec::new(),
            sources: self.sources.clone(),
            monitors: self.monitors.clone(),
            notices: Vec::new(),
            watch: self.watch.clone(),
            handed: None,
            holder: Some(Holder { pid: 4711, tty: Some(self.text.clone()), here: true, beat: Some(now) }),
            actions: quell::backend::ActionsNow::On,
            ledger: None,
            deaf: None,
            now,
        }
    }
}

/// A record about the incident with this number.
pub fn record(number: u64, at: Time, by: Actor, entry: Entry) -> Record {
    Record { v: FORMAT, on: None, seq: 1, at, by, incident: Some(id(number)), entry }
}
