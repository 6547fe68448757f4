//! `quell ledger`: what it prints, what it exports, and that the export proves itself.

use std::os::unix::fs::PermissionsExt;

use quell::domain::plan::hex;
use quell::domain::version::VERSION;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::scratch::Scratch;

/// A ledger with two incidents: records 1 and 3 open them, 2 and 4 are notes.
fn written() -> Scratch {
    let machine = Scratch::new();
    for (id, title, text) in [("1", "Orders are late", "five of them"), ("2", "Sign-in fails", "in Europe")] {
        machine.run(&["open", "--severity", "high", title]).ok();
        machine.run(&["note", id, text]).ok();
    }
    machine
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn seqs(records: &[Value]) -> Vec<u64> {
    records.iter().map(|record| record["seq"].as_u64().unwrap()).collect()
}

#[test]
fn the_account_is_verified() {
    assert!(Scratch::new().run(&["ledger", "verify"]).ok().contains("no ledger yet"));
    assert!(written().run(&["ledger", "verify"]).ok().starts_with("4 records, every link holds"));
}

#[test]
fn the_tail_says_when_who_and_what_of_which_incident() {
    let machine = written();
    let tail = machine.run(&["ledger", "tail", "-n", "1"]).ok();
    assert!(tail.lines().count() == 1 && tail.starts_with("4 20"), "{tail}");
    assert!(tail.ends_with("Z ana ANA-2 ana: in Europe\n"), "{tail}");
    assert_eq!(machine.run(&["ledger", "tail"]).ok().lines().count(), 4);
    for id in ["1", "ANA-1", "ana-1"] {
        let of_one = lines(&machine.run(&["ledger", "tail", "--incident", id, "--json"]).ok());
        assert_eq!(seqs(&of_one), [1, 2]);
        assert_eq!(of_one[1]["entry"]["noted"]["text"], "five of them");
    }
    assert_eq!(machine.run(&["ledger", "tail", "--incident", "1", "-n", "1"]).ok().lines().count(), 1);
    assert_eq!(machine.run(&["ledger", "tail", "--incident", "9"]).code, Some(1));
    assert_eq!(machine.run(&["ledger", "tail", "--incident", "x y"]).code, Some(1));
}

#[test]
fn the_tail_of_an_incident_is_found_by_its_upstream_id() {
    let (_source, machine) =
        super::watching(&serde_json::json!([super::gateway("5f3c"), super::gateway("7")]));
    machine.run(&["list"]).ok();
    let about = |id: &str| {
        let ran = machine.run(&["ledger", "tail", "--incident", id, "--json"]);
        lines(&ran.ok()).first().map(|record| record["incident"].clone())
    };
    let first = about("5f3c");
    assert!(first.is_some());
    assert_eq!(about("prod-am:5f3c"), first, "with its source");
    assert_eq!(about("prod-am:7"), first, "of the signal that joined it");
    machine.run(&["open", "--severity", "high", "Opened by hand"]).ok();
    assert_eq!(about("ANA-2"), Some("ANA-2".into()));
    assert_eq!(machine.run(&["ledger", "tail", "--incident", "prod-am:5f3d"]).code, Some(1));
}

/// Walks the chain of an export as anybody could, without quell.
fn holds(stored: &[Value]) {
    for (place, one) in stored.iter().enumerate() {
        let bytes = one["bytes"].as_str().unwrap().as_bytes();
        let unhex = |text: &str| -> Vec<u8> {
            (0..32).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap()).collect()
        };
        let mut link = Sha256::new();
        link.update([0]);
        link.update(unhex(one["prev"].as_str().unwrap()));
        link.update((bytes.len() as u64).to_be_bytes());
        link.update(bytes);
        assert_eq!(one["hash"], hex(&link.finalize()));
        if let Some(before) = place.checked_sub(1) {
            assert_eq!(one["prev"], stored[before]["hash"]);
        }
        let record: Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(record["seq"], one["seq"]);
    }
}

