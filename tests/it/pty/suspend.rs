//! A console that is stopped, by its key or from outside, gives the terminal and the lease up, and says so when it goes on.

use quell::console::message::NOT_SUSPENDED;
use rustix::process::{Pid, Signal, kill_process};

use crate::pty::editor::{ASKS, edited_with, note};
use crate::support::eventually;
use crate::support::pty::{Modes, Pty};
use crate::support::scratch::Scratch;
use crate::support::venue::{Venue, leave};

/// Quell in a shell that can stop and continue what it starts.
pub struct InShell {
    /// Where the shell runs.
    pub terminal: Pty,
    /// How the terminal is set while the shell asks for a command.
    before: Modes,
    quell: Pid,
}

impl InShell {
    /// `script` is the editor.
    pub fn start(scratch: &Scratch, script: &str, arguments: &str) -> Self {
        let shell = scratch.program("bash", &["--norc", "--noprofile", "-i"]);
        let mut shell = edited_with(shell, scratch, script);
        let terminal = Pty::start(shell.env("PS1", "at the prompt> "), 100, 30);
        terminal.shows("at the prompt>");
        let before = terminal.modes();
        // Within another shell, as a script would start it.
        let (quell, says) = (env!("CARGO_BIN_EXE_quell"), scratch.path("pid"));
        let wrapped =
            format!("sh -c 'sh -c \"echo \\$\\$ >{}; exec {quell} {arguments}\"; true'", says.display());
        terminal.send(format!("{wrapped}\r").as_bytes());
        let quell = eventually("quell to start", || {
            Pid::from_raw(std::fs::read_to_string(&says).ok()?.trim().parse().ok()?)
        });
        Self { terminal, before, quell }
    }

    /// Sends quell alone a signal, as somebody at another terminal does.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.quell, signal).unwrap();
    }

    /// The shell has the terminal again.
    pub fn until_given_back(&self) {
        self.terminal.until(|screen| screen.contains("Stopped"), "the shell to say that it is stopped");
        assert!(!self.terminal.on_alternate_screen());
        eventually("the settings of the terminal", || (self.terminal.modes() == self.before).then_some(()));
        // The shells between may stop before quell does: what continues them all too soon continues it not.
        let stat = format!("/proc/{}/stat", self.quell.as_raw_nonzero());
        eventually("quell to be stopped", || {
            std::fs::read_to_string(&stat).ok().filter(|stat| stat.contains(") T ")).map(drop)
        });
    }
}

/// The lease moves to the second console, which polls.
fn until_taken_over(venue: &Venue, second: &Pty) {
    let polled = venue.server.requests().len();
    second.until(|screen| !screen.contains("engine pid ") && screen.contains("CRIT 1"), "the lease to move");
    venue.server.wait_for("*", polled + 2);
}

#[test]
fn a_suspended_console_gives_the_lease_up_and_is_told_who_has_it() {
    for from_outside in [false, true] {
        let venue = Venue::under_attack();
        let scratch = venue.scratch();
        let first = InShell::start(&scratch, "", "");
        first.terminal.shows("c contain");
        let second = scratch.console(&[], 80, 24);
        second.shows("engine pid ");
        if from_outside {
            first.signal(Signal::TSTP);
        } else {
            first.terminal.keys("ctrl-z");
        }
        first.until_given_back();
        until_taken_over(&venue, &second);

        first.terminal.keys("\"fg\" enter");
        let screen = first.terminal.shows("c contain");
        assert!(first.terminal.on_alternate_screen());
        let holder = format!("engine pid {}", second.pid());
        first.terminal.until(|screen| screen.contains(&holder), &format!("{holder}, after\n{screen}"));
    }
}

#[test]
fn a_console_that_is_stopped_while_the_editor_has_the_terminal_takes_the_editor_with_it() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let script = format!("{ASKS}\nprintf 'all of it: %s\\n' \"$line\" >\"$2\"");
    let first = InShell::start(&scratch, &script, "");
    first.terminal.shows("c contain");
    note(&first.terminal, "half");
    first.terminal.keys("ctrl-o").shows("ready to edit");
    let second = scratch.console(&[], 80, 24);
    second.shows("engine pid ");
    first.signal(Signal::TSTP);
    first.until_given_back();
    until_taken_over(&venue, &second);
    leave(&second);

    first.terminal.keys("\"fg\" enter");
    // Typed, said to be stopped, and gone on with: from here on the shell reads nothing.
    first.terminal.until(|screen| screen.matches("; true'").count() == 3, "the shell to name what goes on");
    first.terminal.keys("\"q x y\" enter");
    first.terminal.until(|screen| screen.contains("all of it: q x y"), "what was written after all");
    assert!(first.terminal.on_alternate_screen());
    first.terminal.keys("enter").shows("noted on");
}

/// Each of these consoles is the first of its session, as in a terminal that starts no shell: nobody could continue it.
#[test]
fn where_nobody_could_continue_it_it_gives_nothing_up_and_says_why() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console = scratch.console(&[], 80, 24);
    console.shows("c contain");
    let second = scratch.console(&[], 80, 24);
    let holder = format!("engine pid {}", console.pid());
    second.shows(&holder);
    let taken = console.modes();
    for from_outside in [true, false] {
        if from_outside {
            console.signal(Signal::TSTP);
        } else {
            console.keys("j").until(|screen| !screen.contains(NOT_SUSPENDED), "what was said to be gone");
            console.keys("ctrl-z");
        }
        console.shows(NOT_SUSPENDED);
        let polls = venue.server.requests().len();
        venue.server.wait_for("*", polls + 2);
    }
    keeps_the_terminal(&console, &taken);
    assert!(second.screen().contains(&holder), "{}", second.screen());
    console.signal(Signal::TERM);
    assert_eq!(console.wait().code, 143);
}

#[test]
fn nor_does_a_wall_give_anything_up() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let wall = scratch.console(&["wall"], 80, 24);
    wall.shows("NOT TAKEN");
    let taken = wall.modes();
    wall.signal(Signal::TSTP);
    let polls = venue.server.requests().len();
    venue.server.wait_for("*", polls + 2);
    keeps_the_terminal(&wall, &taken);
    wall.signal(Signal::TERM);
    assert_eq!(wall.wait().code, 143);
}

/// It never gave the terminal back, not even for a moment.
fn keeps_the_terminal(console: &Pty, taken: &Modes) {
    assert!(!String::from_utf8_lossy(&console.whole_bytes()).contains("\x1b[?1049l"));
    assert_eq!(console.modes(), *taken);
}
