//! What people write down: acknowledge, note, lead, impact, severity, category, phase, close.

use rusqlite::Connection;

use super::snapshot;
use crate::support::faultd::{Faultd, Reply};
use crate::support::lines::Printing;
use crate::support::scratch::{Ran, Scratch, run};

const ALERTS: &str = "GET /api/v2/alerts";

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
        &["impact", "1", "--unknown", "the counter is down", "--because", "it stopped"],
        &["severity", "1", "critical", "--because", "every order is late"],
        &["classify", "1", "--urgency", "immediate", "--area", "orders", "--funds", "unknown"],
        &["role", "1", "commander"],
        &["timer", "1", "bo", "3m", "check the engine"],
        &["no-containment", "1", "nothing spreads"],
        &["mitigated", "1", "the queue was drained"],
        &["fill", "1", "order ids", "ORD-7"],
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
    assert_eq!((&row["commander"], &row["deadlines"][0]["kind"]), (&"ana".into(), &"timer".into()));
}

#[test]
fn what_was_said_before_is_changed_with_a_reason_only() {
    let machine = opened();
    machine.run(&["impact", "1", "--users", "7"]).ok();
    machine.run(&["category", "1", "outage"]).ok();
    machine.run(&["classify", "1", "--scope", "one"]).ok();
    for again in [
        &["impact", "1", "--users", "9"][..],
        &["severity", "1", "critical"],
        &["category", "1", "anomaly"],
        &["classify", "1", "--scope", "all", "--urgency", "today"],
    ] {
        refused(&machine.run(again), "add --because TEXT");
        machine.run(&[again, &["--because", "more is known"]].concat()).ok();
    }
    let shown = machine.run(&["show", "1"]).ok();
    assert!(shown.contains("ana set scope all, because more is known"), "{shown}");
    assert_eq!(shown.matches("ana set urgency today").count(), 1, "a refused one writes nothing: {shown}");
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
        "quell contain ANA-1 PLAYBOOK, or quell no-containment ANA-1 BECAUSE",
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
    machine.run(&["no-containment", "1", "nothing spreads"]).ok();
    refused(&machine.run(&["phase", "1", "recover"]), "what was done, noted: quell mitigated ANA-1 TEXT");
    machine.run(&["mitigated", "1", "drained the queue"]).ok();
    machine.run(&["phase", "1", "recover"]).ok();
    refused(
        &machine.run(&["close", "1", "resolved"]),
        "healthy for long enough: looked at in Recover by a running quell",
    );
    machine.run(&["close", "1", "resolved", "--note", "watched by hand"]).ok();
    refused(&machine.run(&["close", "1", "resolved"]), "quell phase ANA-1 closed");
    refused(&machine.run(&["phase", "1", "closed"]), "the root cause: quell review ANA-1 cause TEXT");
    machine.run(&["phase", "1", "closed", "--waive", "a drill"]).ok();
    assert!(
        machine.run(&["show", "1"]).ok().contains("waived by ana: root-cause, items, published: a drill")
    );
}

#[test]
fn each_wrong_way_to_a_phase_names_the_right_one() {
    let machine = opened();
    refused(&machine.run(&["phase", "1", "review", "--waive", "x"]), ": quell close ANA-1 resolved");
    refused(&machine.run(&["phase", "1", "closed", "--waive", "x"]), ": quell close ANA-1 REASON");
    refused(&machine.run(&["keep", "1", "3", "why not"]), "action #3 is not in force");
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
        &["classify", "1"],
        &["classify", "1", "--funds", "perhaps"],
        &["classify", "1", "--area", " "],
        &["role", "1", "boss"],
        &["role", "1", "scribe", "bo", "--accept"],
        &["timer", "1", "bo", "soon", "look"],
        &["open", "--severity", "high", "--from", "partner", "Title"],
        &["open", "--severity", "high", "--set", "a=b", "Title"],
        &["handover", "bo", "--accept"],
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

/// A source that never answers, a room, and a machine with an incident.
fn beside_a_source_that_hangs() -> (Faultd, Scratch) {
    let server = Faultd::start();
    server.on(ALERTS, [Reply::hang()]).on("POST /room", [Reply::ok("{}")]);
    let url = server.url();
    let machine = Scratch::with_config(&format!(
        "operator = \"ana\"\nids = \"ANA\"\n\
         [[source]]\nkind = \"alertmanager\"\nname = \"am\"\nurls = [\"{url}\"]\n\
         [[channel]]\nkind = \"webhook\"\nname = \"room\"\nstyle = \"generic\"\nurl = \"{url}/room\"\n\
         [[path]]\nid = \"incident\"\nsteps = [{{ after = \"0m\", to = [\"room\"] }}, \
         {{ after = \"5m\", to = [\"room\"] }}]\n"
    ));
    machine.run(&["open", "--severity", "high", "Orders are late"]).ok();
    (server, machine)
}

#[test]
fn an_acknowledgement_is_written_down_before_any_source_is_asked() {
    let (server, machine) = beside_a_source_that_hangs();
    let acking = Printing::start(machine.quell(&["ack", "1"]));
    server.wait_for(ALERTS, 1);
    let ledger = Connection::open(machine.state().join("ledger.db")).unwrap();
    let query = "SELECT count(*) FROM records WHERE instr(bytes, '\"acknowledged\"') > 0";
    assert_eq!(ledger.query_row(query, [], |row| row.get(0)), Ok(1));
    acking.says("ANA-1 ");
    assert_eq!(acking.finish(), (Some(0), "1 is ANA-1: Orders are late\n".to_owned()));
}

#[test]
fn whoever_is_paged_waits_for_no_source() {
    let (server, machine) = beside_a_source_that_hangs();
    let paged = machine.run(&["escalate", "1", "--path", "incident"]).ok();
    assert!(paged.contains("told room"), "{paged}");
    assert_eq!(server.wait_for("POST /room", 1).len(), 1);
    assert!(
        server.requests().iter().all(|request| !request.path.contains("alerts")),
        "{:?}",
        server.requests()
    );
}

#[test]
fn who_opens_again_what_was_closed_reads_whom_that_pages_and_when() {
    let (_server, machine) = beside_a_source_that_hangs();
    machine.run(&["escalate", "1", "--path", "incident"]).ok();
    machine.run(&["close", "1", "false-alarm"]).ok();
    let said = machine.run(&["phase", "1", "identify"]).ok();
    assert!(said.starts_with("ANA-1 phase identify; ") && said.contains("room is paged at "), "{said}");
    let moved = machine.run(&["phase", "1", "contain", "--waive", "we know it"]).ok();
    assert_eq!(moved, "ANA-1 phase contain\n");
}

#[test]
fn what_rules_no_hypothesis_out_says_so_and_stands_as_it_was_written() {
    let machine = opened();
    let none = machine.run(&["note", "ANA-1", "not: a bad deploy", "--hypothesis"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), "ANA-1 noted\n"));
    assert!(none.stderr.contains("no hypothesis says \"a bad deploy\", there is none"), "{none:?}");
    assert_eq!(machine.run(&["note", "ANA-1", "the replica lags", "--hypothesis"]).stderr, "");
    let other = machine.run(&["note", "ANA-1", "not enough memory", "--hypothesis"]);
    assert!(
        other.stderr.contains("rules nothing out") && other.stderr.contains("\"the replica lags\""),
        "{other:?}"
    );
    assert_eq!(machine.run(&["note", "ANA-1", "not: the replica"]).stderr, "", "that one is ruled out");
}

