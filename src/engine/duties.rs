//! What is due to the response itself: callouts, timers, reports, the review, and its health. Pure.

use std::sync::Arc;

use super::deadlines::Watched;
use super::due::{Due, notice};
use super::health::health;
use super::setup::Setup;
use crate::domain::bulletin::{Audience, Status};
use crate::domain::deadline::{Deadline, DeadlineKind};
use crate::domain::duty::Duty;
use crate::domain::incident::Incident;
use crate::domain::notice::NoticeKind;
use crate::domain::phase::Phase;
use crate::domain::query::Asker;
use crate::domain::record::{
    CloseReason, DeadlineNear, DeadlinePassed, DeadlineSet, DeadlineWithdrawn, Entry,
};
use crate::domain::role::Role;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time, date_time};

/// A deadline is announced when this part of its time is left, but at most a day before.
const LAST_PART: i32 = 4;
/// What came back leaves at least this for its first bulletin, once.
const AT_LEAST: Span = Span::mins(3);

/// What is due about these incidents.
pub(super) fn due(
    setup: &Setup,
    incidents: &[Arc<Incident>],
    watched: &Watched,
    now: Time,
    out: &mut Vec<Due>,
) {
    for incident in incidents {
        let mut note = |entries: Vec<Entry>| out.push(Due::Note(incident.id.clone(), entries));
        if incident.phase == Phase::Recover {
            health(setup, incident, watched, now).into_iter().for_each(&mut note);
        }
        // Before the review is set: a review that is there means that reports were considered already.
        reports(setup, incident, now).into_iter().for_each(|entry| note(vec![entry]));
        if !incident.is_closed() {
            new_deadlines(setup, incident, now).into_iter().for_each(|entry| note(vec![entry]));
        }
        for deadline in incident.deadlines.iter().filter(|deadline| deadline.is_open()) {
            of_deadline(incident, deadline, now).into_iter().for_each(&mut note);
        }
    }
}

/// Deadlines that begin to run now.
fn new_deadlines(setup: &Setup, incident: &Incident, now: Time) -> Vec<Entry> {
    let mut out = Vec::new();
    out.extend(callout(setup.callout_every, incident, now));
    if let (Phase::Review, Some((_, ended)), None) =
        (incident.phase, incident.closed, incident.deadline(DeadlineKind::Review, ""))
    {
        let due = setup.calendar.due(ended, setup.review_within);
        out.push(set(DeadlineKind::Review, String::new(), Outside::new("the review"), due));
    }
    out.extend(
        setup.bulletins.outlets.iter().filter_map(|outlet| bulletin(setup, outlet.audience, incident, now)),
    );
    out
}

/// Reports that begin to run: with the classification, or once the one before was made, which may be after the end.
fn reports(setup: &Setup, incident: &Incident, now: Time) -> Vec<Entry> {
    let classified = incident.severity_set && incident.category_set && !incident.is_closed();
    let was_one = matches!(incident.closed, None | Some((CloseReason::Resolved, _)));
    let may_begin = |duty: &&Duty| if duty.after.is_none() { classified } else { was_one };
    setup.duties.iter().filter(may_begin).filter_map(|duty| begins(setup, duty, incident, now)).collect()
}

fn begins(setup: &Setup, duty: &Duty, incident: &Incident, now: Time) -> Option<Entry> {
    let name = duty.name();
    if incident.deadline(duty.kind, &name).is_some() {
        return None;
    }
    let from = match &duty.after {
        None => {
            incident.matches(&duty.when, &Asker { me: "", now }, false).then(|| classified(incident, now))?
        }
        Some(before) => {
            let met = incident.deadline(duty.kind, &format!("{}/{before}", duty.set))?.met.as_ref()?.0;
            let resolved = incident.milestones.recovered.filter(|at| *at > met);
            // An earlier look at what was resolved set its review and not this: by a quell, or a configuration, that did
            // not know of it. Begun only now, it would have been late before anybody could have heard of it.
            let looked = incident.deadline(DeadlineKind::Review, "").is_some();
            match duty.once_resolved {
                true => resolved.filter(|_| !looked)?,
                false => met,
            }
        }
    };
    let due = setup.calendar.due(from, duty.within);
    let latest = duty.at_most.map(|most| setup.calendar.due(incident.opened_at, most));
    let due = latest.filter(|latest| from < *latest).map_or(due, |latest| latest.min(due));
    Some(set(duty.kind, name, duty.title.clone(), due))
}

/// When it became one that something is due about: whoever looked later does not make it due later.
fn classified(incident: &Incident, now: Time) -> Time {
    incident.milestones.classified.unwrap_or(now)
}

