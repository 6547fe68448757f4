//! Writing down many things at once that have nothing to do with each other.

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;

use super::Engine;
use crate::domain::record::Entry;
use crate::ledger::{Draft, LedgerError};

/// How many batches wait for the ledger at once: the next transaction is full by the time one ends, and of thousands
/// of batches few are in memory twice.
const WAITING: usize = 512;

impl Engine {
    /// Appends each batch by itself, all in as few transactions as the ledger makes of them.
    pub(super) async fn note_all(&self, batches: impl IntoIterator<Item = Vec<Draft>>) {
        let appends = batches.into_iter().map(|batch| self.last_of(batch));
        let results: Vec<_> = stream::iter(appends).buffered(WAITING).collect().await;
        self.noted(results).await;
    }

    /// Appends a batch and says where its last record stands. Of thousands of them no more than that is kept.
    async fn last_of(&self, batch: Vec<Draft>) -> Result<u64, LedgerError> {
        let appended = self.0.ledger.append(batch).await?;
        Ok(appended.last().map_or(0, |last| last.record.seq))
    }

    async fn noted(&self, results: impl IntoIterator<Item = Result<u64, LedgerError>>) {
        let mut last = 0;
        for result in results {
            match result {
                Ok(seq) => last = last.max(seq),
                Err(error) => tracing::warn!(%error, "a record was not written"),
            }
        }
        if let Err(error) = self.0.mirror.catch_up(&self.0.ledger, last).await {
            tracing::warn!(%error, "the ledger cannot be read");
        }
    }

    /// As [`Self::note_all`]; but of a batch that the table refuses, every record that it allows is written all the same:
    /// what is wrong with one signal must not keep those beside it out of their incident. A notice tells of the record
    /// before it, and stands or falls with that.
    pub(super) async fn note_each(&self, batches: Vec<Vec<Draft>>) {
        let append = |batch: Vec<Draft>| async {
            let apart = if batch.len() > 1 { apart(&batch) } else { Vec::new() };
            match self.last_of(batch).await {
                Err(LedgerError::Illegal { .. }) if apart.len() > 1 => {
                    join_all(apart.into_iter().map(|part| self.last_of(part))).await
                }
                result => vec![result],
            }
        };
        let results: Vec<_> = stream::iter(batches.into_iter().map(append)).buffered(WAITING).collect().await;
        self.noted(results.into_iter().flatten()).await;
    }
}

/// What of a batch can be written without the rest.
fn apart(batch: &[Draft]) -> Vec<Vec<Draft>> {
    let tells = |_: &Draft, next: &Draft| matches!(next.entry, Entry::NoticeRaised(_));
    batch.chunk_by(tells).map(<[Draft]>::to_vec).collect()
}
