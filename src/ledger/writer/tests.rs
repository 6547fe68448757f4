//! What the writing thread says and does while the disk, a lock or a limit refuses it.

use std::path::Path;

use super::*;
use crate::domain::operator::Actor;
use crate::domain::record::Entry;
use crate::domain::time::Time;
use crate::ledger::{Ledger, chain};

fn draft(offer: u64) -> Vec<Draft> {
    vec![Draft::console(Actor::Engine, Time::UNIX_EPOCH, Entry::WatchAccepted { offer })]
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    (folder, path)
}

/// Waits until the trouble is as asked.
async fn until(ledger: &Ledger, asked: impl Fn(Option<&LedgerError>) -> bool) {
    let mut trouble = ledger.troubles();
    trouble.wait_for(|trouble| asked(trouble.as_ref())).await.unwrap();
}

fn says<'a>(words: &'a str) -> impl Fn(Option<&LedgerError>) -> bool + 'a {
    move |trouble| trouble.is_some_and(|error| error.to_string().contains(words))
}

fn records(path: &Path) -> u64 {
    match chain::verify(path) {
        Ok(crate::ledger::chain::Verdict::Intact { records, .. }) => records,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_job_that_was_refused_because_of_a_lock_is_not_written_once_the_lock_is_gone() {
    let (_folder, path) = folder();
    let ledger = Ledger::open(&path, "ANA").unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = ledger.append_now(draft(1)).await.unwrap_err();
    assert!(refused.to_string().contains("locked by another program"), "{refused}");
    // Who comes now does not even wait.
    assert_eq!(ledger.append_now(draft(2)).await, Err(refused));
    other.execute_batch("ROLLBACK").unwrap();
    until(&ledger, |trouble| trouble.is_none()).await;
    ledger.append_now(draft(3)).await.unwrap();
    assert_eq!(ledger.last_seq().await, Ok(1), "only what was not refused");
}

#[tokio::test]
async fn a_job_whose_asker_has_gone_is_not_written() {
    let (_folder, path) = folder();
    let ledger = Ledger::open(&path, "ANA").unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut gone = Box::pin(ledger.append(draft(1)));
    tokio::select! {
        biased;
        _ = &mut gone => panic!("it is locked"),
        () = std::future::ready(()) => {}
    }
    drop(gone);
    other.execute_batch("ROLLBACK").unwrap();
    ledger.append(draft(2)).await.unwrap();
    assert_eq!(ledger.last_seq().await, Ok(1));
}

#[tokio::test]
async fn who_can_wait_does_and_a_lock_that_goes_away_is_forgotten() {
    let (_folder, path) = folder();
    let ledger = Ledger::open(&path, "ANA").unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = ledger.append(draft(1));
    let unlock = async {
        until(&ledger, says("locked by another program")).await;
        other.execute_batch("ROLLBACK").unwrap();
    };
    let (written, ()) = tokio::join!(waiting, unlock);
    assert!(written.is_ok());
    assert_eq!(ledger.trouble(), None);
}

/// As [`ErrorCode::DiskFull`] says it: the file may not have more pages than it has.
fn fill(thread: &Thread) {
    let connection = thread.connection.as_ref().unwrap();
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    connection.pragma_update(None, "max_page_count", pages).unwrap();
}

fn thread(path: &Path) -> (Thread, watch::Receiver<Option<LedgerError>>) {
    let mut connection = Connection::open(path).unwrap();
    assert!(crate::ledger::schema::prepare(&mut connection, "ANA").is_ok());
    let (said, trouble) = watch::channel(None);
    let thread = Thread {
        connection: Some(connection),
        end: None,
        path: path.to_owned(),
        prefix: "ANA".to_owned(),
        trouble: said,
    };
    (thread, trouble)
}

fn large(offer: u64) -> Vec<Draft> {
    let card = crate::domain::text::Outside::new("x".repeat(100_000));
    vec![Draft::console(Actor::Engine, Time::UNIX_EPOCH, Entry::WatchOffered { to: offer.to_string(), card })]
}

#[test]
fn a_full_disk_is_said_and_leaves_the_file_as_it_was() {
    let (_folder, path) = folder();
    let (mut thread, trouble) = thread(&path);
    let (first, mut answer, _) = Job::new(draft(1));
    thread.commit(vec![first]);
    assert!(answer.try_recv().unwrap().is_ok());
    fill(&thread);
    let (job, mut answer, _) = Job::new(large(2));
    thread.commit(vec![job]);
    let error = answer.try_recv().unwrap().unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert!(says("the disk is full")(trouble.borrow().as_ref()));
    assert_eq!(records(&path), 1);
    thread.connection.as_ref().unwrap().pragma_update(None, "max_page_count", 1_000_000).unwrap();
    let (job, mut answer, _) = Job::new(large(2));
    thread.commit(vec![job]);
    assert!(answer.try_recv().unwrap().is_ok());
    assert_eq!(*trouble.borrow(), None);
    assert_eq!(records(&path), 2);
}

#[test]
fn after_an_error_of_the_disk_the_file_is_opened_anew_and_its_end_looked_at() {
    let (_folder, path) = folder();
    let (mut thread, trouble) = thread(&path);
    let (first, mut answer, _) = Job::new(draft(1));
    thread.commit(vec![first]);
    assert!(answer.try_recv().unwrap().is_ok());
    let sync = rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC),
        Some("disk I/O error".to_owned()),
    );
    let error = thread.failed(&sync);
    assert!(error.to_string().contains("the disk"), "{error}");
    assert!(thread.connection.is_none(), "it is not trusted");
    // What was durable is gone: nothing is written behind it.
    let file = Connection::open(&path).unwrap();
    file.execute_batch("DROP TRIGGER records_stay; DELETE FROM records").unwrap();
    let (job, mut answer, _) = Job::new(draft(2));
    thread.commit(vec![job]);
    assert!(answer.try_recv().unwrap().is_err());
    assert!(says("does not end as it was written")(trouble.borrow().as_ref()));
}
