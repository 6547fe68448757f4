//! One incident with everything about it.

use super::{
    Line, Page, Role, approvals, bulletins, detail, evidence, fill, gap, gates, headed, moment, names, own,
    pair, review, roles, signals, strip, together, wrapped,
};
use crate::backend::Earlier;
use crate::console::command::Command;
use crate::console::due;
use crate::console::model::Model;
use crate::domain::escalation::StepState;
use crate::domain::id::IncidentId;
use crate::domain::incident::{Incident, Waiver};
use crate::domain::phase::Phase;
use crate::domain::role;
use crate::domain::story;
use crate::domain::time::{Time, age};

/// The page of an incident.
pub fn page(model: &Model, id: &IncidentId, cols: u16, now: Time) -> Page {
    let Some(incident) = model.board.get(id) else {
        return vec![Line::of(Role::Warn, format!(" {id} is no longer kept here"))];
    };
    let loaded = model.detail.as_ref().filter(|detail| detail.incident.id == *id);
    let mut out = wrapped(Role::Strong, " ", &incident.title().safe(), cols);
    out.push(strip::strip(incident, cols, now));
    out.extend(strip::to_go_on(incident, &model.settings.keymap.key(Command::Phase), cols, now));
    if incident.phase == Phase::Review {
        out.extend(review::page(model, incident, cols, now));
        out.push(gap());
    }
    out.extend(head(incident, cols, now));
    out.extend(headed(detail::facts(model, incident, " Response  ", cols, now), Role::Dim));
    out.extend(weight(incident, cols));
    let reviewed = incident.phase == Phase::Closed && incident.merged.is_none();
    if reviewed || (incident.phase.is_open() && incident.review != Default::default()) {
        section(&mut out, "Review", review::page(model, incident, cols, now));
    }
    section(&mut out, "Due", due::page(incident, cols, now));
    section(&mut out, "Approvals", approvals::lines(model, incident, cols, now));
    section(&mut out, "Actions", detail::actions(model, incident, cols, now));
    section(&mut out, "Evidence", evidence::page(incident, cols, now));
    section(&mut out, "Escalation", escalation(model, incident, cols, now));
    section(&mut out, "Waived", waived(incident, cols, now));
    section(&mut out, "Bulletins", bulletins::page(incident, &model.settings.keymap, cols, now));
    if let Some(detail) = loaded {
        let (title, said) = signals::page(incident, detail, cols, now);
        let (few, many) = if detail.signals.len() > FEW { (Page::new(), said) } else { (said, Page::new()) };
        section(&mut out, &title, few);
        if !detail.monitors.is_empty() {
            section(&mut out, "Monitors", wrapped(Role::Plain, " ", &names(&detail.monitors), cols));
        }
        if !detail.earlier.is_empty() {
            let ids: Vec<String> = detail.earlier.iter().map(Earlier::words).collect();
            let lines = ids.iter().flat_map(|line| wrapped(Role::Plain, " ", line, cols)).collect();
            section(&mut out, "Earlier ones like it", lines);
        }
        let timeline = together::timeline(detail, incident, cols, now, |_| true).collect();
        section(&mut out, "Timeline, newest first", timeline);
        section(&mut out, &title, many);
    } else {
        out.push(gap());
        out.push(Line::of(Role::Dim, " reading signals and timeline…"));
    }
    out
}

/// More signals than these stand behind the timeline: nobody pages through sixty to read what happened last.
const FEW: usize = 3;

fn section(out: &mut Page, title: &str, lines: Page) {
    if !lines.is_empty() {
        out.push(gap());
        out.push(Line::of(Role::Heading, format!(" {title}")));
        out.extend(lines);
    }
}

