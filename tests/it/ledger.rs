//! The ledger: durable, chained, projected, shared by several processes.

mod damaged;
mod fields;
mod forged;
mod live;
mod slots;

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use quell::domain::incident::Incident;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::opening::Opening;
use quell::domain::operator::{Actor, Operator};
use quell::domain::record::{CloseReason, Entry, FORMAT};
use quell::domain::role::Role;
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::Time;
use quell::ledger::chain::{Verdict, verify};
use quell::ledger::{Draft, Ledger, LedgerError};

use crate::response::any::deeds;

fn ana() -> Actor {
    Actor::Person(Operator::new("ana", "bastion"))
}

fn at(second: i64) -> Time {
    chrono::DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

pub fn opening(title: &str) -> Entry {
    Entry::Opened(Box::new(Opening {
        title: Outside::new(title),
        severity: Severity::High,
        unmapped: false,
        category: quell::domain::category::Category::Outage,
        service: Outside::new("trading"),
        group: None,
        signal: None,
        because: Outside::new("a test"),
        labels: Default::default(),
        ack_due: None,
        recurrence_of: None,
        reported: None,
    }))
}

fn note(text: &str) -> Entry {
    Entry::Noted { text: Outside::new(text) }
}

pub fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    (folder, file)
}

/// A ledger with one incident and this many notes.
async fn written(file: &Path, notes: usize) -> Ledger {
    let ledger = Ledger::open(file, "ANA").unwrap();
    let opened = ledger.append(vec![Draft::opening(ana(), at(0), opening("gateway"))]).await.unwrap();
    let id = opened[0].record.incident.clone().unwrap();
    for n in 0..notes {
        ledger.append(vec![Draft::of(&id, ana(), at(n as i64), note(&format!("note {n}")))]).await.unwrap();
    }
    ledger
}

