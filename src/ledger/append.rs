//! Appending: one thread, one transaction for whatever has queued up, one fold for every record.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use rusqlite::{Connection, OptionalExtension, Savepoint, Transaction, TransactionBehavior, params};
use tokio::sync::oneshot;

use super::chain::{self, GENESIS, Hash};
use super::read::newer;
use super::schema::Unusable;
use super::{Appended, Draft, LedgerError, Subject, broken};
use crate::domain::action::{Action, Stage, Verb};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::record::{Entry, FORMAT, Record};

type Answer = Result<Vec<Appended>, LedgerError>;

/// What somebody wants appended, all or nothing.
pub struct Intake {
    pub(super) drafts: Vec<Draft>,
    pub(super) reply: oneshot::Sender<Answer>,
}

/// How many jobs one transaction takes at most.
const GROUP: usize = 256;

/// The writing thread.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Intake>);

impl Writer {
    pub(super) fn start(mut connection: Connection, path: PathBuf, prefix: String) -> Self {
        let (jobs, queue) = mpsc::channel::<Intake>();
        let run = move || {
            while let Ok(first) = queue.recv() {
                let jobs: Vec<Intake> = std::iter::once(first).chain(queue.try_iter().take(GROUP)).collect();
                commit(&mut connection, &path, &prefix, jobs);
            }
        };
        // Without a thread every append answers "no longer open".
        drop(std::thread::Builder::new().name("ledger-writer".to_owned()).spawn(run));
        Self(jobs)
    }

    pub(super) fn queue(&self, intake: Intake) {
        // A dead thread drops the reply, which the waiting side reports.
        drop(self.0.send(intake));
    }
}

/// Writes every job of the group and answers them after the commit.
fn commit(connection: &mut Connection, path: &Path, prefix: &str, jobs: Vec<Intake>) {
    let (drafts, replies): (Vec<_>, Vec<_>) = jobs.into_iter().map(|job| (job.drafts, job.reply)).unzip();
    let written = write(connection, path, prefix, drafts).map_err(|error| broken(path, &error));
    let answers = match written {
        Ok(answers) => answers,
        Err(error) => vec![Err(error); replies.len()],
    };
    for (reply, answer) in replies.into_iter().zip(answers) {
        // The asker may have gone; the record stands all the same.
        drop(reply.send(answer));
    }
}

/// One transaction; each job stands or falls by itself within it.
fn write(
    connection: &mut Connection,
    path: &Path,
    prefix: &str,
    jobs: Vec<Vec<Draft>>,
) -> rusqlite::Result<Vec<Answer>> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut answers = Vec::with_capacity(jobs.len());
    for drafts in jobs {
        let mut savepoint = transaction.savepoint()?;
        let answer = append_all(&savepoint, path, prefix, drafts);
        match &answer {
            Ok(_) => savepoint.commit()?,
            Err(_) => savepoint.rollback()?,
        }
        answers.push(answer);
    }
    let last = last_seq(&transaction)?;
    transaction.execute("UPDATE projected SET seq = ?1", [last])?;
    transaction.commit()?;
    Ok(answers)
}

fn last_seq(transaction: &Transaction<'_>) -> rusqlite::Result<u64> {
    transaction.query_row("SELECT coalesce(max(seq), 0) FROM records", [], |row| row.get(0))
}

