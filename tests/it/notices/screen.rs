//! Inside GNU screen what is chosen is passed on, and nothing is guessed.

use crate::notices::{asked_for, watching_with};
use crate::support::eventually;
use crate::support::real::{Screen, ScreenSession, Tmux};
use crate::support::scratch::Scratch;
use crate::support::venue::{Venue, critical};

/// A screen, and a console in it that has found nothing yet.
fn watching(vbell: &str, configured: &str) -> Option<(Venue, Scratch, Screen)> {
    let venue = Venue::start();
    let scratch = venue.scratch();
    scratch.write_config(&format!("{}\n{configured}", venue.config()));
    let mut command = scratch.quell(&[]);
    command.env("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22");
    let inside = Screen::start(&command, vbell, 120, 40)?;
    inside.outer.until(|screen| screen.contains("● venue"), "a fresh source");
    Some((venue, scratch, inside))
}

/// A screen in which a critical was told, once the outer bell rang and the console said how it told.
fn told(vbell: &str, configured: &str, how: &str) -> Option<Screen> {
    let (venue, _scratch, inside) = watching(vbell, configured)?;
    venue.fire(&[critical("GatewayDown")]);
    inside.outer.shows(how);
    inside.outer.rings();
    Some(inside)
}

#[test]
fn what_is_chosen_reaches_the_terminal_outside() {
    let Some(inside) = told("off", "[notify]\nterminal = \"osc777\"\n", "[bell, osc777]") else { return };
    let bytes = inside.outer.until_bytes(|bytes| !asked_for(bytes).is_empty(), "the notification");
    assert_eq!(asked_for(&bytes), ["777;notify;NEW ANA-1;critical, trading"]);
}

#[test]
fn without_a_choice_the_bell_rings_also_where_screen_would_flash_instead() {
    for vbell in ["off", "on"] {
        let Some(inside) = told(vbell, "", "[bell]") else { return };
        assert_eq!(asked_for(&inside.outer.whole_bytes()), Vec::<String>::new());
    }
}

#[test]
fn what_came_while_nobody_was_attached_rings_for_whoever_attaches() {
    let Some((venue, scratch, inside)) = watching("off", "") else { return };
    inside.tell("detach");
    inside.outer.wait();
    venue.fire(&[critical("GatewayDown")]);
    eventually("it to burn", || {
        scratch.run(&["list", "--json"]).stdout.contains("GatewayDown is burning").then_some(())
    });
    venue.server.wait_for("*", venue.server.requests().len() + 3);
    let told = || scratch.run(&["ledger", "tail", "-n", "1000"]).stdout.contains("was told of notice");
    assert!(!told(), "nobody was there");
    let again = inside.attach(120, 40);
    again.rings();
    again.shows("[bell]");
    eventually("the ledger to say so", || told().then_some(()));
}

#[test]
fn a_screen_shown_in_tmux_passes_on_what_tmux_passes_on() {
    let venue = Venue::start();
    let scratch = venue.scratch();
    scratch.write_config(&format!("{}\n[notify]\nterminal = \"osc9\"\n", venue.config()));
    let mut command = scratch.quell(&[]);
    command.env("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22");
    let Some((_session, screen)) = ScreenSession::of(&command, "off") else { return };
    let Some(tmux) = Tmux::set(&screen, "allow-passthrough on", 120, 40) else { return };
    tmux.outer.until(|screen| screen.contains("● venue"), "a fresh source");
    venue.fire(&[critical("GatewayDown")]);
    tmux.outer.shows("[bell, osc9]");
    tmux.outer.rings();
    let bytes = tmux.outer.until_bytes(|bytes| !asked_for(bytes).is_empty(), "the notification");
    assert_eq!(asked_for(&bytes), ["9;quell: NEW ANA-1: critical, trading"]);
    assert!(!tmux.outer.screen().contains("quell: NEW"), "{}", tmux.outer.screen());
}

/// A terminal that was started in a window of screen has all that screen set there.
#[test]
fn what_was_inherited_from_a_screen_that_nobody_is_attached_to_silences_nothing() {
    let scratch = Scratch::new();
    let command = scratch.program("/bin/sh", &["-c", "echo begun; read end"]);
    let Some(inside) = Screen::start(&command, "off", 80, 24) else { return };
    inside.outer.shows("begun");
    inside.tell("detach");
    inside.outer.wait();
    let inherited = inside.variables();
    let mut environment: Vec<(&str, &str)> =
        inherited.iter().map(|(key, value)| (*key, value.as_str())).collect();
    environment.extend([("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22"), ("TERM", "foot")]);
    let (venue, _scratch, console) = watching_with("", &environment);
    venue.fire(&[critical("GatewayDown")]);
    console.shows("[bell, osc777]");
    assert_eq!(asked_for(&console.whole_bytes()), ["777;notify;NEW ANA-1;critical, trading"]);
    assert_eq!(console.bells(), 1);
}
