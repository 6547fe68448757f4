//! `quell ledger export`: records exactly as they stand.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use sha2::{Digest, Sha256};

use super::super::out::json_line;
use super::{BATCH, Exit, Failure, Out, Records};
use crate::domain::plan::hex;
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

impl Export {
    pub(super) async fn run(&self, ledger: &Records, out: &Out) -> Result<Exit, Failure> {
        let last = ledger.last_seq().await?;
        let mut file = self.to.as_deref().map(new_private).transpose()?.map(BufWriter::new);
        let (mut next, mut records, mut bytes, mut digest) = (self.from, 0u64, 0u64, Sha256::new());
        while next <= last {
            let batch = ledger.stored(next, BATCH).await?;
            let Some(end) = batch.last() else { break };
            next = end.seq + 1;
            for line in batch.iter().filter(|stored| stored.seq <= last).map(json_line) {
                (records, bytes) = (records + 1, bytes + line.len() as u64);
                digest.update(&line);
                match (&mut file, &self.to) {
                    (Some(file), Some(to)) => {
                        file.write_all(line.as_bytes()).map_err(|error| unwritable(to, &error))?;
                    }
                    _ => out.raw(line.as_bytes()),
                }
            }
        }
        let sha256 = hex(&digest.finalize());
        if let (Some(mut file), Some(to)) = (file, &self.to) {
            file.flush().and_then(|()| file.get_ref().sync_all()).map_err(|error| unwritable(to, &error))?;
            let to = to.display().to_string();
            let json = serde_json::json!({ "records": records, "bytes": bytes, "sha256": sha256, "to": to });
            out.either(&json, || vec![format!("{records} records are in {to}, sha256 {sha256}")]);
        }
        Ok(Exit::Ok)
    }
}
