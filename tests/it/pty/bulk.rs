//! Several accounts frozen with one confirmation, by keyboard, on the simulated exchange.

use crate::support::exchange::Exchange;
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::until_shown;

/// An exchange, and a console with an incident for each of these accounts; the playbook takes three at once.
fn scene(accounts: &[&str]) -> (Exchange, Scratch, Pty) {
    let exchange = Exchange::start();
    let machine = exchange.machine("5s", "");
    // So that nothing is sent twice by itself.
    let config = std::fs::read_to_string(machine.config_file()).unwrap();
    machine.write_config(&config.replace("idempotent = true", "idempotent = false"));
    for account in accounts {
        exchange.ask("PUT", &format!("/admin/accounts/{account}"), "");
        let label = format!("account_id={account}");
        let title = format!("Strange orders of {account}");
        machine.run(&["open", "--severity", "high", &title, "--label", &label]).ok();
    }
    let console = machine.console(&[], 100, 40);
    console.shows("Strange orders of");
    (exchange, machine, console)
}

/// Marks all three, chooses the playbook, and types what confirms it.
fn confirm(console: &Pty) {
    console.keys("g space");
    console.shows("1 marked");
    console.keys("space");
    console.shows("2 marked");
    console.keys("space");
    console.shows("3 marked");
    console.keys("c");
    console.shows("contain 3 marked with");
    console.shows("▶ Freeze account");
    console.keys("enter");
    console.shows("ype freeze-account 3 and press Enter to contain all 3");
    // Keys that came before the question could be read are dropped, and an Enter in haste does not count.
    let again = format!("{} \"freeze-account 3\"", "backspace ".repeat(32));
    until_shown(console, &again, |screen| screen.lines().any(|line| line.trim() == "> freeze-account 3"));
    // What leaves the machine is read to its end before it is confirmed.
    console.keys("pgdn pgdn pgdn pgdn pgdn pgdn");
    until_shown(console, "enter", |screen| !screen.contains("enter contain them"));
}

#[test]
fn three_accounts_are_frozen_with_one_confirmation_and_lose_their_marks() {
    let (exchange, machine, console) = scene(&["90001", "90002", "90003"]);
    confirm(&console);
    console.shows("freeze-account: 3 of 3 accepted");
    console.keys("esc");
    console.until(|screen| !screen.contains("marked"), "no marks");
    for account in ["90001", "90002", "90003"] {
        assert_eq!(exchange.effects("freeze", account), 1, "{account}");
    }
    let told = machine.run(&["ledger", "tail", "-n", "100", "--json"]).ok();
    assert_eq!(
        told.matches("\"typed\":\"freeze-account 3\"").count(),
        3,
        "what was typed is what is recorded"
    );
}

#[test]
fn one_that_hangs_stops_the_rest() {
    let (exchange, _machine, console) = scene(&["90001", "90002", "90003"]);
    let order: Vec<String> = console
        .screen()
        .lines()
        .filter_map(|line| Some(line.split_once("Strange orders of ")?.1.get(..5)?.to_owned()))
        .take(3)
        .collect();
    exchange.misbehave(
        "GET",
        &format!("/admin/accounts/{}", order[1]),
        2,
        serde_json::json!({ "delay_ms": 0 }),
    );
    exchange.misbehave(
        "GET",
        &format!("/admin/accounts/{}", order[1]),
        10_000,
        serde_json::json!({ "status": 503 }),
    );
    exchange.misbehave("POST", &format!("/admin/accounts/{}", order[1]), 1, "apply_then_hang");
    confirm(&console);
    let screen = console.shows("UNKNOWN: it may have been done");
    assert!(screen.contains("not begun; still marked"), "{screen}");
    console.keys("esc");
    console.shows("2 marked");
    assert_eq!(exchange.calls().len(), 2, "the third was never asked for");
    assert_eq!(exchange.effects("freeze", &order[2]), 0);
}
