//! What burns hardest: a total, stable order of incidents.

use std::cmp::Reverse;

use super::classification::Impact;
use super::id::IncidentId;
use super::incident::Incident;
use super::phase::Phase;
use super::severity::Severity;
use super::time::{Time, date_minute, moment};

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
    reasons.push(format!("opened {}: older first", moment(incident.opened_at, now)));
    reasons
}

/// What decides that another incident stands above this one, or that it does so no more: the first thing that differs.
pub fn decides(above: &Incident, this: &Incident, now: Time) -> String {
    let (first, second) = (key(above, now), key(this, now));
    if first > second {
        return "it ranks lower by now, and rows hold still while somebody uses the keys".to_owned();
    }
    let affects = |incident: &Incident| match &incident.impact {
        Some(known @ Impact::Users { .. }) => known.words().safe().to_string(),
        Some(Impact::Unknown { .. }) => "unknown users, which count as most,".to_owned(),
        None => "users nobody assessed, which count as most,".to_owned(),
    };
    let reasons = [
        (first.0 != second.0).then(|| "an action of it has an unknown outcome".to_owned()),
        (first.1 != second.1).then(|| "this one is snoozed".to_owned()),
        (first.2 != second.2)
            .then(|| format!("severity {} before {}", above.severity.word(), this.severity.word())),
        (first.3 != second.3).then(|| "nobody has acknowledged it".to_owned()),
        (first.4 != second.4).then(|| "a deadline of it has passed".to_owned()),
        (first.5 != second.5).then(|| format!("phase {} before {}", above.phase.title(), this.phase.title())),
        (first.6 != second.6).then(|| format!("{} before {}", affects(above), affects(this))),
        (first.7 != second.7).then(|| format!("it is older, opened {}", moment(above.opened_at, now))),
    ];
    let same = || "it was opened at the same time, and its number is lower".to_owned();
    reasons.into_iter().flatten().next().unwrap_or_else(same)
}
