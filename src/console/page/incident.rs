//! One incident with everything about it.

use super::{
    Line, Page, Role, approvals, bulletins, detail, evidence, fill, gap, gates, headed, moment, names, own,
    pair, review, roles, strip, together, upstream, wrapped,
};
use crate::backend::{Detail, Earlier};
use crate::console::command::Command;
use crate::console::due;
use crate::console::links::leading;
use crate::console::model::Model;
use crate::domain::escalation::StepState;
use crate::domain::id::IncidentId;
use crate::domain::incident::{Incident, Waiver, key_text};
use crate::domain::phase::Phase;
use crate::domain::role;
use crate::domain::signal::{Signal, Standing};
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
        let many = detail.signals.len() > FEW;
        if !many {
            signals(&mut out, incident, detail, cols, now);
        }
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
        if many {
            signals(&mut out, incident, detail, cols, now);
        }
    } else {
        out.push(gap());
        out.push(Line::of(Role::Dim, " reading signals and timeline…"));
    }
    out
}

/// More signals than these stand behind the timeline: nobody pages through sixty to read what happened last.
const FEW: usize = 3;

/// What fires first, and of that what the title is of.
fn signals(out: &mut Page, incident: &Incident, detail: &Detail, cols: u16, now: Time) {
    let cleared = |signal: &Signal| incident.signals.get(&key_text(&signal.key))?.cleared;
    let leads = leading(detail).map(|signal| &signal.key);
    let mut all: Vec<&Signal> = detail.signals.iter().collect();
    all.sort_by_key(|one| (cleared(one).is_some(), Some(&one.key) != leads));
    let title = match all.len() {
        0 | 1 => "Signals".to_owned(),
        many => format!("Signals, {many}, {} firing", incident.firing()),
    };
    let page = all.into_iter().flat_map(|one| signal(one, cleared(one), cols, now)).collect();
    section(out, &title, page);
}

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

fn signal(signal: &Signal, cleared: Option<Time>, cols: u16, now: Time) -> Page {
    let standing = match (&signal.standing, cleared) {
        (_, Some(at)) => format!("cleared {}; as it was said last", moment(at, now)),
        (Standing::Firing, None) => format!("firing since {}", moment(signal.since, now)),
        (Standing::Pending, None) => format!("pending since {}, not firing yet", moment(signal.since, now)),
        (Standing::Silenced, None) => "silenced at its source".to_owned(),
        (Standing::Inhibited { by }, None) => format!("inhibited by {}", counted(by.len())),
    };
    let key = format!(" {} {} ", own(&signal.key.source), signal.key.fingerprint.capped_safe(40));
    let mut out = vec![Line::of(Role::Plain, key).and(Role::Dim, standing)];
    if signal.undecodable {
        out.push(Line::of(Role::Warn, " it could not be decoded; this is what came"));
    }
    out.extend(wrapped(Role::Plain, " ", &signal.title.safe(), cols));
    if let Some(upstream) = &signal.upstream {
        out.extend(upstream::quiet(upstream, cols));
        out.extend(upstream::lines(upstream, cols, now));
    }
    out.extend(detail::description("", signal, cols, usize::MAX));
    out.extend(detail::links(signal, cols));
    for (key, value) in signal.labels.iter().chain(signal.annotations.iter()) {
        out.extend(wrapped(Role::Plain, &format!("   {} = ", key.capped_safe(48)), &value.safe(), cols));
    }
    out
}

fn counted(others: usize) -> String {
    if others == 1 { "another".to_owned() } else { format!("{others} others") }
}

/// What the rule above the page says.
pub fn title(model: &Model, id: &IncidentId) -> String {
    let known = model.board.get(id);
    let word = known.map(|it| format!(" ── {} {}", it.severity.short(), it.phase.title()));
    let held =
        known.and_then(|it| it.owner.as_ref()).map(|owner| format!(" ── held by {}", own(&owner.name)));
    format!("{id}{}{}", word.unwrap_or_default(), held.unwrap_or_default())
}
