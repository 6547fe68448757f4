//! A file with damage anywhere: it is opened, or read as far as that goes, and never changed by that.

use std::path::Path;

use proptest::prelude::*;
use quell::ledger::Ledger;
use rusqlite::{Connection, OpenFlags};

use super::{block, folder, written};
use crate::support::eventually;

/// What is done to a file.
#[derive(Clone, Debug)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Garble(prop::sample::Index, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (any::<prop::sample::Index>(), 0u8..8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        1 => any::<prop::sample::Index>().prop_map(Damage::Cut),
        2 => (any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 1..200))
            .prop_map(|(at, bytes)| Damage::Garble(at, bytes)),
    ]
}

impl Damage {
    fn done_to(&self, file: &mut Vec<u8>) {
        match self {
            Self::Flip(at, bit) => {
                let at = at.index(file.len());
                file[at] ^= 1 << bit;
            }
            Self::Cut(at) => file.truncate(at.index(file.len())),
            Self::Garble(at, bytes) => {
                let at = at.index(file.len());
                file.iter_mut().skip(at).zip(bytes).for_each(|(byte, other)| *byte = *other);
            }
        }
    }
}

/// Ends a ledger, and waits until nobody has its file open and all of it stands in that: beside it there would be a log
/// in which most of the records are whole.
fn alone(file: &Path, ledger: Ledger) {
    drop(ledger);
    eventually("the ledger to be closed", || {
        let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let open = open.filter_map(|fd| std::fs::read_link(fd.path()).ok());
        open.into_iter().all(|target| target != file).then_some(())
    });
    let direct = Connection::open(file).unwrap();
    let held: u32 = direct.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
    assert_eq!(held, 0, "somebody holds it");
    drop(direct);
    assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "only the file is left");
}

/// Every record that can be read of the file as it lies there.
fn readable(file: &Path) -> Vec<(u64, Vec<u8>)> {
    let uri = format!("file:{}?immutable=1", file.display());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let Ok(file) = Connection::open_with_flags(uri, flags) else { return Vec::new() };
    let Ok(mut statement) = file.prepare("SELECT seq, bytes FROM records ORDER BY seq") else {
        return Vec::new();
    };
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map_while(Result::ok).collect()
}

#[test]
fn what_stands_beside_the_records_and_cannot_be_read_is_made_again_and_never_left_out() {
    let (_folder, file) = folder();
    drop(block(written(&file, 3)));
    let direct = Connection::open(&file).unwrap();
    direct.execute_batch("UPDATE incidents SET state = '{'").unwrap();
    drop(direct);
    let ledger = Ledger::open(&file, "ANA").unwrap();
    let (_, incidents) = block(ledger.incidents(chrono::DateTime::UNIX_EPOCH)).unwrap();
    assert_eq!(incidents.len(), 1);
    assert_eq!(block(ledger.incident(&incidents[0].id)).unwrap(), Some(incidents[0].clone()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn damage_anywhere_keeps_nobody_from_looking_and_the_file_is_kept(damage in damage()) {
        let (_folder, file) = folder();
        let (ledger, written) = block(async {
            let ledger = written(&file, 30).await;
            let written = ledger.records(1, 1000).await.unwrap();
            (ledger, written)
        });
        alone(&file, ledger);
        let mut bytes = std::fs::read(&file).unwrap();
        damage.done_to(&mut bytes);
        std::fs::write(&file, &bytes).unwrap();
        let before = readable(&file);
        let ledger = block(Ledger::open_at_any_rate(&file, "ANA")).unwrap();
        let incidents = block(ledger.incidents(chrono::DateTime::UNIX_EPOCH));
        let records = block(ledger.records(1, 1000));
        if let Some(why) = ledger.trouble() {
            // Read as far as that goes, from a copy: that never fails, and whatever it shows was written so.
            prop_assert!(incidents.is_ok(), "{why}: {incidents:?}");
            let records = records.unwrap();
            prop_assert_eq!(Some(&records[..]), written.get(..records.len()));
            // What is beside the records may have been rebuilt before that was seen.
            prop_assert_eq!(readable(&file), before, "{}", why);
        }
    }
}
