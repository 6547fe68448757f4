//! The real wall in a real terminal, and what listens elsewhere.

use rustix::process::Signal;

use quell::ledger::lock::Lock;

use crate::pty::given_back;
use crate::pty::screen::scratch_modes;
use crate::support::eventually;
use crate::support::faultd::{Faultd, Reply};
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::{Venue, critical};
use crate::support::vt;

/// A wall over a venue, with a switch elsewhere that it holds every second.
fn with_switch(venue: &Venue) -> (Faultd, Scratch) {
    let switch = Faultd::start();
    switch.on("GET /ping/4f1c", [Reply::ok("OK")]);
    let table = format!("[dead_man]\nurl = \"{}/ping/4f1c\"\nevery = \"1s\"\n", switch.url());
    (switch, Scratch::with_config(&format!("{}\n{table}", venue.config())))
}

#[test]
fn a_wall_shows_what_burns_and_no_key_acts_but_the_one_that_leaves() {
    let venue = Venue::start();
    let scratch = venue.scratch();
    let wall = scratch.console(&["wall"], 80, 24);
    wall.shows("every source is LIVE");
    venue.fire(&[critical("OrderGatewayDown")]);
    wall.shows("NOT TAKEN");
    wall.keys("a c enter y e : / esc space tab G");
    wall.resize(40, 12).resize(1, 1).resize(80, 24);
    wall.shows("CRIT ANA-1  NOT TAKEN");
    // The only source is gone: the whole screen says so, and heals by itself.
    venue.server.on("GET /api/v2/alerts", [Reply::status(503)]);
    wall.shows("data as of");
    venue.fire(&[critical("OrderGatewayDown")]);
    wall.shows("page 1/1");
    vt::assert_only_allowed(&wall.whole_bytes());
    wall.keys("ctrl-c");
    assert_eq!(wall.finish().0.code, 0);
    let listed = scratch.run(&["list", "--json"]);
    assert!(listed.stdout.contains("\"acked_by\":null"), "{listed:?}");
}

#[test]
fn a_wall_ends_well_when_it_is_told_to() {
    let before = scratch_modes();
    let venue = Venue::start();
    let scratch = venue.scratch();
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let wall = scratch.console(&["wall"], 80, 24);
        wall.shows("every source is LIVE");
        wall.signal(signal);
        assert_eq!(wall.finish().0.code, code);
        given_back(&wall, &before);
    }
}

#[test]
fn the_switch_is_held_while_every_source_is_fresh_and_let_go_when_one_is_not() {
    let venue = Venue::start();
    let (switch, scratch) = with_switch(&venue);
    let wall = scratch.console(&["wall"], 80, 24);
    switch.wait_for("GET /ping/4f1c", 2);
    wall.shows("dead man's switch held");
    venue.server.on("GET /api/v2/alerts", [Reply::status(503)]);
    wall.shows("data as of");
    // A word may still have been on its way.
    seconds(&wall, 1);
    let told = switch.requests().len();
    seconds(&wall, 4);
    assert_eq!(switch.requests().len(), told, "nobody is told that it lives while it is blind");
    venue.fire(&[]);
    switch.wait_for("GET /ping/4f1c", told + 1);
}

/// Waits until the time on the wall has changed so often.
fn seconds(wall: &Pty, count: usize) {
    let time = |line: &str| line.split_once("now ")?.1.split(' ').next().map(str::to_owned);
    let clock = |screen: &str| screen.lines().find_map(time);
    for _ in 0..count {
        let before = clock(&wall.screen());
        wall.until(|screen| clock(screen).is_some_and(|now| Some(now) != before), "the next second");
    }
}

#[test]
fn the_switch_is_let_go_when_frames_do_not_arrive_and_when_the_terminal_is_gone() {
    let venue = Venue::start();
    venue.fire(&[critical("OrderGatewayDown")]);
    let (switch, scratch) = with_switch(&venue);
    let mut wall = scratch.console(&["wall"], 200, 60);
    switch.wait_for("GET /ping/4f1c", 1);
    wall.stall();
    // Whole frames, until the terminal is full and nobody is told any more; sources are asked all the same.
    let quiet = || {
        for columns in (300..400).step_by(5) {
            wall.resize(columns, 150);
        }
        let (told, polls) = (switch.requests().len(), venue.server.requests().len());
        venue.server.wait_for("*", polls + 3);
        switch.requests().len() == told
    };
    assert!((0..10).any(|_| quiet()), "told although no frame arrives");
    let told = switch.requests().len();
    wall.resize(80, 24).resume();
    switch.wait_for("GET /ping/4f1c", told + 1);
    // Who has no terminal ends, and tells nobody any more.
    wall.close_master();
    assert_eq!(wall.wait().code, 129);
}

#[test]
fn what_a_person_has_read_stays_hidden_on_the_wall() {
    let venue = Venue::under_attack();
    let scratch = Scratch::with_config(&format!("sensitive = [\"account_id\"]\n{}", venue.config()));
    let first = scratch.console(&["wall"], 120, 40);
    first.shows("NOT TAKEN");
    assert!(!first.screen().contains("88213"), "{}", first.screen());
    scratch.run(&["show", "1", "--reveal"]).ok();
    first.keys("ctrl-c");
    first.finish();
    let second = scratch.console(&["wall"], 120, 40);
    second.shows("NOT TAKEN");
    assert!(!second.screen().contains("88213"), "{}", second.screen());
}

#[test]
fn who_leaves_lets_go_of_the_lease_before_it_waits_for_what_has_left() {
    for (command, sees) in [(&["wall"][..], "every source is LIVE"), (&[], "● venue")] {
        let venue = Venue::start();
        venue.server.on("POST /room", [Reply::hang()]);
        let room = format!(
            "[[channel]]\nkind = \"webhook\"\nname = \"room\"\nstyle = \"generic\"\nurl = \"{}/room\"\n\
             [[path]]\nid = \"incident\"\nwhen = \"sev:critical\"\nsteps = [{{ after = \"0m\", to = [\"room\"] }}]\n",
            venue.server.url()
        );
        let scratch = Scratch::with_config(&(venue.config() + &room));
        let screen = scratch.console(command, 80, 24);
        screen.shows(sees);
        venue.fire(&[critical("OrderGatewayDown")]);
        venue.server.wait_for("POST /room", 1);
        screen.signal(Signal::TERM);
        let lease = scratch.state().join("engine.lock");
        let _mine = eventually("the lease", || Lock::try_take(&lease).unwrap());
        assert!(screen.ended().is_none(), "it waits for what the room says");
    }
}

/// Nobody sits at a wall who could draw it again: within a minute it does so by itself.
#[test]
fn what_somebody_else_writes_on_a_wall_does_not_stay() {
    let venue = Venue::start();
    let scratch = venue.scratch();
    let wall = scratch.console(&["wall"], 80, 24);
    venue.fire(&[critical("OrderGatewayDown")]);
    wall.shows("NOT TAKEN");
    wall.scribble(b"\x1b[12;20HBroadcast message from root\x1b[31m").shows("Broadcast message");
    for _ in 0..6 {
        // Ten polls, one a second.
        venue.server.wait_for("*", venue.server.requests().len() + 10);
    }
    wall.until(|screen| !screen.contains("message from root"), "a wall without it");
    vt::assert_only_allowed(&wall.whole_bytes());
    wall.keys("ctrl-c");
    assert_eq!(wall.finish().0.code, 0);
}
