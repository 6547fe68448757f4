//! What burns hardest: a total, stable order of incidents.

use std::cmp::Reverse;

use super::classification::Impact;
use super::id::IncidentId;
use super::incident::Incident;
use super::phase::Phase;
use super::severity::Severity;
use super::time::Time;

/// The place of an incident; the smaller, the higher on the screen.
pub type Key = (Reverse<bool>, Reverse<Severity>, bool, Reverse<bool>, Phase, Reverse<u64>, Time, u64);

/// Unknown outcome → severity → unacknowledged → a deadline has passed → earlier phase → more users → older.
pub fn key(incident: &Incident) -> Key {
    (
        Reverse(incident.has_unknown()),
        Reverse(incident.severity),
        incident.is_acked(),
        Reverse(incident.is_late()),
        incident.phase,
        Reverse(users(incident)),
        incident.opened_at,
        incident.id.number(),
    )
}

/// Unknown ranks as most.
fn users(incident: &Incident) -> u64 {
    match &incident.impact {
        Some(Impact::Users { max, .. }) => *max,
        Some(Impact::Unknown { .. }) | None => u64::MAX,
    }
}

/// Incidents in rank order.
pub fn order<'a>(incidents: impl IntoIterator<Item = &'a Incident>) -> Vec<IncidentId> {
    let mut keyed: Vec<_> = incidents.into_iter().map(|incident| (key(incident), &incident.id)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, id)| id.clone()).collect()
}

/// Why a row stands where it stands, in words, the strongest reason first.
pub fn explain(incident: &Incident) -> Vec<String> {
    let mut reasons = Vec::new();
    if incident.has_unknown() {
        reasons.push("an action's outcome is unknown: pinned".to_owned());
    }
    reasons.push(format!("severity {}", incident.severity.word()));
    reasons.push(match (&incident.owner, incident.held_upstream()) {
        (Some(owner), _) => format!("held by {}", owner.name),
        (None, Some(by)) => format!("held by {} at its source", by.safe()),
        (None, None) => "nobody has acknowledged it".to_owned(),
    });
    for deadline in incident.passed.keys() {
        reasons.push(format!("the {} deadline has passed", deadline.word()));
    }
    for deadline in incident.deadlines.iter().filter(|deadline| deadline.is_overdue()) {
        reasons.push(format!("the {} deadline has passed", deadline.kind.word()));
    }
    reasons.push(format!("in phase {}", incident.phase.title()));
    reasons.push(match &incident.impact {
        Some(known @ Impact::Users { .. }) => format!("{} affected", known.words().safe()),
        Some(Impact::Unknown { .. }) => "users affected unknown: counts as most".to_owned(),
        None => "impact not assessed: counts as most".to_owned(),
    });
    reasons
}
