//! Merging and linking on the command line, here and nowhere else.

use serde_json::json;

use super::{alert, gateway, snapshot, watching};
use crate::support::faultd::{Faultd, Reply};
use crate::support::scratch::{Ran, Scratch};

fn opened() -> Scratch {
    let machine = Scratch::with_config("ids = \"ANA\"\n");
    for title in ["Orders are late", "Withdrawals hang", "Logins fail"] {
        machine.run(&["open", "--severity", "high", title, "--service", "trading"]).ok();
    }
    machine
}

/// Two signals that are two incidents.
fn firing() -> (Faultd, Scratch) {
    let slow = json!({ "alertname": "Slow", "service": "orders", "severity": "warning" });
    let (source, machine) = watching(&json!([gateway("5f3c"), alert("9a1b", &slow)]));
    machine.run(&["list"]).ok();
    (source, machine)
}

fn refused(ran: &Ran, code: i32, words: &str) {
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{ran:?}");
    assert!(ran.stderr.contains(words), "{words}: {ran:?}");
}

fn rows(machine: &Scratch) -> Vec<(String, u64)> {
    let list = machine.run(&["list", "--json"]).json();
    let row =
        |row: &serde_json::Value| (row["id"].as_str().unwrap().to_owned(), row["signals"].as_u64().unwrap());
    list["incidents"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn what_is_merged_closes_and_its_signals_go_on_in_the_other() {
    let (source, machine) = firing();
    let gone = machine.run(&["show", "9a1b", "--json"]).json()["incident"]["id"].as_str().unwrap().to_owned();
    let kept = machine.run(&["show", "5f3c", "--json"]).json()["incident"]["id"].as_str().unwrap().to_owned();
    let said = machine.run(&["merge", "9a1b", "5f3c"]).ok();
    assert_eq!(
        said,
        format!("{gone} closed: duplicate of {kept}\n{kept} goes on with 2 signals that fire\n")
    );
    assert_eq!(rows(&machine), [(kept.clone(), 2)]);
    snapshot("merged", &machine.run(&["show", &kept]).ok());
    snapshot("merged_away", &machine.run(&["show", &gone]).ok());
    // It fires again, and more of its kind does.
    let slow = |fingerprint| {
        alert(fingerprint, &json!({ "alertname": "Slow", "service": "orders", "severity": "warning" }))
    };
    source.on("GET /api/v2/alerts", [Reply::ok(&json!([gateway("5f3c"), slow("9a1b"), slow("77aa")]))]);
    let later = std::fs::read_to_string(machine.config_file()).unwrap().replace("30s", "1s");
    machine.write_config(&later);
    crate::support::eventually("the next answer", || (rows(&machine) == [(kept.clone(), 3)]).then_some(()));
    let said = machine.run(&["unmerge", &gone]).ok();
    assert!(
        said.starts_with(&format!("{gone} stands by itself again, in Identify, with 1 signal")),
        "{said}"
    );
    assert_eq!(rows(&machine).len(), 2);
}

#[test]
fn several_are_merged_at_once_or_not_at_all() {
    let machine = opened();
    machine.run(&["close", "2", "false-alarm"]).ok();
    refused(
        &machine.run(&["merge", "1", "2", "3"]),
        1,
        "ANA-2: it is in Closed; only what is open is merged",
    );
    assert_eq!(rows(&machine).len(), 2, "nothing of it was done");
    machine.run(&["open", "--severity", "high", "Orders are late too"]).ok();
    let after = machine.run(&["merge", "1", "4", "3", "--json"]).json();
    let merged: Vec<_> = after.as_array().unwrap().iter().map(|it| it["closed"][0].clone()).collect();
    assert_eq!(merged, [json!("duplicate"), json!("duplicate"), json!(null)]);
    assert!(machine.run(&["ledger", "verify"]).ok().contains("every link holds"));
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let machine = opened();
    refused(&machine.run(&["merge", "1"]), 2, "");
    refused(&machine.run(&["merge", "1", "1"]), 1, "ANA-1: it is one incident; name another one");
    refused(&machine.run(&["merge", "1", "1", "2"]), 2, "ANA-1 is named twice");
    refused(&machine.run(&["merge", "1", "ANA-9"]), 1, "no incident ANA-9");
    refused(&machine.run(&["unmerge", "1"]), 1, "ANA-1 was not merged into another one");
    refused(&machine.run(&["unlink", "1", "2"]), 1, "ANA-1: it is not linked with ANA-2");
    machine.run(&["merge", "1", "2"]).ok();
    refused(&machine.run(&["merge", "1", "3"]), 1, "ana merged it into ANA-2");
    refused(&machine.run(&["merge", "3", "1"]), 1, "ANA-1: it goes on in ANA-2 itself; merge into that");
    machine.run(&["merge", "2", "3"]).ok();
    refused(&machine.run(&["unmerge", "1"]), 1, "ANA-2: it goes on in ANA-3; take that back first");
    machine.run(&["unmerge", "2"]).ok();
    machine.run(&["unmerge", "1"]).ok();
    assert_eq!(rows(&machine).len(), 3);
}

#[test]
fn a_link_is_shown_on_both_and_moves_a_signal_only_by_its_name() {
    let (_source, machine) = firing();
    assert_eq!(machine.run(&["link", "1", "2"]).ok(), "ANA-1 linked with ANA-2\n");
    for id in ["1", "2"] {
        assert!(machine.run(&["show", id]).ok().contains("  linked: ANA-"), "{id}");
    }
    refused(&machine.run(&["link", "1", "2"]), 1, "linked with ANA-2 already");
    let (one, other) = match machine.run(&["show", "5f3c", "--json"]).json()["incident"]["id"].as_str() {
        Some("ANA-1") => ("1", "2"),
        _ => ("2", "1"),
    };
    refused(&machine.run(&["link", one, other, "--signal", "9a1b"]), 1, "has no signal 9a1b; it has 5f3c");
    let said = machine.run(&["link", one, other, "--signal", "prod-am:5f3c"]).ok();
    assert!(said.ends_with("which has its signal now\n"), "{said}");
    let moved = rows(&machine).into_iter().map(|(_, signals)| signals).collect::<Vec<_>>();
    assert_eq!(moved.iter().sum::<u64>(), 2);
    assert!(moved.contains(&2), "{moved:?}");
    machine.run(&["unlink", "2", "1"]).ok();
    assert!(!machine.run(&["show", "1"]).ok().contains("  linked:"));
}

#[test]
fn what_was_merged_and_taken_out_again_had_not_ended_and_did_not_come_back() {
    let machine = opened();
    machine.run(&["merge", "1", "2"]).ok();
    machine.run(&["unmerge", "1"]).ok();
    let told = machine.run(&["review", "1"]).ok();
    assert!(told.contains("Orders are late") && !told.contains("came back"), "{told}");
    machine.run(&["close", "1", "resolved", "--note", "it was one host"]).ok();
    machine.run(&["phase", "1", "identify"]).ok();
    let told = machine.run(&["review", "1"]).ok();
    assert!(told.contains("It came back once after it had ended."), "{told}");
}
