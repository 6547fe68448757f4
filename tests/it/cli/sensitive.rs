//! Sensitive labels on the command line.

use serde_json::Value;

use crate::support::scratch::Scratch;
use crate::support::venue::{ACCOUNT, Venue};

fn watching(venue: &Venue) -> Scratch {
    let machine = Scratch::with_config(&format!("sensitive = [\"account_id\"]\n{}", venue.config()));
    machine.run(&["list"]).ok();
    machine
}

#[test]
fn they_are_hidden_in_all_that_is_printed_until_they_are_asked_for() {
    let venue = Venue::under_attack();
    let machine = watching(&venue);
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["show", "1"],
        &["show", "1", "--json"],
        &["packet", "1", "--path", "security"],
        &["review", "1"],
        &["report", "--since", "12h"],
        &["ledger", "tail"],
        &["ledger", "tail", "--json"],
    ] {
        let said = machine.run(arguments).ok();
        // JSON is printed as ASCII.
        let dots = ["••••", r"\u2022\u2022\u2022\u2022"].iter().any(|dots| said.contains(dots));
        // A sentence of the ledger names its incident by its id alone.
        let named = arguments != ["ledger", "tail"];
        assert!(dots == named && !said.contains(ACCOUNT), "{arguments:?}: {said}");
    }
    for query in [ACCOUNT, "label:account_id=88213"] {
        let found = machine.run(&["list", "--json", query]).json();
        assert_eq!(found["incidents"], Value::Array(Vec::new()), "{query} does not find what is hidden");
    }
    assert!(!machine.run(&["ledger", "tail"]).ok().contains("read what is sensitive"));

    let shown = machine.run(&["show", "1", "--reveal"]).ok();
    assert!(shown.contains("account_id=88213") && shown.contains("on account 88213"), "{shown}");
    let tail = machine.run(&["ledger", "tail", "-n", "1"]).ok();
    assert!(tail.trim_end().ends_with("ana read what is sensitive: account_id"), "{tail}");
    assert!(!machine.run(&["show", "1"]).ok().contains(ACCOUNT), "it was shown once");
    let none = machine.run(&["open", "--severity", "high", "Opened by hand"]).ok();
    let refused = machine.run(&["show", none.trim(), "--reveal"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("has no sensitive label"), "{refused:?}");
}

#[test]
fn what_cannot_be_put_on_record_is_not_shown() {
    let venue = Venue::under_attack();
    let machine = watching(&venue);
    let other = rusqlite::Connection::open(machine.state().join("ledger.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ran = machine.run(&["show", "1", "--reveal"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{ran:?}");
}
