//! Whoever hurries: how soon that asks again, and whom it does not hurry.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;

use super::bench::Bench;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::SourceStatus;
use crate::domain::monitor::Found;
use crate::domain::signal::Answer;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::engine::setup::Watch;
use crate::engine::{Adapters, Ahead, Setup};
use crate::monitors::{self, Monitor};
use crate::os::spawn;
use crate::sources::{Polled, Schedule, Source};

/// A source that answers always the same, and tells when it was asked.
struct Asked {
    name: &'static str,
    every: Span,
    fault: Option<Fault>,
    told: UnboundedSender<Instant>,
}

#[async_trait]
impl Source for Asked {
    fn schedule(&self) -> Schedule<'_> {
        Schedule { name: self.name, every: self.every, watchdog: &[] }
    }
    async fn poll(&self, _: Time) -> Result<Polled, Fault> {
        self.told.send(Instant::now()).unwrap();
        match &self.fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(Answer::whole(Vec::new()).into()),
        }
    }
}

fn asked(
    name: &'static str,
    every: Span,
    fault: Option<Fault>,
) -> (Arc<dyn Source>, UnboundedReceiver<Instant>) {
    let (told, heard) = mpsc::unbounded_channel();
    (Arc::new(Asked { name, every, fault, told }), heard)
}

fn throttled(seconds: u64) -> Fault {
    Fault {
        status: Some(429),
        retry_after: Some(Span::secs(seconds)),
        ..Fault::new(FaultKind::Throttled, "429")
    }
}

#[tokio::test(start_paused = true)]
async fn who_hurries_all_the_time_asks_as_often_as_that_is_allowed() {
    for (fault, seconds) in [
        (None, 2),
        (Some(Fault::new(FaultKind::Unreachable, "connection refused")), 2),
        (Some(throttled(30)), 30),
        (Some(Fault::new(FaultKind::Unauthorised, "401")), 10),
        (Some(Fault::new(FaultKind::Unsigned, "no key")), 10),
    ] {
        let bench = Bench::new().await;
        // By itself it would be asked once a day.
        let (source, mut heard) = asked("prod-am", Span::mins(24 * 60), fault.clone());
        let polling = spawn::task("poller", bench.engine.clone().poll_for_ever(source));
        let mut last = None;
        for _question in 0..4 {
            let at = heard.recv().await.unwrap();
            bench.engine.0.hurried.send_replace(Some(bench.now()));
            let gap = last.replace(at).map(|last| at - last);
            let wanted = Duration::from_secs(seconds);
            assert!(
                gap.is_none_or(|gap| gap >= wanted && gap < wanted + Duration::from_millis(100)),
                "{fault:?}: {gap:?}"
            );
        }
        polling.abort();
    }
}

/// A source that takes long to answer, and tells how many ask it at once.
struct Slow {
    asking: Mutex<u32>,
    told: UnboundedSender<u32>,
}