#[test]
fn records_come_back_as_they_were_written_and_the_chain_holds() {
    let (_folder, file) = folder();
    block(async {
        let ledger = written(&file, 3).await;
        assert_eq!(ledger.last_seq().await, Ok(4));
        let records = ledger.records(1, 10).await.unwrap();
        assert_eq!(records.iter().map(|r| r.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(records[2].entry, note("note 1"));
    });
    assert!(matches!(verify(&file), Ok(Verdict::Intact { records: 4, .. })));
}

#[test]
fn an_update_or_delete_is_refused_by_the_file_itself() {
    let (_folder, file) = folder();
    block(written(&file, 1));
    let direct = rusqlite::Connection::open(&file).unwrap();
    for change in ["UPDATE records SET bytes = x'00'", "DELETE FROM records WHERE seq = 2"] {
        assert!(direct.execute(change, []).unwrap_err().to_string().contains("append-only"), "{change}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever is tried in whatever order: what was accepted folds to what the projection says, and what was refused
    /// left nothing behind.
    #[test]
    fn the_projection_is_the_fold(deeds in deeds(40)) {
        let (_folder, file) = folder();
        let (before, id) = block(async {
            let ledger = written(&file, 0).await;
            let id = quell::domain::id::IncidentId::new("ANA", 1);
            let mut now = at(0);
            for deed in &deeds {
                now += deed.pause().delta();
                let by = if deed.by() == "quell" { Actor::Engine } else { Actor::Person(Operator::new(deed.by(), "bastion")) };
                let before = ledger.last_seq().await.unwrap();
                let result = ledger.append(vec![Draft::of(&id, by, now, deed.entry(now))]).await;
                let after = ledger.last_seq().await.unwrap();
                prop_assert_eq!(after - before, u64::from(result.is_ok()));
            }
            let folded = Incident::fold(&ledger.records_of(&id).await.unwrap()).unwrap().unwrap();
            let projected = ledger.incident(&id).await.unwrap().unwrap();
            prop_assert_eq!(&folded, &*projected);
            Ok((projected, id))
        })?;
        // A projection that is lost is rebuilt from the records.
        let direct = rusqlite::Connection::open(&file).unwrap();
        direct.execute_batch("DELETE FROM incidents; UPDATE projected SET seq = 0").unwrap();
        drop(direct);
        let rebuilt = block(async { Ledger::open(&file, "ANA").unwrap().incident(&id).await });
        prop_assert_eq!(rebuilt.unwrap().unwrap(), before);
    }
}

#[test]
fn a_closed_incident_that_an_older_version_projected_is_still_there() {
    let (_folder, file) = folder();
    let id = quell::domain::id::IncidentId::new("ANA", 1);
    let read = || block(async { Ledger::open(&file, "ANA").unwrap().incident(&id).await.unwrap() });
    block(async {
        let ledger = written(&file, 0).await;
        let reason = CloseReason::FalseAlarm;
        let closed = Entry::Closed { reason, note: Some(Outside::new("a wrong threshold")) };
        ledger.append(vec![Draft::of(&id, ana(), at(9), closed)]).await.unwrap();
    });
    let before = read().unwrap();
    assert!(before.is_closed());
    let direct = rusqlite::Connection::open(&file).unwrap();
    let older =
        "UPDATE incidents SET state = '{\"id\":\"ANA-1\"}'; DELETE FROM meta WHERE key = 'projection'";
    direct.execute_batch(older).unwrap();
    drop(direct);
    assert_eq!(read(), Some(before.clone()));
    assert_eq!(read(), Some(before), "and it is rebuilt once");
}

#[test]
fn a_closed_incident_that_cannot_be_read_is_made_again_by_whoever_asks_for_it() {
    let (_folder, file) = folder();
    let id = quell::domain::id::IncidentId::new("ANA", 1);
    block(async {
        let ledger = Ledger::open(&file, "ANA").unwrap();
        let Entry::Opened(opening) = opening("gateway") else { panic!() };
        let grouped = Opening { group: Some("name=gateway".to_owned()), ..*opening };
        ledger.append(vec![Draft::opening(ana(), at(0), Entry::Opened(Box::new(grouped)))]).await.unwrap();
        let (reason, note) = (CloseReason::FalseAlarm, Some(Outside::new("a drill")));
        ledger.append(vec![Draft::of(&id, ana(), at(9), Entry::Closed { reason, note })]).await.unwrap();
        let before = ledger.incident(&id).await.unwrap().unwrap();
        for reader in 0..4 {
            let direct = rusqlite::Connection::open(&file).unwrap();
            direct.execute_batch("UPDATE incidents SET state = '{'").unwrap();
            let read = match reader {
                0 => ledger.incident(&id).await.map(|it| it.into_iter().collect()),
                1 => ledger.of_group("name=gateway").await,
                2 => ledger.history(at(0)).await,
                _ => ledger.earlier("name=gateway", 9).await,
            };
            assert_eq!(read.unwrap(), std::slice::from_ref(&before), "reader {reader}");
        }
    });
}

#[test]
fn history_leaves_out_what_was_closed_before_whatever_was_noted_since() {
    let (_folder, file) = folder();
    let found = block(async {
        let ledger = written(&file, 0).await;
        let id = quell::domain::id::IncidentId::new("ANA", 1);
        let reason = CloseReason::FalseAlarm;
        let closed = Entry::Closed { reason, note: Some(Outside::new("a wrong threshold")) };
        ledger.append(vec![Draft::of(&id, ana(), at(100), closed)]).await.unwrap();
        ledger.append(vec![Draft::of(&id, ana(), at(900), note("it was a test"))]).await.unwrap();
        let mut found = Vec::new();
        for since in [0, 100, 101, 900] {
            found.push(ledger.history(at(since)).await.unwrap().len());
        }
        found
    });
    assert_eq!(found, [1, 1, 0, 0]);
}

#[test]
fn a_field_that_changed_since_it_was_seen_is_refused_and_a_note_never_is() {
    let (_folder, file) = folder();
    block(async {
        let ledger = written(&file, 0).await;
        let id = quell::domain::id::IncidentId::new("ANA", 1);
        let seen = |entry| Draft { seen: Some(1), ..Draft::of(&id, ana(), at(9), entry) };
        let severity = |severity| Entry::SeveritySet { severity, because: Some(Outside::new("orders fail")) };
        ledger.append(vec![seen(severity(Severity::Critical))]).await.unwrap();
        let late = ledger.append(vec![seen(severity(Severity::Normal))]).await;
        assert!(
            matches!(late, Err(LedgerError::Changed { current, .. }) if current.severity == Severity::Critical)
        );
        ledger.append(vec![seen(note("still welcome"))]).await.unwrap();
        ledger
            .append(vec![seen(Entry::RoleTaken { role: Role::Lead, name: Outside::new("bo"), from: None })])
            .await
            .unwrap();
    });
}

#[test]
fn several_ledgers_on_one_file_give_every_record_its_own_place() {
    let (_folder, file) = folder();
    block(async {
        let ledgers: Vec<Ledger> = (0..4).map(|_| Ledger::open(&file, "ANA").unwrap()).collect();
        ledgers[0].append(vec![Draft::opening(ana(), at(0), opening("gateway"))]).await.unwrap();
        let id = quell::domain::id::IncidentId::new("ANA", 1);
        let appends = (0..100).map(|n| {
            let draft = Draft::of(&id, ana(), at(n), note(&format!("{n}")));
            ledgers[n as usize % 4].append(vec![draft])
        });
        for result in futures_util::future::join_all(appends).await {
            result.unwrap();
        }
        assert_eq!(ledgers[3].last_seq().await, Ok(101));
        assert_eq!(ledgers[1].incident(&id).await.unwrap().unwrap().version, 101);
    });
    assert!(matches!(verify(&file), Ok(Verdict::Intact { records: 101, .. })));
}

#[test]
fn all_drafts_of_one_append_stand_or_none() {
    let (_folder, file) = folder();
    block(async {
        let ledger = written(&file, 0).await;
        let id = quell::domain::id::IncidentId::new("ANA", 1);
        let drafts = vec![
            Draft::of(&id, ana(), at(1), note("first")),
            Draft::of(&id, ana(), at(1), Entry::AckExpired { owner: "nobody".into() }),
        ];
        assert!(matches!(ledger.append(drafts).await, Err(LedgerError::Illegal { .. })));
        assert_eq!(ledger.last_seq().await, Ok(1));
    });
}

#[test]
fn a_newer_or_foreign_file_is_refused_and_kept() {
    let (_folder, file) = folder();
    block(written(&file, 0));
    let direct = rusqlite::Connection::open(&file).unwrap();
    direct.pragma_update(None, "user_version", 99).unwrap();
    drop(direct);
    assert!(Ledger::open(&file, "ANA").err().unwrap().to_string().contains("newer quell"));
    let other = file.with_file_name("other.db");
    std::fs::write(&other, "this is no database, but it is somebody's file").unwrap();
    assert!(Ledger::open(&other, "ANA").err().unwrap().to_string().contains("damaged"));
    assert!(std::fs::read_to_string(&other).unwrap().starts_with("this is no database"));
}

#[test]
fn a_record_of_a_newer_quell_is_neither_skipped_nor_called_tampered() {
    let (_folder, file) = folder();
    let ledger = block(written(&file, 0));
    // As a newer one would write it, chained and all.
    let direct = rusqlite::Connection::open(&file).unwrap();
    let bytes = format!(r#"{{"v":{},"seq":2,"said":"something new"}}"#, FORMAT + 1).into_bytes();
    let prev: Vec<u8> =
        direct.query_row("SELECT hash FROM records WHERE seq = 1", [], |row| row.get(0)).unwrap();
    let hash = quell::ledger::chain::link(&prev.try_into().unwrap(), &bytes);
    direct
        .execute(
            "INSERT INTO records (seq, incident, bytes, hash) VALUES (2, NULL, ?1, ?2)",
            rusqlite::params![&bytes[..], &hash[..]],
        )
        .unwrap();
    let said = format!("written by a newer quell (format {})", FORMAT + 1);
    let newer = |error: String| assert!(error.contains(&said), "{error}");
    newer(block(ledger.records(1, 10)).unwrap_err().to_string());
    let id = quell::domain::id::IncidentId::new("ANA", 1);
    let append = ledger.append(vec![Draft::of(&id, ana(), at(1), note("from an older one"))]);
    newer(block(append).unwrap_err().to_string());
    newer(verify(&file).unwrap_err().to_string());
}

#[test]
fn a_ledger_of_the_first_format_goes_on() {
    let (file, first) = (folder(), folder());
    let stored = block(block(written(&file.1, 2)).stored(1, 10)).unwrap();
    drop(Ledger::open(&first.1, "ANA").unwrap());
    let direct = rusqlite::Connection::open(&first.1).unwrap();
    let mut prev = quell::ledger::chain::GENESIS;
    for stored in stored {
        let bytes = stored.bytes.raw().replacen(&format!("\"v\":{FORMAT}"), "\"v\":1", 1).into_bytes();
        assert!(bytes.starts_with(b"{\"v\":1,"));
        prev = quell::ledger::chain::link(&prev, &bytes);
        let values = rusqlite::params![stored.seq, "ANA-1", bytes, &prev[..]];
        direct.execute("INSERT INTO records VALUES (?1, ?2, ?3, ?4)", values).unwrap();
    }
    drop(direct);
    let ledger = Ledger::open(&first.1, "ANA").unwrap();
    let id = quell::domain::id::IncidentId::new("ANA", 1);
    assert_eq!(block(ledger.incident(&id)).unwrap().unwrap().version, 3);
    block(ledger.append(vec![Draft::of(&id, ana(), at(9), note("and on"))])).unwrap();
    let formats: Vec<u32> = block(ledger.records(1, 10)).unwrap().iter().map(|record| record.v).collect();
    assert_eq!(formats, [1, 1, 1, FORMAT]);
    assert!(matches!(verify(&first.1), Ok(Verdict::Intact { records: 4, .. })));
}

#[test]
fn a_record_that_is_no_record_hides_no_notice() {
    let (_folder, file) = folder();
    let ledger = block(written(&file, 0));
    let direct = rusqlite::Connection::open(&file).unwrap();
    for (seq, bytes) in [(2, &b"{\"entry\":{\"notice-raised"[..]), (3, b"\xff\xfe"), (4, b"")] {
        let values = rusqlite::params![seq, bytes, [0u8; 32]];
        direct
            .execute("INSERT INTO records (seq, incident, bytes, hash) VALUES (?1, NULL, ?2, ?3)", values)
            .unwrap();
    }
    let id = quell::domain::id::IncidentId::new("ANA", 1);
    let of_them = note("\"notice-raised\" and \"watch-offered\" are words of a person here");
    block(ledger.append(vec![Draft::of(&id, ana(), at(1), of_them)])).unwrap();
    let notice = Notice::new(NoticeKind::Blind, None, Outside::new("nobody sees"));
    let raised = Draft::console(Actor::Engine, at(1), Entry::NoticeRaised(notice));
    block(
        ledger.append(vec![raised, Draft::console(Actor::Engine, at(1), Entry::WatchAccepted { offer: 1 })]),
    )
    .unwrap();
    let told = block(ledger.of_console_since(1)).unwrap();
    assert_eq!(told.iter().map(|record| record.seq).collect::<Vec<_>>(), [6, 7]);
}

#[test]
fn a_ledger_that_is_as_it_should_be_is_opened_while_another_writes() {
    let (_folder, file) = folder();
    block(written(&file, 2));
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ledger = Ledger::open(&file, "ANA").unwrap();
    assert_eq!(block(ledger.last_seq()), Ok(3));
}
