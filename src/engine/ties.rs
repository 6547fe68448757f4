//! What a person says of two incidents: decided on both as they are, written down on both or on neither.

use std::cmp::Reverse;
use std::sync::Arc;

use super::Engine;
use super::plans::refused;
use crate::backend::{Refusal, RefusalKind};
use crate::domain::id::IncidentId;
use crate::domain::incident::{Illegal, Incident};
use crate::domain::operator::{Actor, Operator};
use crate::domain::record::{Entry, FORMAT, Record};
use crate::domain::tie::{self, Seen, Tie};
use crate::domain::time::Time;
use crate::ledger::{Draft, LedgerError};

/// How often it is decided anew when a signal of one of them moves meanwhile.
const TRIES: usize = 8;

impl Engine {
    pub(super) async fn tie_to(
        &self,
        who: &Operator,
        tie: &Tie,
        of: &[Seen],
        to: &Seen,
    ) -> Result<Vec<Arc<Incident>>, Refusal> {
        if of.is_empty() {
            return Err(Refusal::new(RefusalKind::Usage, "name the incidents to tie"));
        }
        let twice = |seen: &&Seen| of.iter().filter(|other| other.id == seen.id).count() > 1;
        if let Some(seen) = of.iter().find(twice) {
            return Err(Refusal::new(RefusalKind::Usage, format!("{} is named twice", seen.id)));
        }
        for _ in 0..TRIES {
            let other = self.as_it_is(&to.id).await?;
            let mut ones = Vec::with_capacity(of.len());
            for seen in of {
                ones.push(self.as_it_is(&seen.id).await?);
            }
            let drafts = drafts(who, tie, &ones, &other, self.now())?;
            for (incident, seen) in ones.iter().zip(of).chain([(&other, to)]) {
                unchanged(incident, seen.version)?;
            }
            match self.append(drafts).await {
                Err(LedgerError::Moved) => {}
                Err(LedgerError::Illegal { why, current }) => {
                    let id = current.as_ref().map_or_else(|| other.id.to_string(), |it| it.id.to_string());
                    return Err(Refusal { current, ..refused(format!("{id}: {why}")) });
                }
                Err(error) => return Err(error.into()),
                Ok(appended) => {
                    let last = |id: &IncidentId| {
                        let mut all = appended.iter().filter_map(|it| it.incident.as_ref());
                        all.rfind(|incident| incident.id == *id).cloned()
                    };
                    return Ok(of.iter().chain([to]).filter_map(|seen| last(&seen.id)).collect());
                }
            }
        }
        Err(refused(format!("{} changes all the time; nothing was written down, try again", names(of, to))))
    }

    /// An incident as the ledger leaves it, whoever wrote last.
    async fn as_it_is(&self, id: &IncidentId) -> Result<Arc<Incident>, Refusal> {
        let found = self.0.ledger.incident(id).await?;
        found.ok_or_else(|| LedgerError::NotFound(id.to_string()).into())
    }
}

fn names(of: &[Seen], to: &Seen) -> String {
    let names: Vec<String> = of.iter().chain([to]).map(|seen| seen.id.to_string()).collect();
    names.join(", ")
}

/// What the table will not allow, in words that name the incident.
fn illegal(of: &Incident, why: &Illegal) -> Refusal {
    Refusal { current: Some(Arc::new(of.clone())), ..refused(format!("{}: {}", of.id, why.0)) }
}

/// Whether no part of it that two people could change at once did since a person saw it.
fn unchanged(incident: &Arc<Incident>, seen: u64) -> Result<(), Refusal> {
    let since = incident.changed.iter().filter(|(_, version)| **version > seen);
    let changed: Vec<&str> = since.map(|(field, _)| field.words()).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let why = format!("{} changed since you looked: {}", incident.id, changed.join(", "));
    Err(Refusal { current: Some(Arc::clone(incident)), ..Refusal::new(RefusalKind::Changed, why) })
}

/// Both sides of each, decided on what those before it leave. Each incident is written on exactly as it was read: what
/// moves is what is there.
fn drafts(
    who: &Operator,
    tie: &Tie,
    ones: &[Arc<Incident>],
    other: &Incident,
    now: Time,
) -> Result<Vec<Draft>, Refusal> {
    let draft = |of: &Incident, entry: Entry| Draft::of(&of.id, Actor::Person(who.clone()), now, entry);
    let mut ones: Vec<&Arc<Incident>> = ones.iter().collect();
    // What came last is taken out first; what did not come at all stays in its order.
    let came = |one: &IncidentId| other.taken_in.iter().position(|taken| taken.id == *one);
    ones.sort_by_key(|one| Reverse(came(&one.id)));
    let mut there = other.clone();
    let mut out = Vec::with_capacity(2 * ones.len());
    for (place, one) in ones.into_iter().enumerate() {
        let why = tie.may(one, &there, now);
        why.map_err(|(id, why)| illegal(if id == one.id { one } else { other }, &why))?;
        let (here, its) = tie.sides(one, &there);
        let here = Draft { version: Some(one.version), ..draft(one, Entry::Tied(here)) };
        // After the first the other one is as that left it.
        let its = Draft { version: (place == 0).then_some(other.version), ..draft(other, Entry::Tied(its)) };
        let mut after = Incident::clone(one);
        fold(&mut after, &here)?;
        fold(&mut there, &its)?;
        out.extend([here, its]);
        for path in tie::handed_on(one, &after, &there) {
            let armed = draft(other, path);
            fold(&mut there, &armed)?;
            out.push(armed);
        }
    }
    Ok(out)
}

/// An incident as a draft will leave it.
fn fold(incident: &mut Incident, draft: &Draft) -> Result<(), Refusal> {
    let record = Record {
        v: FORMAT,
        on: None,
        seq: 0,
        at: draft.at,
        by: draft.by.clone(),
        incident: Some(incident.id.clone()),
        entry: draft.entry.clone(),
    };
    incident.apply(&record).map_err(|why| illegal(incident, &why))
}
