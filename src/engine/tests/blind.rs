//! Going blind is told once, whoever holds the lease.

use super::bench::Bench;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::SourceStatus;
use crate::domain::notice::NoticeKind;
use crate::domain::record::Entry;
use crate::domain::time::{Span, Time};
use crate::engine::Engine;

/// The only source was answered last at this time, and is asked again a minute from now.
async fn source(bench: &Bench, engine: &Engine, as_of: Time, failures: u32) {
    let fault = (failures > 0).then(|| Fault::new(FaultKind::Unreachable, "connection refused"));
    let status = SourceStatus {
        as_of: Some(as_of),
        failures,
        fault,
        next_poll: Some(bench.now() + Span::secs(60).delta()),
        ..SourceStatus::never("prod-am", Span::secs(15))
    };
    engine.0.live.put_source(&status, Vec::new(), None).await;
    engine.refresh_live().await;
}

async fn told(bench: &Bench) -> usize {
    let blind =
        |entry: &Entry| matches!(entry, Entry::NoticeRaised(notice) if notice.kind == NoticeKind::Blind);
    bench.records().await.iter().filter(|record| blind(&record.entry)).count()
}

#[tokio::test]
async fn the_next_holder_knows_that_it_was_told_and_tells_of_the_next_time() {
    let bench = Bench::new().await;
    let began = bench.now();
    let mut sight = bench.engine.sight();
    bench.hand.advance(Span::secs(60));
    source(&bench, &bench.engine, began, 3).await;
    for _second in 0..3 {
        bench.engine.keep_deadlines(&mut sight).await;
    }
    assert_eq!(told(&bench).await, 1);

    // That holder dies; the source is still dead when the next one has asked it.
    let next = bench.another().await;
    let mut sight = next.sight();
    bench.hand.advance(Span::secs(60));
    source(&bench, &next, began, 7).await;
    next.keep_deadlines(&mut sight).await;
    assert_eq!(told(&bench).await, 1);

    // It answers once more, under a third, and is lost again.
    source(&bench, &next, bench.now(), 0).await;
    let third = bench.another().await;
    let mut sight = third.sight();
    third.keep_deadlines(&mut sight).await;
    assert_eq!(told(&bench).await, 1);
    let answered = bench.now();
    bench.hand.advance(Span::mins(10));
    source(&bench, &third, answered, 3).await;
    third.keep_deadlines(&mut sight).await;
    assert_eq!(told(&bench).await, 2);
}

#[tokio::test]
async fn a_holder_that_begins_after_an_answer_tells_of_the_next_time() {
    let bench = Bench::new().await;
    let mut sight = bench.engine.sight();
    let began = bench.now();
    bench.hand.advance(Span::secs(60));
    source(&bench, &bench.engine, began, 3).await;
    bench.engine.keep_deadlines(&mut sight).await;
    assert_eq!(told(&bench).await, 1);

    // It answered, which nobody who holds the lease saw, and was lost again.
    bench.hand.advance(Span::secs(60));
    let answered = bench.now();
    source(&bench, &bench.engine, answered, 0).await;
    let next = bench.another().await;
    let mut sight = next.sight();
    bench.hand.advance(Span::mins(10));
    source(&bench, &next, answered, 3).await;
    next.keep_deadlines(&mut sight).await;
    assert_eq!(told(&bench).await, 2);
}

#[tokio::test]
async fn what_comes_and_goes_with_every_poll_is_told_once_in_ten_minutes_and_again_if_it_lasts() {
    let bench = Bench::new().await;
    let mut sight = bench.engine.sight();
    let mut seen = bench.now();
    for poll in 0..20 {
        bench.hand.advance(Span::secs(45));
        let failures = if poll % 2 == 0 { 3 } else { 0 };
        seen = if failures == 0 { bench.now() } else { seen };
        source(&bench, &bench.engine, seen, failures).await;
        bench.engine.keep_deadlines(&mut sight).await;
        // The first failure is told; the next that is ten minutes later is the fifteenth poll after it.
        assert_eq!(told(&bench).await, 1 + usize::from(poll >= 14), "poll {poll}");
    }
    // It comes back blind, and stays so: as soon as ten minutes are over, whoever looks is told.
    source(&bench, &bench.engine, seen, 3).await;
    for minutes in [1, 4, 5] {
        bench.engine.keep_deadlines(&mut sight).await;
        assert_eq!(told(&bench).await, 2);
        bench.hand.advance(Span::mins(minutes));
        source(&bench, &bench.engine, seen, 3).await;
    }
    bench.engine.keep_deadlines(&mut sight).await;
    assert_eq!(told(&bench).await, 3);
}
