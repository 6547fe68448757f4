//! `quell ledger export`: records exactly as they stand. That they left is a record too, or they do not leave.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use sha2::{Digest, Sha256};

use super::super::out::json_line;
use super::{BATCH, Exit, Failure, Out, Records};
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::hex;
use crate::domain::record::Entry;
use crate::domain::text::Outside;
use crate::ledger::Draft;
use crate::os::clock;
use crate::os::files::{new_private, unwritable};

/// `quell ledger export [--from SEQ] [--to FILE]`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// The first record
    #[arg(long, value_name = "SEQ", default_value_t = 1)]
    from: u64,
    /// Write them to a new file that only you can read
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// What was exported.
#[derive(Default)]
struct Written {
    records: u64,
    bytes: u64,
    sha256: String,
}

impl Export {
    pub(super) async fn run(&self, ledger: &Records, who: &Operator, out: &Out) -> Result<Exit, Failure> {
        let last = ledger.last_seq().await?;
        let Some(to) = &self.to else {
            // What it will be is known before it leaves.
            let written = self.each(ledger, last, |_| Ok(())).await?;
            self.record(ledger, who, &written, "standard output").await?;
            self.each(ledger, last, |line| {
                out.raw(line.as_bytes());
                Ok(())
            })
            .await?;
            return Ok(Exit::Ok);
        };
        let file = new_private(to)?;
        let exported = self.to_file(ledger, who, last, to, file).await;
        if exported.is_err() {
            // What is no record is no export; what cannot be removed is said by the failure that led here.
            drop(fs::remove_file(to));
        }
        let Written { records, bytes, sha256 } = exported?;
        let to = to.display().to_string();
        let json = serde_json::json!({ "records": records, "bytes": bytes, "sha256": sha256, "to": to });
        out.either(&json, || vec![format!("{records} records are in {to}, sha256 {sha256}")]);
        Ok(Exit::Ok)
    }

    async fn to_file(
        &self,
        ledger: &Records,
        who: &Operator,
        last: u64,
        to: &Path,
        file: File,
    ) -> Result<Written, Failure> {
        let mut file = BufWriter::new(file);
        let failed = |error: std::io::Error| unwritable(to, &error);
        let take = |line: &str| Ok(file.write_all(line.as_bytes()).map_err(failed)?);
        let written = self.each(ledger, last, take).await?;
        file.flush().and_then(|()| file.get_ref().sync_all()).map_err(failed)?;
        let place = std::path::absolute(to).unwrap_or_else(|_| to.to_owned());
        self.record(ledger, who, &written, &place.display().to_string()).await?;
        Ok(written)
    }

    /// Hands every record over as one line of JSON.
    async fn each(
        &self,
        ledger: &Records,
        last: u64,
        mut take: impl FnMut(&str) -> Result<(), Failure>,
    ) -> Result<Written, Failure> {
        let (mut next, mut written, mut digest) = (self.from, Written::default(), Sha256::new());
        while next <= last {
            let batch = ledger.stored(next, BATCH).await?;
            let Some(end) = batch.last() else { break };
            next = end.seq + 1;
            for line in batch.iter().filter(|stored| stored.seq <= last).map(json_line) {
                written.records += 1;
                written.bytes += line.len() as u64;
                digest.update(&line);
                take(&line)?;
            }
        }
        Ok(Written { sha256: hex(&digest.finalize()), ..written })
    }

    async fn record(
        &self,
        ledger: &Records,
        who: &Operator,
        written: &Written,
        to: &str,
    ) -> Result<(), Failure> {
        let what = if self.from > 1 { format!("ledger from {}", self.from) } else { "ledger".to_owned() };
        let entry = Entry::Exported {
            what,
            sha256: written.sha256.clone(),
            bytes: written.bytes,
            to: Outside::new(to),
        };
        let draft = Draft::console(Actor::Person(who.clone()), clock::now(), entry);
        Ok(ledger.append_now(vec![draft]).await.map(drop)?)
    }
}
