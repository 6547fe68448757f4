//! `quell evidence`: kept, listed with custody, read, exported, and damage that is said.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::support::real::Python;
use crate::support::scratch::{Ran, Scratch};

const CONTENT: &str = "203.0.113.7 - - \"GET /admin\" 200 \u{1b}[2J\n";

/// A machine with one incident and one kept file.
fn machine() -> (Scratch, String) {
    let machine = Scratch::with_config("operator = \"ana\"\nids = \"ANA\"\n");
    machine.run(&["open", "--severity", "high", "Logins from nowhere"]).ok();
    std::fs::write(machine.path("access.log"), CONTENT).unwrap();
    let note = "copied from gw-2 \u{1b}[31m";
    let added = machine.run(&["evidence", "add", "1", "access.log", "--note", note, "--json"]).json();
    assert_eq!(
        (&added["id"], &added["name"], &added["bytes"]),
        (&"ANA-1".into(), &"access.log".into(), &CONTENT.len().into())
    );
    (machine, added["sha256"].as_str().unwrap().to_owned())
}

/// Runs quell with something piped in.
fn piped(machine: &Scratch, arguments: &[&str], content: &[u8]) -> Ran {
    let mut command = machine.quell(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(content).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn what_is_kept_is_listed_with_whose_hands_it_went_through() {
    let (machine, sha256) = machine();
    let shown = machine.run(&["evidence", "show", &sha256[..12]]).ok();
    assert_eq!(shown, "203.0.113.7 - - \"GET /admin\" 200 \\x1b[2J\n");
    let whole = machine.run(&["evidence", "show", &sha256, "--json"]).json();
    assert_eq!((whole["text"].as_str(), whole["sha256"].as_str()), (Some(CONTENT), Some(sha256.as_str())));
    machine.run(&["evidence", "export", "1", "--to", "one.tar"]).ok();
    let list = machine.run(&["evidence", "list", "1", "--json"]).json();
    let piece = &list["evidence"][0];
    assert_eq!(piece["evidence"]["sha256"], sha256);
    let deeds: Vec<&Value> = piece["custody"].as_array().unwrap().iter().map(|one| &one["deed"]).collect();
    assert_eq!(deeds, ["kept", "read", "read"]);
    assert_eq!(list["exported"][0]["to"], machine.path("one.tar").to_str().unwrap());
    let lines = machine.run(&["evidence", "list", "1"]).ok();
    assert!(lines.starts_with(&format!("{sha256}  access.log (file, {} bytes)\n", CONTENT.len())), "{lines}");
    assert!(lines.contains("copied from gw-2 \\x1b[31m\n") && lines.contains("read by ana"), "{lines}");
    let tail = machine.run(&["ledger", "tail"]).ok();
    assert!(tail.contains("ana read evidence") && tail.contains("ana exported ANA-1"), "{tail}");
}

#[test]
fn what_is_piped_in_is_kept_and_what_is_no_text_is_not_shown_as_such() {
    let (machine, _) = machine();
    let added =
        piped(&machine, &["evidence", "add", "1", "-", "--name", "dump"], b"\xff\x00\x1b]0;x\x07").ok();
    assert!(added.starts_with("ANA-1 keeps dump, 8 bytes, SHA-256 "), "{added}");
    let sha256 = added.trim_end().rsplit(' ').next().unwrap();
    let shown = machine.run(&["evidence", "show", sha256]).ok();
    assert!(shown.starts_with("8 bytes that are no text"), "{shown}");
    let large = vec![b'x'; (16 << 20) + 1];
    std::fs::write(machine.path("large"), &large).unwrap();
    let refused = machine.run(&["evidence", "add", "1", "large"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("at most 16 MiB are kept"), "{refused:?}");
    for wrong in [
        &["evidence", "add", "1", "nowhere"][..],
        &["evidence", "show", "0123"],
        &["evidence", "show", "../../x"],
    ] {
        assert_eq!(machine.run(wrong).code, Some(2), "{wrong:?}");
    }
    assert_eq!(machine.run(&["evidence", "show", "0123456789"]).code, Some(1));
    assert_eq!(machine.run(&["evidence", "add", "9", "access.log"]).code, Some(1));
}

#[test]
fn an_export_is_the_same_twice_and_proves_itself() {
    let Some(python) = Python::find() else { return };
    let (machine, sha256) = machine();
    machine.run(&["note", "1", "one more"]).ok();
    let export =
        |to: &str| machine.run(&["evidence", "export", "1", "--to", to, "--json"]).json()["sha256"].clone();
    assert_eq!(
        export("one.tar"),
        export("two.tar"),
        "neither reading nor exporting changes what is exported"
    );
    let again = machine.run(&["evidence", "export", "1", "--to", "one.tar"]);
    assert_eq!(again.code, Some(2), "{again:?}");
    let named = machine.run(&["evidence", "export", "1"]).ok();
    assert!(named.contains("/quell-evidence-ANA-1-2"), "{named}");
    python.unpack(&machine.path("one.tar"), &machine.path("home"));
    let folder = machine.path("home/quell-evidence-ANA-1");
    let said = python.run(&folder.join("verify.py")).ok();
    assert!(said.starts_with("OK: 10 files, 3 records; integrity: local only"), "{said}");
    assert_eq!(std::fs::read_to_string(folder.join("raw").join(&sha256)).unwrap(), CONTENT);
    let custody = std::fs::read_to_string(folder.join("custody.csv")).unwrap();
    assert!(custody.contains(&format!(",kept,{sha256},ana,")), "{custody}");
    let configuration = std::fs::read_to_string(folder.join("config.redacted.toml")).unwrap();
    assert!(configuration.contains("ids = \"ANA\""), "{configuration}");
    assert!(std::fs::read_to_string(folder.join("timeline.md")).unwrap().contains("one more"));
}

#[test]
fn damage_is_said_and_nothing_is_written_over() {
    let Some(python) = Python::find() else { return };
    let (machine, sha256) = machine();
    let file = machine.state().join("evidence").join(&sha256[..2]).join(&sha256);
    std::fs::write(&file, "something else").unwrap();
    for command in [&["evidence", "show", &sha256][..], &["evidence", "add", "1", "access.log"]] {
        let refused = machine.run(command);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains("is not as it was kept"), "{refused:?}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "something else");
    let exported = machine.run(&["evidence", "export", "1", "--to", "one.tar"]).ok();
    assert!(exported.contains("LEFT OUT: the evidence"), "{exported}");
    python.unpack(&machine.path("one.tar"), &machine.path("home"));
    let verified = python.run(&machine.path("home/quell-evidence-ANA-1/verify.py"));
    assert_eq!(
        (verified.code, verified.stdout),
        (Some(1), format!("FAIL raw/{sha256}: record 2 names it, and it is not here\n"))
    );
}