fn head(incident: &Incident, cols: u16, now: Time) -> Page {
    let confirmed = |set: bool| if set { "" } else { " (not confirmed)" };
    let severity = format!("{}{}", incident.severity.word(), confirmed(incident.severity_set));
    let category = format!("{}{}", incident.category.word(), confirmed(incident.category_set));
    let because = incident.opening.because.safe();
    let mut out = pair("Severity", Role::Plain, &format!("{severity}, {because}"), cols);
    out.extend(pair("Category", Role::Plain, &category, cols));
    if !incident.opening.service.is_blank() {
        out.extend(pair("Service", Role::Plain, &incident.opening.service.safe(), cols));
    }
    if let Some((reason, at)) = incident.closed {
        out.extend(pair("Ended", Role::Plain, &format!("{} {}", reason.word(), moment(at, now)), cols));
    }
    out.extend(detail::reported(incident, cols, usize::MAX));
    let opened = format!("{}, {} ago", moment(incident.opened_at, now), age(incident.opened_at, now));
    out.extend(pair("Opened", Role::Plain, &opened, cols));
    out
}

/// What people said about it beside severity and category.
fn weight(incident: &Incident, cols: u16) -> Page {
    let mut out = Page::new();
    if let Some(said) = fill::said(incident) {
        out.extend(pair("Class", Role::Plain, &said, cols));
    }
    let others = [role::Role::Communications, role::Role::Scribe];
    let held = |one: role::Role| Some(format!("{} {}", one.word(), roles::holder(incident, one)?));
    let held: Vec<String> = others.into_iter().filter_map(held).collect();
    if !held.is_empty() {
        out.extend(pair("Roles", Role::Plain, &held.join(", "), cols));
    }
    if let Some(what) = &incident.mitigated {
        out.extend(pair("Done", Role::Plain, &what.safe(), cols));
    }
    if let Some(why) = &incident.nothing_to_contain {
        out.extend(pair("Contain", Role::Plain, &format!("none needed: {}", why.safe()), cols));
    }
    out
}

/// Which gates were passed unmet, by whom and why.
fn waived(incident: &Incident, cols: u16, now: Time) -> Page {
    let line = |waiver: &Waiver| {
        let void = if waiver.void { " (it came back since: they count again)" } else { "" };
        let gates: Vec<&str> = waiver.gates.iter().map(|gate| gates::name(*gate)).collect();
        let text = format!("{}: {}{void}", gates.join(", "), waiver.because.safe());
        wrapped(Role::Plain, &format!(" {}  {} ", moment(waiver.at, now), own(&waiver.by)), &text, cols)
    };
    incident.waived.iter().flat_map(line).collect()
}

fn escalation(model: &Model, incident: &Incident, cols: u16, now: Time) -> Page {
    let Some(escalation) = incident.escalation() else { return Page::new() };
    let mut out = detail::escalation(model, incident, cols, now);
    for (number, step) in (1..).zip(&escalation.steps) {
        let to: Vec<String> = step.to.iter().map(|name| own(name).to_string()).collect();
        let (role, state) = match &step.state {
            StepState::Waiting if escalation.stopped.is_some() => (Role::Dim, "not sent".to_owned()),
            StepState::Waiting => (Role::Plain, format!("due {}", moment(step.due, now))),
            StepState::Started(at) => (Role::Warn, format!("being sent since {}", moment(*at, now))),
            StepState::Missed => {
                let key = model.settings.keymap.way(Command::Escalate);
                (Role::Bad, format!("MISSED, was due {}; {key} sends it", moment(step.due, now)))
            }
            StepState::Sent(receipts) => {
                let said = receipts.iter().map(story::receipt);
                let good = receipts.iter().any(|receipt| receipt.accepted);
                (if good { Role::Good } else { Role::Bad }, said.collect::<Vec<_>>().join(", "))
            }
        };
        // Receipts name their channels themselves.
        let named = if matches!(step.state, StepState::Sent(_)) {
            String::new()
        } else {
            format!("{} ", to.join(", "))
        };
        out.extend(wrapped(role, &format!(" {number}. {named}"), &state, cols));
    }
    out
}

/// What the rule above the page says.
pub fn title(model: &Model, id: &IncidentId) -> String {
    let known = model.board.get(id);
    let word = known.map(|it| format!(" ── {} {}", it.severity.short(), it.phase.title()));
    let held =
        known.and_then(|it| it.owner.as_ref()).map(|owner| format!(" ── held by {}", own(&owner.name)));
    format!("{id}{}{}", word.unwrap_or_default(), held.unwrap_or_default())
}
