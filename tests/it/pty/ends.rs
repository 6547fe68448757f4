//! However it ends, the terminal is given back and the outcome of what was under way is written down first.

use std::time::Duration;

use rustix::process::Signal;

use crate::pty::given_back;
use crate::pty::screen::scratch_modes;
use crate::support::faultd::Reply;
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::{FREEZE, Venue, ask_to_freeze, confirm_freeze, first_action, type_target};

/// A console whose freeze is under way and takes another second.
fn in_flight() -> (Venue, Scratch, Pty) {
    let venue = Venue::under_attack();
    let slow = Reply::ok("{}").applying("freeze").delayed(Duration::from_secs(1));
    venue.server.on(FREEZE, [slow]);
    let scratch = venue.scratch();
    let console = scratch.console(&[], 80, 24);
    ask_to_freeze(&console);
    confirm_freeze(&console);
    venue.server.wait_for(FREEZE, 1);
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
    let (venue, scratch, console) = in_flight();
    console.signal(Signal::TERM);
    let (exit, _) = console.finish();
    assert_eq!(exit.code, 143, "{exit:?}");
    written_down(&venue, &scratch);
    given_back(&console, &before);
    scratch.run(&["ledger", "verify"]).ok();
}

#[test]
fn a_lost_terminal_waits_for_the_outcome_too() {
    let (venue, scratch, mut console) = in_flight();
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
