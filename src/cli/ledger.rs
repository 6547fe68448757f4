//! `quell ledger`: the account of everything that happened, verified, followed, exported.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Subcommand;

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::record::Record;
use crate::domain::story;
use crate::domain::time::date_time;
use crate::ledger::Ledger as Records;
use crate::ledger::chain::{self, Verdict};

/// How many records are read at once.
const BATCH: usize = 1000;
/// How often a followed ledger is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// `quell ledger verify|tail|export`.
#[derive(Debug, Subcommand)]
pub(super) enum Ledger {
    /// Check every link of the chain and name the first bad record
    Verify,
    /// Print the last records
    Tail {
        /// How many
        #[arg(short = 'n', long, default_value_t = 20)]
        last: u64,
        /// Go on printing
        #[arg(short, long)]
        follow: bool,
    },
    /// Print every record as one line of JSON
    Export,
}

impl Ledger {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        if let Self::Verify = self {
            return verify(&boot, out);
        }
        let ledger = Records::open(&boot.ledger_path(), &boot.config.ids)?;
        match self {
            Self::Verify => Ok(Exit::Ok),
            Self::Tail { last, follow } => tail(&ledger, out, *last, *follow).await,
            Self::Export => {
                let mut next = 1;
                while let Some(records) = batch(&ledger, &mut next).await? {
                    records.iter().for_each(|record| out.value(record));
                }
                Ok(Exit::Ok)
            }
        }
    }
}

fn verify(boot: &Boot, out: &Out) -> Result<Exit, Failure> {
    let path = boot.ledger_path();
    if !path.exists() {
        out.either(&serde_json::json!({ "records": 0 }), || vec!["there is no ledger yet".to_owned()]);
        return Ok(Exit::Ok);
    }
    match chain::verify(&path).map_err(|why| Failure::new(Exit::Unreachable, why))? {
        Verdict::Intact { records, head } => {
            let json = serde_json::json!({ "intact": true, "records": records, "head": head });
            out.either(&json, || vec![format!("{records} records, every link holds; the last is {head}")]);
            Ok(Exit::Ok)
        }
        Verdict::Bad { seq, why } => {
            let json = serde_json::json!({ "intact": false, "first_bad": seq, "why": why });
            out.either(&json, || vec![format!("record {seq} is not as it was written: {why}")]);
            Ok(Exit::Refused)
        }
    }
}

async fn tail(ledger: &Records, out: &Out, last: u64, follow: bool) -> Result<Exit, Failure> {
    let mut next = ledger.last_seq().await?.saturating_sub(last) + 1;
    let mut incidents = BTreeMap::new();
    loop {
        while let Some(records) = batch(ledger, &mut next).await? {
            for record in &records {
                if out.json {
                    out.value(record);
                } else {
                    out.line(line(ledger, &mut incidents, record).await?);
                }
            }
        }
        if !follow {
            return Ok(Exit::Ok);
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn batch(ledger: &Records, next: &mut u64) -> Result<Option<Vec<Record>>, Failure> {
    let records = ledger.records(*next, BATCH).await?;
    let Some(last) = records.last() else { return Ok(None) };
    *next = last.seq + 1;
    Ok(Some(records))
}

/// One record in words. Its actions are named after the incident as it is now.
async fn line(
    ledger: &Records,
    incidents: &mut BTreeMap<IncidentId, Incident>,
    record: &Record,
) -> Result<String, Failure> {
    let at = date_time(record.at);
    let Some(id) = &record.incident else {
        return Ok(format!("{} {at} {}", record.seq, story::sentence(record, None).1));
    };
    if let Some(incident) = ledger.incident(id).await? {
        incidents.insert(id.clone(), incident.as_ref().clone());
    }
    let said = story::sentence(record, incidents.get(id)).1;
    Ok(format!("{} {at} {id} {said}", record.seq))
}
