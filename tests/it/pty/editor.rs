//! A note written in the person's own editor, on the real terminal.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use rustix::process::Signal;

use crate::support::eventually;
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::{Venue, critical, leave, takeover, until_shown};

/// A console of which the editor is this script; `$2` is the file.
fn console(scratch: &Scratch, script: &str) -> Pty {
    Pty::start(&edited_with(scratch.quell(&[]), scratch, script), 100, 30)
}

/// A command in which the editor is this script.
pub fn edited_with(mut command: Command, scratch: &Scratch, script: &str) -> Command {
    let editor = scratch.path("editor");
    std::fs::write(&editor, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o700)).unwrap();
    command.env("VISUAL", format!("{} --wait", editor.display())).env("EDITOR", "/bin/false");
    command
}

/// The only draft that is left: its path, and what is in it.
fn draft(scratch: &Scratch) -> (String, String) {
    let drafts = std::fs::read_dir(scratch.state().join("drafts")).unwrap();
    let drafts: Vec<_> = drafts.map(|folder| folder.unwrap().path().join("text.md")).collect();
    let [file] = drafts.as_slice() else { panic!("{drafts:?}") };
    (file.display().to_string(), std::fs::read_to_string(file).unwrap())
}

/// Begins a note with this text.
pub fn note(console: &Pty, text: &str) {
    until_shown(console, "n", |screen| screen.contains("note on"));
    // Another `n` may have been on its way.
    console.keys("ctrl-u").keys(&format!("\"{text}\"")).shows(&format!("> {text}"));
}

/// Says `ready`, waits for a line, and goes on.
pub const ASKS: &str = "stty sane; printf 'ready to edit\\n'; read line";

#[test]
fn the_editor_has_the_terminal_and_the_console_goes_on_behind_it() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let log = scratch.path("log");
    let script = format!(
        "echo \"$#\" \"$1\" >{log}; stat -c '%a' \"$2\" \"$(dirname \"$2\")\" >>{log}; cat \"$2\" >>{log}\n\
         {ASKS}\nprintf 'all of it: %s\\n' \"$line\" >\"$2\"; touch \"$2~\"",
        log = log.display()
    );
    let console = console(&scratch, &script);
    let before = console.modes();
    console.shows("c contain");
    let taken = console.modes();
    note(&console, "half");
    console.keys("ctrl-o").shows("ready to edit");
    assert!(!console.on_alternate_screen(), "the editor has the screen");
    assert_ne!(console.modes(), taken, "and the keyboard");

    // A critical that comes meanwhile is polled, and stands on the screen right after.
    let asked = venue.server.requests().len();
    venue.fire(&[takeover(), critical("OrdersRefused")]);
    venue.server.wait_for("*", asked + 4);
    console.keys("\"q x y\" enter");
    console.until(|screen| screen.contains("all of it: q x y"), "what was written to be in the field");
    assert!(console.on_alternate_screen());
    assert_eq!(console.modes(), taken);
    let screen = console.until(|screen| screen.contains("CRIT 2"), "the one that came meanwhile");
    assert!(screen.contains("note on"), "the keys went to the editor alone:\n{screen}");

    let log = std::fs::read_to_string(log).unwrap();
    assert_eq!(log, "2 --wait\n600\n700\nhalf", "the option, the file, its modes, what stood in the field");
    let drafts = scratch.state().join("drafts");
    assert_eq!(std::fs::read_dir(drafts).unwrap().count(), 0, "nothing of it is left");

    console.keys("enter").shows("noted on");
    leave(&console);
    assert_eq!(console.wait().code, 0);
    assert_eq!(console.modes(), before);
}

#[test]
fn an_editor_that_fails_or_leaves_a_broken_terminal_changes_nothing() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console = console(&scratch, "echo other >\"$2\"; printf '\\033[?1049h'; stty raw -echo; exit 3");
    let before = console.modes();
    console.shows("c contain");
    let taken = console.modes();
    note(&console, "half");
    // However wide the screen is on which it is said.
    let said = |screen: &str| screen.split_whitespace().collect::<Vec<_>>().join(" ");
    let fails = "kept in";
    let screen = console.keys("ctrl-o").until(|screen| said(screen).contains(fails), fails);
    assert!(screen.contains("/drafts/"), "{screen}");
    assert_eq!(draft(&scratch).1, "other\n");
    assert_eq!(console.modes(), taken);
    console.keys("w a y").shows("halfway");
    console.keys("esc").shows("Throw away");
    console.keys("y").until(|screen| screen.contains("c contain"), "the list");
    leave(&console);
    assert_eq!(console.wait().code, 0);
    assert_eq!(console.modes(), before, "as it was before quell, not as the editor left it");
}

#[test]
fn an_interrupt_is_the_editors_and_a_missing_editor_is_said() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console =
        console(&scratch, &format!("trap 'echo interrupted >\"$2\"; exit 0' INT\n{ASKS}\nread more"));
    console.shows("c contain");
    note(&console, "half");
    console.keys("ctrl-o").shows("ready to edit");
    console.send(b"\x03");
    console.until(|screen| screen.contains("> interrupted"), "the editor's answer to ctrl-c");
    std::fs::remove_file(scratch.path("editor")).unwrap();
    console.keys("ctrl-o").shows("the text is as it was");
    console.signal(Signal::KILL);
    console.wait();
}

