//! What a person says of two incidents: decided on both as they are, written down on both or on neither.

use std::sync::Arc;

use super::Engine;
use super::plans::refused;
use crate::backend::{Refusal, RefusalKind};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::operator::{Actor, Operator};
use crate::domain::record::Entry;
use crate::domain::tie::{Seen, Tie};
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
            let now = self.now();
            for one in &ones {
                may(tie, one, &other, now)?;
            }
            for (incident, seen) in ones.iter().zip(of).chain([(&other, to)]) {
                unchanged(incident, seen.version)?;
            }
            match self.append(drafts(who, tie, &ones, &other, now)).await {
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

/// Whether the table will allow it, in words that name the incident.
fn may(tie: &Tie, one: &Arc<Incident>, other: &Arc<Incident>, now: Time) -> Result<(), Refusal> {
    tie.may(one, other, now).map_err(|(id, why)| {
        let current = Some(Arc::clone(if id == one.id { one } else { other }));
        Refusal { current, ..refused(format!("{id}: {why}")) }
    })
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

/// Both sides of each. Each incident is written on exactly as it was read: what moves is what is there.
fn drafts(who: &Operator, tie: &Tie, ones: &[Arc<Incident>], other: &Arc<Incident>, now: Time) -> Vec<Draft> {
    let draft = |of: &Incident, tied, exactly: bool| Draft {
        version: exactly.then_some(of.version),
        ..Draft::of(&of.id, Actor::Person(who.clone()), now, Entry::Tied(tied))
    };
    let mut out = Vec::with_capacity(2 * ones.len());
    for (place, one) in ones.iter().enumerate() {
        let (here, there) = tie.sides(one, other);
        out.push(draft(one, here, true));
        // After the first the other one is as that left it.
        out.push(draft(other, there, place == 0));
    }
    out
}
