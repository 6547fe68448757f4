//! A runbook that is opened, on the real terminal.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::support::eventually;
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::{Venue, critical, until_shown};

const RUNBOOK: &str = "https://wiki.example.com/runbooks?q=$(id)&x='1'";

fn burning() -> Venue {
    let venue = Venue::start();
    let mut alert = critical("OrdersRefused");
    alert["annotations"]["runbook_url"] = json!(RUNBOOK);
    venue.fire(&[alert]);
    venue
}

/// Asks for the runbook and confirms it once that counts.
fn open(console: &Pty) {
    console.shows("ack");
    until_shown(console, "o", |screen| screen.contains("wiki.example.com/runbooks?q=$(id)&x=%271%27"));
}

#[test]
fn the_configured_program_gets_the_link_as_it_was_shown() {
    let venue = burning();
    let scratch = Scratch::new();
    let (program, seen) = (scratch.path("browser"), scratch.path("seen"));
    let script =
        format!("#!/bin/sh\nprintf '%s\\n' \"$#\" \"$@\" >{0}.new; mv {0}.new {0}\n", seen.display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    scratch.write_config(&format!("open = [\"{}\", \"--tab\"]\n{}", program.display(), venue.config()));
    let console = scratch.console(&[], 100, 30);
    open(&console);
    until_shown(&console, "enter", |screen| screen.contains("browser shows wiki.example.com"));
    let said = eventually("the program to have it", || std::fs::read_to_string(&seen).ok());
    assert_eq!(said, "2\n--tab\nhttps://wiki.example.com/runbooks?q=$(id)&x=%271%27\n");
}

#[test]
fn without_a_display_the_terminal_gets_it() {
    let venue = burning();
    let scratch = venue.scratch();
    let mut command = scratch.quell(&[]);
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env("SSH_TTY", "/dev/pts/9");
    let console = Pty::start(&command, 100, 30);
    open(&console);
    until_shown(&console, "enter", |screen| screen.contains("sent to the terminal's clipboard"));
    let copied = |bytes: &[u8]| bytes.windows(7).any(|window| window == b"\x1b]52;c;");
    console.until_bytes(copied, "OSC 52");
}
