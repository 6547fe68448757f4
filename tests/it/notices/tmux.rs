//! Inside tmux a notification is passed on where tmux passes it, and rings the bell where not.

use std::os::unix::fs::PermissionsExt;

use crate::notices::{asked_for, watching_with};
use crate::support::eventually;
use crate::support::real::Tmux;
use crate::support::scratch::Scratch;
use crate::support::venue::{Venue, critical};

/// A tmux with this option, and a console in it that has found nothing yet.
fn watching(option: &str) -> Option<(Venue, Scratch, Tmux)> {
    let venue = Venue::start();
    let scratch = venue.scratch();
    scratch.write_config(&format!("{}\n[notify]\nterminal = \"osc9\"\n", venue.config()));
    let mut command = scratch.quell(&[]);
    command.env("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22");
    let tmux = Tmux::set(&command, option, 120, 40)?;
    tmux.outer.until(|screen| screen.contains("● venue"), "a fresh source");
    Some((venue, scratch, tmux))
}

/// A tmux in which a critical was told, once the outer bell rang and the console said how it told.
fn told(passthrough: bool, how: &str) -> Option<Tmux> {
    let option = if passthrough { "allow-passthrough on" } else { "allow-passthrough off" };
    let (venue, _scratch, tmux) = watching(option)?;
    venue.fire(&[critical("GatewayDown")]);
    tmux.outer.shows(how);
    tmux.outer.rings();
    Some(tmux)
}

#[test]
fn with_passthrough_the_terminal_is_asked() {
    let Some(tmux) = told(true, "[bell, osc9]") else { return };
    let bytes = tmux.outer.until_bytes(|bytes| !asked_for(bytes).is_empty(), "the notification");
    assert_eq!(asked_for(&bytes), ["9;quell: NEW ANA-1: critical, trading"]);
}

#[test]
fn without_it_the_bell_still_rings() {
    let Some(tmux) = told(false, "[bell]") else { return };
    assert_eq!(asked_for(&tmux.outer.whole_bytes()), Vec::<String>::new());
}

/// Nobody is attached: what burns is told to who comes back, and not written down before.
#[test]
fn what_came_while_nobody_was_attached_rings_for_whoever_attaches() {
    let Some((venue, scratch, tmux)) = watching("allow-passthrough on") else { return };
    tmux.tell(&["detach-client"]).ok();
    tmux.outer.wait();
    venue.fire(&[critical("GatewayDown")]);
    let drawn = || tmux.tell(&["capture-pane", "-p"]).stdout.contains("NEW ").then_some(());
    eventually("the banner that nobody sees", drawn);
    venue.server.wait_for("*", venue.server.requests().len() + 3);
    let told = || scratch.run(&["ledger", "tail", "-n", "1000"]).stdout.contains("was told of notice");
    assert!(!told(), "nobody was there");
    let again = tmux.attach("xterm", 120, 40);
    again.rings();
    again.shows("[bell]");
    eventually("the ledger to say so", || told().then_some(()));
}

/// What tmux keeps to itself is not said to have rung.
#[test]
fn a_bell_that_tmux_is_told_to_keep_is_no_word_of_how_it_told() {
    let Some((venue, scratch, tmux)) = watching("bell-action none") else { return };
    venue.fire(&[critical("GatewayDown")]);
    tmux.outer.shows("[no bell]");
    assert_eq!(tmux.outer.bells(), 0);
    assert!(!scratch.run(&["ledger", "tail", "-n", "1000"]).stdout.contains("was told of notice"));
}

/// A terminal that was started in a pane has all that tmux set there.
#[test]
fn what_was_inherited_from_a_tmux_that_nobody_is_attached_to_silences_nothing() {
    let scratch = Scratch::new();
    let command = scratch.program("/bin/sh", &["-c", "echo begun; read end"]);
    let Some(tmux) = Tmux::set(&command, "allow-passthrough on", 80, 24) else { return };
    tmux.outer.shows("begun");
    let said = tmux.tell(&["list-panes", "-F", "#{socket_path},#{pid},0|#{pane_id}"]).ok();
    tmux.tell(&["detach-client"]).ok();
    tmux.outer.wait();
    let (server, pane) = said.trim().split_once('|').unwrap();
    let (venue, _scratch, console) = watching_with(
        "",
        &[
            ("TMUX", server),
            ("TMUX_PANE", pane),
            ("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22"),
            ("TERM_PROGRAM", "iTerm.app"),
        ],
    );
    venue.fire(&[critical("GatewayDown")]);
    console.shows("[bell, osc9]");
    assert_eq!(asked_for(&console.whole_bytes()), ["9;quell: NEW ANA-1: critical, trading"]);
    assert_eq!(console.bells(), 1);
}

/// It is asked when the console begins and for the first notice, and not for each.
#[test]
fn a_tmux_that_hangs_is_not_waited_for_by_each_notice() {
    let programs = tempfile::tempdir().unwrap();
    let (tmux, asked) = (programs.path().join("tmux"), programs.path().join("asked"));
    std::fs::write(&tmux, format!("#!/bin/sh\necho >>{}\nexec sleep 60\n", asked.display())).unwrap();
    std::fs::set_permissions(&tmux, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap());
    let (venue, _scratch, console) =
        watching_with("", &[("PATH", &path), ("TMUX", "/nonexistent,1,0"), ("TERM", "tmux-256color")]);
    let names = ["GatewayDown", "LedgerMismatch", "TokensFail"].map(critical);
    for count in 1..=names.len() {
        venue.fire(&names[..count]);
        eventually("a bell for each", || (console.bells() == count).then_some(()));
    }
    assert_eq!(std::fs::read_to_string(asked).unwrap().lines().count(), 2);
}

/// Where no bell is heard, what a storm held back is told by what sums it up, and not again by the next console.
#[test]
fn what_sums_a_storm_up_tells_what_it_held_back() {
    let Some((venue, scratch, tmux)) = watching("bell-action none\nset -g allow-passthrough on") else {
        return;
    };
    venue.fire(&["A", "B", "C", "D", "E", "F", "G", "H", "I"].map(critical));
    let sums_up =
        |bytes: &[u8]| asked_for(bytes).iter().any(|osc| osc.starts_with("9;quell: 4 more notices"));
    tmux.outer.until_bytes(sums_up, "what sums it up");
    let told = || scratch.run(&["ledger", "tail", "-n", "1000"]).stdout.matches("was told of notice").count();
    eventually("the ledger to say so of all", || (told() == 9).then_some(()));
}

/// What somebody took meanwhile was not told by a bell that nobody needs.
#[test]
fn what_was_acknowledged_while_nobody_was_attached_is_not_told_to_whoever_attaches() {
    let Some((venue, scratch, tmux)) = watching("allow-passthrough on") else { return };
    tmux.tell(&["detach-client"]).ok();
    tmux.outer.wait();
    let shows = |what: &str| {
        let drawn = || tmux.tell(&["capture-pane", "-p"]).stdout.contains(what).then_some(());
        eventually(what, drawn);
    };
    let names = ["GatewayDown", "LedgerMismatch"].map(critical);
    venue.fire(&names[..1]);
    shows("GatewayDown is burning");
    scratch.run(&["ack", "ANA-1"]).ok();
    shows("Identify ana");
    venue.fire(&names);
    shows("LedgerMismatch is burning");
    let again = tmux.attach("xterm", 120, 40);
    again.rings();
    again.shows("LedgerMismatch is burning  [bell");
    let tail = scratch.run(&["ledger", "tail", "-n", "1000"]).ok();
    assert_eq!(tail.matches("was told of notice").count(), 1, "{tail}");
}
