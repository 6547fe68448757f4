//! The bytes of each rung, as a terminal of each sort gets them: a sequence it shows, or the bell alone.

use crate::notices::{asked_for, watching_with};
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::{Venue, critical};
use crate::support::vt;

const SSH: (&str, &str) = ("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22");
const HOSTILE: &str = "G;4;1\u{1b}]9;x\u{7}\u{9b}31m";

/// What a terminal is told of itself, how the console says it told, and the notification's OSC.
type Identity = (&'static [(&'static str, &'static str)], &'static str, &'static [&'static str]);

const OSC9: &[&str] = &["9;quell: NEW ANA-1: G;4;1\\x1b]9;x\\x07\\u{9b}31m is burning"];
const OSC777: &[&str] = &["777;notify;NEW ANA-1;G,4,1\\x1b]9,x\\x07\\u{9b}31m is burning"];
const OSC99: &[&str] = &["99;i=", "99;i="];

const IDENTITIES: [Identity; 13] = [
    (&[("TERM", "xterm-256color"), ("XTERM_VERSION", "XTerm(379)")], "[bell]", &[]),
    (&[("TERM", "xterm-kitty")], "[bell, osc99]", OSC99),
    (&[("TERM", "xterm-256color"), ("KITTY_WINDOW_ID", "1")], "[bell, osc99]", OSC99),
    (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "iTerm.app")], "[bell, osc9]", OSC9),
    (&[("TERM", "xterm-256color"), ("LC_TERMINAL", "iTerm2")], "[bell, osc9]", OSC9),
    (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")], "[bell, osc777]", OSC777),
    (&[("TERM", "foot")], "[bell, osc777]", OSC777),
    (&[("TERM", "xterm-ghostty")], "[bell, osc777]", OSC777),
    (&[("TERM", "xterm-256color"), ("ZELLIJ", "0")], "[bell, osc99]", OSC99),
    (&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")], "[bell]", &[]),
    (&[("TERM", "xterm-256color"), ("WT_SESSION", "0b5e7a6e")], "[bell]", &[]),
    (&[("TERM", "alacritty")], "[bell]", &[]),
    (&[("TERM", "linux")], "[bell]", &[]),
];

#[test]
fn each_terminal_gets_what_it_shows_and_one_bell() {
    // A few at a time: each is a program of its own.
    for identities in IDENTITIES.chunks(5) {
        let consoles: Vec<_> = identities
            .iter()
            .map(|(variables, how, asked)| {
                let environment: Vec<_> = [SSH].into_iter().chain(variables.iter().copied()).collect();
                (watching_with("[notify]\ndetail = \"full\"\n", &environment), how, asked)
            })
            .collect();
        for ((venue, ..), ..) in &consoles {
            venue.fire(&[critical(HOSTILE)]);
        }
        for ((_venue, _scratch, console), how, expected) in &consoles {
            console.shows(how);
            let bytes = console.whole_bytes();
            let asked = asked_for(&bytes);
            assert_eq!(asked.len(), expected.len(), "{how}: {asked:?}");
            let begins = |(asked, expected): (&String, &&str)| asked.starts_with(expected);
            assert!(asked.iter().zip(expected.iter()).all(begins), "{how}: {asked:?}, expected {expected:?}");
            assert_eq!(console.bells(), 1, "{how}");
            vt::assert_only_allowed(&bytes);
            vt::assert_inert(&bytes, HOSTILE.as_bytes());
        }
    }
}

#[test]
fn what_is_said_of_a_critical_where_others_may_read_it_holds_nothing_its_source_says() {
    let (venue, _scratch, console) = watching_with("", &[SSH, ("TERM_PROGRAM", "WezTerm")]);
    venue.fire(&[crate::support::venue::takeover()]);
    console.shows("[bell, osc777]");
    assert_eq!(asked_for(&console.whole_bytes()), ["777;notify;NEW ANA-1;critical, auth"]);
}

#[test]
fn what_a_windows_terminal_is_said_to_show_it_is_asked_for() {
    let (venue, _scratch, console) =
        watching_with("[notify]\nterminal = \"osc777\"\n", &[SSH, ("WT_SESSION", "0b5e7a6e")]);
    venue.fire(&[critical("GatewayDown")]);
    console.shows("[bell, osc777]");
    assert_eq!(asked_for(&console.whole_bytes()), ["777;notify;NEW ANA-1;critical, trading"]);
}

#[test]
fn through_mosh_the_bell_rings_and_nothing_is_sent_that_it_drops() {
    let venue = Venue::start();
    let scratch = venue.scratch();
    let mosh = mosh_server(&scratch);
    let quell = scratch.quell(&[]);
    let mut command = scratch.program(&mosh, &[quell.get_program().to_str().unwrap()]);
    command.envs([SSH, ("TERM", "xterm-kitty")]);
    let console = Pty::start(&command, 120, 40);
    crate::notices::until_calm(&console);
    venue.fire(&[critical("GatewayDown")]);
    console.shows("[bell]");
    assert_eq!(asked_for(&console.whole_bytes()), Vec::<String>::new());
    assert_eq!(console.bells(), 1);
}

/// A program called as mosh's server is, which runs another.
pub fn mosh_server(scratch: &Scratch) -> String {
    use std::os::unix::fs::PermissionsExt;

    let file = scratch.path("mosh-server");
    std::fs::write(&file, "#!/bin/sh\n\"$@\"\nexit $?\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    file.display().to_string()
}
