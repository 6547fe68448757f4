//! The console on a ledger that cannot be used, or cannot be any more: it shows what can be seen and says what is wrong.

use std::path::PathBuf;

use rusqlite::Connection;
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use super::{machine, without_log};
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::until_shown;
use crate::support::{eventually, mounts};

/// A console that shows this on its third line, and is then asked for a verb: it is refused for the same reason, and
/// the file stays as it is.
fn shows_and_refuses(machine: &Scratch, ledger: &PathBuf, words: &str) {
    let before = std::fs::read(ledger).unwrap();
    let console = machine.console(&[], 100, 30);
    console.until(|screen| banner(screen).contains("LEDGER") && banner(screen).contains(words), words);
    assert!(!console.screen().contains("All clear"), "{}", console.screen());
    for (key, title) in [("?", "── Keys"), ("s", "── Sources"), ("m", "── Monitors")] {
        let shown = |screen: &str| screen.contains(title) && banner(screen).contains("LEDGER");
        until_shown(&console, key, shown);
        until_shown(&console, "esc", |screen| screen.contains("── Triage"));
    }
    if console.screen().contains("Orders are refused") {
        until_shown(&console, "a", |screen| toast(screen).contains(words));
    }
    assert!(std::fs::read(ledger).unwrap() == before, "the file was changed");
}

fn banner(screen: &str) -> &str {
    screen.lines().nth(2).unwrap_or_default()
}

/// Everything but the banner.
fn toast(screen: &str) -> String {
    screen.lines().skip(3).collect::<Vec<_>>().join("\n")
}

#[test]
fn on_a_damaged_ledger_it_starts_says_so_and_leaves_the_file_alone() {
    let (machine, ledger) = machine();
    std::fs::write(&ledger, "this was a ledger once\n".repeat(1000)).unwrap();
    without_log(&machine);
    shows_and_refuses(&machine, &ledger, "damaged");
}

#[test]
fn on_a_ledger_of_a_newer_quell_it_starts_and_says_so() {
    let (machine, ledger) = machine();
    Connection::open(&ledger).unwrap().pragma_update(None, "user_version", 99).unwrap();
    shows_and_refuses(&machine, &ledger, "newer quell");
}

#[test]
fn of_a_ledger_that_is_damaged_in_part_it_shows_what_can_be_read() {
    let (machine, ledger) = machine();
    // A later record is not one any more, and the projection is in doubt.
    machine.run(&["open", "--severity", "high", "Nobody will read this"]).ok();
    let file = Connection::open(&ledger).unwrap();
    file.execute_batch(
        "DROP TRIGGER records_keep; UPDATE records SET bytes = '{' WHERE seq = 2; UPDATE incidents SET state = '{'",
    )
    .unwrap();
    drop(file);
    without_log(&machine);
    let console = machine.console(&[], 100, 30);
    console.shows("Orders are refused");
    assert!(!console.screen().contains("Nobody will read this"), "{}", console.screen());
    drop(console);
    shows_and_refuses(&machine, &ledger, "bad record 2");
}

#[test]
fn on_a_read_only_disk_it_shows_what_there_is_and_no_verb_works() {
    let (machine, _ledger) = machine();
    let script = r#"mount --bind "$XDG_STATE_HOME" "$XDG_STATE_HOME"
                    mount -o remount,ro,bind "$XDG_STATE_HOME"
                    exec "$QUELL""#;
    let Some(command) = mounts::shell(&machine, script) else { return };
    let console = Pty::start(&command, 100, 30);
    console.shows("Orders are refused");
    console.until(|screen| banner(screen).contains("LEDGER"), "the banner");
    until_shown(&console, "a", |screen| toast(screen).contains("the ledger"));
}

#[test]
fn a_lock_of_another_program_is_said_and_what_was_refused_is_not_written_later() {
    let (machine, ledger) = machine();
    let console = machine.console(&[], 100, 30);
    console.shows("Orders are refused");
    let other = Connection::open(&ledger).unwrap();
    other.busy_timeout(crate::support::BOUND).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    until_shown(&console, "a", |screen| banner(screen).contains("locked by another program"));
    until_shown(&console, "a", |screen| toast(screen).contains("the ledger"));
    assert!(console.screen().contains("Orders are refused"), "viewing goes on");
    other.execute_batch("ROLLBACK").unwrap();
    console.until(|screen| !screen.contains("LEDGER"), "the banner to go");
    let shown = machine.run(&["show", "1"]).ok();
    assert!(!shown.contains("acknowledged"), "written behind the person's back: {shown}");
    acknowledges(&machine, &console);
}

/// The same verb works now.
fn acknowledges(machine: &Scratch, console: &Pty) {
    until_shown(console, "a", |screen| screen.contains("acknowledged"));
    assert!(machine.run(&["show", "1"]).ok().contains("acknowledged"));
}

#[test]
fn a_limit_that_is_reached_while_it_runs_is_said_and_passes() {
    let (machine, _ledger) = machine();
    let console = machine.console(&[], 100, 30);
    console.shows("Orders are refused");
    let pid = Pid::from_raw(console.pid().cast_signed()).unwrap();
    let limit = |bytes| Rlimit { current: bytes, maximum: None };
    prlimit(Some(pid), Resource::Fsize, limit(Some(1))).unwrap();
    until_shown(&console, "a", |screen| banner(screen).contains("LEDGER"));
    until_shown(&console, "a", |screen| toast(screen).contains("the ledger"));
    prlimit(Some(pid), Resource::Fsize, limit(None)).unwrap();
    console.until(|screen| !screen.contains("LEDGER"), "the banner to go");
    acknowledges(&machine, &console);
    machine.run(&["ledger", "verify"]).ok();
}

#[test]
fn a_disk_that_fills_up_while_it_runs_is_said_and_passes() {
    let machine = Scratch::new();
    // What is on the disk of the shell is seen by nobody else: files beside it tell what to do.
    let script = r#"mount -t tmpfs -o size=4m none "$XDG_STATE_HOME"
        "$QUELL" open --severity high "Orders are refused" >/dev/null
        ( until [ -e "$HOME/fill" ]; do sleep 0.05; done
          dd if=/dev/zero of="$XDG_STATE_HOME/fill" bs=4k 2>/dev/null || true
          touch "$HOME/full"
          while [ -e "$HOME/fill" ]; do sleep 0.05; done
          rm "$XDG_STATE_HOME/fill" ) &
        exec "$QUELL""#;
    let Some(command) = mounts::shell(&machine, script) else { return };
    let console = Pty::start(&command, 100, 30);
    console.shows("Orders are refused");
    let (fill, full) = (machine.path("home/fill"), machine.path("home/full"));
    std::fs::write(&fill, "").unwrap();
    eventually("the full disk", || full.exists().then_some(()));
    until_shown(&console, "a", |screen| banner(screen).contains("the disk"));
    assert!(console.screen().contains("Orders are refused"), "viewing goes on");
    std::fs::remove_file(&fill).unwrap();
    console.until(|screen| !screen.contains("LEDGER"), "the banner to go");
    until_shown(&console, "a", |screen| screen.contains("acknowledged"));
}
