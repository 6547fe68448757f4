//! A response from the command line: who does what, what is due, who reported it, who is next.

use serde_json::json;

use crate::support::eventually;
use crate::support::exchange::Exchange;
use crate::support::scratch::{Ran, Scratch, run};

fn critical() -> Scratch {
    let machine = Scratch::with_config("ids = \"ANA\"\n");
    machine.run(&["open", "--severity", "critical", "Orders are late"]).ok();
    machine
}

fn by(name: &str, machine: &Scratch, arguments: &[&str]) -> Ran {
    run(machine.quell(arguments).env("USER", name))
}

fn refused(ran: &Ran, words: &str) {
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.stderr.contains(words), "{words}: {ran:?}");
}

#[test]
fn a_role_is_named_offered_accepted_and_taken_over_only_on_purpose() {
    let machine = critical();
    assert!(machine.run(&["show", "1"]).ok().contains("commander: NOBODY, and it is critical"));
    assert_eq!(machine.run(&["role", "1", "commander"]).ok(), "ANA-1 commander ana\n");
    refused(&machine.run(&["role", "1", "commander", "ana"]), "ana is commander of ANA-1 already");
    let offered = machine.run(&["role", "1", "commander", "bo"]).ok();
    assert!(offered.contains("ana, offered to bo"), "{offered}");
    refused(&by("cy", &machine, &["role", "1", "commander", "--accept"]), "was offered to bo");
    refused(&by("bo", &machine, &["role", "1", "commander"]), "quell role ANA-1 commander --accept");
    assert_eq!(by("bo", &machine, &["role", "1", "commander", "--accept"]).ok(), "ANA-1 commander bo\n");
    refused(&machine.run(&["role", "1", "commander"]), "bo is commander of ANA-1 since");
    machine.run(&["role", "1", "commander", "--take-over"]).ok();
    let shown = machine.run(&["show", "1", "--json"]).json();
    assert_eq!(shown["response"]["roles"]["commander"]["name"], "ana");
    assert_eq!(shown["response"]["lacks_commander"], false);
}

#[test]
fn the_lead_is_named_offered_and_taken_over() {
    let machine = critical();
    assert_eq!(machine.run(&["lead", "1", "bo"]).ok(), "ANA-1 lead bo\n");
    refused(&machine.run(&["lead", "1", "cy"]), "bo is lead of ANA-1 since");
    assert!(by("bo", &machine, &["lead", "1", "cy"]).ok().contains("lead bo, offered to cy"));
    assert_eq!(machine.run(&["lead", "1", "ana", "--take-over"]).ok(), "ANA-1 lead ana\n");
}

#[test]
fn an_acknowledgement_is_handed_back_by_its_owner_only() {
    let machine = critical();
    machine.run(&["ack", "1"]).ok();
    refused(&by("bo", &machine, &["back", "1"]), "ana holds it");
    assert!(machine.run(&["back", "1", "my shift is over"]).ok().starts_with("ANA-1 handed back"));
    assert!(machine.run(&["show", "1"]).ok().contains("ana handed it back: my shift is over"));
    refused(&machine.run(&["back", "1"]), "nobody holds it");
}

#[test]
fn timers_are_set_met_and_shown() {
    let machine = critical();
    let set = machine.run(&["timer", "1", "bo", "3m", "check the engine"]).ok();
    assert!(set.starts_with("ANA-1 timer/1 due ") && set.ends_with(": bo: check the engine\n"), "{set}");
    machine.run(&["timer", "1", "cy", "5m", "call the bank"]).ok();
    refused(&machine.run(&["done", "1", "timer/7"]), "there is timer/1, timer/2");
    refused(&machine.run(&["done", "1", ""]), "there is timer/1, timer/2");
    assert_eq!(machine.run(&["done", "1", "timer/1", "it is fine"]).ok(), "ANA-1 timer/1 done\n");
    machine.run(&["done", "1", "2"]).ok();
    refused(&machine.run(&["done", "1", "timer/1"]), "nothing is due on ANA-1 that a word ends");
    refused(
        &machine.run(&["callout", "1", "all fine"]),
        "callouts run while a critical incident has a commander",
    );
    let shown = machine.run(&["show", "1"]).ok();
    assert!(shown.contains("met: timer/1 bo: check the engine, due "), "{shown}");
    assert!(shown.contains("ana met timer 1: it is fine"), "{shown}");
    let deadlines = &machine.run(&["show", "1", "--json"]).json()["response"]["deadlines"];
    assert_eq!((&deadlines[0]["state"], &deadlines[0]["met_by"]), (&"met".into(), &"ana".into()));
}

#[test]
fn a_callout_is_written_down_while_a_quell_keeps_deadlines() {
    let machine = critical();
    machine.run(&["role", "1", "commander"]).ok();
    // Only what holds the lease sets what is due.
    let _console = machine.console(&[], 80, 24);
    eventually("a callout to be due", || {
        let row = machine.run(&["list", "--json"]).json()["incidents"][0].clone();
        let due = row["deadlines"].as_array()?.iter().any(|due| due["kind"] == "callout");
        due.then_some(())
    });
    assert_eq!(machine.run(&["callout", "1", "db fine"]).ok(), "ANA-1 callout written down\n");
    assert!(machine.run(&["show", "1"]).ok().contains("ana met callout: db fine"));
}

