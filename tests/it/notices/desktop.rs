//! On the desktop of the person who sits there, and on nobody else's.

use crate::notices::watching;
use crate::support::pty::Pty;
use crate::support::real::{Dunst, Mock};
use crate::support::venue::{Venue, critical, leave};
use crate::support::vt;

#[test]
fn a_critical_is_a_notification_once_across_restarts() {
    let Some(desktop) = Mock::start() else { return };
    let address = desktop.address();
    let environment = [("DBUS_SESSION_BUS_ADDRESS", address.as_str())];
    let (venue, scratch, console) = watching(&environment);
    venue.fire(&[critical("GatewayDown")]);
    let told = desktop.wait_for(1);
    assert_eq!((told[0].app.as_str(), told[0].summary.as_str()), ("quell", "NEW ANA-1"));
    assert!(told[0].body.contains("GatewayDown is burning"), "{told:#?}");
    assert_eq!(told[0].hints["urgency"], 2);
    let screen = console.shows("[bell, desktop]");
    assert!(screen.contains("!! NEW"), "{screen}");
    assert_eq!(console.bells(), 1);
    leave(&console);
    assert_eq!(console.wait().code, 0);

    // The same ledger again: only what is new is told.
    let mut command = scratch.quell(&[]);
    command.envs(environment);
    let again = Pty::start(&command, 120, 40);
    again.until(|screen| screen.contains("GatewayDown") && screen.contains("● venue"), "a fresh source");
    venue.fire(&[critical("GatewayDown"), critical("LedgerMismatch")]);
    let told = desktop.wait_for(2);
    again.shows("[bell, desktop]");
    assert_eq!(told.len(), 2, "{told:#?}");
    assert_eq!(told[1].summary, "NEW ANA-2");
    assert_eq!(again.bells(), 1);
    vt::assert_only_allowed(&console.whole_bytes());
    vt::assert_only_allowed(&again.whole_bytes());
}

#[test]
fn what_was_burning_before_is_one_notification() {
    let Some(desktop) = Mock::start() else { return };
    let venue = Venue::start();
    let names = ["GatewayDown", "LedgerMismatch", "TokensFail"];
    let backlog = names.map(critical);
    venue.fire(&backlog);
    let scratch = venue.scratch();
    let mut command = scratch.quell(&[]);
    command.env("DBUS_SESSION_BUS_ADDRESS", desktop.address());
    let console = Pty::start(&command, 120, 40);
    let told = desktop.wait_for(1);
    assert_eq!(told[0].summary, "3 critical incidents are open");
    venue.fire(&[&backlog[..], &[critical("Later")]].concat());
    let told = desktop.wait_for(2);
    assert_eq!((told.len(), told[1].summary.as_str()), (2, "NEW ANA-4"), "{told:#?}");
    console.shows(", desktop]");
    vt::assert_only_allowed(&console.whole_bytes());
}

#[test]
fn a_real_desktop_shows_it() {
    let Some(desktop) = Dunst::start() else { return };
    let address = desktop.address();
    let (venue, _scratch, console) = watching(&[("DBUS_SESSION_BUS_ADDRESS", &address)]);
    venue.fire(&[critical("Gateway<b>Down")]);
    desktop.wait_for(1);
    desktop.close_all();
    let history = desktop.history();
    let (title, text, app) = &history[0];
    assert_eq!((title.as_str(), app.as_str(), history.len()), ("NEW ANA-1", "quell", 1));
    assert!(text.contains("&lt;b&gt;") || text.contains("<b>"), "{text}");
    console.shows("[bell, desktop]");
}

#[test]
fn through_ssh_nobody_elses_desktop_is_used() {
    let Some(desktop) = Mock::start() else { return };
    let address = desktop.address();
    let (venue, _scratch, console) = watching(&[
        ("DBUS_SESSION_BUS_ADDRESS", &address),
        ("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22"),
        ("TERM_PROGRAM", "WezTerm"),
    ]);
    venue.fire(&[critical("GatewayDown")]);
    console.shows("[bell, osc777]");
    assert_eq!(desktop.notified(), []);
}

#[test]
fn a_desktop_that_is_gone_falls_to_the_terminal() {
    let (venue, _scratch, console) = watching(&[
        ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus"),
        ("TERM_PROGRAM", "iTerm.app"),
    ]);
    venue.fire(&[critical("GatewayDown")]);
    console.shows("[bell, no desktop, osc9]");
    vt::assert_only_allowed(&console.whole_bytes());
}
