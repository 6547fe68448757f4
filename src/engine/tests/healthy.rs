//! Recovered is what has been healthy for long enough, as far as it can be seen.

use std::sync::Arc;

use async_trait::async_trait;

use super::bench::Bench;
use crate::backend::Backend;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::SourceStatus;
use crate::domain::gate::Gate;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::monitor::{Health, MonitorStatus};
use crate::domain::operator::Operator;
use crate::domain::phase::Phase;
use crate::domain::record::{CloseReason, Entry};
use crate::domain::severity::Severity;
use crate::domain::signal::{Answer, SignalKey};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::engine::poller::Memory;
use crate::engine::{Adapters, Setup};
use crate::os::clock::Hand;
use crate::sources::{Polled, Schedule, Source};

/// A monitor of the service that is asked each minute.
fn monitor(bench: &Bench, name: &str, health: Health) -> MonitorStatus {
    let source = SourceStatus { as_of: Some(bench.now()), ..SourceStatus::never(name, Span::mins(1)) };
    MonitorStatus {
        source: SourceStatus { next_poll: Some(bench.now()), ..source },
        kind: "tcp".into(),
        service: "trading".into(),
        target: "127.0.0.1:9443".into(),
        health,
        ..MonitorStatus::never(name, Span::mins(1))
    }
}

fn shows(bench: &Bench, monitors: Vec<MonitorStatus>) {
    bench.engine.0.mirror.write(|view| view.monitors = monitors);
}

/// What the ledger says of its health: each turn, and why.
async fn turns(bench: &Bench) -> Vec<(bool, String)> {
    let records = bench.records().await.into_iter();
    let turn = |entry| match entry {
        Entry::HealthTurned { healthy, detail, .. } => Some((healthy, detail.raw().to_owned())),
        _ => None,
    };
    records.filter_map(|record| turn(record.entry)).collect()
}

async fn to_recover(bench: &Bench, id: &IncidentId) {
    let waived = Some(Outside::new("a test"));
    bench.ana_does(id, Entry::PhaseMoved { to: Phase::Recover, waived }).await;
}

fn is_proved(bench: &Bench, id: &IncidentId) -> bool {
    bench.incident(id).is_met(Gate::Health, bench.now())
}

#[tokio::test]
async fn ten_minutes_up_open_the_gate_and_a_monitor_that_goes_down_closes_it() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    shows(&bench, vec![monitor(&bench, "order-gw", Health::Up)]);
    bench.pass(Span::secs(1)).await;
    assert_eq!(turns(&bench).await, [], "only Recover asks");
    to_recover(&bench, &id).await;
    for minute in 0..10 {
        shows(&bench, vec![monitor(&bench, "order-gw", Health::Up)]);
        bench.pass(Span::secs(0)).await;
        assert!(!is_proved(&bench, &id), "after {minute} minutes");
        bench.hand.advance(Span::mins(1));
    }
    assert!(is_proved(&bench, &id));
    assert_eq!(turns(&bench).await, [(true, "no signal fires, monitor order-gw is up".to_owned())]);
    shows(&bench, vec![monitor(&bench, "order-gw", Health::Down)]);
    bench.pass(Span::secs(0)).await;
    bench.pass(Span::secs(0)).await;
    assert_eq!(turns(&bench).await[1..], [(false, "monitor order-gw is DOWN".to_owned())]);
    assert!(!is_proved(&bench, &id));
    shows(&bench, vec![monitor(&bench, "order-gw", Health::Up)]);
    bench.pass(Span::secs(0)).await;
    assert!(!is_proved(&bench, &id), "it begins anew");
}

