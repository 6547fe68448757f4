//! What those who were paged hear afterwards: who holds it, what became known, that it is over. Pure.
//!
//! It comes within the hour or not at all: later it tells nobody anything they have not learnt otherwise.

use crate::domain::escalation::Escalation;
use crate::domain::incident::Incident;
use crate::domain::plan::Purpose;
use crate::domain::time::{Span, Time};

/// Who fills in a packet is given so long to go on, so that several items go out as one message.
const QUIET: Span = Span::secs(15);
/// How late those who were paged are still told.
const USEFUL: Span = Span::mins(60);

/// Whether something is told now.
enum Owed {
    Now,
    /// It was told in vain, and is told again later.
    Later,
    No,
}

/// Why those who were paged are told now. Whether an item that was missing is known, the packet says.
pub(in crate::engine) fn due(incident: &Incident, escalation: &Escalation, now: Time) -> Option<Purpose> {
    let useful = |since: Time| now - since <= USEFUL.delta();
    if escalation.paged.is_empty() {
        return None;
    }
    if !incident.phase.is_open() {
        let fresh = incident.closed.is_some_and(|(_, at)| useful(at));
        let end =
            incident.merged.as_ref().map_or(Purpose::Ended, |merged| Purpose::Merged(merged.into.clone()));
        return (fresh && matches!(owed(escalation, &end, now), Owed::Now)).then_some(end);
    }
    // Who was told that it is over, and was not paged since, expects nobody.
    let waits = !matches!(escalation.told, Some(Purpose::Ended | Purpose::Merged(_)));
    if let Some(owner) = incident.owner.as_ref().filter(|owner| waits && useful(owner.since)) {
        let held = Purpose::Acknowledged(owner.name.clone());
        match owed(escalation, &held, now) {
            Owed::Now => return Some(held),
            // Nobody knows it yet: what became known would come before it.
            Owed::Later if escalation.told.as_ref() != Some(&held) => return None,
            Owed::Later | Owed::No => {}
        }
    }
    let quiet = escalation.learnt_at.is_none_or(|at| now - at >= QUIET.delta());
    let may_know = waits && quiet && useful(incident.moved_at);
    (may_know && matches!(owed(escalation, &Purpose::Filled, now), Owed::Now)).then_some(Purpose::Filled)
}

/// What some did not take is told them again after a while, and with what became known since at once.
fn owed(escalation: &Escalation, purpose: &Purpose, now: Time) -> Owed {
    let is_filled = *purpose == Purpose::Filled;
    if let Some(untold) = escalation.untold_of(purpose) {
        return match untold.again_at() {
            // What others have not heard either waits for no channel.
            _ if is_filled && escalation.learnt_at > Some(untold.at) => Owed::Now,
            Some(at) if at <= now => Owed::Now,
            Some(_) => Owed::Later,
            None => Owed::No,
        };
    }
    let is_news =
        if is_filled { !escalation.missing.is_empty() } else { escalation.told.as_ref() != Some(purpose) };
    if is_news { Owed::Now } else { Owed::No }
}
