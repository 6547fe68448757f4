//! Fresh data for commands that answer once: asked for only when nobody else keeps it fresh.

use std::time::Duration;

use super::poller::Memory;
use super::{Engine, poller};

/// How long all sources together may take.
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
            self.poll_once(source, &mut memory).await;
        });
        let probes = self.0.setup.watches.iter().zip(&self.0.adapters.monitors);
        let probes = probes.map(|(watch, monitor)| self.probe_once(watch, monitor));
        let all = async {
            futures_util::future::join(
                futures_util::future::join_all(sources),
                futures_util::future::join_all(probes),
            )
            .await
        };
        // Whoever has not answered by then is shown as what it was before.
        drop(tokio::time::timeout(AT_MOST, all).await);
        drop(lock);
    }
}