#[tokio::test]
async fn what_cannot_be_seen_is_not_healthy() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    to_recover(&bench, &id).await;
    let why = |bench: &Bench| bench.incident(&id).health.clone().map(|health| health.detail.raw().to_owned());
    bench.pass(Span::secs(1)).await;
    assert_eq!(why(&bench).as_deref(), Some("no monitor and no signal watches it"));
    shows(&bench, vec![monitor(&bench, "order-gw", Health::Up)]);
    bench.pass(Span::secs(120)).await;
    assert!(bench.incident(&id).health.as_ref().unwrap().healthy, "two intervals are not too old");
    bench.pass(Span::secs(1)).await;
    assert_eq!(why(&bench).as_deref(), Some("monitor order-gw is STALE"));
    let mut never = monitor(&bench, "order-gw", Health::Up);
    never.source.as_of = None;
    let elsewhere = MonitorStatus { service: "auth".into(), ..monitor(&bench, "auth", Health::Up) };
    let unknown = monitor(&bench, "order-gw", Health::Unknown);
    let up = || monitor(&bench, "order-ws", Health::Up);
    let mut flaps = monitor(&bench, "order-gw", Health::Up);
    (0..9).for_each(|_| flaps.flapping.turn(bench.now()));
    let mut refused = monitor(&bench, "order-gw", Health::Up);
    refused.source.ended(bench.now(), Some(Fault::new(FaultKind::Unauthorised, "status 401")));
    for sick in [vec![never], vec![refused], vec![up(), unknown], vec![flaps], vec![elsewhere], vec![]] {
        shows(&bench, vec![monitor(&bench, "order-gw", Health::Up)]);
        bench.pass(Span::secs(0)).await;
        assert!(bench.incident(&id).health.as_ref().unwrap().healthy);
        shows(&bench, sick.clone());
        bench.pass(Span::secs(0)).await;
        assert!(!bench.incident(&id).health.as_ref().unwrap().healthy, "{sick:#?}");
    }
}

#[tokio::test]
async fn a_signal_that_fires_is_not_healthy_and_one_that_was_cleared_watches_it() {
    let bench = Bench::new().await;
    let id = bench.fire().await;
    to_recover(&bench, &id).await;
    bench.pass(Span::secs(1)).await;
    assert_eq!(turns(&bench).await, [(false, "1 of its signals fires".to_owned())]);
    let key = SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") };
    bench.ana_does(&id, Entry::SignalCleared { key, because: "absent".into() }).await;
    bench.pass(Span::secs(1)).await;
    assert_eq!(turns(&bench).await[1..], [(true, "no signal fires".to_owned())]);
}

/// A source by the name of the one whose signals fire here, which is asked for ever and answers nothing.
struct Quiet;

#[async_trait]
impl Source for Quiet {
    fn schedule(&self) -> Schedule<'_> {
        Schedule { name: "prod-am", every: Span::mins(1), watchdog: &[] }
    }
    async fn poll(&self, _: Time) -> Result<Polled, Fault> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn what_cleared_is_healthy_only_while_its_source_can_see() {
    let adapters = |_: &Hand| Adapters { sources: vec![Arc::new(Quiet)], ..Adapters::default() };
    let bench = Bench::with(Setup::default(), adapters).await;
    let id = bench.fire().await;
    to_recover(&bench, &id).await;
    let key = SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") };
    bench.ana_does(&id, Entry::SignalCleared { key, because: "absent".into() }).await;
    let answers = |failures: u32| {
        let fault = (failures > 0).then(|| Fault::new(FaultKind::Unreachable, "connection refused"));
        let status = SourceStatus::never("prod-am", Span::mins(1));
        let status = SourceStatus { as_of: Some(bench.now()), failures, fault, ..status };
        bench.engine.0.mirror.write(|view| view.sources = vec![status]);
    };
    answers(0);
    bench.pass(Span::secs(1)).await;
    answers(2);
    bench.pass(Span::mins(10)).await;
    assert!(!is_proved(&bench, &id), "nobody looked for ten minutes");
    bench.pass(Span::secs(1)).await;
    answers(0);
    bench.pass(Span::secs(1)).await;
    let said = |(healthy, why): &(bool, String)| format!("{healthy}: {why}");
    let turned: Vec<String> = turns(&bench).await.iter().map(said).collect();
    assert_eq!(turned, ["true: no signal fires", "false: source prod-am is DOWN", "true: no signal fires"]);
    bench.pass(Span::mins(2)).await;
    assert!(!is_proved(&bench, &id), "it begins anew");
    // It answers, and is told nothing.
    answers(0);
    bench.engine.0.mirror.write(|view| view.sources[0].watchdog_missing = vec!["Watchdog".to_owned()]);
    bench.pass(Span::millis(1)).await;
    assert_eq!(turns(&bench).await.last().map(said).as_deref(), Some("false: source prod-am is PARTIAL"));
}

