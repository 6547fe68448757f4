//! A quell that dies between the two sides of a merge, after any page that it writes.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::support::scratch::{Scratch, run};

/// The journal is longer than any other file that is written meanwhile, so that only it meets the limit.
const LONGEST: u64 = 400_000;
/// What a page takes in the journal.
const PAGE: u64 = 4096 + 24;
/// A merge writes fewer.
const PAGES: u64 = 100;

fn journal(ledger: &Path) -> PathBuf {
    ledger.with_extension("db-wal")
}

fn length(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |file| file.len())
}

/// The sides of merges that stand in the ledger.
fn sides(reader: &Connection) -> u64 {
    let query = "SELECT count(*) FROM records WHERE instr(bytes, '\"tied\"') > 0";
    reader.query_row(query, [], |row| row.get(0)).unwrap()
}

#[test]
fn whoever_dies_at_any_page_of_a_merge_leaves_both_sides_or_neither() {
    let machine = Scratch::with_config("operator = \"ana\"\nids = \"ANA\"\n");
    for title in ["Orders are late", "Orders are late too"] {
        machine.run(&["open", "--severity", "high", title]).ok();
    }
    let ledger = machine.state().join("ledger.db");
    // While somebody reads, the journal stays.
    let reader = Connection::open(&ledger).unwrap();
    assert_eq!(sides(&reader), 0);
    while length(&journal(&ledger)) < LONGEST {
        machine.run(&["note", "1", &"late ".repeat(2000)]).ok();
    }
    let began = length(&journal(&ledger));
    let quell = machine.quell(&[]).get_program().to_str().unwrap().to_owned();
    let (mut torn, mut done) = (0, false);
    for page in 0..PAGES {
        let limit = format!("--fsize={}", began + page * PAGE);
        // Whoever started the tests may have it ignore the signal that ends it there.
        let dies = ["--default-signal=XFSZ", "prlimit", &limit, "--", &quell, "merge", "1", "2"];
        let ran = run(&mut machine.program("env", &dies));
        done = ran.code == Some(0);
        if done {
            break;
        }
        assert_eq!((ran.code, sides(&reader)), (None, 0), "it died after {page} pages: {ran:?}");
        torn += u32::from(length(&journal(&ledger)) > began);
    }
    assert!(done && torn > 2, "{torn} died with a part of it in the journal");
    assert_eq!(sides(&reader), 2);
    assert!(machine.run(&["ledger", "verify"]).ok().contains("every link holds"));
    let merged = machine.run(&["show", "1", "--json"]).json();
    assert_eq!(
        merged["incident"]["merged"]["into"],
        machine.run(&["show", "2", "--json"]).json()["incident"]["id"]
    );
}
