//! Inside tmux a notification is passed on where tmux passes it, and rings the bell where not.

use crate::notices::asked_for;
use crate::support::real::Tmux;
use crate::support::venue::{Venue, critical};

/// A tmux in which a critical was told, once the outer bell rang and the console said how it told.
fn told(passthrough: bool, how: &str) -> Option<Tmux> {
    let venue = Venue::start();
    let scratch = venue.scratch();
    scratch.write_config(&format!("{}\n[notify]\nterminal = \"osc9\"\n", venue.config()));
    let mut command = scratch.quell(&[]);
    command.env("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22");
    let tmux = Tmux::start(&command, passthrough, 120, 40)?;
    tmux.outer.until(|screen| screen.contains("● venue"), "a fresh source");
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
