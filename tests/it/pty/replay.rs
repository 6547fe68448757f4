//! A session is recorded and gone through again, where nothing acts; what is typed or sensitive is in no recording.

use std::os::unix::fs::PermissionsExt;

use crate::pty::given_back;
use crate::pty::screen::scratch_modes;
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::{
    Venue, ask_to_freeze, confirm_freeze, leave, names_account, until_shown, until_stage,
};
use crate::support::vt;

const SENSITIVE: &str = "sensitive = [\"account_id\"]\n";

/// Somebody freezes the account, types a note and drops another one, and leaves.
fn session(venue: &Venue, more: &str) -> (Scratch, String) {
    let machine = Scratch::with_config(&format!("{more}{}", venue.config()));
    let console = machine.console(&["--record", "night.quell"], 120, 40);
    console.shows("REC  ");
    ask_to_freeze(&console);
    confirm_freeze(&console);
    until_stage(&machine, "verified");
    console.shows("VERIFIED");
    console.keys("n").shows("note on");
    console.keys("\"canary-dropped\"").shows("canary-dropped");
    console.keys("esc").shows("Throw away");
    console.keys("y");
    console.until(|screen| !screen.contains("canary-dropped"), "the note to be dropped");
    console.keys("n").shows("note on");
    console.keys("\"canary-written\"").shows("> canary-written");
    console.keys("enter").shows("ana: canary-written");
    leave(&console);
    assert_eq!(console.finish().0.code, 0);
    let recorded = std::fs::read_to_string(machine.path("night.quell")).unwrap();
    (machine, recorded)
}

#[test]
fn a_session_is_seen_again_and_nothing_acts() {
    let venue = Venue::under_attack();
    let (machine, recorded) = session(&venue, "");
    let file = machine.path("night.quell");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(names_account(&recorded), "nothing is sensitive here");
    assert!(!recorded.contains("canary-dropped"), "what was typed");
    let typed =
        recorded.lines().filter(|line| line.contains("\"step\":{\"hand\"") && line.contains("canary"));
    assert_eq!(typed.count(), 0, "what was typed is there only as the ledger has it");

    let (requests, last) = (venue.server.requests().len(), machine.run(&["ledger", "tail", "-n", "1"]).ok());
    let before = scratch_modes();
    // Elsewhere: it needs no configuration and no ledger.
    let other = Scratch::new();
    let replay = Pty::start(&other.quell(&["replay", file.to_str().unwrap()]), 120, 40);
    replay.keys("space").shows("paused");
    replay.keys("G");
    let end = replay.shows("canary-written");
    assert!(end.contains("REPLAY ×1 20") && end.contains("freeze-account 88213 VERIFIED"), "{end}");
    replay
        .keys("g")
        .until(|screen| screen.contains("0:00 of") && !screen.contains("VERIFIED"), "the beginning");
    replay.keys("+ +").shows("REPLAY ×16");
    until_shown(&replay, "right", |screen| screen.contains("Type 88213 and press Enter"));
    let asked = replay.screen();
    assert!(
        asked.contains("Type 88213 and press Enter") && asked.contains("/admin/accounts/88213/freeze"),
        "{asked}"
    );
    until_shown(&replay, "right", |screen| screen.lines().any(|line| line.trim() == "> *****"));
    // The keys of the console mean nothing here.
    replay.keys("enter a c enter").resize(80, 24);
    replay.shows("Type 88213 and press Enter");
    vt::assert_only_allowed(&replay.whole_bytes());
    replay.keys("q");
    assert_eq!(replay.finish().0.code, 0);
    given_back(&replay, &before);
    assert_eq!((venue.freezes(), venue.server.requests().len()), (1, requests));
    assert_eq!(machine.run(&["ledger", "tail", "-n", "1"]).ok(), last);
    assert!(!other.state().exists(), "it leaves nothing");
}

#[test]
fn what_is_sensitive_is_in_no_recording_though_it_was_seen_and_typed() {
    let venue = Venue::under_attack();
    let (machine, recorded) = session(&venue, SENSITIVE);
    let said: Vec<&str> = recorded.lines().filter(|line| names_account(line)).collect();
    assert!(said.is_empty(), "{said:?}");
    let replay = machine.console(&["replay", "night.quell"], 120, 40);
    replay.keys("space").shows("paused");
    replay.keys("G").shows("freeze-account **** VERIFIED");
    replay.keys("q");
    assert_eq!(replay.finish().0.code, 0);
    let summary = machine.run(&["replay", "night.quell", "--json"]).json();
    assert_eq!((&summary["operator"], &summary["cut"]), (&"ana".into(), &false.into()));
}

