//! What a terminal sends by itself, or a paste brings, does nothing.

use crate::support::torture;
use crate::support::venue::{Venue, ask_to_freeze, type_target, until_shown};
use crate::support::vt;

/// Everything that a terminal may send by itself.
fn payloads() -> Vec<torture::Payload> {
    let payloads = torture::at("stdin");
    assert!(payloads.len() >= 7, "{payloads:#?}");
    payloads
}

#[test]
fn on_the_list_it_does_nothing() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console = scratch.console(&[], 80, 24);
    console.shows("c contain");
    for payload in payloads() {
        console.send(&payload.bytes);
        until_shown(&console, "?", |screen| screen.contains("Respond to the selected incident"));
        until_shown(&console, "esc", |screen| screen.contains("c contain"));
    }
    assert_eq!(venue.freezes(), 0);
    let screen = console.screen();
    assert!(screen.contains("CRIT 1 · 1 UNACKED"), "nobody acknowledged it:\n{screen}");
    vt::assert_only_allowed(&console.whole_bytes());
}

#[test]
fn at_an_open_question_it_does_nothing() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console = scratch.console(&[], 80, 24);
    for payload in payloads() {
        ask_to_freeze(&console);
        // The typed target is complete: one Enter that counts would send it.
        type_target(&console);
        console.send(&payload.bytes).send(b"\x1b[200~\r\n\r88213\r\x1b[201~");
        until_shown(&console, "esc", |screen| screen.contains("c contain"));
    }
    assert_eq!(venue.freezes(), 0);
    let frozen = venue.server.requests().iter().any(|request| request.method == "POST");
    assert!(!frozen, "nothing was sent");
    vt::assert_only_allowed(&console.whole_bytes());
}
