//! On the desktop of the person who sits there, and on nobody else's.

use crate::notices::{watching, watching_with};
use crate::support::eventually;
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
    assert_eq!(told[0].body, "critical, trading", "nothing its source says");
    assert_eq!(told[0].hints["urgency"], 2);
    let screen = console.shows("[bell, desktop]");
    assert!(screen.contains("!! NEW"), "{screen}");
    assert_eq!(console.bells(), 1);
    leave(&console);
    assert_eq!(console.wait().code, 0);
    assert_eq!(desktop.closed(), [1], "its button would reach nobody");

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
    let full = "[notify]\ndetail = \"full\"\n";
    let (venue, _scratch, console) = watching_with(full, &[("DBUS_SESSION_BUS_ADDRESS", &address)]);
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
fn its_button_acknowledges_that_incident_and_the_notification_is_closed() {
    let Some(desktop) = Mock::start() else { return };
    let address = desktop.address();
    let (venue, scratch, console) = watching(&[("DBUS_SESSION_BUS_ADDRESS", &address)]);
    venue.fire(&[critical("GatewayDown"), critical("LedgerMismatch")]);
    let told = desktop.wait_for(2);
    assert!(told.iter().all(|told| told.actions == ["acknowledge", "Acknowledge"]), "{told:#?}");
    console.until(|screen| screen.matches("UNACKED").count() > 0, "two that nobody holds");
    let second = told.iter().position(|told| told.summary == "NEW ANA-2").unwrap();
    desktop.press(u32::try_from(second).unwrap() + 1, "acknowledge");
    console.shows("you acknowledged ANA-2, on the desktop");
    let owners = |id: &str| scratch.run(&["show", id, "--json"]).json()["incident"]["owner"]["name"].clone();
    assert_eq!((owners("ANA-1"), owners("ANA-2")), (serde_json::Value::Null, "ana".into()));
    eventually("the notification to be closed", || {
        (desktop.closed() == [u32::try_from(second).unwrap() + 1]).then_some(())
    });
    vt::assert_only_allowed(&console.whole_bytes());
}

#[test]
fn its_button_does_nothing_to_what_another_holds_and_says_so() {
    let Some(desktop) = Mock::start() else { return };
    let address = desktop.address();
    let (venue, scratch, console) = watching(&[("DBUS_SESSION_BUS_ADDRESS", &address)]);
    venue.fire(&[critical("GatewayDown")]);
    desktop.wait_for(1);
    console.shows("[bell, desktop]");
    // A press that comes as late as this finds the notification closed; here its signal comes all the same.
    let bo = scratch.quell(&["ack", "ANA-1"]).env("USER", "bo").env("LOGNAME", "bo").output().unwrap();
    assert!(bo.status.success(), "{bo:?}");
    eventually("the notification to be closed", || (desktop.closed() == [1]).then_some(()));
    vt::assert_only_allowed(&console.whole_bytes());
}

