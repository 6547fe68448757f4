//! The live tables may be lost, but nobody throws away what is only in use.

use std::path::Path;

use quell::domain::freshness::SourceStatus;
use quell::domain::time::Span;
use quell::ledger::live::Live;

use super::block;

/// Writes one source down.
fn written(file: &Path) {
    block(async {
        let status = SourceStatus::never("prod-am", Span::secs(15));
        Live::open(file).unwrap().put_source(&status, Vec::new()).await;
    });
}

fn sources(file: &Path) -> Vec<String> {
    let statuses = block(async { Live::open(file).unwrap().sources().await });
    statuses.into_iter().map(|status| status.name).collect()
}

#[test]
fn damaged_ones_are_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("live.db");
    std::fs::write(&file, "these were live tables once\n".repeat(1000)).unwrap();
    assert_eq!(sources(&file), Vec::<String>::new());
    written(&file);
    assert_eq!(sources(&file), ["prod-am"]);
}

#[test]
fn locked_ones_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("live.db");
    written(&file);
    let other = rusqlite::Connection::open(&file).unwrap();
    other.pragma_update(None, "locking_mode", "EXCLUSIVE").unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let refused = Live::open(&file).err().expect("it is locked");
    assert!(refused.contains("live.db") && refused.contains("locked"), "{refused}");
    drop(other);
    assert_eq!(sources(&file), ["prod-am"]);
}
