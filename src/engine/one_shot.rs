//! What a command that answers once does in place of a holder of the lease, where there is none.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::{Engine, Source};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::time::{Span, Time};
use crate::sources::Polled;

/// How long each source may take.
const AT_MOST: Duration = Duration::from_secs(5);

impl Engine {
    /// If nobody holds the lease: takes it, finds the actions whose executor died, asks each source and monitor once
    /// if any is older than two of its intervals, and lets go. Runs no deadlines.
    pub async fn stand_in(&self) {
        if (!self.is_old() && !self.has_unfinished()) || self.0.ledger.trouble().is_some() {
            return;
        }
        let lock = match self.take_lease().await {
            Ok(Some(lock)) => lock,
            Ok(None) => return,
            Err(error) => return tracing::warn!(%error, "nothing was asked"),
        };
        self.note_configuration().await;
        self.recover().await;
        // Whoever held it until now may have asked.
        if self.is_old() {
            self.ask_once().await;
        }
        drop(lock);
    }

    /// Whether any source or monitor is older than two of its intervals.
    fn is_old(&self) -> bool {
        let (view, now) = (self.0.mirror.read(), self.now());
        let fresh = |name: &str, every: Span| {
            let as_of = view.watched().find(|status| status.name == name).and_then(|status| status.as_of);
            // What was read in the future was read before the clock was set back.
            as_of.is_some_and(|at| (now - at).abs() <= every.delta() * 2)
        };
        let sources = self.0.adapters.sources.iter().all(|source| fresh(source.name(), source.every()));
        let monitors = self.0.setup.watches.iter().all(|watch| fresh(&watch.name, watch.every));
        !(sources && monitors)
    }

    async fn ask_once(&self) {
        let sources = self.0.adapters.sources.iter().map(|source| async move {
            let hasty: Arc<dyn Source> = Arc::new(Hasty(source.clone()));
            let mut memory = self.memory_of(&hasty).await;
            self.poll_once(&hasty, &mut memory).await;
        });
        let probes = self.0.setup.watches.iter().zip(&self.0.adapters.monitors);
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

/// A source that must answer soon; what it says may be written down in peace.
struct Hasty(Arc<dyn Source>);

#[async_trait]
impl Source for Hasty {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn every(&self) -> Span {
        self.0.every()
    }

    fn watchdog(&self) -> &[String] {
        self.0.watchdog()
    }

    fn mark(&self) -> Option<String> {
        self.0.mark()
    }

    fn recall(&self, mark: &str) {
        self.0.recall(mark);
    }

    async fn poll(&self, now: Time) -> Result<Polled, Fault> {
        let late = || Fault::new(FaultKind::NoAnswer, format!("no answer within {} s", AT_MOST.as_secs()));
        tokio::time::timeout(AT_MOST, self.0.poll(now)).await.unwrap_or_else(|_| Err(late()))
    }
}
