//! Two people at two consoles of one ledger: what one asks for by keyboard, the other approves by keyboard.

use std::os::unix::fs::PermissionsExt;

use crate::support::exchange::Exchange;
use crate::support::pty::Pty;
use crate::support::scratch::{Ran, Scratch, run};
use crate::support::venue::until_shown;

/// Consoles of ana and bo, who share a ledger; isolating a replica takes both.
fn scene(exchange: &Exchange, machine: &Scratch) -> (Pty, Pty) {
    let as_bo = |arguments: &[&str]| {
        let mut command = machine.quell(arguments);
        command.env("XDG_CONFIG_HOME", machine.path("bo"));
        command
    };
    let init = ["identity", "init", "--json"];
    let keys = [("ana", machine.run(&init)), ("bo", run(&mut as_bo(&init)))];
    let person = |(name, ran): (&str, Ran)| {
        let key = ran.json()["key"].as_str().unwrap().to_owned();
        format!("[[person]]\nname = \"{name}\"\nkey = \"{key}\"\nroles = [\"responder\", \"approver\"]\n\n")
    };
    let people: String = keys.into_iter().map(person).collect();
    let config = std::fs::read_to_string(machine.config_file()).unwrap();
    let acting = &config[config.find("[[api]]").unwrap()..];
    let acting =
        acting.replace("id = \"isolate-replica\"\ntitle", "id = \"isolate-replica\"\napprovals = 1\ntitle");
    let of = |name| format!("operator = \"{name}\"\nids = \"ANA\"\n\n{people}{acting}");
    machine.write_config(&of("ana"));
    let theirs = machine.path("bo/quell/config.toml");
    std::fs::write(&theirs, of("bo")).unwrap();
    std::fs::set_permissions(theirs, PermissionsExt::from_mode(0o600)).unwrap();
    let open = ["open", "--severity", "high", "Tokens are late", "--service", "tokens"];
    machine.run(&[&open[..], &["--label", "replica=tok-1"]].concat()).ok();
    assert_eq!(exchange.effects("isolate", "tok-1"), 0);
    (machine.console(&[], 130, 40), Pty::start(&as_bo(&[]), 130, 40))
}

/// Types the target until it stands there, and presses Enter until it counts.
fn confirm(console: &Pty, asks: &str) {
    console.shows(asks);
    let again = format!("{} \"tok-1\"", "backspace ".repeat(24));
    until_shown(console, &again, |screen| screen.lines().any(|line| line.trim() == "> tok-1"));
    until_shown(console, "enter", |screen| !screen.contains(asks));
}

#[test]
fn what_one_asks_for_by_keyboard_the_other_approves_by_keyboard() {
    let exchange = Exchange::start();
    let machine = exchange.machine("5s", "");
    let (ana, bo) = scene(&exchange, &machine);
    ana.shows("Tokens are late");
    bo.shows("Tokens are late");
    ana.keys("g c");
    ana.shows("Isolate replica");
    until_shown(&ana, "enter", |screen| screen.contains("Needs a second person"));
    confirm(&ana, "press Enter to ask for approval");
    ana.shows("waits 14:");

    let told = bo.shows("APPROVE 14:");
    assert!(told.contains("ANA-1 isolate-replica, asked by ana · A"), "{told}");
    assert_eq!(exchange.effects("isolate", "tok-1"), 0);
    bo.keys("g A");
    confirm(&bo, "press Enter to approve and carry it out");
    for console in [&ana, &bo] {
        console.shows("contained (verified");
    }
    assert_eq!(exchange.effects("isolate", "tok-1"), 1);
    let show = machine.run(&["show", "1"]).ok();
    assert!(show.contains("ana confirmed #1 isolate-replica tok-1, approved by bo"), "{show}");
    assert!(show.contains("APPROVE"), "whoever may approve is told: {show}");
}
