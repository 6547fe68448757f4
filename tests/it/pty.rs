//! The real binary in a real terminal: starts, resizes, acts, is interrupted, and always gives the terminal back.

mod approve;
mod bulk;
mod editor;
mod ends;
mod input;
mod links;
mod panics;
mod replay;
mod screen;
mod stall;
mod suspend;
mod ties;
mod tmux;
mod wall;
mod writes;

use crate::support::pty::{Modes, Pty};
use crate::support::vt;

/// The terminal is as it was: line discipline, screen, title, and nothing on the way that it must not get.
fn given_back(console: &Pty, before: &Modes) {
    assert_eq!(console.modes(), *before, "the line discipline is as before");
    assert!(!console.on_alternate_screen(), "the alternate screen is left");
    let bytes = console.bytes();
    vt::assert_only_allowed(&bytes);
    let text = String::from_utf8_lossy(&bytes);
    for (taken, back) in [
        ("\x1b[22;0t", "\x1b[23;0t"),
        ("\x1b[?1049h", "\x1b[?1049l"),
        ("\x1b[?1049h", "\x1b[?2026l\x1b[?69l\x1b[r"),
        ("\x1b[?7l", "\x1b[?7h"),
        ("\x1b[?2004h", "\x1b[?2004l"),
        ("\x1b[?1004h", "\x1b[?1004l"),
        ("\x1b[8l", "\x1b[8h"),
        ("\x1b[?25l", "\x1b[?25h"),
    ] {
        // An end that came before it was taken gives it back all the same.
        let (taken_at, back_at) = (text.rfind(taken), text.rfind(back));
        assert!(
            back_at.is_some() && taken_at < back_at,
            "{taken:?} at {taken_at:?}, {back:?} at {back_at:?}"
        );
    }
}
