//! A ledger that cannot be used: it is said which and why, the file is kept, and nothing is sent.

mod console;
mod disk;

use std::path::PathBuf;
use std::process::Stdio;

use rusqlite::Connection;
use serde_json::json;

use crate::support::eventually;
use crate::support::exchange::Exchange;
use crate::support::scratch::Scratch;

fn machine() -> (Scratch, PathBuf) {
    written(Scratch::new())
}

/// With one incident in its ledger.
fn written(machine: Scratch) -> (Scratch, PathBuf) {
    machine.run(&["open", "--severity", "high", "Orders are refused"]).ok();
    let ledger = machine.state().join("ledger.db");
    (machine, ledger)
}

/// What is not yet in the file itself would heal it.
fn without_log(machine: &Scratch) {
    for beside in ["ledger.db-wal", "ledger.db-shm"] {
        let _none = std::fs::remove_file(machine.state().join(beside));
    }
}

const READS: [&[&str]; 3] = [&["list"], &["show", "1"], &["ledger", "tail"]];
const WRITES: [&[&str]; 3] =
    [&["note", "ANA-1", "seen"], &["ack", "ANA-1"], &["open", "--severity", "high", "Late"]];

/// Every command says this and changes nothing.
fn is_refused(machine: &Scratch, ledger: &PathBuf, words: &str) {
    are_refused(&READS, machine, ledger, words);
    are_refused(&WRITES, machine, ledger, words);
}

fn are_refused(commands: &[&[&str]], machine: &Scratch, ledger: &PathBuf, words: &str) {
    let before = std::fs::read(ledger).unwrap();
    for arguments in commands {
        let ran = machine.run(arguments);
        assert!(matches!(ran.code, Some(2 | 3)), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(words), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains("ledger.db"), "{arguments:?}: {ran:?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{arguments:?}: {ran:?}");
    }
    assert!(std::fs::read(ledger).unwrap() == before, "the file was changed");
}

#[test]
fn what_is_no_ledger_is_kept() {
    let (machine, ledger) = machine();
    std::fs::write(&ledger, "this was a ledger once\n".repeat(1000)).unwrap();
    without_log(&machine);
    is_refused(&machine, &ledger, "damaged; keep it");
    let verified = machine.run(&["ledger", "verify"]);
    assert_eq!(verified.code, Some(3), "{verified:?}");
}

#[test]
fn a_ledger_of_a_newer_quell_is_left_alone() {
    let (machine, ledger) = machine();
    Connection::open(&ledger).unwrap().pragma_update(None, "user_version", 99).unwrap();
    is_refused(&machine, &ledger, "newer quell");
}

#[test]
fn a_ledger_that_may_not_be_written_can_be_read_and_is_said_to_be_so() {
    let (machine, ledger) = written(Scratch::of_a_plain_user());
    let mut permissions = std::fs::metadata(&ledger).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&ledger, permissions).unwrap();
    are_refused(&WRITES, &machine, &ledger, "read-only");
    for arguments in READS {
        assert!(machine.run(arguments).ok().contains("ANA-1"), "{arguments:?}");
    }
}

#[test]
fn a_folder_in_its_place_is_said_to_be_in_the_way() {
    let machine = Scratch::new();
    std::fs::create_dir_all(machine.state().join("ledger.db")).unwrap();
    let ran = machine.run(&["list"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("cannot be opened"), "{ran:?}");
}

#[test]
fn a_changed_record_is_named_and_a_change_in_order_is_refused_by_the_file_itself() {
    let (machine, ledger) = machine();
    machine.run(&["note", "1", "five orders"]).ok();
    machine.run(&["note", "1", "six orders"]).ok();
    let file = Connection::open(&ledger).unwrap();
    let change = "UPDATE records SET bytes = replace(bytes, 'five', 'nine') WHERE seq = 2";
    assert!(file.execute(change, []).unwrap_err().to_string().contains("append-only"));
    assert!(file.execute("DELETE FROM records WHERE seq = 3", []).is_err());
    file.execute_batch("DROP TRIGGER records_keep").unwrap();
    file.execute(change, []).unwrap();
    drop(file);
    let verified = machine.run(&["ledger", "verify"]);
    assert_eq!(verified.code, Some(1), "{verified:?}");
    assert!(verified.stdout.contains("record 2"), "{verified:?}");
    let json = machine.run(&["ledger", "verify", "--json"]).stdout;
    assert!(json.contains(r#""intact":false,"first_bad":2"#), "{json}");
}

#[test]
fn what_is_on_the_wire_is_not_cut_off_when_the_ledger_cannot_be_read_any_more() {
    let exchange = Exchange::start();
    let machine = exchange.machine("5s", "");
    let open = ["open", "--severity", "high", "Late", "--service", "tokens", "--label", "replica=tok-1"];
    machine.run(&open).ok();
    exchange.misbehave("POST", "/admin/replicas/tok-1", 1, json!({ "delay_ms": 2500 }));
    let contain = ["contain", "1", "isolate-replica", "--confirm-target", "tok-1"];
    let contain = machine.quell(&contain).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let file = Connection::open(machine.state().join("ledger.db")).unwrap();
    let sent = "SELECT count(*) FROM records WHERE json_extract(bytes, '$.entry.sent') IS NOT NULL";
    eventually("it is sent", || (file.query_row(sent, [], |row| row.get(0)) == Ok(1)).then_some(()));
    let newer = "INSERT INTO records SELECT max(seq) + 1, NULL, CAST('{\"v\":99}' AS BLOB), zeroblob(32)
                 FROM records";
    file.execute(newer, []).unwrap();
    let ended = contain.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(4), "{ended:?}");
    assert_eq!(exchange.effects("isolate", "tok-1"), 1);
}

#[test]
fn while_nothing_can_be_written_down_nothing_is_sent() {
    let exchange = Exchange::start();
    let machine = exchange.machine("2s", "");
    let opened = ["open", "--severity", "high", "Late", "--service", "tokens", "--label", "replica=tok-1"];
    machine.run(&opened).ok();
    let file = Connection::open(machine.state().join("ledger.db")).unwrap();
    file.execute_batch("BEGIN IMMEDIATE").unwrap();
    let contain = ["contain", "1", "isolate-replica", "--confirm-target", "tok-1"];
    let ran = machine.run(&contain);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("locked by another program"), "{ran:?}");
    assert_eq!(exchange.calls().len(), 0);
    file.execute_batch("ROLLBACK").unwrap();
    machine.run(&contain).ok();
}
