//! Words of the command line that are nothing: what was probably meant, and never a console by mistake.

use std::os::unix::fs::symlink;

use serde_json::json;

use super::{alert, watching};
use crate::support::scratch::{Ran, Scratch, run};

fn refused(ran: &Ran, words: &str) {
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.contains(words), "{words}: {ran:?}");
}

#[test]
fn a_word_that_is_neither_command_nor_incident_is_refused() {
    let machine = Scratch::with_config("ids = \"ANA\"\n");
    refused(&machine.run(&["lst"]), "there is no command or incident `lst`; did you mean `list`?");
    refused(&machine.run(&["ANA-7"]), "there is no command or incident `ANA-7`; ");
    refused(&machine.run(&["7"]), "there is no command or incident `7`; ");
    refused(&machine.run(&["akc", "1"]), "there is no command `akc`; did you mean `ack`?");
    refused(&machine.run(&["lst", "--jsn"]), "did you mean `list`?");
    refused(&machine.run(&["7", "--asci"]), "--ascii");
}

#[test]
fn an_incident_of_any_name_opens_the_console() {
    let labels = json!({ "alertname": "Gone", "service": "trading", "severity": "page" });
    let (_source, machine) = watching(&json!([alert("5f3c", &labels)]));
    // Nobody has asked the source before the first of them.
    for word in ["5f3c", "1", "ANA-1", "prod-am:5f3c"] {
        let console = machine.console(&[word], 80, 24);
        console.shows("refuses connections");
    }
}

#[test]
fn an_unknown_option_is_no_query() {
    let machine = Scratch::new();
    refused(&machine.run(&["list", "--jsn"]), "there is no option `--jsn`; did you mean `--json`?");
    refused(&machine.run(&["list", "sev:high", "--jsn"]), "--json");
    for query in [&["list", "-is:acked"][..], &["list", "--", "-is:acked"], &["list", "--json", "-is:acked"]]
    {
        machine.run(query).ok();
    }
}

#[test]
fn usage_names_quell_whatever_the_file_is_called() {
    let machine = Scratch::new();
    let other = machine.path("other-name");
    symlink(env!("CARGO_BIN_EXE_quell"), &other).unwrap();
    for arguments in
        [&["--help"][..], &["list", "--help"], &["ledger", "tail", "--help"], &["show"], &["wall", "1"]]
    {
        let ran = run(&mut machine.program(other.to_str().unwrap(), arguments));
        assert!(!format!("{ran:?}").contains("other-name"), "{arguments:?}: {ran:?}");
    }
    for command in ["contain", "undo", "escalate", "plan", "show", "ack", "phase", "category", "close"] {
        let help = machine.run(&[command, "--help"]).ok();
        assert!(help.contains(&format!("Usage: quell {command} <ID>")), "{help}");
    }
}

#[test]
fn a_task_that_panics_ends_the_command_too() {
    let (_source, machine) = watching(&json!([alert("5f3c", &json!({ "alertname": "Gone" }))]));
    let ran = run(machine.quell(&["list"]).env("QUELL_PANIC_AT", "asking"));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(70), ""), "{ran:?}");
    assert!(
        ran.stderr.starts_with("error: this is a bug in quell: ") && ran.stderr.contains("asked to"),
        "{ran:?}"
    );
    assert!(!ran.stderr.contains('\u{1b}'), "{ran:?}");
}
