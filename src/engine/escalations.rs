//! Paths: when they arm, and what is due on them. Pure.

pub(super) mod follow_ups;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::due::{Due, notice};
use super::setup::Setup;
use super::telling::TOO_LATE;
use crate::domain::deadline::DeadlineKind;
use crate::domain::escalation::{Escalation, Path, Step, Stopped};
use crate::domain::id::IncidentId;
use crate::domain::incident::{Incident, Joined};
use crate::domain::notice::NoticeKind;
use crate::domain::query::Asker;
use crate::domain::record::{DeadlinePassed, Entry, PathArmed, PathHeld, PathStopped, StepMissed};
use crate::domain::severity::Severity;
use crate::domain::time::{Span, Time};

/// A signal that fired this long before quell saw it was burning before.
const BURNING_BEFORE: Span = Span::mins(10);
/// How long the next covered incident waits, and how long after the last step a path counts as exhausted.
const GRACE: Span = Span::mins(5);

/// Which incident pages on a path for a service and severity.
type Paging<'a> = BTreeMap<(&'a str, &'a str, Severity), &'a IncidentId>;

/// What is due on all paths.
pub(super) fn due(setup: &Setup, incidents: &[Arc<Incident>], now: Time, out: &mut Vec<Due>) {
    let mut open: Vec<&Arc<Incident>> = incidents.iter().filter(|i| i.phase.is_open()).collect();
    open.sort_by_key(|incident| (incident.opened_at, incident.id.number()));
    let mut paging = Paging::new();
    for incident in &open {
        for escalation in incident.escalations.iter().filter(|e| e.stopped.is_none()) {
            let place = (escalation.path.as_str(), incident.opening.service.raw(), incident.severity);
            paging.entry(place).or_insert(&incident.id);
        }
    }
    for incident in incidents {
        let told = incident.escalations.iter().filter(|e| follow_ups::due(incident, e, now).is_some());
        out.extend(told.map(|e| Due::FollowUp(incident.id.clone(), e.path.clone(), incident.version)));
    }
    let open_again: Vec<((Time, Time), &Incident)> =
        open.iter().filter_map(|incident| Some((incident.opened_again()?, &***incident))).collect();
    for incident in open {
        for escalation in &incident.escalations {
            let entries = match &escalation.stopped {
                Some(Stopped::CoveredBy(other)) if !incident.is_acked() && incident.cleared_at.is_none() => {
                    uncover(setup, incident, escalation, other, incidents, &mut paging)
                }
                None => match covering_again(&open_again, incident, escalation) {
                    Some(other) => Some(vec![Entry::PathStopped(PathStopped {
                        path: escalation.path.clone(),
                        because: Stopped::CoveredBy(other.clone()),
                    })]),
                    None => step_due(incident, escalation, now, out),
                },
                Some(_) => None,
            };
            out.extend(entries.map(|entries| Due::Note(incident.id.clone(), entries)));
        }
        let armed = arming(setup, incident, &mut paging, now);
        if !armed.is_empty() {
            out.push(Due::Note(incident.id.clone(), armed));
        }
    }
}

/// Each path arms once an incident.
fn arming<'a>(setup: &'a Setup, incident: &'a Incident, paging: &mut Paging<'a>, now: Time) -> Vec<Entry> {
    // Where a source pages people itself, nobody is paged twice.
    if incident.is_acked() || incident.cleared_at.is_some() || incident.paged_upstream() {
        return Vec::new();
    }
    let asker = Asker { me: "", now };
    let fits = |path: &&Path| {
        let when = path.when.as_ref().filter(|_| !path.steps.is_empty());
        when.is_some_and(|when| incident.matches(when, &asker, false))
            && incident.escalation_on(&path.id).is_none_or(Escalation::is_let_go)
    };
    let service = incident.opening.service.raw();
    let mut firing = incident.signals.values().filter(|signal| signal.cleared.is_none());
    let burnt = |signal: &Joined| {
        let (seen, began) =
            (signal.seen.unwrap_or(incident.opened_at), signal.returned.unwrap_or(signal.since));
        seen - began > BURNING_BEFORE.delta()
    };
    let before = incident.firing() > 0 && firing.all(|signal| burnt(signal));
    let arm = |path: &'a Path| {
        let place = (path.id.as_str(), service, incident.severity);
        let other = paging.get(&place).copied().filter(|other| !service.is_empty() && **other != incident.id);
        let (path, steps) = (path.id.clone(), path.steps.clone());
        match other {
            _ if before => Entry::PathHeld(PathHeld { path, steps, because: Stopped::BurningBefore }),
            Some(other) => {
                Entry::PathHeld(PathHeld { path, steps, because: Stopped::CoveredBy(other.clone()) })
            }
            None => {
                paging.insert(place, &incident.id);
                Entry::PathArmed(PathArmed { path, steps })
            }
        }
    };
    setup.paths.iter().filter(fits).map(arm).collect()
}