#[async_trait]
impl Source for Slow {
    fn schedule(&self) -> Schedule<'_> {
        Schedule { name: "prod-am", every: Span::secs(1), watchdog: &[] }
    }
    async fn poll(&self, _: Time) -> Result<Polled, Fault> {
        *self.asking.lock().unwrap() += 1;
        tokio::time::sleep(Duration::from_secs(30)).await;
        self.told.send(*self.asking.lock().unwrap()).unwrap();
        *self.asking.lock().unwrap() -= 1;
        Ok(Answer::whole(Vec::new()).into())
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_hurries_an_older_answer_never_comes_after_a_newer_one() {
    let bench = Bench::new().await;
    let (told, mut heard) = mpsc::unbounded_channel();
    let source = Arc::new(Slow { asking: Mutex::default(), told });
    let polling = spawn::task("poller", bench.engine.clone().poll_for_ever(source));
    for _question in 0..3 {
        bench.engine.0.hurried.send_replace(Some(bench.now()));
        assert_eq!(heard.recv().await, Some(1), "it is asked once at a time");
    }
    polling.abort();
}

#[tokio::test(start_paused = true)]
async fn a_monitor_is_hurried_no_sooner_than_half_of_its_interval() {
    let bench = Bench::new().await;
    let (told, mut heard) = mpsc::unbounded_channel();
    let every = Span::mins(2);
    let watch = Watch { every, ..super::probed::watch() };
    let probing = spawn::task("prober", bench.engine.clone().probe_for_ever(watch, Arc::new(Probed(told))));
    let mut last = None;
    for _probe in 0..4 {
        let at = heard.recv().await.unwrap();
        bench.engine.0.hurried.send_replace(Some(bench.now()));
        let gap = last.replace(at).map(|last| at - last);
        let (half, soon) = (Duration::from_secs(60), Duration::from_millis(100));
        assert!(gap.is_none_or(|gap| gap >= half && gap < half + soon), "{gap:?}");
    }
    probing.abort();
}

/// A monitor that fails, and tells when it was asked.
struct Probed(UnboundedSender<Instant>);

#[async_trait]
impl Monitor for Probed {
    async fn probe(&self, _: &monitors::Asked) -> Found {
        self.0.send(Instant::now()).unwrap();
        Found::Wrong(Outside::new("connection refused"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_was_asked_for_is_never_cut_short_by_the_spread() {
    // Each has a spread of its own.
    for name in ["prod-am", "pd", "prom", "a", "b", "c"] {
        let bench = Bench::new().await;
        let (source, mut heard) = asked(name, Span::secs(1), Some(throttled(60)));
        let polling = spawn::task("poller", bench.engine.clone().poll_for_ever(source));
        let [first, second, third] =
            [heard.recv().await, heard.recv().await, heard.recv().await].map(Option::unwrap);
        let least = Duration::from_secs(60);
        assert!(second - first >= least && third - second >= least);
        polling.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_holder_waits_as_long_as_the_last_one_was_asked_to() {
    let bench = Bench::new().await;
    let alone_until = Some(bench.now() + Span::secs(40).delta());
    let status = SourceStatus { alone_until, ..SourceStatus::never("prod-am", Span::secs(15)) };
    bench.engine.0.mirror.write(|view| view.sources = vec![status]);
    let (source, mut heard) = asked("prod-am", Span::secs(15), None);
    let began = Instant::now();
    let polling = spawn::task("poller", bench.engine.clone().poll_for_ever(source));
    assert!(heard.recv().await.unwrap() - began >= Duration::from_secs(40));
    polling.abort();
}

#[tokio::test]
async fn commands_that_answer_once_leave_alone_what_wants_to_be() {
    let (held, mut of_held) = asked("held", Span::secs(15), Some(throttled(60)));
    let (other, mut of_other) = asked("other", Span::secs(15), None);
    let sources = vec![held, other];
    let bench =
        Bench::with(Setup::default(), |_| Adapters { sources: sources.clone(), ..Adapters::default() }).await;
    let counted =
        |heard: &mut UnboundedReceiver<Instant>| std::iter::from_fn(|| heard.try_recv().ok()).count();
    let mut asked = async |after: u64, ahead: bool| {
        bench.hand.advance(Span::secs(after));
        let engine = &bench.engine.0;
        let begun = match ahead {
            true => Ahead::begin(&engine.setup, &engine.adapters, &engine.live, &engine.clock).await,
            false => None,
        };
        bench.engine.stand_in_after(begun).await;
        (counted(&mut of_held), counted(&mut of_other))
    };
    assert_eq!(asked(0, false).await, (1, 1));
    for _again in 0..4 {
        assert_eq!(asked(1, true).await, (0, 0), "whatever can be had is there");
    }
    assert_eq!(asked(31, true).await, (0, 1), "before the ledger is read");
    assert_eq!(asked(10, false).await, (0, 0));
    assert_eq!(asked(20, false).await, (1, 1), "a minute later");
    assert_eq!(asked(40, false).await, (0, 1), "and after it");
}
