//! A critical is heard: on the desktop, through SSH, through tmux; once, and with a word on how.

mod aloud;
mod desktop;
mod doctor;
mod identities;
mod screen;
mod ssh;
mod tmux;

use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
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
fn watching(environment: &[(&str, &str)]) -> (Venue, Scratch, Pty) {
    watching_with("", environment)
}

/// The same, with this at the end of its configuration.
fn watching_with(configured: &str, environment: &[(&str, &str)]) -> (Venue, Scratch, Pty) {
    let venue = Venue::start();
    let scratch = Scratch::with_config(&format!("{}\n{configured}", venue.config()));
    let mut command = scratch.quell(&[]);
    command.envs(environment.iter().copied());
    let console = Pty::start(&command, 120, 40);
    until_calm(&console);
    (venue, scratch, console)
}
