//! A console that is suspended gives the lease up, and says so when it goes on.

use crate::support::pty::Pty;
use crate::support::venue::Venue;

#[test]
fn a_suspended_console_gives_the_lease_up_and_is_told_who_has_it() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let mut shell = scratch.program("bash", &["--norc", "--noprofile", "-i"]);
    shell.env("PS1", "at the prompt> ");
    let first = Pty::start(&shell, 80, 24);
    first.shows("at the prompt>");
    first.keys(&format!("\"{}\" enter", env!("CARGO_BIN_EXE_quell")));
    first.shows("c contain");
    let second = scratch.console(&[], 80, 24);
    second.shows("engine pid ");

    first.keys("ctrl-z");
    first.until(|screen| screen.contains("Stopped"), "the shell to say that it is stopped");
    assert!(!first.on_alternate_screen());
    let polled = venue.server.requests().len();
    second.until(|screen| !screen.contains("engine pid ") && screen.contains("CRIT 1"), "the lease to move");
    venue.server.wait_for("*", polled + 2);

    first.keys("\"fg\" enter");
    let screen = first.until(|screen| screen.contains("c contain"), "everything to be drawn again");
    assert!(first.on_alternate_screen());
    let holder = format!("engine pid {}", second.pid());
    first.until(|screen| screen.contains(&holder), &format!("{holder}, after\n{screen}"));
}
