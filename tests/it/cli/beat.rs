//! `quell beat`: a job says that it lives.

use crate::support::scratch::Scratch;

const BATCH: &str = "[[monitor]]\nkind = \"heartbeat\"\nname = \"batch\"\nwithin = \"10m\"\n\n\
                     [[monitor]]\nkind = \"tcp\"\nname = \"db\"\naddress = \"127.0.0.1:1\"\n";

#[test]
fn a_beat_is_kept_for_whoever_looks() {
    let machine = Scratch::with_config(BATCH);
    let said = machine.run(&["beat", "batch"]).ok();
    assert!(said.starts_with("batch beat at "), "{said}");
    let json = machine.run(&["--json", "beat", "batch"]).json();
    assert_eq!(json["monitor"], "batch");
    // Nothing of it is a record.
    let records = machine.run(&["ledger", "tail"]).ok();
    assert!(!records.contains("batch"), "{records}");
}

#[test]
fn a_beat_that_nobody_could_hear_is_refused() {
    let machine = Scratch::with_config(BATCH);
    machine.run(&["list"]);
    let live = machine.state().join("live.db");
    for suffix in ["", "-wal", "-shm"] {
        let _not_there = std::fs::remove_file(format!("{}{suffix}", live.display()));
    }
    std::fs::create_dir(&live).unwrap();
    let refused = machine.run(&["beat", "batch"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.stderr.contains("was not kept"), "{refused:?}");
}

#[test]
fn only_a_heartbeat_is_fed() {
    let machine = Scratch::with_config(BATCH);
    for name in ["db", "nobody", "\u{1b}[31m"] {
        let refused = machine.run(&["beat", name]);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(
            refused.stderr.contains("there are batch") && !refused.stderr.contains('\u{1b}'),
            "{refused:?}"
        );
    }
    let none = Scratch::with_config("operator = \"ana\"\n").run(&["beat", "batch"]);
    assert!(none.stderr.contains("kind = \"heartbeat\""), "{none:?}");
}
