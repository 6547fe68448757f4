//! What the holder of the lease looks at each second; that it overlooks nothing is checked wherever a test has it look.

use super::bench::Bench;
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Span;

#[tokio::test]
async fn a_second_in_which_nothing_happens_looks_at_no_incident() {
    let bench = Bench::new().await;
    let ids = [
        bench.open(Severity::High).await,
        bench.open(Severity::High).await,
        bench.open(Severity::Normal).await,
    ];
    assert_eq!(bench.looks_at().await, ids, "the first look is at all");
    let second = Span::secs(1);
    // By when the first two are to be acknowledged is written down at the first look.
    bench.pass(second).await;
    assert_eq!(bench.looks_at().await, ids[..2]);
    bench.pass(second).await;
    bench.pass(second).await;
    assert_eq!(bench.looks_at().await, [], "they wait");

    bench.ana_does(&ids[2], Entry::Noted { text: Outside::new("seen") }).await;
    assert_eq!(bench.looks_at().await, ids[2..]);
    bench.ana_does(&ids[0], Entry::Acknowledged { lasts_s: 60, from: None }).await;
    bench.pass(second).await;
    assert_eq!(bench.looks_at().await, []);
    bench.hand.advance(Span::secs(60));
    assert_eq!(bench.looks_at().await, ids[..1], "its acknowledgement has run out");
    bench.pass(second).await;
    bench.pass(second).await;
    assert_eq!(bench.looks_at().await, []);

    bench.hand.advance(Span::mins(15));
    assert_eq!(bench.looks_at().await, ids[..2], "nobody has acknowledged them in time");
    bench.pass(second).await;
    bench.pass(second).await;
    assert_eq!(bench.looks_at().await, []);
}
