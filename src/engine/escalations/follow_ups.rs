//! What those who were paged hear afterwards: who holds it, what became known, that it is over. Pure.
//!
//! It comes within the hour or not at all: later it tells nobody anything they have not learnt otherwise.

use crate::domain::escalation::{Escalation, Owed};
use crate::domain::incident::Incident;
use crate::domain::plan::Purpose;
use crate::domain::time::{Span, Time};

/// Who fills in a packet is given so long to go on, so that several items go out as one message.
const QUIET: Span = Span::secs(15);
/// How late those who were paged are still told.
const USEFUL: Span = Span::mins(60);

/// Why those who were paged are told now. Whether an item that was missing is known, the packet says.
pub(in crate::engine) fn due(incident: &Incident, escalation: &Escalation, now: Time) -> Option<Purpose> {
    let useful = |since: Time| now - since <= USEFUL.delta();
    let nothing = |_: &str| false;
    if escalation.paged.is_empty() {
        return None;
    }
    if !incident.phase.is_open() {
        let fresh = incident.closed.is_some_and(|(_, at)| useful(at));
        let end =
            incident.merged.as_ref().map_or(Purpose::Ended, |merged| Purpose::Merged(merged.into.clone()));
        return (fresh && escalation.owes(&end, nothing, now) == Owed::Now).then_some(end);
    }
    // It goes on for who was told that it is over: who holds it, or else that somebody must.
    let too_soon = escalation.was_told_too_soon();
    if (too_soon || escalation.told == Some(Purpose::Reopened)) && incident.cleared_at.is_none() {
        let fresh = incident.opened_again().is_some_and(|(_, at)| useful(at));
        let stands = incident.holder().map_or(Purpose::Reopened, Purpose::Acknowledged);
        if fresh && escalation.owes(&stands, nothing, now) == Owed::Now {
            return Some(stands);
        }
    }
    // Who was told that it is over, and was not paged since, expects nobody.
    let waits = !matches!(escalation.told, Some(Purpose::Ended | Purpose::Merged(_)));
    if let Some(owner) = incident.owner.as_ref().filter(|owner| waits && useful(owner.since)) {
        let held = Purpose::Acknowledged(owner.name.clone());
        match escalation.owes(&held, nothing, now) {
            Owed::Now => return Some(held),
            // Nobody knows it yet: what became known would come before it.
            Owed::Later if escalation.told.as_ref() != Some(&held) => return None,
            Owed::Later | Owed::No => {}
        }
    }
    let quiet = escalation.learnt_at.is_none_or(|at| now - at >= QUIET.delta());
    let may_know = waits && quiet && useful(incident.moved_at);
    let anything = |_: &str| true;
    (may_know && escalation.owes(&Purpose::Filled, anything, now) == Owed::Now).then_some(Purpose::Filled)
}
