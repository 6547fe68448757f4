//! Inside tmux a notification is passed on where tmux passes it, and rings the bell where not.

use crate::notices::asked_for;
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
