//! What a source says is taken in whole, or counts as not said.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::bench::{Bench, gateway_down};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::signal::Answer;
use crate::domain::time::{Span, Time};
use crate::engine::poller::Memory;
use crate::sources::{Polled, Schedule, Source};

/// A source that says one thing after the other, and counts how often it was asked in its mark.
struct Scripted {
    says: Mutex<VecDeque<Result<Polled, Fault>>>,
    asked: Mutex<u32>,
}

#[async_trait]
impl Source for Scripted {
    fn schedule(&self) -> Schedule<'_> {
        Schedule { name: "prom", every: Span::secs(15), watchdog: &[] }
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
    Arc::new(Scripted { says: Mutex::new(says.into_iter().collect()), asked: Mutex::default() })
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
