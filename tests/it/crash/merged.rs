//! A quell that dies between the two sides of a merge: whatever of it has reached the disk by then.

use std::path::Path;

use rusqlite::Connection;

use crate::support::scratch::Scratch;

const CONFIG: &str = "operator = \"ana\"\nids = \"ANA\"\n";
/// What a page takes in the journal, and what stands before the first one.
const PAGE: usize = 4096 + 24;
const HEAD: usize = 32;

/// The sides of merges that stand in a ledger.
fn sides(reader: &Connection) -> usize {
    let query = "SELECT count(*) FROM records WHERE instr(bytes, '\"tied\"') > 0";
    reader.query_row(query, [], |row| row.get(0)).unwrap()
}

/// A ledger before a merge, and the journal that grows while it is written: first without it, then with all of it.
fn merged() -> (Vec<u8>, usize, Vec<u8>) {
    let machine = Scratch::with_config(CONFIG);
    for title in ["Orders are late", "Orders are late too"] {
        machine.run(&["open", "--severity", "high", title]).ok();
    }
    let ledger = machine.state().join("ledger.db");
    // While somebody reads, the journal stays as it was written.
    let reader = Connection::open(&ledger).unwrap();
    assert_eq!(sides(&reader), 0);
    machine.run(&["note", "1", "the last thing before it"]).ok();
    let journal = || std::fs::read(ledger.with_extension("db-wal")).unwrap();
    let before = journal().len();
    machine.run(&["merge", "1", "2"]).ok();
    assert_eq!(sides(&reader), 2);
    (std::fs::read(&ledger).unwrap(), before, journal())
}

/// Puts a ledger here as a process left it that died with so much of its journal written.
fn left(state: &Path, ledger: &[u8], journal: &[u8]) {
    for name in ["ledger.db-shm", "live.db", "live.db-wal", "live.db-shm"] {
        drop(std::fs::remove_file(state.join(name)));
    }
    std::fs::write(state.join("ledger.db"), ledger).unwrap();
    std::fs::write(state.join("ledger.db-wal"), journal).unwrap();
}

#[test]
fn whoever_dies_at_any_page_of_a_merge_leaves_both_sides_or_neither() {
    let (ledger, before, journal) = merged();
    let machine = Scratch::with_config(CONFIG);
    machine.run(&["list"]).ok();
    let (state, mut torn, mut last) = (machine.state(), 0, 0);
    let pages = (HEAD..journal.len()).step_by(PAGE).filter(|end| *end >= before);
    // After each page, and in the middle of the next one.
    for written in pages.flat_map(|end| [end, end + PAGE / 2]).chain([journal.len()]) {
        left(&state, &ledger, &journal[..written]);
        let said = machine.run(&["ledger", "verify"]).ok();
        assert!(said.contains("every link holds"), "{written} of {}: {said}", journal.len());
        let open = machine.run(&["list", "--json"]).json()["incidents"].as_array().unwrap().len();
        let sides = sides(&Connection::open(state.join("ledger.db")).unwrap());
        assert!([(0, 2), (2, 1)].contains(&(sides, open)), "{sides} of 2 after {written} bytes, {open} open");
        torn += usize::from(sides == 0);
        last = sides;
    }
    assert_eq!(last, 2);
    assert!(torn > 4, "{torn} died with a part of it written");
}