#[test]
fn what_is_written_when_the_console_ends_is_kept_and_it_says_where() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console = console(&scratch, &format!("echo unsaved >\"$2\"\n{ASKS}"));
    let before = console.modes();
    console.shows("c contain");
    note(&console, "half");
    console.keys("ctrl-o").shows("ready to edit");
    console.signal(Signal::TERM);
    let (_, bytes) = console.finish();
    let given_back = bytes.windows(8).filter(|part| *part == b"\x1b[?1049l").count();
    assert_eq!(given_back, 1, "to the editor; it was not ours after that");
    let (file, text) = draft(&scratch);
    assert_eq!(text, "unsaved\n");
    let screen: String = console.screen().split_whitespace().collect();
    assert!(screen.contains(&format!("whatyouwerewritingiskeptin{file}")), "{}", console.screen());
    assert_eq!(console.modes(), before);
}

#[test]
fn a_critical_is_told_elsewhere_while_the_editor_has_the_terminal_and_rings_beside_it() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let heard = scratch.path("heard");
    scratch.write_config(&format!(
        "{}\n[notify]\nexec = [\"/bin/sh\", \"-c\", 'echo \"$1\" >>{}', \"hear\", \"{{{{title}}}}\"]\n",
        venue.config(),
        heard.display()
    ));
    let mut command = scratch.quell(&[]);
    command.envs([("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22"), ("TERM_PROGRAM", "iTerm.app")]);
    let console = Pty::start(&edited_with(command, &scratch, ASKS), 100, 30);
    console.shows("c contain");
    console.rings();
    let rung = || scratch.run(&["ledger", "tail", "-n", "1000"]).stdout.matches("by bell").count();
    eventually("that to be written down", || (rung() == 1).then_some(()));
    note(&console, "half");
    console.keys("ctrl-o").shows("ready to edit");
    let (bells, bytes) = (console.bells(), console.whole_bytes().len());
    let others = ["OrdersRefused", "TokensFail"].map(critical);
    venue.fire(&[&[takeover()], others.as_slice()].concat());
    eventually("the program to hear of both", || {
        let heard = std::fs::read_to_string(&heard).unwrap_or_default();
        (heard.contains("NEW ANA-2") && heard.contains("NEW ANA-3")).then_some(())
    });
    eventually("the bell to be written down for both, once it rang", || (rung() == 3).then_some(()));
    let beside = console.whole_bytes().split_off(bytes);
    assert!(!beside.is_empty() && beside.iter().all(|byte| *byte == 7), "nothing else: {beside:?}");
    console.keys("enter").until(|screen| screen.contains("CRIT 3"), "the screen of quell");
    console.until(|screen| screen.contains("[bell]"), "how it was told");
    assert_eq!(console.bells(), bells + beside.len(), "it does not ring again for what it rang for");
    assert_eq!(console.title(), "3 CRIT - quell");
}

#[test]
fn what_is_stopped_in_the_editor_is_the_editor_which_goes_on() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let shell = scratch.program("bash", &["--norc", "--noprofile", "-i"]);
    let script = format!("{ASKS}\nprintf 'all of it: %s\\n' \"$line\" >\"$2\"");
    let mut shell = edited_with(shell, &scratch, &script);
    shell.env("PS1", "at the prompt> ");
    let console = Pty::start(&shell, 100, 30);
    console.shows("at the prompt>");
    console.keys(&format!("\"{}\" enter", env!("CARGO_BIN_EXE_quell"))).shows("c contain");
    note(&console, "half");
    console.keys("ctrl-o").shows("ready to edit");
    let polled = venue.server.requests().len();
    console.keys("ctrl-z");
    venue.server.wait_for("*", polled + 2);
    console.keys("\"q x y\" enter");
    let screen = console.until(|screen| screen.contains("all of it: q x y"), "what was written after all");
    assert!(screen.contains("note on") && !screen.contains("Stopped"), "{screen}");
    assert!(console.on_alternate_screen());
    console.keys("enter").shows("noted on");
    leave(&console);
    console.until(|screen| screen.matches("at the prompt>").count() > 1, "the shell");
    console.keys("\"exit\" enter");
    assert_eq!(console.wait().code, 0);
}

#[test]
fn an_editor_that_outlives_its_terminal_does_not_keep_the_console() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    // Nobody but the editor hears of it, and that does not listen.
    let quell = env!("CARGO_BIN_EXE_quell");
    let ends = scratch.path("ends");
    let wrapper = format!("trap '' HUP; \"{quell}\"; echo $? >{}", ends.display());
    let shell = scratch.program("/bin/sh", &["-c", &wrapper]);
    let script = "trap '' HUP; printf 'ready to edit\\n'; exec sleep 1000";
    let mut console = Pty::start(&edited_with(shell, &scratch, script), 100, 30);
    console.shows("c contain");
    note(&console, "half");
    console.keys("ctrl-o").shows("ready to edit");
    console.close_master();
    eventually("quell to end as one whose terminal is gone", || {
        std::fs::read_to_string(&ends).ok().filter(|code| code == "129\n")
    });
}
