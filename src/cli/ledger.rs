//! `quell ledger`: the account of everything that happened, verified, followed, exported.

mod export;
mod tail;

use clap::Subcommand;

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::ledger::Ledger as Records;
use crate::ledger::chain::{self, Verdict};

/// How many records are read at once.
const BATCH: usize = 1000;

/// `quell ledger verify|tail|export`.
#[derive(Debug, Subcommand)]
pub(super) enum Ledger {
    /// Check every link of the chain and name the first bad record
    Verify,
    /// Print the last records, one sentence each; with --json whole
    Tail(tail::Tail),
    /// Print records exactly as they stand, one line of JSON each; a record says so
    Export(export::Export),
}

impl Ledger {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        match self {
            Self::Verify => verify(&boot, out),
            Self::Tail(tail) => tail.run(&boot, out).await,
            Self::Export(export) => export.run(&boot.ledger()?, &boot.operator, out).await,
        }
    }
}

fn verify(boot: &Boot, out: &Out) -> Result<Exit, Failure> {
    let path = boot.ledger_path();
    if !path.exists() {
        out.either(&serde_json::json!({ "records": 0 }), || vec!["there is no ledger yet".to_owned()]);
        return Ok(Exit::Ok);
    }
    match chain::verify(&path)? {
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
