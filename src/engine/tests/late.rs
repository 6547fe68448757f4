//! Nobody took it in time: said at that moment unless it is told again by then.

use super::bench::Bench;
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::{Adapters, Setup};

/// How often people hear within these minutes that nobody took what was opened so, an hour before it became critical.
async fn told(opened: Severity, repeat: u64) -> usize {
    let setup = Setup { repeat: Some(Span::mins(repeat)), ..Setup::default() };
    let bench = Bench::with(setup, |_| Adapters::default()).await;
    let id = bench.open(opened).await;
    bench.pass(Span::mins(60)).await;
    let because = Some(Outside::new("orders fail"));
    bench.ana_does(&id, Entry::SeveritySet { severity: Severity::Critical, because }).await;
    for _minute in 0..7 {
        bench.pass(Span::mins(1)).await;
    }
    bench.notices().await.iter().filter(|text| text.starts_with("nobody took")).count()
}

#[tokio::test]
async fn of_what_became_critical_late_it_is_said_unless_it_is_told_again_by_then() {
    for (repeat, times) in [(10, 1), (5, 0), (3, 0)] {
        assert_eq!(told(Severity::Normal, repeat).await, times, "{repeat}");
    }
}