#[test]
fn a_recording_takes_the_place_of_a_recording_and_of_nothing_else() {
    let machine = Scratch::new();
    std::fs::write(machine.path("notes.txt"), "mine\n").unwrap();
    let refused = machine.run(&["--record", "notes.txt"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("notes.txt exists and is no recording of yours; name another file"),
        "{refused:?}"
    );
    assert_eq!(std::fs::read_to_string(machine.path("notes.txt")).unwrap(), "mine\n");
    let misplaced = machine.run(&["--record", "x.quell", "list"]);
    assert_eq!(misplaced.code, Some(2), "{misplaced:?}");

    let record = || {
        let console = machine.console(&["--record", "x.quell"], 80, 24);
        console.shows("REC  ");
        leave(&console);
        console.finish();
        machine.run(&["replay", "x.quell", "--json"]).json()
    };
    let (first, again) = (record(), record());
    assert!(first["steps"].as_u64() > Some(0) && again["steps"].as_u64() > Some(0));
    std::os::unix::fs::symlink("x.quell", machine.path("link")).unwrap();
    assert_eq!(machine.run(&["--record", "link"]).code, Some(2), "a link is another's file");
}

#[test]
fn a_recording_is_kept_until_another_one_begins_there_and_two_never_write_into_one() {
    let machine = Scratch::new();
    let file = || std::fs::read(machine.path("x.quell")).unwrap();
    let without = machine.run(&["--record", "x.quell"]);
    assert!(without.code == Some(2) && without.stderr.contains("needs a terminal"), "{without:?}");
    assert!(!machine.path("x.quell").exists(), "nothing is made where nothing is recorded");
    // One that was emptied, as by a full disk, is free.
    std::fs::write(machine.path("x.quell"), "").unwrap();
    let console = machine.console(&["--record", "x.quell"], 80, 24);
    console.shows("REC  ");
    let second = machine.run(&["--record", "x.quell"]);
    let says = "x.quell is being recorded by another quell; name another file";
    assert!(second.code == Some(2) && second.stderr.contains(says), "{second:?}");
    leave(&console);
    console.finish();
    assert_eq!(machine.run(&["replay", "x.quell", "--json"]).json()["cut"], false);

    let recorded = file();
    for refused in [machine.run(&["--record", "x.quell"]), machine.run(&["demo", "--record", "x.quell"])] {
        assert!(refused.code == Some(2) && refused.stderr.contains("needs a terminal"), "{refused:?}");
        assert!(file() == recorded, "what was recorded is gone though nothing came in its place");
    }
}

#[test]
fn a_file_that_cannot_be_replayed_says_what_to_do() {
    let machine = Scratch::new();
    let console = machine.console(&["--record", "x.quell"], 80, 24);
    console.shows("REC  ");
    leave(&console);
    console.finish();
    let whole = std::fs::read_to_string(machine.path("x.quell")).unwrap();
    let replay = |text: &str| {
        std::fs::write(machine.path("y.quell"), text).unwrap();
        machine.run(&["replay", "y.quell", "--json"])
    };
    let lines: Vec<&str> = whole.lines().collect();
    let damaged = [&[lines[0], lines[1], "{\"at\":1}"][..], &lines[2..]].concat().join("\n") + "\n";
    let newer = whole.replacen("\"version\":1", "\"version\":2", 1);
    let other = damaged.replacen(
        &format!("\"program\":\"{}\"", quell::domain::version::VERSION),
        "\"program\":\"9.0.0\"",
        1,
    );
    for (text, says) in [
        (
            damaged.as_str(),
            "line 3 of y.quell cannot be read: it is damaged there; what comes before can be replayed: head -n 2",
        ),
        (&newer, "a recording of format 2, made by quell"),
        (&other, "it was made by quell 9.0.0, and this is"),
        ("{\"a\":1}\n", "y.quell is no recording of quell; quell --record FILE makes one"),
        ("", "is no recording of quell"),
    ] {
        let refused = replay(text);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.stderr.contains(says), "{says}: {refused:?}");
    }
    let cut = replay(&whole[..whole.len() - 5]).json();
    assert_eq!((cut["cut"].as_bool(), cut["steps"].as_u64()), (Some(true), Some(lines.len() as u64 - 2)));
    assert_eq!(machine.run(&["replay", "nowhere"]).code, Some(2));
    let without = machine.run(&["replay", "x.quell"]);
    assert_eq!(without.code, Some(2), "there is no terminal: {without:?}");
}