#[test]
fn a_real_button_acknowledges() {
    let Some(desktop) = Dunst::start() else { return };
    let address = desktop.address();
    let (venue, _scratch, console) = watching(&[("DBUS_SESSION_BUS_ADDRESS", &address)]);
    venue.fire(&[critical("GatewayDown")]);
    desktop.wait_for(1);
    console.shows("[bell, desktop]");
    desktop.press_button();
    console.shows("you acknowledged ANA-1, on the desktop");
    eventually("nothing on the screen", || (desktop.displayed() == 0).then_some(()));
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

#[test]
fn a_press_that_somebody_else_on_the_bus_claims_does_nothing() {
    let Some(desktop) = Mock::start() else { return };
    let address = desktop.address();
    let (venue, scratch, console) = watching(&[("DBUS_SESSION_BUS_ADDRESS", &address)]);
    venue.fire(&[critical("GatewayDown"), critical("LedgerMismatch")]);
    let told = desktop.wait_for(2);
    console.until(|screen| screen.contains("desktop]"), "both to be told");
    let place = |id: &str| u32::try_from(told.iter().position(|it| it.summary == id).unwrap()).unwrap() + 1;
    desktop.forge(place("NEW ANA-1"), "acknowledge");
    // What comes after it is taken in: so was that.
    desktop.press(place("NEW ANA-2"), "acknowledge");
    console.shows("you acknowledged ANA-2, on the desktop");
    let owner = scratch.run(&["show", "ANA-1", "--json"]).json()["incident"]["owner"].clone();
    assert_eq!(owner, serde_json::Value::Null);
}

#[test]
fn a_desktop_that_was_started_again_costs_no_notice_and_none_of_anothers_is_replaced() {
    let Some(mut desktop) = Mock::start() else { return };
    let address = desktop.address();
    let (venue, scratch, console) = watching(&[("DBUS_SESSION_BUS_ADDRESS", &address)]);
    venue.fire(&[critical("GatewayDown")]);
    assert_eq!(desktop.wait_for(1)[0].replaces, 0);
    console.shows("[bell, desktop]");
    let timer_is_up = || scratch.run(&["timer", "ANA-1", "bo", "1s", "look"]).ok();
    timer_is_up();
    let due = &desktop.wait_for(2)[1];
    assert_eq!((due.summary.as_str(), due.replaces), ("DUE ANA-1", 0), "it hides no call for help");
    timer_is_up();
    assert_eq!(desktop.wait_for(3)[2].replaces, 2, "it says what the other one said");

    // Another server on the same bus counts its own from one.
    desktop.serve_again();
    timer_is_up();
    assert_eq!(desktop.wait_for(1)[0].replaces, 0);

    // Another bus at the same place.
    desktop.start_again();
    venue.fire(&[critical("GatewayDown"), critical("LedgerMismatch")]);
    let told = desktop.wait_for(1);
    assert_eq!((told[0].summary.as_str(), told[0].replaces), ("NEW ANA-2", 0));
}

#[test]
fn what_another_server_shows_by_now_is_not_closed() {
    let Some(mut desktop) = Mock::start() else { return };
    let address = desktop.address();
    let (venue, scratch, console) = watching(&[("DBUS_SESSION_BUS_ADDRESS", &address)]);
    venue.fire(&[critical("GatewayDown")]);
    desktop.wait_for(1);
    console.shows("[bell, desktop]");
    desktop.serve_again();
    // The first of another program has the number that ours had.
    desktop.notify();
    scratch.run(&["ack", "ANA-1"]).ok();
    console.shows("Identify ana");
    leave(&console);
    assert_eq!(console.wait().code, 0);
    assert_eq!(desktop.closed(), [] as [u32; 0]);
}

#[test]
fn what_was_shown_before_the_desktop_was_slow_goes_with_the_console() {
    let Some(desktop) = Mock::start() else { return };
    let address = desktop.address();
    let (venue, scratch, console) = watching(&[("DBUS_SESSION_BUS_ADDRESS", &address)]);
    let names = ["GatewayDown", "LedgerMismatch", "TokensFail"].map(critical);
    venue.fire(&names[..1]);
    desktop.wait_for(1);
    console.shows("[bell, desktop]");
    desktop.pause(true);
    venue.fire(&names[..2]);
    console.shows("no desktop]");
    desktop.pause(false);
    venue.fire(&names);
    desktop.wait_for(3);
    let told = || scratch.run(&["ledger", "tail", "-n", "1000"]).stdout.matches("by bell, desktop").count();
    eventually("the first and the third to be told", || (told() == 2).then_some(()));
    leave(&console);
    assert_eq!(console.wait().code, 0);
    // The second was shown after nobody waited for it any more.
    assert_eq!(desktop.closed(), [1, 2, 3]);
}

#[test]
fn the_button_of_what_a_slow_desktop_showed_late_acknowledges() {
    let Some(desktop) = Mock::start() else { return };
    let address = desktop.address();
    let (venue, scratch, console) = watching(&[("DBUS_SESSION_BUS_ADDRESS", &address)]);
    let names = ["GatewayDown", "LedgerMismatch"].map(critical);
    venue.fire(&names[..1]);
    desktop.wait_for(1);
    console.shows("[bell, desktop]");
    desktop.pause(true);
    venue.fire(&names);
    console.shows("no desktop]");
    desktop.pause(false);
    desktop.wait_for(2);
    desktop.press(2, "acknowledge");
    console.shows("you acknowledged ANA-2, on the desktop");
    // What another acknowledges meanwhile goes as well.
    scratch.run(&["ack", "ANA-1"]).ok();
    eventually("both to be closed", || {
        let mut closed = desktop.closed();
        closed.sort_unstable();
        (closed == [1, 2]).then_some(())
    });
}
