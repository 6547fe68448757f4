//! How the terminal is taken over and given back. It is given back exactly once, from wherever the program ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, Termios, isatty, tcflush, tcgetattr, tcgetwinsize, tcsetattr,
};

use super::fault;
use crate::console::model::Size;
use crate::domain::fault::{Fault, FaultKind};
use crate::os::env;

/// Title pushed, alternate screen, plain letters, what is written replaces, no margins, rows counted from the top, rows that end where they end, pastes and focus reported, columns in logical order (BDSM), cursor hidden.
pub const ENTER: &[u8] =
    b"\x1b[22;0t\x1b[?1049h\x1b(B\x0f\x1b[4l\x1b[?6l\x1b[?69l\x1b[r\x1b[?7l\x1b[?2004h\x1b[?1004h\x1b[8l\x1b[?25l";
/// What others may have changed of it meanwhile, where that moves, garbles or shows what is drawn.
pub const AGAIN: &[u8] = b"\x1b(B\x0f\x1b[4l\x1b[?6l\x1b[?69l\x1b[r\x1b[?7l\x1b[?25l";
/// The screen it is drawn on, which others may have left.
pub const SCREEN: &[u8] = b"\x1b[?1049h";
/// All of it undone, in reverse; first the end of a frame that may stand half written, and of the margins in it.
pub const LEAVE: &[u8] =
    b"\x1b[?2026l\x1b[?69l\x1b[r\x1b[0m\x1b[?25h\x1b[8h\x1b[?1004l\x1b[?2004l\x1b[?7h\x1b[?1049l\x1b[23;0t";

/// Cells that are drawn at most; no terminal is larger, only a lie is.
const LARGEST: Size = Size { cols: 1000, rows: 500 };
/// For a terminal that does not know its size.
const USUAL: Size = Size { cols: 80, rows: 24 };

/// A program that gave the terminal up has ended after this.
const ENDS_WITHIN: Duration = Duration::from_secs(2);

/// How the terminal was before; `None` while it is not ours.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);
/// The program ends: whoever is about to take the terminal over comes too late.
static OVER: AtomicBool = AtomicBool::new(false);

/// Refuses to go on without a terminal that can be drawn on.
///
/// # Errors
/// Standard input or output is none, or it says of itself that it only prints.
pub fn check() -> Result<(), Fault> {
    if !isatty(rustix::stdio::stdin()) || !isatty(rustix::stdio::stdout()) {
        return Err(Fault::local("quell needs a terminal; `quell list` prints what there is"));
    }
    let term = env::var("TERM").unwrap_or_default();
    if !matches!(term.as_str(), "" | "dumb") {
        return Ok(());
    }
    let says = if term.is_empty() { "TERM is not set" } else { "TERM is dumb" };
    Err(Fault::local(format!(
        "this terminal cannot be drawn on ({says}); `quell watch --plain` tells each change in a line"
    )))
}

/// Makes keys come one by one and unechoed. What was typed before is dropped: it was not meant for the console.
///
/// # Errors
/// The terminal is gone.
pub fn raw() -> Result<(), Fault> {
    let terminal = rustix::stdio::stdin();
    let broken = |error| fault("the terminal cannot be set up", &std::io::Error::from(error));
    let found = tcgetattr(terminal).map_err(broken)?;
    let mut raw = found.clone();
    raw.make_raw();
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if OVER.load(Ordering::SeqCst) {
        // Whoever gave it up ends the program, with an exit code of its own.
        std::thread::park_timeout(ENDS_WITHIN);
        return Err(Fault::new(FaultKind::Local, "the program is ending"));
    }
    // Setting it now: waiting for the output to drain would wait for ever on a stopped terminal.
    tcsetattr(terminal, OptionalActions::Now, &raw).map_err(broken)?;
    tcflush(terminal, QueueSelector::IFlush).ok();
    before.get_or_insert(found);
    Ok(())
}

/// Whether the terminal is taken over.
pub fn is_ours() -> bool {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner).is_some()
}

/// Gives line editing, echo and signals back; says whether they had been taken.
pub fn cooked() -> bool {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = &before {
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, before).ok();
    }
    before.is_some()
}

/// How the terminal is set now, for whoever gets it and whoever takes it back.
pub fn settings() -> Option<Termios> {
    tcgetattr(rustix::stdio::stdin()).ok()
}

/// Whether who is in the background may write, and is not stopped for it: a stopped quell would keep the lease.
pub fn takes_from_the_background() -> bool {
    settings().is_some_and(|settings| !settings.local_modes.contains(LocalModes::TOSTOP))
}

/// Sets the terminal as it was.
pub fn settle(settings: &Termios) {
    tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, settings).ok();
}

/// Gives everything back past the writer, once and for good, as far as the terminal takes it; for an end that cannot wait.
pub fn abandon() {
    OVER.store(true, Ordering::SeqCst);
    if cooked() {
        say(LEAVE);
    }
}

/// Writes to the terminal past every buffer, ignoring errors, unless that would block.
pub fn say(bytes: &[u8]) {
    let terminal = rustix::stdio::stdout();
    let mut ready = [PollFd::new(&terminal, PollFlags::OUT)];
    let patience = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
    if poll(&mut ready, Some(&patience)) == Ok(1) {
        rustix::io::write(terminal, bytes).ok();
    }
}

/// The terminal's size; something drawable whatever it claims.
pub fn size() -> Size {
    let Ok(found) = tcgetwinsize(rustix::stdio::stdout()) else { return USUAL };
    let or = |cells: u16, usual: u16, largest: u16| if cells == 0 { usual } else { cells.min(largest) };
    Size {
        cols: or(found.ws_col, USUAL.cols, LARGEST.cols),
        rows: or(found.ws_row, USUAL.rows, LARGEST.rows),
    }
}