/// When the covering incident is held or over, the oldest covered one pages, and covers the others. One that became
/// worse than what covers it pages at once.
fn uncover<'a>(
    setup: &'a Setup,
    incident: &'a Incident,
    escalation: &'a Escalation,
    other: &IncidentId,
    incidents: &[Arc<Incident>],
    paging: &mut Paging<'a>,
) -> Option<Vec<Entry>> {
    let covering = incidents.iter().find(|i| i.id == *other);
    // One whose path was taken away again pages for nobody.
    let pages = |other: &&Arc<Incident>| {
        let path = other.escalation_on(&escalation.path);
        path.is_some_and(|it| !matches!(it.stopped, Some(Stopped::LetGo(_) | Stopped::BurningBefore)))
    };
    let stands =
        covering.filter(|i| i.phase.is_open() && !i.is_acked() && i.cleared_at.is_none()).filter(pages);
    let worse = stands.is_some_and(|covering| incident.severity > covering.severity);
    if stands.is_some() && !worse {
        return None;
    }
    let path = setup.path(&escalation.path)?;
    let place = (path.id.as_str(), incident.opening.service.raw(), incident.severity);
    if let Some(now_paging) = paging.get(&place) {
        let because = Stopped::CoveredBy((*now_paging).clone());
        return Some(vec![Entry::PathHeld(PathHeld {
            path: path.id.clone(),
            steps: path.steps.clone(),
            because,
        })]);
    }
    paging.insert(place, &incident.id);
    let grace = if worse { 0 } else { GRACE.as_millis() };
    let later =
        |step: &Step| Step { after: Span::millis(step.after.as_millis() + grace), to: step.to.clone() };
    Some(vec![Entry::PathArmed(PathArmed {
        path: path.id.clone(),
        steps: path.steps.iter().map(later).collect(),
    })])
}

/// The incident that pages for it again: it did not only while it was closed, and this one has paged nobody since.
fn covering_again<'a>(
    open_again: &[((Time, Time), &'a Incident)],
    incident: &Incident,
    escalation: &Escalation,
) -> Option<&'a IncidentId> {
    if escalation.steps.iter().any(|step| step.attempts > 0) {
        return None;
    }
    let pages = |other: &Incident| {
        let alike =
            other.is_of_service(incident.opening.service.raw()) && other.severity == incident.severity;
        let path = other.escalation_on(&escalation.path).filter(|_| alike && other.id != incident.id);
        path.is_some_and(|path| path.stopped.is_none())
    };
    let mut meanwhile = open_again
        .iter()
        .filter(|((from, until), _)| (*from..=*until).contains(&escalation.armed_at))
        .map(|(_, other)| *other);
    meanwhile.find(|other| pages(other)).map(|other| &other.id)
}

fn step_due(
    incident: &Incident,
    escalation: &Escalation,
    now: Time,
    out: &mut Vec<Due>,
) -> Option<Vec<Entry>> {
    let (id, path) = (&incident.id, &escalation.path);
    let Some((number, step)) = escalation.next() else {
        let last = escalation.steps.iter().map(|step| step.due).max()?;
        // While it was over nobody could answer.
        let last = incident.opened_again().map_or(last, |(_, at)| last.max(at));
        let exhausted = !incident.is_acked() && now - last > GRACE.delta();
        let text = format!("nobody acknowledged {id}: {} ({path})", escalation.tally());
        return exhausted.then(|| {
            vec![
                Entry::PathStopped(PathStopped { path: path.clone(), because: Stopped::Exhausted }),
                notice(NoticeKind::Escalation, incident, text),
            ]
        });
    };
    if step.due > now {
        return None;
    }
    if now - step.due <= TOO_LATE.delta() {
        out.push(Due::Step(id.clone(), path.clone(), number));
        return None;
    }
    let text = format!("page of {id} MISSED: step {number} to {}; e sends it now", step.to.join(", "));
    let entries = vec![
        Entry::StepMissed(StepMissed { path: path.clone(), step: number }),
        Entry::DeadlinePassed(DeadlinePassed {
            deadline: DeadlineKind::Step,
            name: String::new(),
            due: step.due,
        }),
        notice(NoticeKind::Escalation, incident, text),
    ];
    out.push(Due::Missed(id.clone(), path.clone(), number, entries));
    None
}
