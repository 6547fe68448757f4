//! Appending a record so that it lasts against appending the same bytes to a file, and verifying a ledger of a million
//! records against reading the same rows and doing nothing with them.
//!
//! `cargo bench --profile dist --bench ledger [-- RECORDS]` prints all four, in turns, and fails when a budget is missed (in
//! another profile it only says so).

#![expect(clippy::disallowed_methods, reason = "it measures time")]

#[path = "support/budgets.rs"]
mod budgets;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use quell::domain::id::IncidentId;
use quell::domain::operator::{Actor, Operator};
use quell::domain::record::{Entry, FORMAT, Record};
use quell::domain::text::Outside;
use quell::domain::time::Time;
use quell::ledger::chain::{GENESIS, Verdict, link, verify};
use quell::ledger::{Draft, Ledger};
use rusqlite::{Connection, params};

/// What verifying may cost, in scans.
const BUDGET: f64 = 4.0;
/// How often each is measured; the best counts.
const ROUNDS: usize = 5;
/// What an append may cost, in raw ones.
const APPEND_BUDGET: f64 = 1.2;
/// How often each of these is measured; the median counts.
const APPENDS: usize = 400;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<ExitCode, Failed> {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let records: u64 = wanted.map_or(Ok(1_000_000), |word| word.parse())?;
    // Where the build is: a folder for temporary files may be in memory, where nothing lasts.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let [appending, raw] = appends(folder.path())?;
    let file = folder.path().join("ledger.db");
    let bytes = fill(&file, records)?;
    let (mut scanning, mut verifying) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let read = scan(&file)?;
        scanning = scanning.min(began.elapsed());
        let began = Instant::now();
        let verdict = verify(&file)?;
        verifying = verifying.min(began.elapsed());
        if !matches!(verdict, Verdict::Intact { records: all, .. } if all == records) || read < bytes {
            return Err(format!("not what was written: {verdict:?}, {read} bytes").into());
        }
    }
    let mut out = std::io::stdout().lock();
    let mut say = |what: &str, took: Duration| {
        let (seconds, mb) = (took.as_secs_f64(), bytes as f64 / 1e6);
        writeln!(
            out,
            "{what:<7} {seconds:6.3} s  {:7.0} MB/s  {:5.2} M records/s",
            mb / seconds,
            records as f64 / 1e6 / seconds
        )
    };
    say("scan", scanning)?;
    say("verify", verifying)?;
    let ratio = verifying.as_secs_f64() / scanning.as_secs_f64();
    let mut budgets = budgets::Budgets::new();
    let (micros, of) = (appending * 1e6, appending / raw);
    let verdict = budgets.verdict(of, APPEND_BUDGET);
    writeln!(
        out,
        "append {micros:.0} us of {:.0} us: {of:.2} raw ones, {APPEND_BUDGET} are allowed: {verdict}",
        raw * 1e6
    )?;
    let verdict = budgets.verdict(ratio, BUDGET);
    let (said, code) = budgets.end();
    writeln!(out, "verify takes {ratio:.2} scans, {BUDGET} are allowed: {verdict}\n{said}")?;
    Ok(code)
}

/// The median seconds of a durable append, and of as many bytes appended to a file and synced, in turns.
fn appends(folder: &Path) -> Result<[f64; 2], Failed> {
    let ledger = Ledger::open(&folder.join("appended.db"), "ANA")?;
    let mut raw = std::fs::File::options().append(true).create(true).open(folder.join("raw"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut own, mut bare) = (Vec::new(), Vec::new());
    for notice in 0..APPENDS as u64 {
        let how = "bell, osc9 and a word on why the others are dead".repeat(8);
        let entry = Entry::NoticeDelivered { notice, console: "ana@bastion".into(), how };
        let draft = Draft::console(Actor::Engine, Time::UNIX_EPOCH, entry);
        let bytes = vec![b'x'; serde_json::to_vec(&draft.entry)?.len() + 100];
        let began = Instant::now();
        runtime.block_on(ledger.append(vec![draft]))?;
        own.push(began.elapsed().as_secs_f64());
        let began = Instant::now();
        raw.write_all(&bytes)?;
        raw.sync_data()?;
        bare.push(began.elapsed().as_secs_f64());
    }
    Ok([own, bare].map(|mut all| {
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
    }))
}

/// Fills a new ledger with chained notes; returns their bytes.
fn fill(file: &Path, records: u64) -> Result<u64, Failed> {
    drop(Ledger::open(file, "ANA")?);
    let mut connection = Connection::open(file)?;
    let transaction = connection.transaction()?;
    let mut total = 0;
    {
        let mut insert = transaction
            .prepare("INSERT INTO records (seq, incident, bytes, hash) VALUES (?1, ?2, ?3, ?4)")?;
        let mut prev = GENESIS;
        for seq in 1..=records {
            let incident = IncidentId::new("ANA", seq / 50 + 1);
            let record = Record {
                v: FORMAT,
                on: None,
                seq,
                at: Time::UNIX_EPOCH,
                by: Actor::Person(Operator::new("ana", "bastion")),
                incident: Some(incident.clone()),
                entry: Entry::Noted { text: Outside::new(format!("gw-2 refuses TCP 9443, try {seq}")) },
            };
            let bytes = serde_json::to_vec(&record)?;
            prev = link(&prev, &bytes);
            total += bytes.len() as u64;
            insert.execute(params![seq, incident.to_string(), bytes, prev])?;
        }
    }
    transaction.execute("UPDATE projected SET seq = ?1", [records])?;
    transaction.commit()?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(total)
}

/// Reads every column of every row; returns the bytes of the records and their hashes.
fn scan(file: &Path) -> Result<u64, Failed> {
    let connection = Connection::open(file)?;
    let mut statement = connection.prepare("SELECT seq, incident, bytes, hash FROM records ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut total = 0;
    while let Some(row) = rows.next()? {
        total += row.get_ref(2)?.as_blob()?.len() as u64 + row.get_ref(3)?.as_blob()?.len() as u64;
    }
    Ok(total)
}
