//! Signals that went away, as they were said last: who is told of one later is told no less.

use rusqlite::{Connection, Transaction, params};

use super::{Live, json};
use crate::domain::signal::{Signal, SignalKey};

/// So many are kept, whoever may still ask for them; the newest.
const MOST: usize = 2_000;

/// Moves these out of those that are said now.
pub(super) fn put_aside(transaction: &Transaction<'_>, gone: &[SignalKey]) -> rusqlite::Result<()> {
    let mut keep = transaction.prepare_cached(
        "INSERT OR REPLACE INTO gone (source, fingerprint, state)
         SELECT source, fingerprint, state FROM signals WHERE source = ?1 AND fingerprint = ?2",
    )?;
    let mut forget =
        transaction.prepare_cached("DELETE FROM signals WHERE source = ?1 AND fingerprint = ?2")?;
    for key in gone {
        keep.execute(params![key.source, key.fingerprint.raw()])?;
        forget.execute(params![key.source, key.fingerprint.raw()])?;
    }
    Ok(())
}

/// The same with all signals of sources that are not among these.
pub(super) fn put_all_aside(connection: &Connection, sources: &str) -> rusqlite::Result<()> {
    let query = "INSERT OR REPLACE INTO gone (source, fingerprint, state) SELECT source, fingerprint, state
                 FROM signals WHERE source NOT IN (SELECT value FROM json_each(?1))";
    connection.execute(query, [sources]).map(drop)
}

impl Live {
    /// Of the signals of a source that went away, keeps only these, and of all that went away the newest.
    pub async fn keep_gone(&self, source: &str, kept: Vec<String>) {
        let source = source.to_owned();
        self.run(move |connection| {
            let others = "DELETE FROM gone WHERE source = ?1
                          AND fingerprint NOT IN (SELECT value FROM json_each(?2))";
            connection.execute(others, params![source, json(&kept)])?;
            let oldest =
                "DELETE FROM gone WHERE age NOT IN (SELECT age FROM gone ORDER BY age DESC LIMIT ?1)";
            connection.execute(oldest, params![MOST])
        })
        .await;
    }

    /// One signal as its source last said it, whether it says so now or not. What the source does about one that went
    /// away is not known.
    pub async fn last_said(&self, source: &str, fingerprint: &str) -> Option<Signal> {
        if let Some(said_now) = self.signal(source, fingerprint).await {
            return Some(said_now);
        }
        let query = "SELECT state FROM gone WHERE source = ?1 AND fingerprint = ?2";
        let signal = self.one(query, source, fingerprint).await?;
        Some(Signal { upstream: None, ..signal })
    }
}
