//! Fresh data for commands that answer once: asked for only when nobody else keeps it fresh.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::poller::Memory;
use super::{Engine, Source, poller};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::signal::Answer;
use crate::domain::time::{Span, Time};

/// How long each source may take.
const AT_MOST: Duration = Duration::from_secs(5);

impl Engine {
    /// If nobody holds the lease and data is older than two intervals: takes it, asks each source and monitor once,
    /// writes down what they say, and lets go. Runs no deadlines and raises no notices.
    pub async fn poll_once_if_stale(&self) {
        let now = self.now();
        let longest = self.0.adapters.sources.iter().map(|s| s.every()).max();
        let Some(every) = longest.or_else(|| self.0.setup.watches.iter().map(|w| w.every).max()) else {
            return;
        };
        let fresh = {
            let view = self.0.mirror.read();
            let known = view.sources.len() >= self.0.adapters.sources.len();
            known && poller::oldest(&view.sources).is_some_and(|at| now - at <= every.delta() * 2)
        };
        if fresh {
            return;
        }
        let Some(lock) = self.take_lease() else { return };
        let sources = self.0.adapters.sources.iter().map(|source| async move {
            let mut memory = Memory::load(&self.0.live, source.name()).await;
            let hasty: Arc<dyn Source> = Arc::new(Hasty(source.clone()));
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
        drop(lock);
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

    async fn poll(&self, now: Time) -> Result<Answer, Fault> {
        let late = || Fault::new(FaultKind::NoAnswer, format!("no answer within {} s", AT_MOST.as_secs()));
        tokio::time::timeout(AT_MOST, self.0.poll(now)).await.unwrap_or_else(|_| Err(late()))
    }
}
