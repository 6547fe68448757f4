//! A console that is stopped, by its key or from outside, gives the terminal and the lease up, and says so when it goes on.

use rustix::process::{Pid, Signal, kill_process};

use crate::pty::editor::{ASKS, edited_with, note};
use crate::support::eventually;
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::{Venue, leave};

/// Quell in a shell that can stop and continue what it starts.
struct InShell {
    terminal: Pty,
    /// How the terminal is set while the shell asks for a command.
    before: crate::support::pty::Modes,
    quell: Pid,
}

impl InShell {
    /// `script` is the editor.
    fn start(scratch: &Scratch, script: &str, arguments: &str) -> Self {
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

    /// Stops quell alone, as somebody at another terminal does.
    fn stop_from_outside(&self) {
        kill_process(self.quell, Signal::TSTP).unwrap();
    }

    fn until_given_back(&self) {
        self.terminal.until(|screen| screen.contains("Stopped"), "the shell to say that it is stopped");
        assert!(!self.terminal.on_alternate_screen());
        eventually("the settings of the terminal", || (self.terminal.modes() == self.before).then_some(()));
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
            first.stop_from_outside();
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
    first.stop_from_outside();
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

/// Nobody could continue it: the kernel stops no such group for a key either.
#[test]
fn where_nobody_could_continue_it_it_takes_the_terminal_back_at_once() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    for (arguments, shows) in [(&[][..], "c contain"), (&["wall"], "NOT TAKEN")] {
        let console = scratch.console(arguments, 80, 24);
        console.shows(shows);
        console.whole_bytes();
        let (taken, bytes) = (console.modes(), console.bytes().len());
        console.signal(Signal::TSTP);
        let bytes = console.until_bytes(
            |all| all[bytes..].windows(8).any(|part| part == b"\x1b[?1049h"),
            "the terminal to be taken again",
        )[bytes..]
            .to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(text.find("\x1b[?1049l") < text.find("\x1b[?1049h"), "given back first: {text:?}");
        console.until(|screen| screen.contains(shows), "everything to be drawn again");
        assert_eq!(console.modes(), taken);
        let polls = venue.server.requests().len();
        venue.server.wait_for("*", polls + 2);
        console.signal(Signal::TERM);
        assert_eq!(console.wait().code, 143);
    }
}