/// The next bulletin to an audience: first when the incident becomes one they hear of, then when the last one promised.
fn bulletin(setup: &Setup, audience: Audience, incident: &Incident, now: Time) -> Option<Entry> {
    let settings = &setup.bulletins;
    let name = audience.word();
    let last = incident.last_bulletin(audience);
    let title = Outside::new(if last.is_none() { "the first one" } else { "as the last one promised" });
    let due = match (incident.deadline(DeadlineKind::Bulletin, name), last) {
        (Some(running), _) if running.is_open() => return None,
        (_, Some(last)) if last.bulletin.status == Status::Resolved => {
            settings.cadence.next_due(came_back(incident, last.at)?, None)
        }
        (_, Some(last)) => last.bulletin.next_at.unwrap_or_else(|| {
            last.at + settings.cadence.wait(incident.bulletins_due_since(), last.at).delta()
        }),
        (Some(_), None) => return None,
        (None, None) => {
            // An authority is told by its own deadlines.
            let hears = audience != Audience::Regulator && incident.phase.is_open();
            let asked = hears && incident.matches(&settings.when, &Asker { me: "", now }, false);
            asked.then(|| first_due(incident, classified(incident, now), settings.cadence.first))?
        }
    };
    Some(set(DeadlineKind::Bulletin, name.to_owned(), title, due))
}

/// When the first one is due that was to leave so long after that. While it was over nobody could write it: what was left of its time
/// then is left once it came back, and the first time that was too little, enough to write it.
fn first_due(incident: &Incident, from: Time, first: Span) -> Time {
    let (mut due, mut enough) = (from + first.delta(), Some(first.min(AT_LEAST).delta()));
    for moved in incident.phases.windows(2) {
        let [(phase, since), (after, until)] = moved else { continue };
        if phase.is_open() || *until <= from {
            continue;
        }
        due += *until - from.max(*since);
        if let Some(enough) = enough.take_if(|enough| after.is_open() && due < *until + *enough) {
            due = *until + enough;
        }
    }
    due
}

/// When it came back after that.
fn came_back(incident: &Incident, told: Time) -> Option<Time> {
    incident.phases.windows(2).rev().find_map(|moved| match moved {
        [(before, _), (after, at)] if !before.is_open() && after.is_open() && *at > told => Some(*at),
        _ => None,
    })
}

/// Who commands a critical incident asks everybody around the bridge, again and again.
fn callout(every: Span, incident: &Incident, now: Time) -> Option<Entry> {
    incident.role(Role::Commander)?;
    if incident.severity != Severity::Critical || !incident.phase.is_open() {
        return None;
    }
    let from = match incident.deadline(DeadlineKind::Callout, "") {
        // It may have become critical, or come back, long after somebody took command.
        None => now,
        Some(last) => last.met.as_ref()?.0,
    };
    let due = (from + every.delta()).max(now);
    Some(set(DeadlineKind::Callout, String::new(), Outside::new("callout: everybody on the bridge"), due))
}

fn set(deadline: DeadlineKind, name: String, title: Outside, due: Time) -> Entry {
    Entry::DeadlineSet(DeadlineSet { deadline, name, title, due })
}

/// What a running deadline asks for: that it is near, that it has passed, that it need not be met any more.
fn of_deadline(incident: &Incident, deadline: &Deadline, now: Time) -> Option<Vec<Entry>> {
    let (kind, name, due) = (deadline.kind, deadline.name.clone(), deadline.due);
    let title = deadline.title.raw();
    // A bulletin is named by its readers, anything else by its title.
    let of = if kind == DeadlineKind::Bulletin { format!(" to {name}") } else { String::new() };
    if kind == DeadlineKind::Callout && incident.severity != Severity::Critical {
        let because = Outside::new("it is no longer critical");
        return Some(vec![Entry::DeadlineWithdrawn(DeadlineWithdrawn { deadline: kind, name, because })]);
    }
    if due <= now && !deadline.missed {
        let word = if kind == DeadlineKind::Timer { "is up" } else { "is OVERDUE" };
        let text = format!("{}: {}{of} {word}: {title}", incident.id, kind.word());
        let passed = Entry::DeadlinePassed(DeadlinePassed { deadline: kind, name, due });
        return Some(vec![passed, notice(NoticeKind::Deadline, incident, text)]);
    }
    let announced = kind.outlives_response() && !deadline.announced && due > now;
    if announced && now >= due - last_part(deadline) {
        let text = format!("{}: {}{of} due {}: {title}", incident.id, kind.word(), date_time(due));
        let near = Entry::DeadlineNear(DeadlineNear { deadline: kind, name, due });
        return Some(vec![near, notice(NoticeKind::Deadline, incident, text)]);
    }
    None
}

fn last_part(deadline: &Deadline) -> chrono::TimeDelta {
    ((deadline.due - deadline.set_at) / LAST_PART).min(chrono::TimeDelta::days(1))
}
