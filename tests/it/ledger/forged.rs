//! Whoever has the file and time, and forges it: `verify` names the first record that is not as it was written.

use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::Index;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::record::Entry;
use quell::domain::text::Outside;
use quell::ledger::chain::{Verdict, link, verify};
use quell::ledger::{Draft, Ledger};
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::{ana, at, block, folder, note, opening, written};

/// A row as a forger sees it.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    seq: i64,
    incident: Value,
    bytes: Vec<u8>,
    hash: Vec<u8>,
}

/// The whole file of a ledger with two incidents and a few records of none.
fn honest() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let (_folder, file) = folder();
        block(async {
            let ledger = written(&file, 4).await;
            let second = ledger.append(vec![Draft::opening(ana(), at(9), opening("tokens"))]).await.unwrap();
            let second = second[0].record.incident.clone().unwrap();
            for n in 0..4 {
                let text = Outside::new(format!("nothing answers, {n}"));
                let notice = Notice::new(NoticeKind::Blind, None, text);
                ledger
                    .append(vec![Draft::console(ana(), at(10 + n), Entry::NoticeRaised(notice))])
                    .await
                    .unwrap();
                ledger
                    .append(vec![Draft::of(&second, ana(), at(10 + n), note("ünïcode \u{1b}[31m"))])
                    .await
                    .unwrap();
            }
        });
        let direct = Connection::open(&file).unwrap();
        direct.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        direct.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).unwrap();
        drop(direct);
        std::fs::read(&file).unwrap()
    })
}

fn rows(file: &Path) -> Option<Vec<Row>> {
    let direct = Connection::open(file).ok()?;
    let mut all = direct.prepare("SELECT seq, incident, bytes, hash FROM records ORDER BY seq").ok()?;
    let row = |row: &rusqlite::Row<'_>| {
        Ok(Row { seq: row.get(0)?, incident: row.get(1)?, bytes: row.get(2)?, hash: row.get(3)? })
    };
    all.query_map([], row).ok()?.collect::<Result<_, _>>().ok()
}

/// The rows of an honest ledger.
fn originals() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let (_folder, file) = folder();
        std::fs::write(&file, honest()).unwrap();
        rows(&file).unwrap()
    })
}

/// Puts these rows in the place of all others, and checks.
fn checked(forged: &[Row]) -> Verdict {
    let (_folder, file) = folder();
    std::fs::write(&file, honest()).unwrap();
    let mut direct = Connection::open(&file).unwrap();
    let forging = direct.transaction().unwrap();
    forging
        .execute_batch("DROP TRIGGER records_keep; DROP TRIGGER records_stay; DELETE FROM records")
        .unwrap();
    for row in forged {
        let values = params![row.seq, row.incident, row.bytes, row.hash];
        forging.execute("INSERT INTO records VALUES (?1, ?2, ?3, ?4)", values).unwrap();
    }
    forging.commit().unwrap();
    drop(direct);
    verify(&file).unwrap()
}

/// The place of the first row that is another than it was.
fn first_changed(forged: &[Row]) -> u64 {
    let mut sorted = forged.to_vec();
    sorted.sort_by_key(|row| row.seq);
    let pairs = sorted.iter().map(Some).chain(std::iter::repeat(None)).zip(originals());
    let same = pairs.take_while(|(forged, original)| *forged == Some(*original)).count();
    same as u64 + 1
}

fn named(forged: &[Row]) -> u64 {
    match checked(forged) {
        Verdict::Bad { seq, .. } => seq,
        Verdict::Intact { .. } => 0,
    }
}

fn flip(bytes: &mut [u8], place: &Index, bit: u8) {
    bytes[place.index(bytes.len())] ^= 1 << bit;
}