#[test]
fn a_partner_s_report_says_who_and_how_and_lists_what_is_missing() {
    let machine = Scratch::with_config("ids = \"ANA\"\n");
    let report = [
        "open",
        "--severity",
        "high",
        "--from",
        "partner",
        "--by",
        "Ada of Acme",
        "--via",
        "mail",
        "--set",
        "evidence=a screenshot",
        "Keys leak",
    ];
    let opened = machine.run(&report);
    assert_eq!((opened.code, opened.stdout.as_str()), (Some(0), "ANA-1\n"), "{opened:?}");
    for item in ["affected endpoint", "whether still active", "quell fill ANA-1 ITEM VALUE"] {
        assert!(opened.stderr.contains(item), "{item}: {opened:?}");
    }
    assert!(!opened.stderr.contains("evidence"), "{opened:?}");
    machine.run(&["fill", "1", "affected endpoint", "/v1/keys"]).ok();
    let packet = machine.run(&["packet", "1", "--path", "security"]).ok();
    assert!(
        packet.contains("affected endpoint: /v1/keys [ana ") && packet.contains("evidence: a screenshot"),
        "{packet}"
    );
    let shown = machine.run(&["show", "1"]).ok();
    assert!(shown.contains("reported: by Ada of Acme (partner), via mail"), "{shown}");
    let json = machine.run(&[&report[..], &["--json"]].concat()).json();
    assert_eq!(json["id"], "ANA-2");
    assert!(json["missing"].as_array().unwrap().contains(&json!("affected endpoint")), "{json}");
    assert!(machine.run(&["open", "--help"]).ok().contains("affected endpoint"));
}

#[test]
fn a_containment_in_force_is_undone_or_kept_on_purpose() {
    let exchange = Exchange::start();
    let machine = exchange.machine("5s", "");
    machine.run(&["open", "--severity", "high", "Tokens are late", "--label", "replica=tok-1"]).ok();
    machine.run(&["contain", "1", "isolate-replica", "--confirm-target", "tok-1"]).ok();
    let way = "isolate-replica tok-1: quell undo ANA-1 1, or quell keep ANA-1 1 BECAUSE";
    refused(&machine.run(&["close", "1", "resolved"]), way);
    assert_eq!(machine.run(&["keep", "1", "1", "it is broken"]).ok(), "ANA-1 #1 stays in force\n");
    let again = machine.run(&["close", "1", "resolved"]);
    assert!(!again.stderr.contains("quell keep"), "{again:?}");
    let kept = &machine.run(&["show", "1", "--json"]).json()["response"]["kept"][0];
    assert_eq!((&kept["action"], &kept["because"]), (&1.into(), &"it is broken".into()));
}

#[test]
fn the_watch_is_offered_with_its_card_and_taken_with_what_its_giver_holds() {
    let machine = critical();
    refused(&machine.run(&["handover"]), "nobody offers the watch");
    machine.run(&["ack", "1"]).ok();
    machine.run(&["lead", "1", "ana"]).ok();
    refused(&machine.run(&["handover", "ana"]), "offered to somebody else");
    let offered = machine.run(&["handover", "bo"]).ok();
    assert!(offered.contains("ANA-1") && offered.contains("ana offers the watch to bo since"), "{offered}");
    assert!(!offered.contains("as it was when"), "{offered}");
    let read = by("bo", &machine, &["handover"]).ok();
    assert!(
        read.starts_with("as it was when ana offered it to bo, ") && read.contains("quell report"),
        "{read}"
    );
    refused(&by("cy", &machine, &["handover", "--accept"]), "offered to bo");
    refused(&by("cy", &machine, &["handover", "--withdraw"]), "ana takes it back");
    let looked = by("bo", &machine, &["handover", "--json"]).json();
    assert!(looked["card"].as_str().unwrap().contains("Orders are late"), "{looked}");
    assert!(by("bo", &machine, &["handover", "--accept"]).ok().contains("the watch is yours, from ana"));
    let row = &machine.run(&["list", "--json"]).json()["incidents"][0];
    assert_eq!((&row["acked_by"], &row["lead"]), (&"bo".into(), &"bo".into()));
    refused(&by("bo", &machine, &["handover", "--accept"]), "nobody offers the watch");
}

#[test]
fn an_offer_of_the_watch_is_taken_back_and_a_name_that_nobody_has_is_said() {
    let machine = critical();
    let unknown = machine.run(&["handover", "bo"]);
    assert_eq!(unknown.stderr, "nobody called bo has been seen here\n");
    assert_eq!(
        machine.run(&["handover", "--withdraw"]).ok(),
        "the watch stays with you; bo cannot take it any more\n"
    );
    refused(&by("bo", &machine, &["handover", "--accept"]), "nobody offers the watch");
    by("bo", &machine, &["note", "1", "looked at"]).ok();
    assert_eq!(machine.run(&["handover", "bo"]).stderr, "", "bo was here");
    machine.run(&["ack", "1"]).ok();
    machine.run(&["handover", "--withdraw"]).ok();
    assert_eq!(machine.run(&["list", "--json"]).json()["incidents"][0]["acked_by"], "ana");
}
