//! What burns hardest: a total, stable order of incidents.

use std::cmp::Reverse;

use super::classification::Impact;
use super::id::IncidentId;
use super::incident::Incident;
use super::phase::Phase;
use super::severity::Severity;
use super::time::{Time, date_minute};

/// The place of an incident; the smaller, the higher on the screen.
pub type Key = (Reverse<bool>, bool, Reverse<Severity>, bool, Reverse<bool>, Phase, Reverse<u64>, Time, u64);

/// Unknown outcome → not put off → severity → unacknowledged → a deadline has passed → earlier phase → more users → older.
pub fn key(incident: &Incident, now: Time) -> Key {
    (
        Reverse(incident.has_unknown()),
        incident.is_snoozed(now),
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
pub fn order<'a>(incidents: impl IntoIterator<Item = &'a Incident>, now: Time) -> Vec<IncidentId> {
    let mut keyed: Vec<_> =
        incidents.into_iter().map(|incident| (key(incident, now), &incident.id)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, id)| id.clone()).collect()
}

/// Why a row stands where it stands, in words, the strongest reason first.
pub fn explain(incident: &Incident, now: Time) -> Vec<String> {
    let mut reasons = Vec::new();
    if incident.has_unknown() {
        reasons.push("an action's outcome is unknown: pinned".to_owned());
    }
    if let Some(snooze) = incident.snooze.as_ref().filter(|_| incident.is_snoozed(now)) {
        let (by, until) = (&snooze.by, date_minute(snooze.until));
        reasons.push(format!("snoozed by {by} until {until}: below what is not"));
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
        let of = if deadline.name.is_empty() { String::new() } else { format!(" ({})", deadline.name) };
        reasons.push(format!("the {} deadline{of} has passed", deadline.kind.word()));
    }
    reasons.push(format!("in phase {}", incident.phase.title()));
    reasons.push(match &incident.impact {
        Some(known @ Impact::Users { .. }) => format!("{} affected", known.words().safe()),
        Some(Impact::Unknown { .. }) => "users affected unknown: counts as most".to_owned(),
        None => "impact not assessed: counts as most".to_owned(),
    });
    reasons
}
