//! Appending: one thread, one transaction for whatever has queued up, one fold for every record.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use rusqlite::{Connection, OptionalExtension, Savepoint, TransactionBehavior, params};
use tokio::sync::oneshot;

use super::chain::{self, GENESIS, Hash};
use super::projection::{last_seq, load, project};
use super::read::newer;
use super::schema::Unusable;
use super::slots::keep_slots;
use super::trouble::Trouble;
use super::{Appended, Draft, LedgerError, Subject, broken};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::record::{FORMAT, Record};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::operator::Actor;
    use crate::domain::record::Entry;
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