#[tokio::test]
async fn why_it_is_not_healthy_follows_what_is_wrong_and_since_when_does_not() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    to_recover(&bench, &id).await;
    let both = |order: Health, auth: Health| {
        shows(&bench, vec![monitor(&bench, "order-gw", order), monitor(&bench, "order-ws", auth)]);
    };
    both(Health::Down, Health::Up);
    bench.pass(Span::secs(1)).await;
    let since = bench.incident(&id).health.as_ref().unwrap().since;
    both(Health::Up, Health::Down);
    bench.pass(Span::secs(1)).await;
    bench.pass(Span::secs(1)).await;
    let health = bench.incident(&id).health.clone().unwrap();
    assert_eq!((health.detail.raw(), health.since), ("monitor order-ws is DOWN", since));
    assert_eq!(turns(&bench).await.len(), 2, "each reason once");
}

/// A source by the same name that answers at once: nothing fires.
struct Clear;

#[async_trait]
impl Source for Clear {
    fn schedule(&self) -> Schedule<'_> {
        Schedule { name: "prod-am", every: Span::mins(1), watchdog: &[] }
    }
    async fn poll(&self, _: Time) -> Result<Polled, Fault> {
        Ok(Answer { signals: Vec::new(), left_out: 0, complete: true }.into())
    }
}

/// In Recover and healthy since a minute, as its source and its holder say; then nobody looks for an hour.
async fn left_alone() -> (Bench, IncidentId) {
    let adapters = |_: &Hand| Adapters { sources: vec![Arc::new(Clear)], ..Adapters::default() };
    let bench = Bench::with(Setup::default(), adapters).await;
    let id = bench.fire().await;
    let key = SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") };
    bench.ana_does(&id, Entry::SignalCleared { key, because: "absent".into() }).await;
    to_recover(&bench, &id).await;
    looks(&bench).await;
    bench.hand.advance(Span::mins(60));
    assert!(is_proved(&bench, &id), "as far as the ledger goes");
    (bench, id)
}

/// The holder of the lease asks, and keeps its deadlines.
async fn looks(bench: &Bench) {
    let source = Arc::clone(&bench.engine.0.adapters.sources[0]);
    bench.engine.poll_once(&source, &mut Memory::new(false), bench.now()).await;
    bench.pass(Span::secs(1)).await;
}

async fn resolves(bench: &Bench, id: &IncidentId) -> Result<(), String> {
    let closed = Entry::Closed { reason: CloseReason::Resolved, note: None };
    let (ana, version) = (Operator::new("ana", "bastion"), bench.incident(id).version);
    let done = bench.engine.record(&ana, id, version, closed).await;
    done.map(drop).map_err(|refusal| refusal.message.raw().to_owned())
}

#[tokio::test]
async fn whoever_ends_it_after_nobody_looked_is_told_that_nothing_is_proved() {
    let (bench, id) = left_alone().await;
    let refused = resolves(&bench, &id).await.unwrap_err();
    assert!(refused.contains("healthy for long enough"), "{refused}");
    assert_eq!(turns(&bench).await[1..], [(false, "source prod-am is STALE".to_owned())]);
    for _ in 0..11 {
        looks(&bench).await;
        bench.hand.advance(Span::mins(1));
    }
    resolves(&bench, &id).await.unwrap();
    assert_eq!(bench.incident(&id).phase, Phase::Review);
    assert!(!bench.incident(&id).is_waived(Phase::Recover), "it was looked at all the time");
}

#[tokio::test]
async fn what_a_command_reads_afterwards_does_not_cover_up_that_nobody_looked() {
    let (bench, id) = left_alone().await;
    bench.engine.stand_in().await;
    assert_eq!(turns(&bench).await[1..], [(false, "source prod-am is STALE".to_owned())]);
    assert!(!is_proved(&bench, &id));
    assert!(resolves(&bench, &id).await.is_err());
}

#[tokio::test]
async fn nor_does_the_next_holder_of_the_lease() {
    let (bench, id) = left_alone().await;
    bench.engine.start();
    let turned =
        |it: &Incident| it.health.as_ref().is_some_and(|it| it.since > bench.now() - Span::mins(1).delta());
    bench.until(&id, turned).await;
    bench.until(&id, |it| it.health.as_ref().is_some_and(|health| health.healthy)).await;
    let turned: Vec<bool> = turns(&bench).await.into_iter().map(|(healthy, _)| healthy).collect();
    assert_eq!(turned, [true, false, true], "it begins anew");
    assert!(!is_proved(&bench, &id));
}
