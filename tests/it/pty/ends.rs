//! However it ends, the terminal is given back and the outcome of what was under way is written down first.

use std::time::Duration;

use quell::console::message::NOT_SUSPENDED;
use rustix::process::Signal;

use crate::pty::given_back;
use crate::pty::screen::scratch_modes;
use crate::pty::suspend::InShell;
use crate::support::faultd::Reply;
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::{FREEZE, Venue, ask_to_freeze, confirm_freeze, first_action, type_target};

/// A venue where a freeze takes so long.
fn slow(freezes: u64) -> Venue {
    let venue = Venue::under_attack();
    let reply = Reply::ok("{}").applying("freeze").delayed(Duration::from_secs(freezes));
    venue.server.on(FREEZE, [reply]);
    venue
}

/// Somebody freezes the account, and its outcome is still to come.
fn freeze(venue: &Venue, console: &Pty) {
    ask_to_freeze(console);
    confirm_freeze(console);
    venue.server.wait_for(FREEZE, 1);
}

/// A console whose freeze is under way and takes so many seconds.
fn in_flight(secs: u64) -> (Venue, Scratch, Pty) {
    let venue = slow(secs);
    let scratch = venue.scratch();
    let console = scratch.console(&[], 80, 24);
    freeze(&venue, &console);
    (venue, scratch, console)
}

/// The outcome is in the ledger, and it was done once.
fn written_down(venue: &Venue, scratch: &Scratch) {
    let action = first_action(scratch);
    let stage = action["stage"].as_str().unwrap_or_default();
    assert!(["accepted", "verified"].contains(&stage), "{action:#}");
    assert_eq!(venue.freezes(), 1);
}

#[test]
fn sigterm_waits_for_the_outcome() {
    let before = scratch_modes();
    let (venue, scratch, console) = in_flight(1);
    console.signal(Signal::TERM);
    let (exit, _) = console.finish();
    assert_eq!(exit.code, 143, "{exit:?}");
    written_down(&venue, &scratch);
    given_back(&console, &before);
    scratch.run(&["ledger", "verify"]).ok();
}

#[test]
fn a_signal_while_the_outcome_is_waited_for_is_answered() {
    let (venue, scratch, console) = in_flight(6);
    console.signal(Signal::TERM).shows("waiting for the outcome");
    console.signal(Signal::TSTP).shows(NOT_SUSPENDED);
    console.signal(Signal::INT).shows("it ends as soon as the outcome is written down");
    assert_eq!(console.finish().0.code, 143);
    written_down(&venue, &scratch);
}

#[test]
fn while_the_outcome_is_waited_for_it_can_be_stopped_and_what_is_typed_is_the_shells() {
    let venue = slow(6);
    let scratch = venue.scratch();
    let first = InShell::start(&scratch, "", "");
    freeze(&venue, &first.terminal);
    first.signal(Signal::TERM);
    first.terminal.shows("waiting for the outcome");
    first.terminal.keys("ctrl-z");
    first.until_given_back();
    first.terminal.keys("\"fg\" enter");
    // Typed, said to be stopped, and gone on with: from here on the shell reads nothing.
    first.terminal.until(|screen| screen.matches("; true'").count() == 3, "the shell to name what goes on");
    first.terminal.keys("\"echo $((6 * 7))\" enter");
    first.terminal.until(|screen| screen.lines().any(|line| line.trim() == "42"), "what the shell was told");
    written_down(&venue, &scratch);
}

#[test]
fn a_lost_terminal_waits_for_the_outcome_too() {
    let (venue, scratch, mut console) = in_flight(1);
    console.close_master();
    assert_eq!(console.wait().code, 129);
    written_down(&venue, &scratch);
    scratch.run(&["ledger", "verify"]).ok();
}

#[test]
fn a_signal_at_an_open_question_sends_nothing() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console = scratch.console(&[], 80, 24);
    ask_to_freeze(&console);
    type_target(&console);
    console.signal(Signal::TERM);
    assert_eq!(console.wait().code, 143);
    assert_eq!(venue.freezes(), 0);
    assert_eq!(first_action(&scratch), serde_json::Value::Null);
}

#[test]
fn whatever_signal_ends_it_the_terminal_is_as_before() {
    let before = scratch_modes();
    for (signal, code) in [(Signal::HUP, 129), (Signal::INT, 130), (Signal::TERM, 143)] {
        let scratch = Scratch::new();
        let console = scratch.console(&[], 80, 24);
        console.shows("no sources configured");
        console.signal(signal);
        assert_eq!(console.finish().0.code, code, "{signal:?}");
        given_back(&console, &before);
    }
}
