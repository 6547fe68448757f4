//! Notes that mean something.

use super::bench::Bench;
use crate::backend::{Backend, RefusalKind};
use crate::domain::operator::Operator;
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;

#[tokio::test]
async fn a_hypothesis_is_not_ruled_out_by_words_that_fit_several() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    let ana = Operator::new("ana", "bastion");
    let notes = async |text: &str| {
        let seen = bench.incident(&id).version;
        bench.engine.record(&ana, &id, seen, Entry::Noted { text: Outside::new(text) }).await
    };
    for believed in ["a bad deploy", "the deploy of gw-2 is half done", "deployments are slow"] {
        notes(&format!("hypothesis: {believed}")).await.unwrap();
    }
    let before = bench.incident(&id).version;
    for not in ["hypothesis: not deploy because it is older", "not: Deploy"] {
        let refused = notes(not).await.unwrap_err();
        assert_eq!(refused.kind, RefusalKind::Refused);
        let which =
            "may be \"the deploy of gw-2 is half done\" or \"a bad deploy\"; name one by more of its words";
        assert!(refused.message.raw().ends_with(which), "{refused}");
    }
    assert_eq!(bench.incident(&id).version, before, "nothing was written down");
    notes("hypothesis: not a bad deploy because it is older").await.unwrap();
    notes("not: deploy").await.unwrap();
}
