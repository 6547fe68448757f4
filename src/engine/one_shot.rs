//! What a command that answers once does in place of a holder of the lease, where there is none.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::JoinHandle;

use super::poller::{self, Memory};
use super::{Adapters, Engine, Setup, Source, lease};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::SourceStatus;
use crate::domain::monitor::watched;
use crate::domain::time::{Span, Time};
use crate::ledger::live::Live;
use crate::ledger::lock::Lock;
use crate::os::clock::Clock;
use crate::os::spawn;
use crate::sources::{Polled, Schedule};

/// How long each source may take.
const AT_MOST: Duration = Duration::from_secs(5);

/// The lease, held for one answer, and the sources that are asked already while the ledger is still being read.
pub struct Ahead {
    lock: Lock,
    at: Time,
    /// Each in its place; none of one that is left alone.
    asked: Vec<Option<Begun>>,
}

/// A source that is asked.
struct Begun {
    /// The last record there was when it said what it is known to have said.
    recalled: Option<u64>,
    answer: JoinHandle<Result<Polled, Fault>>,
}

impl Ahead {
    /// If any source or monitor is older than two of its intervals and nobody holds the lease: takes it and asks each
    /// source.
    pub async fn begin(setup: &Setup, adapters: &Adapters, live: &Live, clock: &Clock) -> Option<Self> {
        let at = clock.now();
        let is_old = async || {
            let (sources, monitors) = (live.sources().await, live.monitors().await);
            is_old(setup, adapters, &watched(&sources, &monitors), at)
        };
        if !is_old().await {
            return None;
        }
        // Where it cannot be asked for, that is said by who needs it next.
        let lock = Lock::try_take(&lease::path(setup)).ok()??;
        // Whoever held it until now may have asked.
        if !is_old().await {
            return None;
        }
        let mut asked = Vec::new();
        let known = live.sources().await;
        for source in &adapters.sources {
            let status = known.iter().find(|status| status.name == source.name());
            if status.is_some_and(|status| status.left_alone(at).is_some()) {
                asked.push(None);
                continue;
            }
            let recalled = poller::recall(setup, live, source.as_ref()).await;
            let source = Arc::clone(source);
            let answer = spawn::task("asking", async move { in_time(source.as_ref(), at).await });
            asked.push(Some(Begun { recalled, answer }));
        }
        Some(Self { lock, at, asked })
    }
}

impl Engine {
    /// If nobody holds the lease: takes it, finds the actions whose executor died, asks each source and monitor once
    /// if any is older than two of its intervals, and lets go. Runs no deadlines; only what nobody saw is not healthy.
    pub async fn stand_in(&self) {
        self.stand_in_after(None).await;
    }

    /// The same, where that has begun before there was an engine.
    pub async fn stand_in_after(&self, ahead: Option<Ahead>) {
        if self.0.ledger.trouble().is_some() {
            return;
        }
        let (lock, at, asked) = match ahead {
            Some(Ahead { lock, at, asked }) => (lock, at, asked),
            None if !self.is_old() && !self.has_unfinished() => return,
            None => match self.take_lease().await {
                Ok(Some(lock)) => (lock, self.now(), Vec::new()),
                Ok(None) => return,
                Err(error) => return tracing::warn!(%error, "nothing was asked"),
            },
        };
        self.note_configuration().await;
        self.recover(self.0.mirror.all()).await;
        // Whoever held it until now may have asked.
        if !asked.is_empty() || self.is_old() {
            // What they say now would cover up that nobody looked.
            self.doubt_health().await;
            self.ask_once(at, asked).await;
        }
        drop(lock);
    }

    /// Whether any source or monitor is older than two of its intervals.
    fn is_old(&self) -> bool {
        let view = self.0.mirror.read();
        is_old(&self.0.setup, &self.0.adapters, &view.watched(), self.now())
    }

    async fn ask_once(&self, at: Time, asked: Vec<Option<Begun>>) {
        let mut asked = asked.into_iter();
        let is_left_alone = |name: &str| self.0.mirror.read().left_alone(name, at).is_some();
        let sources = self.0.adapters.sources.iter().map(|source| (source, asked.next().flatten()));
        let sources = sources.filter(|(source, asked)| asked.is_some() || !is_left_alone(source.name()));
        let sources = sources.map(|(source, asked)| async move {
            let (mut memory, answer) = match asked {
                Some(Begun { recalled, answer }) if recalled.is_none() || self.reaches(recalled) => {
                    (Memory::new(recalled.is_some()), Some(answer))
                }
                Some(Begun { answer, .. }) => {
                    // What rests on a ledger that is not there any more is asked anew.
                    drop(answer.await);
                    (self.memory_of(source.as_ref()).await, None)
                }
                None => (self.memory_of(source.as_ref()).await, None),
            };
            let hasty = Hasty { source: Arc::clone(source), answer: Mutex::new(answer) };
            self.poll_once(&(Arc::new(hasty) as Arc<dyn Source>), &mut memory, at).await;
        });
        let probes = self.0.setup.watches.iter().zip(&self.0.adapters.monitors);
        let probes = probes.filter(|(watch, _)| !is_left_alone(&watch.name));
        let probes = probes.map(|(watch, monitor)| async move {
            // A monitor that does not answer in time keeps the state it had.
            drop(tokio::time::timeout(AT_MOST, self.probe_once(watch, monitor)).await);
        });
        futures_util::future::join(
            futures_util::future::join_all(sources),
            futures_util::future::join_all(probes),
        )
        .await;
    }
}

/// Whether any source or monitor is older than two of its intervals, by what is known of them.
fn is_old<'a>(
    setup: &Setup,
    adapters: &Adapters,
    watched: &(impl Iterator<Item = &'a SourceStatus> + Clone),
    now: Time,
) -> bool {
    let fresh = |name: &str, every: Span| {
        let known = watched.clone().find(|status| status.name == name);
        // What was read in the future was read before the clock was set back.
        let young = |at: Time| (now - at).abs() <= every.delta() * 2;
        // Of what is left alone nothing younger can be had.
        known.is_some_and(|it| it.as_of.is_some_and(young) || it.left_alone(now).is_some())
    };
    let sources = adapters.sources.iter().map(|source| source.schedule()).all(|it| fresh(it.name, it.every));
    let monitors = setup.watches.iter().all(|watch| fresh(&watch.name, watch.every));
    !(sources && monitors)
}

/// Asks a source that must answer soon.
async fn in_time(source: &dyn Source, now: Time) -> Result<Polled, Fault> {
    let late = || Fault::new(FaultKind::NoAnswer, format!("no answer within {} s", AT_MOST.as_secs()));
    tokio::time::timeout(AT_MOST, source.poll(now)).await.unwrap_or_else(|_| Err(late()))
}

/// A source that must answer soon, or was asked before; what it says may be written down in peace.
struct Hasty {
    source: Arc<dyn Source>,
    answer: Mutex<Option<JoinHandle<Result<Polled, Fault>>>>,
}

#[async_trait]
impl Source for Hasty {
    fn schedule(&self) -> Schedule<'_> {
        self.source.schedule()
    }

    fn mark(&self) -> Option<String> {
        self.source.mark()
    }

    async fn poll(&self, now: Time) -> Result<Polled, Fault> {
        let asked = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        match asked {
            // A task that panicked has said so.
            Some(answer) => answer.await.unwrap_or_else(|_| Err(Fault::local("it could not be asked"))),
            None => in_time(self.source.as_ref(), now).await,
        }
    }
}
