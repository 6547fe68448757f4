//! What a source says is taken in whole, or counts as not said.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::bench::{Bench, gateway_down};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::SourceState;
use crate::domain::signal::{Answer, Signal};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::engine::poller::Memory;
use crate::engine::{Adapters, Setup};
use crate::sources::{Polled, Schedule, Source};

/// A source that says one thing after the other, and counts how often it was asked in its mark.
struct Scripted {
    watchdog: Vec<String>,
    says: Mutex<VecDeque<Result<Polled, Fault>>>,
    asked: Mutex<u32>,
}

#[async_trait]
impl Source for Scripted {
    fn schedule(&self) -> Schedule<'_> {
        Schedule { name: "prom", every: Span::secs(15), watchdog: &self.watchdog }
    }
    async fn poll(&self, _now: Time) -> Result<Polled, Fault> {
        *self.asked.lock().unwrap() += 1;
        self.says.lock().unwrap().pop_front().unwrap()
    }
    fn mark(&self) -> Option<String> {
        Some(self.asked.lock().unwrap().to_string())
    }
}

fn scripted(says: impl IntoIterator<Item = Result<Polled, Fault>>) -> Arc<dyn Source> {
    watched(says, Vec::new())
}

/// The same, of which these always fire.
fn watched(says: impl IntoIterator<Item = Result<Polled, Fault>>, watchdog: Vec<String>) -> Arc<dyn Source> {
    Arc::new(Scripted { watchdog, says: Mutex::new(says.into_iter().collect()), asked: Mutex::default() })
}

/// An answer in which alerts of one name fire, under these fingerprints.
fn firing(fingerprints: &[&str]) -> Result<Polled, Fault> {
    let signal = |fingerprint: &&str| Arc::new(gateway_down("prom", fingerprint));
    Ok(Answer { signals: fingerprints.iter().map(signal).collect(), left_out: 0, complete: true }.into())
}

#[tokio::test]
async fn what_cannot_be_written_of_one_signal_holds_up_no_other_of_its_incident() {
    let bench = Bench::new().await;
    let source = scripted([firing(&["a"]), firing(&["a", "b", "b", "c"]), firing(&["c"])]);
    let mut memory = Memory::new(false);
    for _ in 0..3 {
        bench.engine.poll_once(&source, &mut memory, bench.now()).await;
        bench.hand.advance(Span::secs(15));
    }
    let all = bench.engine.0.mirror.all();
    assert_eq!(all.len(), 1);
    let cleared: Vec<_> =
        all[0].signals.iter().map(|(key, it)| (key.as_str(), it.cleared.is_some())).collect();
    assert_eq!(cleared, [("prom\0a", true), ("prom\0b", true), ("prom\0c", false)]);
}

#[tokio::test]
async fn while_its_watchdog_is_missing_nothing_clears_and_nothing_closes_itself() {
    let dog = || Signal { alertname: Outside::new("Watchdog"), ..gateway_down("prom", "w") };
    let with_dog = |fingerprints: &[&str]| {
        let mut polled = firing(fingerprints).unwrap();
        polled.answer.as_mut().unwrap().signals.push(Arc::new(dog()));
        Ok(polled)
    };
    let says =
        [with_dog(&["a"]), firing(&[]), with_dog(&[]), firing(&[]), Ok(Polled::default()), with_dog(&[])];
    let source = watched(says, vec!["Watchdog".to_owned()]);
    let adapters = Adapters { sources: vec![Arc::clone(&source)], ..Adapters::default() };
    let bench = Bench::with(Setup::default(), |_| adapters).await;
    let mut memory = Memory::new(false);
    let mut saw = Vec::new();
    for _ in 0..6 {
        bench.engine.poll_once(&source, &mut memory, bench.now()).await;
        bench.pass(Span::millis(1)).await;
        let all = bench.engine.0.mirror.all();
        let state = bench.engine.0.mirror.read().sources[0].state(bench.now());
        saw.push((
            all.iter().map(|it| it.firing()).sum::<usize>(),
            all.iter().any(|it| it.phase.is_open()),
            state,
        ));
        bench.hand.advance(bench.engine.0.setup.clear_after);
    }
    let (live, partial) = (SourceState::Live, SourceState::Partial);
    let expected = [
        (1, true, live),
        (1, true, partial),
        (0, true, live),
        // Long enough ago, and nobody can know.
        (0, true, partial),
        (0, true, partial),
        (0, false, live),
    ];
    assert_eq!(saw, expected);
}

#[tokio::test]
async fn what_takes_several_questions_is_as_old_as_the_last_of_them() {
    let bench = Bench::new().await;
    let long = firing(&["a"]).map(|polled| Polled { after: Span::secs(14), ..polled });
    let (source, asked) = (scripted([long]), bench.now());
    bench.engine.poll_once(&source, &mut Memory::new(false), asked).await;
    let as_of = bench.engine.0.mirror.read().sources[0].as_of;
    assert_eq!(as_of, Some(asked + Span::secs(14).delta()));
}

#[tokio::test]
async fn what_a_poll_that_failed_left_behind_is_no_memory_of_what_was_said() {
    let bench = Bench::new().await;
    let late = Err(Fault::new(FaultKind::NoAnswer, "no answer within 5 s"));
    let source = scripted([firing(&["a"]), Ok(Polled::default()), late]);
    let mut memory = Memory::new(false);
    let mut marks = Vec::new();
    for _ in 0..3 {
        bench.engine.poll_once(&source, &mut memory, bench.now()).await;
        marks.push(bench.engine.0.live.settled("prom").await.map(|settled| settled.mark));
        bench.hand.advance(Span::secs(15));
    }
    assert_eq!(marks, [None, Some("2".to_owned()), None]);
}
