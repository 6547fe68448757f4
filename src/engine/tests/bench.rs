//! An engine on files of its own, whose time is turned by hand.

use std::path::Path;
use std::sync::Arc;

use crate::domain::category::Category;
use crate::domain::deadline::DeadlineKind;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::NoticeKind;
use crate::domain::opening::{Joining, Opening};
use crate::domain::operator::{Actor, Operator};
use crate::domain::rank;
use crate::domain::record::{DeadlineNear, DeadlinePassed, DeadlineSet, DeadlineWithdrawn, Entry, Record};
use crate::domain::severity::Severity;
use crate::domain::signal::{Labels, Packed, Signal, SignalKey, Standing};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::engine::deadlines::Sight;
use crate::engine::{Adapters, Engine, Setup};
use crate::ledger::live::Live;
use crate::ledger::{Draft, Ledger};
use crate::os::clock::{Clock, Hand};

/// An engine, its files and its clock.
pub struct Bench {
    pub engine: Engine,
    pub hand: Hand,
    clock: Clock,
    folder: tempfile::TempDir,
    sight: tokio::sync::Mutex<Option<Sight>>,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(Setup::default(), |_| Adapters::default()).await
    }

    /// One with these adapters, which may turn its clock.
    pub async fn with(setup: Setup, adapters: impl FnOnce(&Hand) -> Adapters) -> Self {
        let (clock, hand) = Clock::by_hand("2026-11-20T14:00:00Z".parse().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(&folder, setup, adapters(&hand), clock.clone()).await;
        Self { engine, hand, clock, folder, sight: tokio::sync::Mutex::default() }
    }

    /// The engine of another process on the same files, which begins now.
    pub async fn another(&self) -> Engine {
        self.another_with(Setup::default(), Adapters::default()).await
    }

    /// The same, with these adapters.
    pub async fn another_with(&self, setup: Setup, adapters: Adapters) -> Engine {
        engine(&self.folder, setup, adapters, self.clock.clone()).await
    }

    /// Where its files stand.
    pub fn state(&self) -> &Path {
        self.folder.path()
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Opens an incident of this severity by hand.
    pub async fn open(&self, severity: Severity) -> IncidentId {
        self.begin(Opening { severity, ..opening() }).await
    }

    /// Opens one that a signal fires for.
    pub async fn fire(&self) -> IncidentId {
        self.fire_with("alertname", "gateway").await
    }

    /// A signal without labels.
    pub fn joining(&self) -> Joining {
        Joining {
            sensitive: crate::domain::sensitive::Said::new(),
            key: SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") },
            title: Outside::new("gateway"),
            severity: Severity::High,
            unmapped: false,
            labels: Packed::default(),
            since: self.now(),
            policy: None,
            held_by: None,
            watched: false,
        }
    }

    /// One that a signal with this label fires for.
    pub async fn fire_with(&self, label: &str, value: &str) -> IncidentId {
        let labels = Packed::from([(Outside::new(label), Outside::new(value))]);
        let signal = Joining { labels, ..self.joining() };
        self.begin(Opening { signal: Some(Box::new(signal)), ..opening() }).await
    }

    async fn begin(&self, opening: Opening) -> IncidentId {
        let draft = Draft::opening(ana(), self.now(), Entry::Opened(Box::new(opening)));
        self.engine.append(vec![draft]).await.unwrap()[0].record.incident.clone().unwrap()
    }

    /// Ana's engine writes this down.
    pub async fn ana_does(&self, id: &IncidentId, entry: Entry) {
        self.engine.append(vec![self.by_ana(id, entry)]).await.unwrap();
    }

    /// Ana's other process writes this down; this engine has not read it yet.
    pub async fn elsewhere(&self, id: &IncidentId, entry: Entry) {
        self.engine.ledger().append(vec![self.by_ana(id, entry)]).await.unwrap();
    }

    fn by_ana(&self, id: &IncidentId, entry: Entry) -> Draft {
        Draft::of(id, ana(), self.now(), entry)
    }

    /// This much later, the holder of the lease looks once; it remembers what it looked at before.
    pub async fn pass(&self, span: Span) {
        self.hand.advance(span);
        let mut sight = self.sight.lock().await;
        self.engine.keep_deadlines(sight.get_or_insert_with(|| self.engine.sight())).await;
    }

    /// The incidents that the holder of the lease would look at now.
    pub async fn looks_at(&self) -> Vec<IncidentId> {
        let mut sight = self.sight.lock().await;
        let restless = &mut sight.get_or_insert_with(|| self.engine.sight()).restless;
        let all = restless.wake(&self.engine.0.mirror.read(), self.now());
        all.iter().map(|incident| incident.id.clone()).collect()
    }

    /// The holder of the lease looks for actions whose executor died.
    pub async fn recover(&self) {
        self.engine.recover(self.engine.0.mirror.all()).await;
    }

    /// At this time, the holder of the lease looks once.
    pub async fn to(&self, at: &str) {
        let at: Time = at.parse().unwrap();
        self.pass(Span::millis((at - self.now()).num_milliseconds().try_into().unwrap())).await;
    }

    /// An incident as this engine knows it.
    pub fn incident(&self, id: &IncidentId) -> Arc<Incident> {
        self.engine.find(id).unwrap()
    }

    /// Every incident, by rank.
    pub async fn ranked(&self) -> Vec<IncidentId> {
        let all = self.engine.0.mirror.all();
        rank::order(all.iter().map(|incident| &**incident), self.now())
    }

    /// What the ledger says of deadlines, those of pages aside, and that somebody was told: `set timer 1 11-20 14:03:00`.
    pub async fn dues(&self) -> Vec<String> {
        let due = |entry| match entry {
            Entry::DeadlineSet(DeadlineSet { deadline, name, due, .. }) => {
                let name = if deadline == DeadlineKind::Timer { String::new() } else { name };
                Some(format!("set {} {name} {}", deadline.word(), due.format("%m-%d %H:%M:%S")))
            }
            Entry::DeadlineNear(DeadlineNear { deadline, name, .. }) => {
                Some(format!("near {} {name}", deadline.word()))
            }
            Entry::DeadlinePassed(DeadlinePassed { deadline, name, .. }) => {
                Some(format!("missed {} {name}", deadline.word()))
            }
            Entry::DeadlineWithdrawn(DeadlineWithdrawn { deadline, name, .. }) => {
                Some(format!("withdrawn {} {name}", deadline.word()))
            }
            Entry::NoticeRaised(notice) if notice.kind == NoticeKind::Deadline => Some("notice".to_owned()),
            _ => None,
        };
        let of_response = |entry: &Entry| match entry {
            Entry::DeadlineSet(DeadlineSet { deadline, .. })
            | Entry::DeadlinePassed(DeadlinePassed { deadline, .. }) => {
                !matches!(deadline, DeadlineKind::Ack | DeadlineKind::Step)
            }
            _ => true,
        };
        let entries = self.records().await.into_iter().map(|record| record.entry);
        entries.filter(of_response).filter_map(due).collect()
    }

    /// What people were told.
    pub async fn notices(&self) -> Vec<String> {
        let told = |entry| match entry {
            Entry::NoticeRaised(notice) => Some(notice.text.raw().to_owned()),
            _ => None,
        };
        self.records().await.into_iter().filter_map(|record| told(record.entry)).collect()
    }

    /// Everything that is in the ledger.
    pub async fn records(&self) -> Vec<Record> {
        self.engine.ledger().records(1, 1000).await.unwrap()
    }

    /// Waits until this engine knows an incident to be so.
    pub async fn until(&self, id: &IncidentId, so: impl Fn(&Incident) -> bool) -> Arc<Incident> {
        let mut bell = self.engine.0.mirror.bell();
        loop {
            if let Some(incident) = self.engine.find(id).filter(|incident| so(incident)) {
                return incident;
            }
            bell.changed().await.unwrap();
        }
    }
}

async fn engine(folder: &tempfile::TempDir, setup: Setup, adapters: Adapters, clock: Clock) -> Engine {
    let setup = Setup { state: folder.path().to_owned(), ..setup };
    let ledger = Ledger::open(&folder.path().join("ledger.db"), "ANA").unwrap();
    let live = Live::open(&folder.path().join("live.db")).unwrap();
    Engine::new(setup, adapters, ledger, live, clock).await.unwrap()
}

fn ana() -> Actor {
    Actor::Person(Operator::new("ana", "bastion"))
}

fn opening() -> Opening {
    Opening {
        title: Outside::new("gateway"),
        severity: Severity::High,
        unmapped: false,
        category: Category::Outage,
        service: Outside::new("trading"),
        group: None,
        signal: None,
        because: Outside::new("a test"),
        labels: Labels::new().into(),
        ack_due: None,
        recurrence_of: None,
        reported: None,
    }
}

/// An alert that fires and says nothing else.
pub(super) fn gateway_down(source: &str, fingerprint: &str) -> Signal {
    Signal {
        key: SignalKey { source: source.into(), fingerprint: Outside::new(fingerprint) },
        title: Outside::new("gateway"),
        alertname: Outside::new("GatewayDown"),
        description: Outside::default(),
        labels: Packed::default(),
        annotations: Packed::default(),
        runbook: None,
        link: None,
        since: Time::UNIX_EPOCH,
        standing: Standing::Firing,
        upstream: None,
        undecodable: false,
        watched: false,
    }
}
