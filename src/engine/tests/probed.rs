//! A monitor that is down has its incident, whatever became of the record of its turn.

use std::sync::Arc;

use async_trait::async_trait;

use super::bench::Bench;
use crate::domain::monitor::{Found, Streaks};
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::signal::SignalKey;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::Setup;
use crate::engine::setup::Watch;
use crate::monitors::{Asked, Monitor};

struct Refused;

#[async_trait]
impl Monitor for Refused {
    async fn probe(&self, _asked: &Asked) -> Found {
        Found::Wrong(Outside::new("connection refused"))
    }
}

#[tokio::test]
async fn a_turn_that_could_not_be_written_down_is_written_down_at_the_next_probe() {
    let bench = Bench::with(Setup::default(), |_| Default::default()).await;
    let watch = Watch {
        name: "order-gw".into(),
        kind: "tcp".into(),
        service: "trading".into(),
        target: "127.0.0.1:1".into(),
        every: Span::secs(10),
        severity: Severity::Critical,
        streaks: Streaks { down_after: 1, up_after: 1 },
        maintenance: Vec::new(),
        is_fed: false,
    };
    let monitor: Arc<dyn Monitor> = Arc::new(Refused);
    bench.engine.probe_once(&watch, &monitor).await;
    let id = bench.engine.0.mirror.all()[0].id.clone();
    // It came up and went down again, and only the latter was not written down.
    let key = SignalKey { source: "order-gw".into(), fingerprint: Outside::new("order-gw") };
    bench.ana_does(&id, Entry::SignalCleared { key, because: "up".into() }).await;
    bench.engine.probe_once(&watch, &monitor).await;
    assert_eq!(bench.engine.find(&id).unwrap().firing(), 1);
    bench.engine.probe_once(&watch, &monitor).await;
    assert_eq!(bench.records().await.len(), 3, "once");
}
