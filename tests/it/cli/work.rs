//! What people write down: acknowledge, note, lead, impact, severity, category, phase, close.

use super::snapshot;
use crate::support::scratch::{Ran, Scratch, run};

fn opened() -> Scratch {
    let machine = Scratch::with_config("ids = \"ANA\"\n");
    let open =
        ["open", "--severity", "high", "Orders are late", "--service", "trading", "--label", "region=eu-1"];
    assert_eq!(machine.run(&[&open[..], &["--category", "anomaly"]].concat()).ok(), "ANA-1\n");
    machine
}

fn refused(ran: &Ran, words: &str) {
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.stderr.contains(words), "{words}: {ran:?}");
}

#[test]
fn everything_that_is_written_down_is_shown_again() {
    let machine = opened();
    for work in [
        &["ack", "1"][..],
        &["note", "1", "five orders so far"],
        &["lead", "1", "bo"],
        &["impact", "1", "--users", "10..20"],
        &["impact", "1", "--unknown", "the counter is down"],
        &["severity", "1", "critical"],
        &["phase", "1", "contain", "--waive", "everybody knows"],
    ] {
        assert!(machine.run(work).ok().starts_with("ANA-1 "), "{work:?}");
    }
    snapshot("worked_on", &machine.run(&["show", "1"]).ok());
    let row = &machine.run(&["list", "--json"]).json()["incidents"][0];
    assert_eq!(
        (&row["acked_by"], &row["lead"], &row["severity"]),
        (&"ana".into(), &"bo".into(), &"critical".into())
    );
    assert_eq!(row["affected_users_unknown"], "the counter is down");
    assert_eq!((&row["phase"], &row["category"]), (&"contain".into(), &"anomaly".into()));
}

#[test]
fn a_phase_is_refused_with_everything_that_is_missing() {
    let machine = opened();
    let early = machine.run(&["phase", "1", "mitigate"]);
    for missing in ["category confirmed", "impact assessed", "response lead", "verified containment"] {
        refused(&early, missing);
    }
    for command in [
        "quell category ANA-1 CATEGORY",
        "quell impact ANA-1 --users N",
        "quell lead ANA-1 NAME",
        "quell phase ANA-1 mitigate --waive \"reason\"",
    ] {
        refused(&early, command);
    }
    assert!(!early.stderr.contains("(S)"), "no key of the console: {early:?}");
    refused(&machine.run(&["close", "1", "resolved"]), "quell close ANA-1 resolved --note \"reason\"");
    machine.run(&["impact", "1", "--users", "7"]).ok();
    let later = machine.run(&["phase", "1", "mitigate"]);
    assert!(!later.stderr.contains("impact"), "{later:?}");
    machine.run(&["phase", "1", "mitigate", "--waive", "nothing to contain"]).ok();
    machine.run(&["phase", "1", "identify"]).ok();
    refused(&machine.run(&["phase", "1", "identify"]), "already");
}

#[test]
fn a_gate_can_be_met_from_the_command_line() {
    let machine = opened();
    refused(&machine.run(&["phase", "1", "contain"]), "category confirmed");
    assert_eq!(machine.run(&["category", "1", "anomaly"]).ok(), "ANA-1 category anomaly\n");
    machine.run(&["severity", "1", "high"]).ok();
    machine.run(&["impact", "1", "--users", "7"]).ok();
    machine.run(&["lead", "1", "bo"]).ok();
    assert_eq!(machine.run(&["phase", "1", "contain"]).ok(), "ANA-1 phase contain\n");
}

#[test]
fn somebody_elses_acknowledgement_is_taken_over_only_on_purpose() {
    let machine = opened();
    let mut bo = machine.quell(&["ack", "1"]);
    run(bo.env("USER", "bo")).ok();
    refused(&machine.run(&["ack", "1"]), "bo holds ANA-1; add --take-over");
    machine.run(&["ack", "1", "--take-over"]).ok();
    assert!(machine.run(&["show", "1"]).ok().contains("ana took it over from bo"));
}

#[test]
fn an_end_has_a_reason_and_comes_once() {
    let machine = opened();
    assert_eq!(machine.run(&["close", "1", "because"]).code, Some(2));
    machine.run(&["close", "1", "false-alarm", "--note", "a test order"]).ok();
    refused(&machine.run(&["ack", "1"]), "closed");
    machine.run(&["note", "1", "a note is always possible"]).ok();
    assert!(machine.run(&["list"]).ok().lines().all(|line| !line.contains("ANA-1")));
    assert!(machine.run(&["list", "phase:closed"]).ok().contains("ANA-1"));
}

#[test]
fn what_makes_no_sense_is_a_mistake_of_the_command_line() {
    let machine = opened();
    for wrong in [
        &["open", "--severity", "awful", "Title"][..],
        &["open", "--severity", "high", " "],
        &["open", "Title"],
        &["impact", "1", "--users", "20..10"],
        &["impact", "1", "--users", "5", "--unknown", "x"],
        &["impact", "1"],
        &["phase", "1", "panic"],
        &["category", "1", "panic"],
        &["ack"],
        &["wall", "1"],
    ] {
        let ran = machine.run(wrong);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{wrong:?}: {ran:?}");
        assert!(ran.stderr.starts_with("error: "), "{wrong:?}: {ran:?}");
    }
    refused(&machine.run(&["note", "1", " "]), "needs words");
    refused(&machine.run(&["note", "9", "x"]), "no incident");
}
