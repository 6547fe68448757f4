//! The holder's sign of life says that the process lives, not that its work goes well.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::bench::Bench;
use crate::backend::Backend;
use crate::domain::fault::Fault;
use crate::domain::id::Cursor;
use crate::domain::operator::Operator;
use crate::domain::record::{CloseReason, Entry};
use crate::domain::severity::Severity;
use crate::domain::time::{Span, Time};
use crate::engine::{Adapters, Setup};
use crate::sources::{Polled, Schedule, Source};

/// A source that never answers, and says when it was asked.
struct Silent(Arc<Notify>);

#[async_trait]
impl Source for Silent {
    fn schedule(&self) -> Schedule<'_> {
        Schedule { name: "silent", every: Span::secs(1), watchdog: &[] }
    }
    async fn poll(&self, _now: Time) -> Result<Polled, Fault> {
        self.0.notify_one();
        std::future::pending().await
    }
}

#[tokio::test]
async fn neither_a_stalled_poll_nor_a_stalled_ledger_ages_the_holder() {
    let asked = Arc::new(Notify::new());
    let source: Arc<dyn Source> = Arc::new(Silent(Arc::clone(&asked)));
    let adapters = Adapters { sources: vec![source], ..Adapters::default() };
    let bench = Bench::with(Setup::default(), |_| adapters).await;
    bench.engine.start();
    asked.notified().await;
    // From here on nobody reads the ledger's tail, which every duty of the holder waits for.
    let _stalled = bench.engine.0.mirror.tail.lock().await;
    let mut bell = bench.engine.0.mirror.bell();
    // Twice: one sign may have been on its way.
    for _round in 0..2 {
        bench.hand.advance(Span::secs(30));
        let lives = async {
            while bench.engine.0.live.beat().await.is_none_or(|beat| beat.at != bench.now()) {
                bell.changed().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(15), lives).await.expect("no sign of life");
    }
}

#[tokio::test]
async fn a_sign_of_life_that_is_not_written_yet_is_followed_by_no_other() {
    let bench = Bench::new().await;
    bench.engine.beat();
    let first = bench.engine.0.live.beat().await.unwrap();
    let written = async || {
        bench.hand.advance(Span::secs(1));
        bench.engine.beat();
        bench.engine.0.live.beat().await.unwrap().at
    };
    let under_way = bench.engine.0.beating.try_lock().unwrap();
    assert_eq!(written().await, first.at);
    drop(under_way);
    assert_eq!(written().await, bench.now());
}

#[tokio::test]
async fn what_is_news_is_told_once_and_not_with_each_sign_of_life() {
    let bench = Bench::new().await;
    let (ana, mut cursor) = (Operator::new("ana", "bastion"), Cursor::default());
    // The incidents that are told since the last time, and those that are let go.
    let mut news = async || -> [usize; 2] {
        bench.hand.advance(Span::secs(1));
        bench.engine.beat();
        let changes = bench.engine.changes(&ana, &cursor, Duration::ZERO).await.unwrap();
        cursor = changes.cursor;
        [changes.incidents.len(), changes.removed.len()]
    };
    assert_eq!(news().await, [0, 0]);
    let id = bench.open(Severity::High).await;
    assert_eq!([news().await, news().await], [[1, 0], [0, 0]]);
    bench.ana_does(&id, Entry::Closed { reason: CloseReason::FalseAlarm, note: None }).await;
    assert_eq!([news().await, news().await], [[1, 0], [0, 0]]);
    bench.hand.advance(Span::mins(25 * 60));
    bench.engine.0.mirror.forget_old(&bench.engine.0.mirror.all(), bench.now());
    assert_eq!([news().await, news().await], [[0, 1], [0, 0]], "nothing was written when it was let go");
}
