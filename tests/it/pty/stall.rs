//! A terminal that takes nothing delays no outcome.

use std::time::Duration;

use rustix::process::Signal;

use crate::pty::given_back;
use crate::pty::screen::scratch_modes;
use crate::support::eventually;
use crate::support::faultd::Reply;
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::{FREEZE, Venue, ask_to_freeze, confirm_freeze, critical, takeover, until_stage};
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

/// For a minute nobody reads: what burns meanwhile is polled, written down and told, and nothing of it piles up in memory.
#[test]
fn a_terminal_that_nobody_reads_for_a_minute_loses_nothing() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console = scratch.console(&[], 200, 60);
    console.shows("c contain");
    console.rings();
    let bells = console.bells();
    console.stall();
    for columns in (100..200).cycle().take(300) {
        console.resize(columns, 60);
    }
    console.resize(120, 40);
    let mut fired = vec![takeover()];
    let mut memory = Vec::new();
    for round in 0..6 {
        fired.push(critical(&format!("Down{round}")));
        venue.fire(&fired);
        // Ten polls, one a second.
        venue.server.wait_for("*", venue.server.requests().len() + 10);
        memory.push(console.resident());
    }
    let listed = scratch.run(&["list", "--json"]).stdout;
    assert!((0..6).all(|round| listed.contains(&format!("Down{round} is burning"))), "{listed}");
    let grown = memory[5].saturating_sub(memory[0]);
    assert!(grown < 4 << 20, "{memory:?} bytes");
    let taken = console.bytes().len();
    console.resume();
    console.until(
        |screen| screen.contains("CRIT 7 ") && screen.contains("Down5 is burning"),
        "the newest frame",
    );
    eventually("the bell", || (console.bells() > bells).then_some(()));
    eventually("each of them to be told", || {
        let tail = scratch.run(&["ledger", "tail", "-n", "1000"]).stdout;
        (tail.matches("was told of notice").count() >= 7).then_some(())
    });
    console.keys("? esc").shows("c contain");
    let replayed = console.bytes().len() - taken;
    assert!(replayed < 200_000, "the newest frame, not all of them: {replayed} bytes");
    vt::assert_only_allowed(&console.whole_bytes());
}

/// A console that is ended while its terminal takes nothing, and more waits for that than it ever took.
fn ended_unread(venue: &Venue, scratch: &Scratch) -> Pty {
    let console = scratch.console(&[], 200, 60);
    console.shows("c contain");
    console.stall();
    for columns in (100..200).cycle().take(300) {
        console.resize(columns, 60);
    }
    let polls = venue.server.requests().len();
    venue.server.wait_for("*", polls + 3);
    console.signal(Signal::TERM);
    console
}

/// Somebody ends it although the terminal takes nothing: it does not wait for that, and the settings are as before.
#[test]
fn it_ends_although_the_terminal_takes_nothing() {
    let before = scratch_modes();
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console = ended_unread(&venue, &scratch);
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
    let console = ended_unread(&venue, &scratch);
    // By then it no longer waits before it gives line editing back.
    eventually("line editing", || (console.modes() == before).then_some(()));
    console.resume();
    assert_eq!(console.finish().0.code, 143);
    given_back(&console, &before);
}

/// The link stalls, something burns, and the link never comes back: who starts again is told.
#[test]
fn what_burned_while_the_terminal_took_nothing_is_told_by_the_next_console() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let told = || scratch.run(&["ledger", "tail", "-n", "1000"]).stdout.matches("was told of notice").count();
    let console = scratch.console(&[], 200, 60);
    console.rings();
    eventually("the first to be told", || (told() == 1).then_some(()));
    console.fill();
    venue.fire(&[takeover(), critical("GatewayDown")]);
    eventually("it to burn", || {
        scratch.run(&["list", "--json"]).stdout.contains("GatewayDown is burning").then_some(())
    });
    venue.server.wait_for("*", venue.server.requests().len() + 3);
    assert_eq!(told(), 1, "not a byte left");
    console.signal(Signal::HUP);
    console.wait();
    assert_eq!(told(), 1);
    let next = scratch.console(&[], 120, 40);
    next.rings();
    eventually("it to be told", || (told() == 2).then_some(()));
}
