//! A terminal that takes nothing delays no outcome.

use std::time::Duration;

use rustix::process::Signal;

use crate::pty::given_back;
use crate::pty::screen::scratch_modes;
use crate::support::eventually;
use crate::support::faultd::Reply;
use crate::support::venue::{FREEZE, Venue, ask_to_freeze, confirm_freeze, until_stage};
use crate::support::vt;

#[test]
fn an_outcome_is_written_down_while_the_terminal_takes_nothing() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console = scratch.console(&[], 200, 60);
    ask_to_freeze(&console);
    let slow = Reply::ok("{}").applying("freeze").delayed(Duration::from_secs(1));
    venue.server.on(FREEZE, [slow]);
    confirm_freeze(&console);
    console.stall();
    // Whole frames, until the terminal is full.
    for columns in (100..200).cycle().take(300) {
        console.resize(columns, 60);
    }
    until_stage(&scratch, "verified");
    let polls = venue.server.requests().len();
    venue.server.wait_for("*", polls + 3);
    assert_eq!(venue.freezes(), 1);
    console.resize(80, 24);
    let taken = console.bytes().len();
    console.resume();
    let newest = |screen: &str| screen.contains("CRIT 1 ") && screen.contains("contained (verified");
    console.until(newest, "the newest frame");
    let replayed = console.bytes().len() - taken;
    assert!(replayed < 200_000, "the newest frame, not all of them: {replayed} bytes");
    vt::assert_only_allowed(&console.whole_bytes());
}

/// Somebody ends it although the terminal takes nothing: it does not wait for that, and the settings are as before.
#[test]
fn it_ends_although_the_terminal_takes_nothing() {
    let before = scratch_modes();
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console = scratch.console(&[], 200, 60);
    console.shows("c contain");
    console.stall();
    for columns in (100..200).cycle().take(300) {
        console.resize(columns, 60);
    }
    let polls = venue.server.requests().len();
    venue.server.wait_for("*", polls + 3);
    console.signal(Signal::TERM);
    assert_eq!(console.wait().code, 143);
    assert_eq!(console.modes(), before);
    // Who looks at it again finds whole sequences, of which none is another's.
    console.resume();
    let (_, bytes) = console.finish();
    let whole = bytes.len() - bytes.iter().rev().position(|byte| *byte == 0x1b).map_or(0, |from| from + 1);
    vt::assert_only_allowed(&bytes[..whole]);
}

/// The link comes back a second after it was ended: whoever looks at the terminal then can work in it.
#[test]
fn a_terminal_that_takes_nothing_for_a_second_is_given_back() {
    let before = scratch_modes();
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console = scratch.console(&[], 200, 60);
    console.shows("c contain");
    console.stall();
    for columns in (100..200).cycle().take(300) {
        console.resize(columns, 60);
    }
    let polls = venue.server.requests().len();
    venue.server.wait_for("*", polls + 3);
    console.signal(Signal::TERM);
    // By then it no longer waits before it gives line editing back.
    eventually("line editing", || (console.modes() == before).then_some(()));
    console.resume();
    assert_eq!(console.finish().0.code, 143);
    given_back(&console, &before);
}
