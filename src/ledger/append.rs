//! Appending: each draft is checked against the incident as it is now, linked to the chain, and folded in.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Savepoint, params};

use super::chain::{self, GENESIS, Hash};
use super::projection::{load, project};
use super::read::{is_safety_off, newer};
use super::schema::Unusable;
use super::slots::keep_slots;
use super::trouble::Trouble;
use super::{Appended, Draft, LedgerError, Subject, broken};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::record::{Entry, FORMAT, Record};

/// What becomes of what somebody wants appended.
pub(super) type Answer = Result<Vec<Appended>, LedgerError>;

/// Places every draft, or none.
pub(super) fn append_all(savepoint: &Savepoint<'_>, path: &Path, prefix: &str, drafts: Vec<Draft>) -> Answer {
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
        let stands = match record.entry {
            Entry::ConfigurationLoaded { .. } => Some(("configuration", seq.to_string())),
            Entry::SafetyTurned { off, .. } => Some(("safety", if off { "off" } else { "on" }.to_owned())),
            _ => None,
        };
        if let Some((key, value)) = stands {
            savepoint
                .execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", [key, &value])
                .map_err(broken)?;
        }
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
        on: draft.on.clone(),
        seq,
        at: draft.at,
        by: draft.by.clone(),
        incident,
        entry: draft.entry.clone(),
    };
    match &draft.subject {
        Subject::Console => match draft.entry {
            // Whoever saw it come or go at the same moment was quicker.
            Entry::SafetyTurned { off, .. } if is_safety_off(connection)? == off => {
                Err(LedgerError::Illegal { why: "that is written down already".into(), current: None }.into())
            }
            _ => Ok(record(None)),
        },
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
