//! A disk that is full, read-only, limited, or lies about what it has written: zero bytes leave for the target.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::crash::invariants;
use crate::support::exchange::Exchange;
use crate::support::scratch::{Ran, Scratch, run};
use crate::support::{eventually, mounts, real};

/// A target that answers nobody and knows whether anybody came, and a machine that may act on it.
struct Target {
    listener: TcpListener,
    machine: Scratch,
}

const CONTAIN: [&str; 5] = ["contain", "1", "freeze-account", "--confirm-target", "88213"];
const OPEN: [&str; 6] =
    ["open", "--severity", "high", "Log-ins from four countries", "--label", "account_id=88213"];

impl Target {
    fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let config = format!(
            r#"operator = "ana"
ids = "ANA"
[actions]
enabled = true
[[api]]
name = "exchange"
url = "http://{}"
[[playbook]]
id = "freeze-account"
title = "Freeze account"
when = "label:account_id"
blast = "one customer can no longer trade"
target = "account"
confirm = "type-target"
[[playbook.parameter]]
name = "account"
from = "label:account_id"
allow = "^[0-9]{{4,12}}$"
[playbook.do]
http = {{ api = "exchange", method = "POST", path = "/admin/accounts/{{{{account}}}}/freeze" }}
"#,
            listener.local_addr().unwrap()
        );
        Self { listener, machine: Scratch::with_config(&config) }
    }

    /// Whether anybody has connected since this was asked last.
    fn was_called(&self) -> bool {
        match self.listener.accept() {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// The same containment reaches it once nothing is in its way.
    fn is_called_without_the_fault(&self) {
        let mut contain = self.machine.quell(&CONTAIN);
        let mut contain = contain.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("the call", || self.was_called().then_some(()));
        contain.kill().unwrap();
        contain.wait().unwrap();
    }

    fn refused(&self, ran: &Ran) {
        assert_eq!(ran.code, Some(3), "{ran:?}");
        assert!(ran.stderr.starts_with("error: the ledger ") && ran.stderr.contains("disk"), "{ran:?}");
        assert!(!self.was_called(), "something left: {ran:?}");
    }
}

/// The same command, whose every sync from this one on fails.
fn unsynced(command: &Command, from: u32) -> Option<Command> {
    let strace = real::strace()?;
    let inject = format!("inject=fdatasync,fsync:error=EIO:when={from}+");
    let mut traced = Command::new(strace);
    traced.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e", &inject, "--"]);
    traced.arg(command.get_program()).args(command.get_args()).env_clear();
    traced.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Some(traced)
}

#[test]
fn where_nothing_can_be_made_durable_zero_bytes_leave() {
    let target = Target::new();
    target.machine.run(&OPEN).ok();
    let Some(mut contain) = unsynced(&target.machine.quell(&CONTAIN), 1) else { return };
    target.refused(&run(&mut contain));
    target.machine.run(&["ledger", "verify"]).ok();
    // What the disk did not promise is there or not; nobody takes it for sent.
    target.machine.run(&["list"]).ok();
    let shown = target.machine.run(&["show", "1"]).ok();
    assert!(!shown.contains("action #1") || shown.contains("NOT SENT"), "{shown}");
    target.is_called_without_the_fault();
}

#[test]
fn whichever_sync_is_the_first_to_fail_nothing_is_done_that_is_not_written_down() {
    let exchange = Exchange::start();
    let machine = exchange.machine("2s", "");
    let mut reached = 0;
    for from in 1..=6 {
        let account = (90_000 + from).to_string();
        exchange.ask("PUT", &format!("/admin/accounts/{account}"), "");
        let label = format!("account_id={account}");
        let id = machine.run(&["open", "--severity", "high", "Log-ins", "--label", &label]).ok();
        let contain = ["contain", id.trim(), "freeze-account", "--confirm-target", &account];
        let Some(mut contain) = unsynced(&machine.quell(&contain), from) else { return };
        let ran = run(&mut contain);
        // Refused, or sent with nowhere to write down what came of it, or all was written before the disk went.
        assert!(matches!(ran.code, Some(0 | 3 | 4)), "{ran:?}");
        let effects = exchange.effects("freeze", &account);
        assert!(ran.code != Some(3) || effects == 0, "refused and done: {ran:?}");
        machine.run(&["list"]).ok();
        invariants::hold(&machine.state().join("ledger.db"), &exchange, "freeze", &account);
        reached += effects;
    }
    assert!(reached > 0, "each of them was refused: that shows nothing");
}

/// What a script in a shell of [`mounts`] printed, or `None` where there can be none.
fn script(target: &Target, script: &str) -> Option<String> {
    let mut shell = mounts::shell(&target.machine, script)?;
    Some(run(&mut shell).ok())
}

#[test]
fn on_a_full_disk_changes_are_refused_viewing_goes_on_and_with_room_it_goes_on_by_itself() {
    let target = Target::new();
    let Some(said) = script(
        &target,
        r#"mount -t tmpfs -o size=2m none "$XDG_STATE_HOME"
           "$QUELL" open --severity high "Log-ins from four countries" --label account_id=88213
           dd if=/dev/zero of="$XDG_STATE_HOME/fill" bs=4k 2>/dev/null || true
           "$QUELL" contain 1 freeze-account --confirm-target 88213 2>&1 >/dev/null || echo "contain: $?"
           "$QUELL" note 1 seen 2>&1 || echo "note: $?"
           "$QUELL" list
           "$QUELL" ledger verify
           rm "$XDG_STATE_HOME/fill"
           "$QUELL" note 1 "there is room" && "$QUELL" ledger verify"#,
    ) else {
        return;
    };
    assert!(said.contains("contain: 3\n") && said.contains("note: 3\n"), "{said}");
    assert!(said.contains("error: the ledger ") && said.contains("disk"), "{said}");
    assert!(said.contains("HIGH  ANA-1") && said.contains("1 records, every link holds"), "{said}");
    assert!(said.contains("2 records, every link holds"), "{said}");
    assert!(!target.was_called(), "{said}");
}

#[test]
fn on_a_read_only_disk_changes_are_refused_and_viewing_goes_on() {
    let target = Target::new();
    target.machine.run(&OPEN).ok();
    let Some(said) = script(
        &target,
        r#"mount --bind "$XDG_STATE_HOME" "$XDG_STATE_HOME"
           mount -o remount,ro,bind "$XDG_STATE_HOME"
           "$QUELL" contain 1 freeze-account --confirm-target 88213 2>&1 >/dev/null || echo "contain: $?"
           "$QUELL" note 1 seen 2>&1 || echo "note: $?"
           "$QUELL" list
           "$QUELL" show 1"#,
    ) else {
        return;
    };
    assert!(said.contains("contain: 3\n") && said.contains("note: 3\n"), "{said}");
    assert!(said.contains("HIGH  ANA-1") && said.contains("Log-ins from four countries"), "{said}");
    assert!(said.contains("warning: nothing new is taken in: the ledger "), "{said}");
    assert!(!target.was_called(), "{said}");
    target.is_called_without_the_fault();
}

#[test]
fn a_limit_on_the_size_of_files_is_a_refusal_and_not_the_end() {
    let target = Target::new();
    target.machine.run(&OPEN).ok();
    let quell = env!("CARGO_BIN_EXE_quell");
    let limited = |arguments: &[&str]| {
        let arguments = [&["--fsize=4096", "--", quell][..], arguments].concat();
        run(&mut target.machine.program("prlimit", &arguments))
    };
    target.refused(&limited(&CONTAIN));
    assert!(limited(&["list"]).ok().contains("HIGH  ANA-1"));
    target.is_called_without_the_fault();
}

#[test]
fn a_log_that_takes_nothing_keeps_nobody_from_anything() {
    let (machine, _) = super::machine();
    let log = machine.state().join("quell.log");
    std::fs::remove_file(&log).unwrap();
    std::os::unix::fs::symlink("/dev/full", &log).unwrap();
    machine.run(&["note", "1", "seen"]).ok();
    std::fs::remove_file(&log).unwrap();
    std::fs::create_dir(&log).unwrap();
    machine.run(&["note", "1", "seen"]).ok();
    let doctor = machine.run(&["doctor"]);
    assert!(doctor.stdout.contains("not available log: "), "{doctor:?}");
}

#[test]
fn with_hardly_any_files_to_open_it_says_why_and_is_no_bug() {
    let target = Target::new();
    target.machine.run(&OPEN).ok();
    for files in [8, 12, 16, 20, 24] {
        let limit = format!("--nofile={files}");
        let arguments = [&[&limit, "--", env!("CARGO_BIN_EXE_quell")][..], &["note", "1", "seen"]].concat();
        let ran = run(&mut target.machine.program("prlimit", &arguments));
        assert!(matches!(ran.code, Some(0 | 2 | 3)), "{files}: {ran:?}");
        assert!(!ran.stderr.contains("bug"), "{files}: {ran:?}");
    }
    target.machine.run(&["ledger", "verify"]).ok();
}