#[test]
fn what_cannot_be_done_so_says_how_it_is_written_here() {
    let machine = opened();
    let listed = machine.run(&["list", "sev:critical"]);
    assert_eq!((listed.code, listed.stderr.as_str()), (Some(0), "0 of 1 match; no sources configured\n"));
    let shown = machine.run(&["show", "1"]).ok();
    assert!(shown.contains("  held by: nobody\n") && shown.contains("  impact: not assessed\n"), "{shown}");
    for wrong in [&["ledger", "tail", "-n", "x"][..], &["demo", "--seed", "abc"]] {
        let said = machine.run(wrong);
        assert!(said.code == Some(2) && said.stderr.contains("write a whole number"), "{said:?}");
    }
    let file = machine.config_file().display().to_string();
    let there = machine.run(&["ledger", "export", "--to", &file]);
    assert!(there.stderr.contains("is there already; name a new one"), "{there:?}");
}

#[test]
fn a_note_keeps_its_lines_wherever_it_is_read() {
    let machine = Scratch::with_config("ids = \"ANA\"\n");
    machine.run(&["open", "--severity", "high", "Late"]).ok();
    machine.run(&["note", "1", "seen:\n  gw-1 ok\n\u{1b}[2J| gw-2"]).ok();
    let shown = machine.run(&["show", "1"]).ok();
    assert!(shown.contains(" ana: seen:\n      gw-1 ok\n    \\x1b[2J| gw-2\n"), "{shown}");
    let records = machine.run(&["show", "1", "--json"]).json()["records"].clone();
    assert_eq!(records[1]["entry"]["noted"]["text"], "seen:\n  gw-1 ok\n\u{1b}[2J| gw-2");
    let tail = machine.run(&["ledger", "tail"]).ok();
    assert!(tail.contains("seen: gw-1 ok"), "one line a record: {tail}");
    machine.run(&["evidence", "export", "1", "--to", "bundle.tar"]).ok();
    let bundle = String::from_utf8_lossy(&std::fs::read(machine.path("bundle.tar")).unwrap()).into_owned();
    assert!(bundle.contains("| ana | Noted: seen: ⏎ gw-1 ok ⏎ "), "{bundle}");
}

#[test]
fn what_was_closed_is_opened_again_by_its_phase_and_is_in_the_list_again() {
    let machine = opened();
    machine.run(&["close", "1", "false-alarm"]).ok();
    refused(&machine.run(&["ack", "1"]), "it is closed; only notes can be added, or its phase moved back");
    refused(&machine.run(&["phase", "1", "contain"]), "it was closed in Identify: move it back there first");
    assert!(!machine.run(&["list"]).ok().contains("ANA-1"));
    assert_eq!(machine.run(&["phase", "1", "Identify"]).ok(), "ANA-1 phase identify\n");
    assert!(machine.run(&["list"]).ok().contains("ANA-1"));
    assert!(machine.run(&["show", "1"]).ok().contains("ana moved it to Identify"));
    assert!(machine.run(&["ack", "1"]).ok().starts_with("ANA-1"));
    assert_eq!(machine.run(&["ledger", "verify"]).code, Some(0));
}
