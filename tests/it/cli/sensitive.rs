//! Sensitive labels on the command line.

use serde_json::{Value, json};

use crate::support::scratch::Scratch;
use crate::support::venue::{ACCOUNT, Venue, names_account, takeover, until_shown};

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
        assert!(dots == named && !names_account(&said), "{arguments:?}: {said}");
    }
    for query in [ACCOUNT, "label:account_id=88213"] {
        let found = machine.run(&["list", "--json", query]).json();
        assert_eq!(found["incidents"], Value::Array(Vec::new()), "{query} does not find what is hidden");
    }
    // What applies is listed without its values.
    for arguments in [&["plan", "1"][..], &["plan", "1", "--json"], &["packet", "1"], &["ack", "1", "--json"]]
    {
        let said = machine.run(arguments).ok();
        assert!(!names_account(&said), "{arguments:?}: {said}");
    }
    assert!(!machine.run(&["ledger", "tail"]).ok().contains("read what is sensitive"));

    let shown = machine.run(&["show", "1", "--reveal"]).ok();
    assert!(shown.contains("account_id=88213") && shown.contains("on account 88213"), "{shown}");
    let tail = machine.run(&["ledger", "tail", "-n", "1"]).ok();
    assert!(tail.trim_end().ends_with("ana read what is sensitive: account_id"), "{tail}");
    assert!(!names_account(&machine.run(&["show", "1"]).ok()), "it was shown once");
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

#[test]
fn what_annotations_and_json_in_them_say_is_hidden_everywhere() {
    let venue = Venue::start();
    let mut alert = takeover();
    alert["labels"].as_object_mut().unwrap().remove("account_id");
    alert["annotations"] = json!({
        "summary": "Credential stuffing on 88213, mails to ana@example.com bounce",
        "email": "ana@example.com",
        "details": json!({ "user": { "accountId": 88213 } }).to_string(),
        "runbook_url": "http://wiki/?who=ana%40example.com",
    });
    alert["generatorURL"] = "http://prom/graph?g0.expr=x%7Baccount_id%3D%2288213%22%7D".into();
    venue.fire(&[alert]);
    let config = format!("sensitive = [\"account_id\", \"Email\"]\n{}", venue.config());
    let machine = Scratch::with_config(&config);
    machine.run(&["list"]).ok();
    let said = |arguments: &[&str]| {
        let said = machine.run(arguments).ok();
        (["88213", "example.com"].iter().any(|value| said.contains(value)), said)
    };
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["show", "1"],
        &["show", "1", "--json"],
        &["packet", "1"],
        &["report", "--since", "12h"],
        &["ledger", "tail", "--json"],
    ] {
        let (shown, said) = said(arguments);
        assert!(!shown, "{arguments:?}: {said}");
    }
    // Also once its source says nothing of it any more.
    venue.fire(&[]);
    let (shown, list) = said(&["list", "--json"]);
    assert!(!shown, "{list}");
    let revealed = machine.run(&["show", "1", "--reveal"]).ok();
    assert!(revealed.contains("Credential stuffing on 88213, mails to ana@example.com"), "{revealed}");
    let tail = machine.run(&["ledger", "tail", "-n", "1"]).ok();
    assert!(tail.trim_end().ends_with("ana read what is sensitive: account_id, email"), "{tail}");
}

#[test]
fn what_was_opened_by_hand_and_merged_in_says_no_more_than_before() {
    let machine = Scratch::with_config("sensitive = [\"account_id\"]\noperator = \"ana\"\n");
    let open = |title: &str, label: &str| {
        machine.run(&["open", "--severity", "high", title, "--label", label]).ok().trim().to_owned()
    };
    let (one, other) = (open("Login failures acct 88213", "account_id=88213"), open("Customers call", "a=b"));
    machine.run(&["merge", &one, &other]).ok();
    for arguments in [
        &["show", &other][..],
        &["show", &other, "--json"],
        &["show", &one, "--json"],
        &["list", "--json"],
        &["ledger", "tail"],
        &["ledger", "tail", "--json"],
    ] {
        let said = machine.run(arguments).ok();
        assert!(!names_account(&said), "{arguments:?}: {said}");
    }
}

#[test]
fn the_keys_that_acknowledge_and_ask_what_applies_show_nothing_and_record_nothing() {
    let venue = Venue::under_attack();
    let machine = watching(&venue);
    let console = machine.console(&[], 120, 40);
    console.shows("••••");
    until_shown(&console, "c", |screen| screen.contains("enter plan to confirm"));
    assert!(!names_account(&console.screen()), "{}", console.screen());
    until_shown(&console, "esc", |screen| !screen.contains("enter plan to confirm"));
    until_shown(&console, "a", |screen| screen.contains("Held by ana"));
    let shown = console.screen();
    assert!(shown.contains("••••") && !names_account(&shown), "{shown}");
    assert!(!machine.run(&["ledger", "tail"]).ok().contains("read what is sensitive"));
    until_shown(&console, "V", |screen| screen.contains("on account 88213"));
}
