//! Inside tmux a notification is passed on where tmux passes it, and rings the bell where not.

use crate::notices::asked_for;
use crate::support::real::Tmux;
use crate::support::venue::{Venue, critical};

/// What the outer terminal of a tmux saw of a critical: how the console says it told, and the terminal's bytes.
fn told(passthrough: bool, how: &str) -> Option<(Vec<u8>, usize)> {
    let venue = Venue::start();
    let scratch = venue.scratch();
    scratch.write_config(&format!("{}\n[notify]\nterminal = \"osc9\"\n", venue.config()));
    let mut command = scratch.quell(&[]);
    command.env("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22");
    let tmux = Tmux::start(&command, passthrough, 120, 40)?;
    tmux.outer.until(|screen| screen.contains("● venue"), "a fresh source");
    venue.fire(&[critical("GatewayDown")]);
    tmux.outer.shows(how);
    let said = tmux.outer.until_bytes(|bytes| bytes.contains(&7), "the bell");
    Some((said, tmux.outer.bells()))
}

#[test]
fn with_passthrough_the_terminal_is_asked() {
    let Some((bytes, bells)) = told(true, "[bell, osc9]") else { return };
    assert_eq!(asked_for(&bytes), ["9;quell: NEW ANA-1: GatewayDown is burning"]);
    assert!(bells >= 1);
}

#[test]
fn without_it_the_bell_still_rings() {
    let Some((bytes, bells)) = told(false, "[bell]") else { return };
    assert_eq!(asked_for(&bytes), Vec::<String>::new());
    assert!(bells >= 1);
}
