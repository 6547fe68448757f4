//! What an incident's own record knows of a packet's items.

use super::topic;
use crate::domain::action::{Stage, Verb};
use crate::domain::classification::{Impact, Urgency};
use crate::domain::incident::Incident;
use crate::domain::text::Outside;
use crate::domain::time::{Time, date_time};

/// The item that says when it began.
pub(super) const START: &str = "start time";
/// The item of every time that matters.
pub(super) const TIMESTAMPS: &str = "timestamps";

/// What the record says of a topic.
pub(super) fn known(incident: &Incident, about: &str) -> Option<Outside> {
    let is = |item: &str| topic(item) == about;
    let said = &incident.classification;
    if is("impact scope") {
        scope(incident)
    } else if is("affected users") {
        impact(incident)
    } else if is("product area") {
        said.area.clone()
    } else if is("environment") {
        said.environment.clone()
    } else if is("urgency") {
        Some(Outside::new(said.urgency.map_or_else(|| incident.severity.word(), Urgency::word)))
    } else if is(START) {
        Some(Outside::new(date_time(began(incident))))
    } else if is("detected time") {
        Some(Outside::new(date_time(incident.opened_at)))
    } else if is("current mitigation") {
        mitigation(incident)
    } else if is("technical details") {
        Some(incident.title().clone())
    } else if is("severity") {
        Some(Outside::new(incident.severity.word()))
    } else if is("whether still active") {
        active(incident)
    } else if is("response lead") {
        incident.lead().cloned()
    } else {
        None
    }
}

/// What the record says of a topic when nothing else does.
pub(super) fn otherwise(incident: &Incident, about: &str) -> Option<Outside> {
    if about == topic("product area") {
        Some(incident.opening.service.clone()).filter(|service| !service.is_blank())
    } else if about == topic(TIMESTAMPS) {
        Some(Outside::new(date_time(began(incident))))
    } else {
        None
    }
}

fn began(incident: &Incident) -> Time {
    incident.signals.values().map(|signal| signal.since).min().unwrap_or(incident.opened_at)
}

fn active(incident: &Incident) -> Option<Outside> {
    match incident.firing() {
        _ if incident.signals.is_empty() => None,
        0 => Some(Outside::new("no signal fires")),
        1 => Some(Outside::new("yes, 1 signal fires")),
        firing => Some(Outside::new(format!("yes, {firing} signals fire"))),
    }
}

/// How far it reaches, and how many that are.
fn scope(incident: &Incident) -> Option<Outside> {
    let (scope, users) = (incident.classification.scope, impact(incident));
    match (scope, users) {
        (Some(scope), Some(users)) => Some(Outside::new(format!("{}, {}", scope.word(), users.raw()))),
        (Some(scope), None) => Some(Outside::new(scope.word())),
        (None, users) => users,
    }
}

fn impact(incident: &Incident) -> Option<Outside> {
    incident.impact.as_ref().map(Impact::words)
}

/// What people say was done, else the last containment that holds.
fn mitigation(incident: &Incident) -> Option<Outside> {
    if incident.mitigated.is_some() {
        return incident.mitigated.clone();
    }
    let done = incident.actions.values().rev().find(|action| {
        matches!(action.plan.verb, Verb::Contain { .. })
            && matches!(action.stage, Stage::Verified | Stage::Accepted)
    })?;
    let target = done.plan.target.as_ref().map(|(_, value)| value.raw()).unwrap_or_default();
    Some(Outside::new(format!("{} {target} ({})", done.plan.title, done.stage.word())))
}
