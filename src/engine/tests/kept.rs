//! What is over leaves memory after a day, unless something about it goes on.

use std::time::Duration;

use super::bench::Bench;
use crate::backend::{ActionsNow, Backend};
use crate::domain::id::Cursor;
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::PlanHash;
use crate::domain::record::{CloseReason, Entry};
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::{Adapters, Setup};
use crate::ledger::Draft;

fn false_alarm() -> Entry {
    Entry::Closed { reason: CloseReason::FalseAlarm, note: Some(Outside::new("a drill of the venue")) }
}

#[tokio::test]
async fn what_was_closed_a_day_ago_is_let_go_unless_its_signal_still_fires() {
    let bench = Bench::new().await;
    let (quiet, firing) = (bench.open(Severity::High).await, bench.fire().await);
    for id in [&quiet, &firing] {
        bench.ana_does(id, false_alarm()).await;
    }
    bench.pass(Span::mins(23 * 60)).await;
    assert!(bench.engine.find(&quiet).is_some() && bench.engine.find(&firing).is_some(), "too early");

    bench.pass(Span::mins(2 * 60)).await;
    // The next process to begin reads the same from the ledger.
    for engine in [&bench.engine, &bench.another().await] {
        assert!(engine.find(&quiet).is_none());
        assert!(engine.find(&firing).is_some(), "its next answer would open it anew");
    }
}

#[tokio::test]
async fn what_comes_back_is_not_taken_away_again() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    bench.ana_does(&id, false_alarm()).await;
    let ana = Operator::new("ana", "bastion");
    let before = bench.engine.changes(&ana, &Cursor::default(), Duration::ZERO).await.unwrap().cursor;
    bench.pass(Span::mins(25 * 60)).await;
    bench.ana_does(&id, Entry::Noted { text: Outside::new("it was no drill") }).await;
    let changes = bench.engine.changes(&ana, &before, Duration::ZERO).await.unwrap();
    assert_eq!(changes.incidents.len(), 1);
    assert_eq!(changes.removed, []);
}

#[tokio::test]
async fn that_changes_are_off_is_known_however_much_was_written_since_and_is_said_once() {
    let bench = Bench::new().await;
    let turned = |off| {
        let entry = Entry::SafetyTurned { off, file: "/run/off".to_owned() };
        vec![Draft::console(Actor::Engine, bench.now(), entry)]
    };
    let ledger = bench.engine.ledger();
    assert!(ledger.append(turned(false)).await.is_err(), "they were on all the time");
    ledger.append(turned(true)).await.unwrap();
    assert!(ledger.append(turned(true)).await.is_err());
    let told =
        Entry::NoticeDelivered { notice: 1, console: "ana@bastion".to_owned(), how: "bell".to_owned() };
    let told = Draft::console(Actor::Engine, bench.now(), told);
    ledger.append(vec![told; 5001]).await.unwrap();
    assert!(bench.another().await.0.mirror.read().safety_off);
    ledger.append(turned(false)).await.unwrap();
    assert!(!bench.another().await.0.mirror.read().safety_off);
}

#[tokio::test]
async fn what_is_durable_is_not_said_to_be_unwritten_because_it_cannot_be_read_back() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    let file = rusqlite::Connection::open(bench.engine.ledger().path()).unwrap();
    // A newer quell wrote the one before the last.
    for bytes in ["{\"v\":99}", "{}"] {
        let insert =
            "INSERT INTO records SELECT max(seq) + 1, NULL, CAST(?1 AS BLOB), zeroblob(32) FROM records";
        assert_eq!(file.execute(insert, [bytes]), Ok(1));
    }
    let noted = Entry::Noted { text: Outside::new("five orders") };
    let ana = Actor::Person(Operator::new("ana", "bastion"));
    let appended = bench.engine.append(vec![Draft::of(&id, ana, bench.now(), noted)]).await.unwrap();
    assert!(bench.engine.catch_up().await.is_err(), "it cannot be read");
    assert_eq!(
        Ok(appended[0].record.seq),
        file.query_row("SELECT max(seq) FROM records", [], |row| row.get(0))
    );
}

#[tokio::test]
async fn a_bundle_holds_what_its_records_name() {
    let bench = Bench::new().await;
    let (id, ana) = (bench.open(Severity::High).await, Operator::new("ana", "bastion"));
    let other = bench.another().await;
    // This engine has not read of it yet.
    other.keep_evidence(&ana, &id, Outside::new("log"), b"kept elsewhere".to_vec(), None).await.unwrap();
    let bundle = bench.engine.export(&ana, &id, "a file").await.unwrap();
    assert!(bundle.windows(14).any(|bytes| bytes == b"kept elsewhere"));
}

#[tokio::test]
async fn whoever_is_refused_leaves_no_lock_behind() {
    let bench = Bench::new().await;
    let locks = || std::fs::read_dir(bench.state().join("locks")).unwrap().count();
    let hash = PlanHash("ab12".to_owned());
    let lock = bench.engine.lock_plan(&hash).unwrap();
    assert_eq!(locks(), 1);
    assert!(bench.another().await.lock_plan(&hash).is_none());
    drop(lock);
    assert_eq!(locks(), 0);
    assert!(bench.engine.lock_plan(&hash).is_some());
}

#[tokio::test(start_paused = true)]
async fn that_changes_are_off_is_shown_within_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("safety-off");
    let setup = Setup { actions_enabled: true, safety_file: Some(file.clone()), ..Setup::default() };
    let bench = Bench::with(setup, |_| Adapters::default()).await;
    let watching = crate::os::spawn::task("safety", bench.engine.clone().watch_safety_for_ever());
    let (ana, wait) = (Operator::new("ana", "bastion"), Duration::from_secs(20));
    for off in [true, false] {
        let seen = bench.engine.changes(&ana, &Cursor::default(), Duration::ZERO).await.unwrap();
        let turned = tokio::time::Instant::now();
        if off { std::fs::write(&file, b"") } else { std::fs::remove_file(&file) }.unwrap();
        let now = bench.engine.changes(&ana, &seen.cursor, wait).await.unwrap().actions;
        assert_eq!(matches!(now, ActionsNow::SafetyOff(_)), off);
        assert!(turned.elapsed() <= Duration::from_secs(1));
    }
    watching.abort();
}
