//! Writing down many things at once that have nothing to do with each other.

use futures_util::future::join_all;

use super::Engine;
use crate::ledger::{Appended, Draft, LedgerError};

impl Engine {
    /// Appends each batch by itself, all in as few transactions as the ledger makes of them.
    pub(super) async fn note_all(&self, batches: impl IntoIterator<Item = Vec<Draft>>) {
        let ledger = &self.0.ledger;
        let results = join_all(batches.into_iter().map(|batch| ledger.append(batch))).await;
        self.noted(results).await;
    }

    async fn noted(&self, results: impl IntoIterator<Item = Result<Vec<Appended>, LedgerError>>) {
        let mut last = 0;
        for result in results {
            match result {
                Ok(appended) => last = appended.last().map_or(last, |a| a.record.seq.max(last)),
                Err(error) => tracing::warn!(%error, "a record was not written"),
            }
        }
        if let Err(error) = self.0.mirror.catch_up(&self.0.ledger, last).await {
            tracing::warn!(%error, "the ledger cannot be read");
        }
    }

    /// As [`Self::note_all`]; but of a batch that the table refuses, every record that it allows is written all the same:
    /// what is wrong with one signal must not keep those beside it out of their incident.
    pub(super) async fn note_each(&self, batches: Vec<Vec<Draft>>) {
        let ledger = &self.0.ledger;
        let append = |batch: Vec<Draft>| async {
            let apart = if batch.len() > 1 { batch.clone() } else { Vec::new() };
            match ledger.append(batch).await {
                Err(LedgerError::Illegal { .. }) if !apart.is_empty() => {
                    join_all(apart.into_iter().map(|draft| ledger.append(vec![draft]))).await
                }
                result => vec![result],
            }
        };
        let results = join_all(batches.into_iter().map(append)).await;
        self.noted(results.into_iter().flatten()).await;
    }
}
