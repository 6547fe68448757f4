//! What sources say is known after they say it no more, and one thing that two of them say at once is one incident.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::bench::{Bench, gateway_down};
use crate::backend::Backend;
use crate::domain::fault::Fault;
use crate::domain::id::IncidentId;
use crate::domain::monitor::MonitorStatus;
use crate::domain::notice::NoticeKind;
use crate::domain::operator::{Actor, Operator};
use crate::domain::record::{CloseReason, Entry};
use crate::domain::severity::Severity;
use crate::domain::signal::{Answer, Packed, Signal, SignalKey};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::domain::upstream::Upstream;
use crate::engine::due::notice;
use crate::engine::poller::Memory;
use crate::engine::{Adapters, Engine, Setup};
use crate::ledger::Draft;
use crate::sources::{Polled, Schedule, Source};

/// A source that says what the test makes it say.
struct Says {
    name: &'static str,
    signals: Mutex<Vec<Signal>>,
}

impl Says {
    fn new(name: &'static str, fingerprints: &[&str]) -> Arc<Self> {
        let says = Arc::new(Self { name, signals: Mutex::default() });
        says.now_says(fingerprints);
        says
    }

    fn now_says(&self, fingerprints: &[&str]) {
        *self.signals.lock().unwrap() = fingerprints.iter().map(|it| signal(self.name, it)).collect();
    }
}

#[async_trait]
impl Source for Says {
    fn schedule(&self) -> Schedule<'_> {
        Schedule { name: self.name, every: Span::secs(15), watchdog: &[] }
    }
    async fn poll(&self, _now: Time) -> Result<Polled, Fault> {
        let signals = self.signals.lock().unwrap().iter().cloned().map(Arc::new).collect();
        Ok(Answer { signals, left_out: 0, complete: true }.into())
    }
}

fn signal(source: &str, fingerprint: &str) -> Signal {
    let label = |name: &str, value: &str| (Outside::new(name), Outside::new(value));
    Signal {
        description: Outside::new(format!("request_id=req-{fingerprint}")),
        labels: Packed::from([label("service", "trading"), label("order_id", &format!("ord-{fingerprint}"))]),
        since: "2026-11-20T14:00:00Z".parse().unwrap(),
        upstream: Some(Box::new(Upstream { id: Outside::new("4711"), ..Upstream::default() })),
        ..gateway_down(source, fingerprint)
    }
}

async fn polls(engine: &Engine, memory: &mut Memory, source: &Arc<Says>) {
    let source: Arc<dyn Source> = Arc::clone(source) as _;
    engine.poll_once(&source, memory, engine.now()).await;
}

/// Every value of an item of the packet, with where it was found.
async fn found(engine: &Engine, id: &IncidentId, item: &str) -> Vec<String> {
    let incident = engine.incident_now(id).await.unwrap();
    let packet = engine.packet_on(&incident, "incident").await.unwrap();
    let item = packet.items.into_iter().find(|it| it.name == item);
    let values = item.map(|item| item.values).unwrap_or_default();
    values.iter().map(|fact| format!("{} [{}]", fact.value.safe(), fact.whence.words())).collect()
}

#[tokio::test]
async fn what_an_alert_said_is_in_the_packet_after_it_cleared_and_after_a_restart() {
    let source = Says::new("prod-am", &["5f3c"]);
    let bench = Bench::new().await;
    let (engine, mut memory) = (&bench.engine, Memory::default());
    polls(engine, &mut memory, &source).await;
    let id = engine.0.mirror.all()[0].id.clone();
    let detail = "req-5f3c [/description/request_id of gateway";
    assert_eq!(found(engine, &id, "request ids").await, [format!("{detail}]")]);

    bench.hand.advance(Span::secs(31));
    source.now_says(&[]);
    polls(engine, &mut memory, &source).await;
    assert_eq!(bench.incident(&id).firing(), 0);
    let cleared = [format!("{detail}, alert cleared 14:00:31Z]")];
    let label = ["ord-5f3c [label order_id of gateway, alert cleared 14:00:31Z]"];
    assert_eq!(found(engine, &id, "request ids").await, cleared);
    assert_eq!(found(engine, &id, "order ids").await, label);
    let ana = Operator::new("ana", "bastion");
    let signals = engine.incident(&ana, &id.to_string()).await.unwrap().signals;
    assert_eq!((signals.len(), &signals[0].upstream), (1, &None), "what it does by itself is not known");

    let next = bench.another().await;
    assert_eq!(found(&next, &id, "request ids").await, cleared);
    // With nothing beside the ledger, what that knows still serves.
    for name in ["live.db", "live.db-wal", "live.db-shm"] {
        drop(std::fs::remove_file(bench.state().join(name)));
    }
    let bare = bench.another().await;
    assert!(found(&bare, &id, "request ids").await.is_empty());
    assert_eq!(found(&bare, &id, "order ids").await, label);
}

