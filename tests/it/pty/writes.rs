//! What the real binary writes to its terminal, one call of the kernel after the other.

use std::path::PathBuf;
use std::process::Command;

use crate::support::pty::Pty;
use crate::support::real;
use crate::support::venue::{Venue, critical, leave, until_shown};
use crate::support::vt;

const COLUMNS: u16 = 120;
const ROWS: u16 = 40;

/// The same command, which tells every write of it; none where nobody can watch it.
fn traced(command: &Command, log: &PathBuf) -> Option<Command> {
    let mut traced = Command::new(real::strace()?);
    traced.args(["-f", "-qq", "-xx", "-y", "-s", "1000000", "-e", "trace=write,writev", "-e", "signal=none"]);
    traced.arg("-o").arg(log).arg("--").arg(command.get_program()).args(command.get_args()).env_clear();
    traced.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    traced.current_dir(command.get_current_dir()?);
    Some(traced)
}

/// What was written to the terminal, write by write. Panics where one was not taken whole.
fn writes(log: &str) -> Vec<Vec<u8>> {
    let terminal: String = "/dev/pts/".bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    let mut done: Vec<Vec<u8>> = Vec::new();
    // Of each thread, what it is writing there.
    let mut begun: std::collections::BTreeMap<&str, Vec<u8>> = Default::default();
    for line in log.lines() {
        let (thread, call) = line.split_once(' ').unwrap();
        let call = call.trim_start();
        let to = call.split_once(", ").map_or("", |(to, _)| to);
        assert!(!to.starts_with("writev(") || !to.contains(&terminal), "{line}");
        let (bytes, rest) = if to.starts_with("write(") && to.contains(&terminal) {
            let (_, call) = call.split_once(", \"").unwrap();
            let (hex, rest) = call.split_once('"').unwrap();
            let bytes = hex.split("\\x").skip(1).map(|byte| u8::from_str_radix(byte, 16).unwrap());
            (bytes.collect(), rest)
        } else if let Some(rest) = call.strip_prefix("<... write resumed>") {
            let Some(bytes) = begun.remove(thread) else { continue };
            (bytes, rest)
        } else {
            continue;
        };
        match rest.rsplit_once(" = ") {
            Some((_, taken)) => {
                assert_eq!(taken.parse(), Ok(bytes.len()), "all of it at once: {line}");
                done.push(bytes);
            }
            None => drop(begun.insert(thread, bytes)),
        }
    }
    done
}

fn cells(screen: &vt100::Parser) -> Vec<String> {
    screen.screen().rows_formatted(0, COLUMNS).collect()
}

#[test]
fn a_frame_is_one_write_and_each_of_them_changes_what_is_seen() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let log = scratch.path("writes");
    let mut quell = scratch.quell(&[]);
    // Of a terminal that is told where a frame begins and ends.
    let Some(traced) = traced(quell.env("TERM", "foot"), &log) else { return };
    let console = Pty::start(&traced, COLUMNS, ROWS);
    console.shows("c contain");
    console.keys("?").shows("keys");
    console.keys("esc").shows("c contain");
    venue.fire(&["GatewayDown", "LedgerMismatch"].map(critical));
    console.until(|screen| screen.contains("CRIT 3"), "two others");
    until_shown(&console, "n", |screen| screen.contains("note on"));
    console.keys("\"a note\"").shows("> a note");
    // Nothing comes of these.
    console.keys("f5 ctrl-g").send(b"\x1b[?1;2c\x1b[I\x1b[I");
    console.keys("esc").shows("Throw away");
    console.keys("y").until(|screen| !screen.contains("note on"), "the list alone");
    leave(&console);
    let (_, bytes) = console.finish();

    let writes = writes(&std::fs::read_to_string(&log).unwrap());
    assert_eq!(writes.concat(), bytes, "there is no other way to the terminal");
    let mut screen = vt100::Parser::new(ROWS.try_into().unwrap(), COLUMNS.try_into().unwrap(), 0);
    let mut held_back = 0;
    for write in &writes {
        let text = String::from_utf8_lossy(write);
        assert!(vt::is_whole(write), "{text:?}");
        let before = cells(&screen);
        screen.process(write);
        // Taken over, given back; a title, a bell.
        if text.contains("\x1b[?1049") || text.starts_with("\x1b]") || text == "\x07" {
            continue;
        }
        assert_ne!(cells(&screen), before, "written for nothing: {text:?}");
        if text.contains("2026") {
            assert!(text.starts_with("\x1b[?2026h") && text.ends_with("\x1b[?2026l"), "{text:?}");
            assert_eq!(text.matches("\x1b[?2026").count(), 2, "one frame: {text:?}");
            held_back += 1;
        }
    }
    assert!(held_back >= 5, "{held_back} of {} writes", writes.len());
}
