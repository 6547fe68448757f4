//! What an incident's own record knows of a packet's items.

use super::topic;
use crate::domain::action::{Stage, Verb};
use crate::domain::classification::{Impact, Urgency};
use crate::domain::evidence::{Evidence, EvidenceKind, Kept};
use crate::domain::incident::Incident;
use crate::domain::opening::Reported;
use crate::domain::role::Role;
use crate::domain::text::Outside;
use crate::domain::time::{Time, date_time};

/// Pieces of evidence that are named; the rest is counted.
const PIECES: usize = 5;
/// Digits of a hash.
const HASH: usize = 12;
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
    } else if is("commander") || is("incident commander") {
        incident.role(Role::Commander).cloned()
    } else if is("reporter") {
        reporter(incident)
    } else if is("source") {
        source(incident)
    } else if is("evidence") {
        evidence(incident)
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

/// Who said so first: a partner or a colleague, or whoever opened it by hand.
fn reporter(incident: &Incident) -> Option<Outside> {
    let opening = &incident.opening;
    match opening.reported.as_deref() {
        Some(Reported { from, by, via, .. }) => {
            Some(Outside::new(format!("{} ({}, by {})", by.raw(), from.word(), via.raw())))
        }
        None => Some(opening.because.clone()).filter(|_| incident.sources().is_empty()),
    }
}

/// Where it comes from.
fn source(incident: &Incident) -> Option<Outside> {
    let sources = incident.sources();
    (!sources.is_empty()).then(|| Outside::new(sources.join(", ")))
}

/// What is kept of it, the newest first: whoever is told can ask for it by its hash. That they were told is no evidence of it.
fn evidence(incident: &Incident) -> Option<Outside> {
    let one = |kept: &Kept| {
        let Evidence { name, sha256, .. } = &kept.evidence;
        format!("{} (sha256 {})", name.raw(), sha256.get(..HASH).unwrap_or(sha256))
    };
    let kept = || incident.evidence.iter().rev().filter(|kept| kept.evidence.kind != EvidenceKind::Told);
    let mut said: Vec<String> = kept().take(PIECES).map(one).collect();
    let more = kept().skip(PIECES).count();
    if more > 0 {
        said.push(format!("{more} more"));
    }
    (!said.is_empty()).then(|| Outside::new(said.join(", ")))
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
