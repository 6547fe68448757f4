//! Inside GNU screen what is chosen is passed on, and nothing is guessed.

use crate::notices::asked_for;
use crate::support::eventually;
use crate::support::real::Screen;
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
