//! Who takes the lease goes on from where its last holder stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use super::bench::{Bench, gateway_down};
use crate::backend::Backend;
use crate::domain::fault::Fault;
use crate::domain::freshness::{SourceState, SourceStatus};
use crate::domain::id::Cursor;
use crate::domain::operator::Operator;
use crate::domain::record::Entry;
use crate::domain::signal::{Answer, Signal};
use crate::domain::time::{Span, Time};
use crate::engine::lease::LOOK;
use crate::engine::{Adapters, Ahead, Engine, Setup, poller};
use crate::ledger::live::Settled;
use crate::sources::{Polled, Schedule, Source};

/// A source at which one alert fires, asked each `every` seconds.
struct Firing {
    name: &'static str,
    every: u64,
    asked: Arc<AtomicUsize>,
}

#[async_trait]
impl Source for Firing {
    fn schedule(&self) -> Schedule<'_> {
        Schedule { name: self.name, every: Span::secs(self.every), watchdog: &[] }
    }
    async fn poll(&self, now: Time) -> Result<Polled, Fault> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let signal = Signal { since: now, ..gateway_down(self.name, "5f3c") };
        Ok(Answer { signals: vec![Arc::new(signal)], left_out: 0, complete: true }.into())
    }
}

fn adapters(asked: &Arc<AtomicUsize>, sources: &[(&'static str, u64)]) -> Adapters {
    let source = |(name, every): &(&'static str, u64)| -> Arc<dyn Source> {
        Arc::new(Firing { name, every: *every, asked: Arc::clone(asked) })
    };
    Adapters { sources: sources.iter().map(source).collect(), ..Adapters::default() }
}

/// Two processes on one ledger, both with a source that is asked each 15 s.
async fn two() -> (Bench, Engine, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let sources = [("prod-am", 15)];
    let bench = Bench::with(Setup::default(), |_| adapters(&asked, &sources)).await;
    let other = bench.another_with(Setup::default(), adapters(&asked, &sources)).await;
    (bench, other, asked)
}

#[tokio::test]
async fn what_the_last_holder_opened_is_not_opened_again() {
    let (bench, other, _) = two().await;
    other.stand_in().await;
    // So long after it that it is asked again, by a process that has read none of this.
    bench.hand.advance(Span::secs(60));
    bench.engine.stand_in().await;
    let records = bench.records().await;
    let opened = records.iter().filter(|record| matches!(record.entry, Entry::Opened(_)));
    assert_eq!(opened.count(), 1);
}

#[tokio::test]
async fn what_another_asked_in_between_is_fresh() {
    let (bench, other, asked) = two().await;
    other.stand_in().await;
    bench.engine.stand_in().await;
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn who_only_hears_of_answers_calls_nothing_stale_before_its_next_look() {
    let (bench, other, _) = two().await;
    bench.engine.stand_in().await;
    other.read_live(LOOK).await;
    let states = || [&bench.engine, &other].map(|it| it.0.mirror.read().sources[0].state(bench.now()));
    bench.hand.advance(Span::millis(30_700));
    assert_eq!(states(), [SourceState::Stale, SourceState::Live]);
    bench.hand.advance(Span::millis(400));
    assert_eq!(states(), [SourceState::Stale, SourceState::Stale]);
}

async fn ahead(bench: &Bench) -> Option<Ahead> {
    let engine = &bench.engine.0;
    Ahead::begin(&engine.setup, &engine.adapters, &engine.live, &engine.clock).await
}

#[tokio::test]
async fn who_asks_before_the_ledger_is_read_holds_the_lease_and_asks_once() {
    let (bench, other, asked) = two().await;
    let begun = ahead(&bench).await;
    other.stand_in().await;
    assert!(begun.is_some() && ahead(&bench).await.is_none());
    let asked_at = bench.now();
    bench.hand.advance(Span::secs(2));
    bench.engine.stand_in_after(begun).await;
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(bench.engine.0.mirror.all().len(), 1);
    let as_of = bench.engine.0.mirror.read().sources[0].as_of;
    assert_eq!(as_of, Some(asked_at), "an answer is as old as its question");
    assert!(ahead(&bench).await.is_none(), "what is fresh is not asked");
    bench.hand.advance(Span::secs(60));
    assert!(ahead(&bench).await.is_some(), "the lease is free again");
}

#[tokio::test]
async fn what_rests_on_a_ledger_that_is_not_there_any_more_is_asked_anew() {
    let (bench, _, asked) = two().await;
    bench.engine.stand_in().await;
    bench.hand.advance(Span::secs(60));
    let (engine, status) = (&bench.engine.0, bench.engine.0.mirror.read().sources[0].clone());
    let rules = poller::rules(&engine.setup, engine.adapters.sources[0].as_ref());
    let last = engine.mirror.read().seq;
    let settled = |seq| Settled { mark: String::new(), seq, rules: rules.clone() };
    for (seq, times) in [(last, 2), (last + 1000, 4)] {
        engine.live.put_source(&status, Vec::new(), Some(&settled(seq))).await;
        bench.engine.stand_in_after(ahead(&bench).await).await;
        assert_eq!(asked.load(Ordering::SeqCst), times);
        bench.hand.advance(Span::secs(60));
    }
}

#[tokio::test]
async fn each_source_is_old_by_its_own_interval() {
    let asked = Arc::new(AtomicUsize::new(0));
    let sources = [("prod-am", 15), ("slow", 3600)];
    let bench = Bench::with(Setup::default(), |_| adapters(&asked, &sources)).await;
    bench.engine.stand_in().await;
    bench.hand.advance(Span::secs(60));
    bench.engine.stand_in().await;
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn what_was_read_in_the_future_is_old() {
    let asked = Arc::new(AtomicUsize::new(0));
    let sources = || adapters(&asked, &[("prod-am", 15)]);
    let bench = Bench::with(Setup::default(), |_| sources()).await;
    let as_of = Some(bench.now() + Span::mins(60).delta());
    let ahead = SourceStatus { as_of, ..SourceStatus::never("prod-am", Span::secs(15)) };
    bench.engine.0.live.put_source(&ahead, Vec::new(), None).await;
    bench.another_with(Setup::default(), sources()).await.stand_in().await;
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_a_signal_says_is_known_as_soon_as_its_incident_is() {
    let (bench, _, _) = two().await;
    let page = async {
        let mut bell = bench.engine.0.mirror.bell();
        loop {
            if let Some(incident) = bench.engine.0.mirror.all().first() {
                return bench.engine.signals_of(incident).await;
            }
            bell.changed().await.unwrap();
        }
    };
    let ((), signals) = tokio::join!(bench.engine.stand_in(), page);
    assert_eq!(signals.len(), 1);
}

#[tokio::test]
async fn a_lease_that_cannot_be_asked_for_is_no_calm() {
    let bench = Bench::new().await;
    let who = Operator::new("ana", "bastion");
    std::fs::create_dir(bench.state().join("engine.lock")).unwrap();
    assert!(bench.engine.ask_for_lease().await.is_none());
    let said = bench.engine.changes(&who, &Cursor::default(), Duration::ZERO).await.unwrap_err();
    assert!(said.detail.raw().contains("engine.lock cannot be locked"), "{said:?}");
    std::fs::remove_dir(bench.state().join("engine.lock")).unwrap();
    assert!(bench.engine.ask_for_lease().await.is_some());
    assert!(bench.engine.changes(&who, &Cursor::default(), Duration::ZERO).await.is_ok());
}

#[tokio::test]
async fn another_engine_is_not_taken_for_this_one_whatever_its_process_id() {
    let bench = Bench::new().await;
    bench.engine.beat();
    // As in another container, it has this process's id.
    let other = bench.another().await;
    for (engine, here) in [(&bench.engine, true), (&other, false)] {
        engine.refresh_live().await;
        assert_eq!(engine.0.mirror.read().holder.as_ref().map(|holder| holder.here), Some(here));
    }
}

/// Waits until a source was asked so often.
async fn asked_until(engine: &Engine, asked: &AtomicUsize, times: usize) {
    let who = Operator::new("ana", "bastion");
    let mut cursor = Cursor::default();
    while asked.load(Ordering::SeqCst) < times {
        cursor = engine.changes(&who, &cursor, Duration::from_secs(1)).await.unwrap().cursor;
    }
}

#[tokio::test]
async fn whoever_wants_answers_now_has_them_wherever_the_lease_is() {
    let asked = Arc::new(AtomicUsize::new(0));
    let sources = [("slow", 3600)];
    let bench = Bench::with(Setup::default(), |_| adapters(&asked, &sources)).await;
    let other = bench.another_with(Setup::default(), adapters(&asked, &sources)).await;
    let who = Operator::new("ana", "bastion");
    bench.engine.start();
    asked_until(&bench.engine, &asked, 1).await;
    bench.engine.refresh(&who).await.unwrap();
    asked_until(&bench.engine, &asked, 2).await;
    bench.hand.advance(Span::secs(3));
    other.refresh(&who).await.unwrap();
    asked_until(&bench.engine, &asked, 3).await;
}