#[test]
fn what_nobody_touched_is_intact() {
    let records = originals().len() as u64;
    assert!(matches!(checked(originals()), Verdict::Intact { records: all, .. } if all == records));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_flipped_bit_in_any_column_is_named(
        record in any::<Index>(), column in 0..4, place in any::<Index>(), bit in 0u8..8,
    ) {
        let mut forged = originals().to_vec();
        let at = record.index(forged.len());
        let row = &mut forged[at];
        match column {
            0 => row.seq ^= 1 << (place.index(8) * 8 + usize::from(bit)),
            1 => row.incident = match &row.incident {
                Value::Text(text) => {
                    // Whatever it becomes, it is text to SQLite.
                    let mut bytes = text.clone().into_bytes();
                    flip(&mut bytes, &place, bit % 7);
                    Value::Text(String::from_utf8(bytes).unwrap())
                }
                _ => Value::Text("ANA-1".into()),
            },
            2 => flip(&mut row.bytes, &place, bit),
            _ => flip(&mut row.hash, &place, bit),
        }
        let seq = row.seq;
        prop_assume!(forged.iter().filter(|row| row.seq == seq).count() == 1);
        prop_assert_eq!(named(&forged), first_changed(&forged));
    }

    #[test]
    fn swapped_records_are_named(a in any::<Index>(), b in any::<Index>(), whole in any::<bool>()) {
        let mut forged = originals().to_vec();
        let (a, b) = (a.index(forged.len()), b.index(forged.len()));
        prop_assume!(a != b);
        forged.swap(a, b);
        let (at_a, at_b) = (originals()[a].clone(), originals()[b].clone());
        (forged[a].seq, forged[b].seq) = (at_a.seq, at_b.seq);
        if !whole {
            // The links are left as they were; only what they are about changes places.
            (forged[a].hash, forged[b].hash) = (at_a.hash, at_b.hash);
        }
        prop_assert_eq!(named(&forged), first_changed(&forged));
    }

    #[test]
    fn deleted_records_are_named_wherever_they_stood(
        from in any::<Index>(), count in 1usize..4, closed_up in any::<bool>(),
    ) {
        let mut forged = originals().to_vec();
        let from = from.index(forged.len());
        let gone = forged.drain(from..(from + count).min(originals().len())).count();
        if closed_up {
            forged.iter_mut().skip(from).for_each(|row| row.seq -= gone as i64);
        }
        prop_assert_eq!(named(&forged), first_changed(&forged));
    }

    #[test]
    fn an_inserted_record_is_named(before in any::<Index>(), of in any::<Index>()) {
        let mut forged = originals().to_vec();
        let (before, of) = (before.index(forged.len()), of.index(forged.len()));
        let copy = Row { seq: originals()[before].seq, ..originals()[of].clone() };
        forged.iter_mut().skip(before).for_each(|row| row.seq += 1);
        forged.insert(before, copy);
        prop_assert_eq!(named(&forged), first_changed(&forged));
    }

    /// One that is linked as it should be betrays itself by the record behind it.
    #[test]
    fn a_well_linked_forgery_is_named_no_later_than_at_the_record_behind_it(
        at in any::<Index>(), inserted in any::<bool>(),
    ) {
        let mut forged = originals().to_vec();
        let at = at.index(forged.len() - 1);
        let original = originals()[at].clone();
        let bytes = String::from_utf8(original.bytes.clone()).unwrap().replace("ana", "eve").into_bytes();
        prop_assume!(bytes != original.bytes);
        let prev = at.checked_sub(1).map_or([0; 32], |before| originals()[before].hash.clone().try_into().unwrap());
        let hash = link(&prev, &bytes).to_vec();
        if inserted {
            forged.iter_mut().skip(at).for_each(|row| row.seq += 1);
            forged.insert(at, Row { bytes, hash, ..original });
        } else {
            forged[at] = Row { bytes, hash, ..original };
        }
        prop_assert_eq!(named(&forged), at as u64 + 2);
    }

    /// Of the file itself: in a page's header, an index, what is free, or a record.
    #[test]
    fn no_flipped_bit_of_the_file_changes_a_record_unseen(place in any::<Index>(), bit in 0u8..8) {
        let (_folder, file) = folder();
        let mut bytes = honest().to_vec();
        flip(&mut bytes, &place, bit);
        std::fs::write(&file, &bytes).unwrap();
        if let Ok(Verdict::Intact { .. }) = verify(&file) {
            // What cannot be read through some other name of a table is seen by whoever tries.
            if let Some(kept) = rows(&file) {
                prop_assert_eq!(kept.as_slice(), originals());
            }
        }
    }

    #[test]
    fn a_file_that_is_cut_off_is_not_intact(length in any::<Index>()) {
        let (_folder, file) = folder();
        std::fs::write(&file, &honest()[..length.index(honest().len())]).unwrap();
        let intact = matches!(verify(&file), Ok(Verdict::Intact { .. }));
        prop_assert!(!intact);
    }
}

#[test]
fn a_record_before_the_first_is_named() {
    for seq in [0, -1, i64::MIN] {
        let mut forged = originals().to_vec();
        forged.insert(0, Row { seq, ..originals()[3].clone() });
        let Verdict::Bad { seq: 1, why } = checked(&forged) else { panic!("{seq} was taken") };
        assert!(why.contains(&seq.to_string()), "{why}");
    }
}

#[test]
fn what_is_chained_and_no_record_is_named() {
    let mut forged = originals().to_vec();
    let last = forged.last().unwrap().clone();
    let bytes = format!(r#"{{"v":1,"seq":{}}}"#, last.seq + 1).into_bytes();
    let hash = link(&last.hash.clone().try_into().unwrap(), &bytes).to_vec();
    forged.push(Row { seq: last.seq + 1, incident: Value::Null, bytes, hash });
    assert!(
        matches!(checked(&forged), Verdict::Bad { seq, why } if seq as i64 == last.seq + 1 && why.contains("not a record"))
    );
}

#[test]
fn a_ledger_that_is_being_written_is_verified_as_it_stands_at_one_moment() {
    let (_folder, file) = folder();
    block(async {
        let ledger: Ledger = written(&file, 3).await;
        let id = quell::domain::id::IncidentId::new("ANA", 1);
        for n in 0..20 {
            let (written, seen) = tokio::join!(
                ledger.append(vec![Draft::of(&id, ana(), at(n), note("meanwhile"))]),
                ledger.verify(),
            );
            written.unwrap();
            assert!(matches!(seen, Ok(Verdict::Intact { .. })), "{seen:?}");
        }
    });
}

/// Nothing depends on how the writer laid a record out, as long as it says where it stands.
#[test]
fn a_record_in_another_layout_is_read_all_the_same() {
    let laid_out = |seq: i64, incident: &str| {
        let mut forged = originals().to_vec();
        let last = forged.last().unwrap().clone();
        let mut record: serde_json::Value = serde_json::from_slice(&last.bytes).unwrap();
        (record["seq"], record["incident"]) = ((last.seq + seq).into(), incident.into());
        let bytes = serde_json::to_vec_pretty(&record).unwrap();
        let hash = link(&last.hash.clone().try_into().unwrap(), &bytes).to_vec();
        forged.push(Row { seq: last.seq + 1, incident: Value::Text("ANA-2".into()), bytes, hash });
        checked(&forged)
    };
    assert!(matches!(laid_out(1, "ANA-2"), Verdict::Intact { .. }));
    assert!(
        matches!(laid_out(2, "ANA-2"), Verdict::Bad { why, .. } if why.contains("another record's place"))
    );
    assert!(matches!(laid_out(1, "ANA-1"), Verdict::Bad { why, .. } if why.contains("another incident")));
}
