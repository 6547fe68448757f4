//! The live tables: what changes with every poll, overwritten in place, unchained, rebuilt when damaged.

mod gone;

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::schema::PAGES_WRITTEN;
use super::worker::Worker;
use crate::domain::freshness::SourceStatus;
use crate::domain::monitor::MonitorStatus;
use crate::domain::plan::{Plan, PlanHash};
use crate::domain::signal::{Signal, SignalKey};
use crate::domain::time::Time;

/// How long a plan can be submitted, in minutes.
const PLAN_KEPT_MINUTES: i64 = 10;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS sources  (name TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settled  (name TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS monitors (name TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS signals  (source TEXT, fingerprint TEXT, state TEXT NOT NULL, PRIMARY KEY (source, fingerprint)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gone     (age INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT, fingerprint TEXT, state TEXT NOT NULL, UNIQUE (source, fingerprint));
CREATE TABLE IF NOT EXISTS plans    (hash TEXT PRIMARY KEY, until INTEGER NOT NULL, action TEXT, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wanted   (one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS beats    (monitor TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS beat     (one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT NOT NULL);
";

/// Moments of two processes that are this close may be of one, in milliseconds.
const AT_ONCE_MS: i64 = 5_000;

/// The live tables did not answer; why is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswered;

/// A sign of life of the lease holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Beat {
    /// Which engine: process ids repeat from one container to the next.
    #[serde(default)]
    pub instance: u64,
    /// Its process id.
    pub pid: u32,
    /// Its terminal, where it has one.
    pub tty: Option<String>,
    /// When.
    pub at: Time,
}

/// What a source said when nothing more had to be done about it, and on what that rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Settled {
    /// As the source marks what it says.
    pub mark: String,
    /// The last record there was.
    pub seq: u64,
    /// What the decision followed.
    pub rules: String,
}

/// Over all of a signal, as [`Live::digests`] has it.
pub fn digest(signal: &Signal) -> [u8; 32] {
    Sha256::digest(json(signal)).into()
}

/// The live tables of one ledger.
#[derive(Clone)]
pub struct Live {
    worker: Worker,
    /// Whether other processes see them, and the next one.
    is_file: bool,
}

impl Live {
    /// Opens them at `path`; a damaged file is replaced.
    ///
    /// # Errors
    /// A sentence when no file can be made there.
    pub fn open(path: &Path) -> Result<Self, String> {
        let open = || -> rusqlite::Result<Connection> {
            let connection = Connection::open(path)?;
            connection.busy_timeout(std::time::Duration::from_secs(5))?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "OFF")?;
            connection.pragma_update(None, "cache_size", PAGES_WRITTEN)?;
            connection.execute_batch(TABLES)?;
            connection.query_row("SELECT count(*) FROM sources", [], |row| row.get::<_, i64>(0))?;
            Ok(connection)
        };
        let damaged = |error: &rusqlite::Error| {
            use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
            matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
        };
        let connection = open().or_else(|error| {
            if !damaged(&error) {
                return Err(error);
            }
            for suffix in ["", "-wal", "-shm"] {
                let mut name = path.as_os_str().to_owned();
                name.push(suffix);
                drop(std::fs::remove_file(name));
            }
            open()
        });
        let connection = connection.map_err(|error| format!("cannot open {}: {error}", path.display()))?;
        Ok(Self { worker: Worker::start("live-tables", connection), is_file: true })
    }

    /// Tables of this process alone, where no file can be used; they begin empty.
    ///
    /// # Errors
    /// A sentence when there is no room for them.
    pub fn in_memory() -> Result<Self, String> {
        let tables = || -> rusqlite::Result<Connection> {
            let connection = Connection::open_in_memory()?;
            connection.execute_batch(TABLES)?;
            Ok(connection)
        };
        let connection =
            tables().map_err(|error| format!("there is no room for the live tables: {error}"))?;
        Ok(Self { worker: Worker::start("live-tables", connection), is_file: false })
    }

    /// Overwrites signals of a source. Until what that decides is written down too, nothing it said is settled.
    pub async fn put_signals(&self, source: &str, changed: Vec<Arc<Signal>>) {
        let source = source.to_owned();
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            transaction.execute("DELETE FROM settled WHERE name = ?1", [source])?;
            {
                let mut put =
                    transaction.prepare_cached("INSERT OR REPLACE INTO signals VALUES (?1, ?2, ?3)")?;
                for signal in &changed {
                    put.execute(params![signal.key.source, signal.key.fingerprint.raw(), json(&**signal)])?;
                }
            }
            transaction.commit()
        })
        .await;
    }

    /// Overwrites a source's status, puts those of its signals that are gone aside, and keeps what it said when nothing
    /// more had to be done about it.
    pub async fn put_source(&self, status: &SourceStatus, gone: Vec<SignalKey>, settled: Option<&Settled>) {
        let (name, state, settled) = (status.name.clone(), json(status), settled.map(json));
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            transaction.execute("INSERT OR REPLACE INTO sources VALUES (?1, ?2)", params![name, state])?;
            match settled {
                Some(settled) => transaction
                    .execute("INSERT OR REPLACE INTO settled VALUES (?1, ?2)", params![name, settled])?,
                None => transaction.execute("DELETE FROM settled WHERE name = ?1", params![name])?,
            };
            gone::put_aside(&transaction, &gone)?;
            transaction.commit()
        })
        .await;
    }

    /// Overwrites a monitor's status.
    pub async fn put_monitor(&self, status: &MonitorStatus) {
        let (name, state) = (status.source.name.clone(), json(status));
        self.run(move |c| c.execute("INSERT OR REPLACE INTO monitors VALUES (?1, ?2)", params![name, state]))
            .await;
    }

    /// Forgets sources and monitors that are not configured any more.
    pub async fn keep_only(&self, sources: Vec<String>, monitors: Vec<String>) {
        self.run(move |connection| {
            gone::put_all_aside(connection, &json(&sources))?;
            for (table, column, kept) in [
                ("sources", "name", &sources),
                ("settled", "name", &sources),
                ("signals", "source", &sources),
                ("monitors", "name", &monitors),
                ("beats", "monitor", &monitors),
            ] {
                let query =
                    format!("DELETE FROM {table} WHERE {column} NOT IN (SELECT value FROM json_each(?1))");
                connection.execute(&query, [json(kept)])?;
            }
            Ok(())
        })
        .await;
    }

    /// Somebody says that what a monitor watches lives; whether that is kept.
    pub async fn put_heard(&self, monitor: &str, at: Time) -> bool {
        let (monitor, at) = (monitor.to_owned(), at.timestamp_millis());
        // Two that come at once may be written in any order; what is later than that was said before the clock was set
        // back.
        let query = "INSERT INTO beats VALUES (?1, ?2) ON CONFLICT (monitor)
                     DO UPDATE SET at = CASE WHEN at > ?2 + ?3 THEN ?2 ELSE max(at, ?2) END";
        let put = self.run(move |c| c.execute(query, params![monitor, at, AT_ONCE_MS])).await;
        self.is_file && put.is_some()
    }

    /// When that was said last. What was said in the future counts from now: nobody can know when it was.
    ///
    /// # Errors
    /// [`Unanswered`]; that it was never said is none.
    pub async fn heard(&self, monitor: &str, now: Time) -> Result<Option<Time>, Unanswered> {
        let (monitor, now) = (monitor.to_owned(), now.timestamp_millis());
        let heard = self.run(move |connection| {
            let future = "UPDATE beats SET at = ?2 WHERE monitor = ?1 AND at > ?2 + ?3";
            let last = "SELECT at FROM beats WHERE monitor = ?1";
            let heard = connection.query_row(last, [&monitor], |row| row.get::<_, i64>(0)).optional()?;
            if heard.is_some_and(|at| at > now + AT_ONCE_MS) {
                connection.execute(future, params![monitor, now, AT_ONCE_MS])?;
                return Ok(Some(now));
            }
            Ok(heard)
        });
        Ok(heard.await.ok_or(Unanswered)?.and_then(Time::from_timestamp_millis))
    }

    /// Every source's status.
    pub async fn sources(&self) -> Vec<SourceStatus> {
        self.all("SELECT state FROM sources ORDER BY name", None).await
    }

    /// Every monitor's status.
    pub async fn monitors(&self) -> Vec<MonitorStatus> {
        self.all("SELECT state FROM monitors ORDER BY name", None).await
    }

    /// What a source said when nothing more had to be done about it.
    pub async fn settled(&self, source: &str) -> Option<Settled> {
        self.all("SELECT state FROM settled WHERE name = ?1", Some(source.to_owned())).await.pop()
    }

    /// The digest of every signal of a source as it was last said, by fingerprint; see [`digest`].
    pub async fn digests(&self, source: &str) -> Vec<(String, [u8; 32])> {
        let source = source.to_owned();
        let digests = self.run(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT fingerprint, state FROM signals WHERE source = ?1")?;
            let digested = statement.query_map([source], |row| {
                let state = row.get_ref(1)?.as_bytes()?;
                Ok((row.get(0)?, Sha256::digest(state).into()))
            })?;
            digested.collect()
        });
        digests.await.unwrap_or_default()
    }

    /// One signal as its source last said it.
    pub async fn signal(&self, source: &str, fingerprint: &str) -> Option<Signal> {
        self.one("SELECT state FROM signals WHERE source = ?1 AND fingerprint = ?2", source, fingerprint)
            .await
    }

    /// The signal that a query finds by its source and fingerprint.
    async fn one(&self, query: &'static str, source: &str, fingerprint: &str) -> Option<Signal> {
        let key = (source.to_owned(), fingerprint.to_owned());
        self.run(move |c| c.query_row(query, params![key.0, key.1], |row| row.get::<_, String>(0)).optional())
            .await?
            .and_then(|state| serde_json::from_str(&state).ok())
    }

    /// Keeps a plan for ten minutes, as it was shown last unless it became an action; whether it is kept.
    pub async fn put_plan(&self, plan: &Plan, now: Time) -> bool {
        let (hash, state) = (plan.hash.0.clone(), json(plan));
        let until = (now + chrono::TimeDelta::minutes(PLAN_KEPT_MINUTES)).timestamp();
        self.run(move |connection| {
            connection.execute("DELETE FROM plans WHERE until < ?1", [now.timestamp()])?;
            connection.execute(
                "INSERT INTO plans VALUES (?1, ?2, NULL, ?3) ON CONFLICT (hash) DO UPDATE SET until = max(until, ?2),
                 state = CASE WHEN action IS NULL THEN excluded.state ELSE state END",
                params![hash, until, state],
            )
        })
        .await
        .is_some()
    }

    /// Keeps a plan that is there until then, if that is longer.
    pub async fn keep_plan(&self, hash: &PlanHash, until: Time) {
        let (hash, until) = (hash.0.clone(), until.timestamp());
        self.run(move |c| {
            c.execute("UPDATE plans SET until = max(until, ?2) WHERE hash = ?1", params![hash, until])
        })
        .await;
    }

    /// A plan kept, by its hash or the beginning of it that rows show, and the action it became when it was submitted.
    pub async fn plan(&self, hash: &PlanHash, now: Time) -> Option<(Plan, Option<String>)> {
        let hash = hash.clone();
        let query = "SELECT hash, state, action FROM plans WHERE substr(hash, 1, ?1) = ?2 AND until >= ?3";
        let mut found = self
            .run(move |connection| {
                let mut statement = connection.prepare_cached(query)?;
                let rows = statement.query_map(params![hash.0.len(), hash.0, now.timestamp()], |row| {
                    Ok((PlanHash(row.get(0)?), row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
                })?;
                let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
                Ok(rows.into_iter().filter(|(found, ..)| found.is_meant_by(&hash)).collect::<Vec<_>>())
            })
            .await?;
        let (_, state, action) = found.pop().filter(|_| found.is_empty())?;
        Some((serde_json::from_str(&state).ok()?, action))
    }

    /// Remembers which action a plan became, so that a repeated submit is the old one.
    pub async fn plan_became(&self, hash: &PlanHash, action: String) {
        let hash = hash.0.clone();
        self.run(move |c| c.execute("UPDATE plans SET action = ?2 WHERE hash = ?1", params![hash, action]))
            .await;
    }

    /// Gives a sign of life; `then` hears when whoever polls was last asked to ask every source at once. It runs where that is
    /// written, so that nobody has to be woken for what is nearly always the same.
    pub fn put_beat(&self, beat: &Beat, then: impl FnOnce(Option<Time>) + Send + 'static) {
        let state = json(beat);
        self.worker.send(move |connection| {
            let wanted = (|| {
                let mut put = connection.prepare_cached(
                    "INSERT OR REPLACE INTO beat VALUES (1, ?1) RETURNING (SELECT state FROM wanted)",
                )?;
                let mut rows = put.query([state])?;
                let wanted = rows.next()?.map(|row| row.get::<_, Option<String>>(0)).transpose()?.flatten();
                // It is written once nothing more comes of it.
                rows.next()?;
                Ok(wanted)
            })();
            then(answered(wanted).flatten().and_then(|state| serde_json::from_str(&state).ok()));
        });
    }

    /// Takes the last sign of life away.
    pub async fn end_beat(&self) {
        self.run(|connection| connection.execute("DELETE FROM beat", [])).await;
    }

    /// The last sign of life.
    pub async fn beat(&self) -> Option<Beat> {
        self.all("SELECT state FROM beat", None).await.pop()
    }

    /// Asks whoever polls to ask every source now.
    pub async fn want_answers(&self, at: Time) {
        let state = json(&at);
        self.run(move |c| c.execute("INSERT OR REPLACE INTO wanted VALUES (1, ?1)", [state])).await;
    }

    async fn all<T: DeserializeOwned + Send + 'static>(
        &self,
        query: &'static str,
        key: Option<String>,
    ) -> Vec<T> {
        self.run(move |connection| {
            let mut statement = connection.prepare_cached(query)?;
            let mut rows = statement.query(rusqlite::params_from_iter(key))?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                out.extend(serde_json::from_str(row.get_ref(0)?.as_str().unwrap_or_default()).ok());
            }
            Ok(out)
        })
        .await
        .unwrap_or_default()
    }

    /// What fails here costs freshness, never truth: it is logged and the next poll writes again.
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Option<T> {
        answered(self.worker.run(job).await?)
    }
}

/// What the tables answered; why they did not is in the log.
fn answered<T>(answer: rusqlite::Result<T>) -> Option<T> {
    answer.inspect_err(|error| tracing::warn!(%error, "the live tables did not answer")).ok()
}

fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
