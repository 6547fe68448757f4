//! A critical is heard: on the desktop, through SSH, through tmux; once, and with a word on how.

mod desktop;
mod ssh;
mod tmux;

use crate::support::pty::Pty;
use crate::support::venue::Venue;

/// Waits until the console has read its only source without finding anything.
fn until_calm(console: &Pty) {
    console.until(|screen| screen.contains("CRIT 0") && screen.contains("● venue"), "an empty, fresh source");
}

/// The notifications a terminal was asked for, as the bodies of their OSC.
fn asked_for(bytes: &[u8]) -> Vec<String> {
    let notification = |osc: &String| ["9;", "777;", "99;"].iter().any(|number| osc.starts_with(number));
    crate::support::vt::oscs(bytes).into_iter().filter(notification).collect()
}

/// A venue, and a console on it that has found nothing yet; `environment` is set besides.
fn watching(environment: &[(&str, &str)]) -> (Venue, crate::support::scratch::Scratch, Pty) {
    let venue = Venue::start();
    let scratch = venue.scratch();
    let mut command = scratch.quell(&[]);
    command.envs(environment.iter().copied());
    let console = Pty::start(&command, 120, 40);
    until_calm(&console);
    (venue, scratch, console)
}
