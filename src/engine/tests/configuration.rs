//! Which configuration counts is written down once, and again when it is another one.

use std::collections::BTreeMap;

use super::bench::Bench;
use crate::domain::record::Entry;
use crate::engine::{Adapters, Engine, Setup};

fn setup(tables: &[(&str, &str)], actions_enabled: bool) -> Setup {
    let tables = tables.iter().map(|(name, digest)| ((*name).to_owned(), (*digest).to_owned()));
    Setup { tables: tables.collect::<BTreeMap<_, _>>(), actions_enabled, ..Setup::default() }
}

/// Whether actions are on and what has changed, of every such record.
async fn written(engine: &Engine) -> Vec<(bool, Vec<String>)> {
    let records = engine.ledger().records(1, 100).await.unwrap();
    let loaded = |entry| match entry {
        Entry::ConfigurationLoaded { actions, changed, .. } => Some((actions, changed)),
        _ => None,
    };
    records.into_iter().filter_map(|record| loaded(record.entry)).collect()
}

#[tokio::test]
async fn the_one_that_counts_is_written_down_when_it_is_another() {
    let bench = Bench::with(setup(&[("ack", "1"), ("actions", "1")], false), |_| Adapters::default()).await;
    for _ in 0..2 {
        bench.engine.record_configuration().await.unwrap();
    }
    let first = (false, Vec::new());
    assert_eq!(written(&bench.engine).await, std::slice::from_ref(&first));
    let same = bench.another_with(setup(&[("ack", "1"), ("actions", "1")], false), Adapters::default()).await;
    same.record_configuration().await.unwrap();
    assert_eq!(written(&same).await.len(), 1);
    let other = setup(&[("actions", "2"), ("ack", "1"), ("monitor", "1")], true);
    let other = bench.another_with(other, Adapters::default()).await;
    other.record_configuration().await.unwrap();
    let second = (true, vec!["actions".to_owned(), "monitor".to_owned()]);
    assert_eq!(written(&other).await, [first, second]);
}

#[tokio::test]
async fn an_engine_without_a_configuration_says_nothing_of_one() {
    let bench = Bench::new().await;
    bench.engine.record_configuration().await.unwrap();
    assert_eq!(written(&bench.engine).await, []);
}
