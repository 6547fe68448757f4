//! What a ledger of given records answers.

use quell::backend::{Refusal, RefusalKind};
use quell::console::ledger::{BATCH, Stretch};
use quell::domain::chain::{Stored, Verdict};
use quell::domain::record::Record;
use quell::domain::text::Outside;

/// Some of these records, each in its place.
pub fn stretch(records: &[Record], stretch: Stretch) -> Vec<Record> {
    let numbered = (1u64..).zip(records).map(|(seq, record)| Record { seq, ..record.clone() });
    let all: Vec<Record> = numbered
        .filter(|record| match stretch {
            Stretch::Last => true,
            Stretch::Before(seq) => record.seq < seq,
            Stretch::From(seq) => record.seq >= seq,
        })
        .collect();
    let skipped = if matches!(stretch, Stretch::From(_)) { 0 } else { all.len().saturating_sub(BATCH) };
    all.into_iter().skip(skipped).take(BATCH).collect()
}

/// One of these records as it stands in a file.
pub fn stored(records: &[Record], seq: u64) -> Result<Stored, Refusal> {
    let record = stretch(records, Stretch::From(seq)).into_iter().next();
    let gone = || Refusal::new(RefusalKind::NotFound, format!("there is no record {seq}"));
    let bytes = Outside::new(serde_json::to_string(&record.ok_or_else(gone)?).unwrap());
    Ok(Stored { seq, prev: "0a".repeat(32), hash: "3f".repeat(32), bytes })
}

/// A chain of these records in which every link holds.
pub fn intact(records: &[Record]) -> Verdict {
    Verdict::Intact { records: records.len() as u64, head: "3f".repeat(32) }
}