#[tokio::test]
async fn what_fires_is_said_first_and_what_cleared_is_said_all_the_same() {
    let source = Says::new("prod-am", &["5f3c", "9a1b"]);
    let bench = Bench::new().await;
    let (engine, mut memory) = (&bench.engine, Memory::default());
    polls(engine, &mut memory, &source).await;
    source.now_says(&["9a1b"]);
    polls(engine, &mut memory, &source).await;
    let id = engine.0.mirror.all()[0].id.clone();
    for (item, values) in [("request ids", ["req-9a1b", "req-5f3c"]), ("order ids", ["ord-9a1b", "ord-5f3c"])]
    {
        let found = found(engine, &id, item).await;
        assert!(found[0].starts_with(values[0]) && !found[0].contains("cleared"), "{found:?}");
        assert!(found[1].starts_with(values[1]) && found[1].contains("cleared 14:00:00Z"), "{found:?}");
    }
}

#[tokio::test]
async fn what_alerts_of_an_ended_incident_said_is_let_go() {
    let source = Says::new("prod-am", &["5f3c"]);
    let bench = Bench::new().await;
    let (engine, mut memory) = (&bench.engine, Memory::default());
    polls(engine, &mut memory, &source).await;
    let id = engine.0.mirror.all()[0].id.clone();
    source.now_says(&["77aa"]);
    polls(engine, &mut memory, &source).await;
    assert!(engine.0.live.last_said("prod-am", "5f3c").await.is_some());
    let note = Some(Outside::new("a drill"));
    bench.ana_does(&id, Entry::Closed { reason: CloseReason::FalseAlarm, note }).await;
    source.now_says(&[]);
    polls(engine, &mut memory, &source).await;
    assert_eq!(engine.0.live.last_said("prod-am", "5f3c").await, None);
}

#[tokio::test]
async fn what_a_probe_found_wrong_is_in_the_packet_after_it_is_up_again() {
    let bench = Bench::new().await;
    let id = bench.fire().await;
    let (service, target) = ("trading".to_owned(), "https://gw.example.com/health".to_owned());
    let monitor = MonitorStatus { service, target, ..MonitorStatus::never("order-gw", Span::secs(10)) };
    bench.engine.0.mirror.write(|view| view.monitors.push(monitor));
    assert!(found(&bench.engine, &id, "endpoints").await.is_empty());
    for (up, detail) in [(false, "request_id=r-7"), (true, "status 200")] {
        bench.hand.advance(Span::secs(30));
        let (monitor, detail) = ("order-gw".to_owned(), Outside::new(detail));
        bench.ana_does(&id, Entry::MonitorTurned { monitor, up, detail }).await;
    }
    let whence = "[probe of order-gw, up again 14:01:00Z]";
    let said = |value: &str| [format!("{value} {whence}")];
    assert_eq!(found(&bench.engine, &id, "endpoints").await, said("https://gw.example.com/health"));
    assert_eq!(found(&bench.engine, &id, "request ids").await, said("r-7"));
}

#[tokio::test]
async fn one_thing_that_several_sources_see_at_once_is_one_incident() {
    let names = ["a", "b", "c"];
    let sources = names.map(|name| Says::new(name, &["5f3c"]));
    let bench = Bench::with(Setup::default(), |_| Adapters::default()).await;
    let poll = async |source: &Arc<Says>| polls(&bench.engine, &mut Memory::default(), source).await;
    tokio::join!(poll(&sources[0]), poll(&sources[1]), poll(&sources[2]));
    let all = bench.engine.0.mirror.all();
    let signals: Vec<usize> = all.iter().map(|incident| incident.signals.len()).collect();
    assert_eq!(signals, [3]);
}

#[tokio::test]
async fn of_what_is_refused_nobody_is_told() {
    let bench = Bench::new().await;
    let id = bench.fire().await;
    let key =
        |fingerprint: &str| SignalKey { source: "prod-am".into(), fingerprint: Outside::new(fingerprint) };
    let (key, gone) = (key("5f3c"), key("c0de"));
    let turned = Entry::UpstreamTurned {
        key: gone,
        held_by: None,
        exhausted: true,
        unnamed_state: None,
        pages_again: false,
    };
    let told = notice(NoticeKind::Escalation, &bench.incident(&id), "nobody answered".to_owned());
    let sorted = Entry::SignalResorted { key, severity: Severity::Critical, unmapped: false };
    let draft = |entry| Draft::of(&id, Actor::Engine, bench.now(), entry);
    bench.engine.note_each(vec![[turned, told, sorted].map(draft).to_vec()]).await;
    assert_eq!(
        (bench.incident(&id).signals.values().map(|it| it.severity).max(), bench.notices().await),
        (Some(Severity::Critical), Vec::new())
    );
}