#[test]
fn an_export_is_what_stands_in_the_file_and_proves_itself() {
    let machine = written();
    let stored = lines(&machine.run(&["ledger", "export"]).ok());
    assert_eq!(seqs(&stored)[..4], [1, 2, 3, 4]);
    assert_eq!(stored[0]["prev"], "0".repeat(64));
    holds(&stored);
    assert_eq!(seqs(&lines(&machine.run(&["ledger", "export", "--from", "3"]).ok()))[..2], [3, 4]);
}

#[test]
fn an_export_to_a_file_is_for_its_owner_and_overwrites_nothing() {
    let machine = written();
    let file = machine.path("all.jsonl");
    let export = ["ledger", "export", "--to", "all.jsonl", "--json"];
    let said = machine.run(&export).json();
    let content = std::fs::read_to_string(&file).unwrap();
    holds(&lines(&content));
    assert_eq!(said["sha256"], hex(&Sha256::digest(&content)));
    assert_eq!((said["records"].as_u64(), said["bytes"].as_u64()), (Some(4), Some(content.len() as u64)));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let again = machine.run(&export);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
}

#[test]
fn that_records_left_is_a_record_of_who_and_where_to() {
    let machine = written();
    let export = machine.run(&["ledger", "export", "--from", "2"]).ok();
    machine.run(&["ledger", "export", "--to", "all.jsonl"]).ok();
    let tail = lines(&machine.run(&["ledger", "tail", "-n", "2", "--json"]).ok());
    let exported = &tail[0]["entry"]["exported"];
    assert_eq!(
        (&exported["what"], &exported["to"]),
        (&Value::from("ledger from 2"), &Value::from("standard output"))
    );
    assert_eq!(exported["sha256"], hex(&Sha256::digest(&export)));
    assert_eq!(tail[0]["by"]["person"]["name"], "ana");
    assert_eq!(tail[1]["entry"]["exported"]["to"], machine.path("all.jsonl").display().to_string());
    let said = machine.run(&["ledger", "tail", "-n", "1"]).ok();
    assert!(said.contains(" ana - ana exported ledger to "), "{said}");
    machine.run(&["ledger", "verify"]).ok();
}

#[test]
fn what_cannot_be_put_on_record_does_not_leave() {
    let machine = written();
    let other = rusqlite::Connection::open(machine.state().join("ledger.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ran = machine.run(&["ledger", "export", "--to", "all.jsonl"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(!machine.path("all.jsonl").exists());
    let ran = machine.run(&["ledger", "export"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{ran:?}");
}

#[test]
fn every_record_names_the_process_that_wrote_it() {
    let machine = written();
    let records = lines(&machine.run(&["ledger", "tail", "--json"]).ok());
    let on: Vec<&Value> = records.iter().map(|record| &record["on"]).collect();
    assert!(on.iter().all(|on| on["pid"].as_u64() > Some(1) && on["version"] == VERSION));
    assert_eq!(on[0]["host"], records[0]["by"]["person"]["host"]);
    let up: Vec<u64> = on.iter().map(|on| on["boot_ms"].as_u64().unwrap()).collect();
    assert!(up.is_sorted() && up[0] > 0, "{up:?}");
    let kept = quell::os::clock::synchronised();
    assert!(on.iter().all(|on| on.get("clock_synced").and_then(Value::as_bool) == kept), "{on:?}");
}

#[test]
fn a_configuration_that_counts_from_now_on_is_a_record_with_what_it_changed() {
    let (source, machine) = super::watching(&serde_json::json!([]));
    let counts = || {
        machine.run(&["list"]).ok();
        let tail = machine.run(&["ledger", "tail"]).ok();
        let said = tail.lines().filter_map(|line| line.split_once(" counts, "));
        said.map(|(_, what)| what.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(counts(), ["read-only"]);
    // A source nobody has asked yet, so that this one is asked again.
    let table = "[[source]]\nkind = \"alertmanager\"\nname = \"pd-am\"\nevery = \"30s\"";
    let config =
        format!("ids = \"ANA\"\n{table}\nurls = [\"{}\"]\n[actions]\nenabled = true\n", source.url());
    machine.write_config(&config);
    assert_eq!(counts(), ["read-only", "actions on; changed: actions, source"]);
    assert_eq!(counts().len(), 2, "the same one is not written down again");
}