fn append_all(savepoint: &Savepoint<'_>, path: &Path, prefix: &str, drafts: Vec<Draft>) -> Answer {
    let broken = |error: rusqlite::Error| broken(path, &error);
    let last: Option<(u64, Vec<u8>, Vec<u8>)> = savepoint
        .query_row("SELECT seq, hash, bytes FROM records ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()
        .map_err(broken)?;
    if let Some(version) = last.as_ref().and_then(|(.., bytes)| newer(bytes)) {
        return Err(Unusable::Newer(version).of(path));
    }
    let (mut seq, mut prev) = last.map_or((0, GENESIS), |(seq, hash, _)| (seq, as_hash(&hash)));
    let mut out = Vec::with_capacity(drafts.len());
    let mut moved = Moved::new();
    for draft in drafts {
        seq += 1;
        let placed = place(savepoint, prefix, seq, &draft, &mut moved);
        let record = placed.map_err(|trouble| trouble.of(path))?;
        let bytes = serde_json::to_vec(&record).unwrap_or_default();
        let hash = chain::link(&prev, &bytes);
        let incident = record.incident.as_ref().map(ToString::to_string);
        savepoint
            .prepare_cached("INSERT INTO records (seq, incident, bytes, hash) VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut insert| insert.execute(params![seq, incident, bytes, hash]))
            .map_err(broken)?;
        prev = hash;
        out.push(Appended { record, incident: None });
    }
    for (id, incident) in moved {
        project(savepoint, &incident).map_err(broken)?;
        if let Some(last) =
            out.iter_mut().rev().find(|appended| appended.record.incident.as_ref() == Some(&id))
        {
            last.incident = Some(Arc::new(incident));
        }
    }
    Ok(out)
}

/// The incidents one append moves: each is read once and projected once, however many records move it.
type Moved = std::collections::BTreeMap<IncidentId, Incident>;

fn as_hash(bytes: &[u8]) -> Hash {
    bytes.try_into().unwrap_or(GENESIS)
}

enum Trouble {
    Ledger(Box<LedgerError>),
    Sqlite(rusqlite::Error),
}

impl Trouble {
    fn of(self, path: &Path) -> LedgerError {
        match self {
            Self::Ledger(error) => match *error {
                LedgerError::Broken { why, .. } => {
                    LedgerError::Broken { path: path.display().to_string(), why }
                }
                other => other,
            },
            Self::Sqlite(error) => broken(path, &error),
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(Box::new(error))
    }
}

/// Checks one draft against the incident as it is now, and moves it.
fn place(
    connection: &Connection,
    prefix: &str,
    seq: u64,
    draft: &Draft,
    moved: &mut Moved,
) -> Result<Record, Trouble> {
    let record = |incident| Record {
        v: FORMAT,
        on: None,
        seq,
        at: draft.at,
        by: draft.by.clone(),
        incident,
        entry: draft.entry.clone(),
    };
    match &draft.subject {
        Subject::Console => Ok(record(None)),
        Subject::New => {
            let number: u64 =
                connection
                    .query_row("SELECT coalesce(max(number), 0) + 1 FROM incidents", [], |row| row.get(0))?;
            let record = record(Some(IncidentId::new(prefix, number)));
            let incident = Incident::open(&record)
                .map_err(|illegal| LedgerError::Illegal { why: illegal.0, current: None })?;
            // Projected at once: the next one counts from it.
            project(connection, &incident)?;
            moved.insert(incident.id.clone(), incident);
            Ok(record)
        }
        Subject::Incident(id) => {
            let mut incident = match moved.remove(id) {
                Some(incident) => incident,
                None => load(connection, id)?.ok_or_else(|| LedgerError::NotFound(id.to_string()))?,
            };
            if let (Some(seen), Some(field)) = (draft.seen, draft.entry.field())
                && incident.changed.get(&field).is_some_and(|version| *version > seen)
            {
                return Err(LedgerError::Changed { field, current: Arc::new(incident) }.into());
            }
            if draft.version.is_some_and(|version| version != incident.version) {
                return Err(LedgerError::Moved.into());
            }
            let record = record(Some(id.clone()));
            // A refused record leaves the incident as it was, so it can be shown as it is.
            if let Err(illegal) = incident.apply(&record) {
                return Err(LedgerError::Illegal { why: illegal.0, current: Some(Arc::new(incident)) }.into());
            }
            keep_slots(connection, &incident, draft)?;
            moved.insert(id.clone(), incident);
            Ok(record)
        }
    }
}

/// The slot of an action: its playbook or path, and its target.
fn slot(action: &Action) -> (String, String) {
    let target = action.plan.target.as_ref().map(|(_, value)| value.raw().to_owned()).unwrap_or_default();
    (action.plan.verb.of().to_owned(), target)
}

/// At most one open action per playbook and target, over all incidents.
fn keep_slots(connection: &Connection, incident: &Incident, draft: &Draft) -> Result<(), Trouble> {
    let (Entry::Intended { action, .. }
    | Entry::Sent { action }
    | Entry::Answered { action, .. }
    | Entry::Settled { action, .. }) = &draft.entry
    else {
        return Ok(());
    };
    let Some(action) = incident.actions.get(action) else { return Ok(()) };
    if matches!(action.plan.verb, Verb::Escalate { .. }) {
        return Ok(());
    }
    let (of, target) = slot(action);
    let id = incident.id.to_string();
    if matches!(draft.entry, Entry::Intended { .. }) {
        let taken: Option<(String, u32, bool)> = connection
            .query_row(
                // One on the wire comes before one that is unknown.
                "SELECT incident, action, unknown FROM open_actions
                 WHERE of = ?1 AND target = ?2 ORDER BY unknown LIMIT 1",
                params![of, target],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        if let Some((incident, action, unknown)) = taken
            && !(unknown && draft.takes_over)
        {
            return Err(LedgerError::SlotTaken { incident, action }.into());
        }
        connection.execute(
            "INSERT OR REPLACE INTO open_actions VALUES (?1, ?2, ?3, ?4, 0)",
            params![of, target, id, action.id],
        )?;
    } else if action.stage.is_open() {
        connection.execute(
            "UPDATE open_actions SET unknown = ?4 WHERE of = ?1 AND target = ?2 AND incident = ?3 AND action = ?5",
            params![of, target, id, action.stage == Stage::Unknown, action.id],
        )?;
    } else {
        // What is settled now may have ended an earlier one too: an undo, what it reversed.
        for ended in incident.actions.values().filter(|action| !action.stage.is_open()) {
            connection.execute(
                "DELETE FROM open_actions WHERE of = ?1 AND target = ?2 AND incident = ?3 AND action = ?4",
                params![of, target, id, ended.id],
            )?;
        }
    }
    Ok(())
}

fn load(connection: &Connection, id: &IncidentId) -> Result<Option<Incident>, Trouble> {
    let state: Option<String> = connection
        .prepare_cached("SELECT state FROM incidents WHERE id = ?1")?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    state.map(|state| serde_json::from_str(&state).map_err(|error| unreadable(id, &error).into())).transpose()
}

fn unreadable(id: &IncidentId, error: &serde_json::Error) -> LedgerError {
    LedgerError::Broken { path: String::new(), why: format!("has an unreadable projection of {id}: {error}") }
}

fn project(connection: &Connection, incident: &Incident) -> rusqlite::Result<()> {
    let state = serde_json::to_string(incident).unwrap_or_default();
    connection
        .prepare_cached("INSERT OR REPLACE INTO incidents (id, number, phase, grp, moved, alive, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![
            incident.id.to_string(),
            incident.id.number(),
            incident.phase.word(),
            incident.opening.group,
            incident.moved_at.to_rfc3339(),
            incident.is_alive(),
            state
        ])?;
    Ok(())
}

/// Rebuilds the projection from the records when it does not reach as far as they do or cannot be read. Where it is
/// as it should be, nothing is locked: others may be writing, and the file may be read-only.
pub(super) fn rebuild_if_behind(connection: &mut Connection, path: &Path) -> Result<(), LedgerError> {
    let rebuilt = (|| -> Result<(), Trouble> {
        if is_current(&connection.transaction()?)? {
            return Ok(());
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !is_current(&transaction)? {
            rebuild(&transaction, path)?;
        }
        Ok(transaction.commit()?)
    })();
    rebuilt.map_err(|trouble| trouble.of(path))
}

fn is_current(transaction: &Transaction<'_>) -> rusqlite::Result<bool> {
    let projected: Option<u64> =
        transaction.query_row("SELECT seq FROM projected", [], |row| row.get(0)).optional()?;
    Ok(projected.unwrap_or(0) == last_seq(transaction)? && readable(transaction)?)
}

fn readable(connection: &Connection) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare("SELECT state FROM incidents WHERE phase <> 'closed'")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if serde_json::from_str::<Incident>(row.get_ref(0)?.as_str().unwrap_or_default()).is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn rebuild(transaction: &Transaction<'_>, path: &Path) -> Result<(), Trouble> {
    let connection: &Connection = transaction;
    let last = last_seq(transaction)?;
    connection.execute_batch(
        "DELETE FROM incidents; DELETE FROM open_actions; INSERT OR REPLACE INTO projected VALUES (1, 0);",
    )?;
    let mut folded: std::collections::BTreeMap<IncidentId, Incident> = std::collections::BTreeMap::new();
    let mut statement =
        connection.prepare("SELECT seq, bytes FROM records WHERE incident IS NOT NULL ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let seq: u64 = row.get(0)?;
        let bad = |why: String| LedgerError::Broken {
            path: String::new(),
            why: format!("has a bad record {seq}: {why}; run `quell ledger verify`"),
        };
        let bytes = row.get_ref(1)?.as_blob().unwrap_or_default();
        if let Some(version) = newer(bytes) {
            return Err(Unusable::Newer(version).of(path).into());
        }
        let record: Record = serde_json::from_slice(bytes).map_err(|e| bad(e.to_string()))?;
        let Some(id) = record.incident.clone() else { continue };
        match folded.get_mut(&id) {
            Some(incident) => incident.apply(&record).map_err(|illegal| bad(illegal.0))?,
            None => drop(folded.insert(id, Incident::open(&record).map_err(|illegal| bad(illegal.0))?)),
        }
    }
    for incident in folded.values() {
        project(connection, incident)?;
        for action in incident.actions.values().filter(|a| a.stage.is_open()) {
            let (of, target) = slot(action);
            connection.execute(
                "INSERT OR REPLACE INTO open_actions VALUES (?1, ?2, ?3, ?4, ?5)",
                params![of, target, incident.id.to_string(), action.id, action.stage == Stage::Unknown],
            )?;
        }
    }
    connection.execute("UPDATE projected SET seq = ?1", [last])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::operator::Actor;
    use crate::domain::time::Time;
    use crate::ledger::schema;

    #[test]
    fn whoever_waits_for_a_ledger_that_stays_locked_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let mut connection = Connection::open(&path).unwrap();
        assert!(schema::prepare(&mut connection, "ANA").is_ok());
        connection.busy_timeout(std::time::Duration::ZERO).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let (reply, mut answer) = oneshot::channel();
        let entry = Entry::WatchAccepted { offer: 1 };
        let drafts = vec![Draft::console(Actor::Engine, Time::UNIX_EPOCH, entry)];
        commit(&mut connection, &path, "ANA", vec![Intake { drafts, reply }]);
        let error = answer.try_recv().unwrap().unwrap_err();
        assert!(error.to_string().contains("locked by another program"), "{error}");
    }
}
