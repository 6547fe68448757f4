//! An escalation being prepared: steps with where they stand, and the packet with where each value was found.

use super::fields::{BUTTON, Enters, SHOWS_PLAN, caret, foot, rule, scrolled, whole};
use super::{Line, Page, Role, cut, field, gap, moment, names, own, wrapped};
use crate::console::escalation::{EscalationForm, Spot};
use crate::console::fields::PLAN_TO_CONFIRM;
use crate::console::hints::{Hint, discard, hint};
use crate::console::model::Model;
use crate::console::page::prompt::Sheet;
use crate::domain::escalation::{Escalation, StepState};
use crate::domain::incident::Incident;
use crate::domain::story;
use crate::domain::text::Outside;
use crate::domain::time::{Time, countdown};

/// Lines of one item that are shown.
const ITEM: usize = 6;

/// The sheet of an escalation being prepared.
pub fn sheet(model: &Model, form: &EscalationForm, cols: u16, now: Time) -> Sheet {
    let title = format!("escalate {} ── {}", form.id, own(&form.offered.title));
    let Some(incident) = model.board.get(&form.id) else {
        let body = vec![Line::of(Role::Warn, format!(" {} is no longer kept here", form.id))];
        return Sheet { title, head: 0, body, foot: Page::new(), top: 0, grave: false };
    };
    let mut out = Page::new();
    let mut caret = 0;
    out.push(
        Line::of(Role::Heading, " Who is told").and(Role::Dim, format!("  {}", going_on(form, incident))),
    );
    out.extend(others(form, incident, now));
    if form.steps.is_empty() {
        out.push(Line::of(Role::Warn, "   nobody yet: add a step"));
    }
    for (place, spot) in form.spots(incident).iter().enumerate() {
        let here = place == form.at;
        let first_item = matches!(spot, Spot::Item(name) if form.names().first() == Some(name));
        if first_item {
            out.push(gap());
            out.push(packet_head(form));
        }
        if *spot == Spot::Send {
            out.push(gap());
        }
        if here {
            caret = out.len();
        }
        out.extend(match spot {
            Spot::Step(number) => step(form, incident, *number, here, cols, now),
            Spot::Add => vec![button(here, "add a step")],
            Spot::Item(name) => item(form, incident, name, here, cols),
            Spot::Send => vec![button(here, &what_is_sent(form, incident))],
        });
    }
    let mut said = vec![Line::of(
        Role::Dim,
        " what is missing goes out as \"not yet known\" and follows once it is filled in",
    )];
    said.extend(match form.spots(incident).get(form.at) {
        Some(Spot::Add) => {
            wrapped(Role::Dim, " ", &format!("enter adds a step, tab goes on · ctrl-s {SHOWS_PLAN}"), cols)
        }
        Some(Spot::Send) | None => rule(model, Enters::Last, SHOWS_PLAN, cols),
        Some(Spot::Step(_) | Spot::Item(_)) => rule(model, Enters::On, SHOWS_PLAN, cols),
    });
    let foot = foot(form.leaving, form.error.as_ref(), said, cols);
    let top = scrolled(model, caret, out.len(), foot.len());
    whole(model, Sheet { title, head: 0, body: out, foot, top, grave: false })
}

/// The keys that work at the cursor.
pub fn hints(model: &Model, form: &EscalationForm) -> Vec<Hint> {
    if form.leaving {
        return discard();
    }
    if form.editing.is_some() {
        return vec![hint("enter", "next"), hint("ctrl-u", "empty it"), hint("esc", "leave it")];
    }
    let Some(incident) = model.board.get(&form.id) else { return vec![hint("esc", "cancel")] };
    let mut out = match form.spots(incident).get(form.at) {
        Some(Spot::Step(_)) if form.runs(incident) => vec![hint("r", "send this one again")],
        Some(Spot::Step(_)) => vec![
            hint("0-9", "delay"),
            hint("← →", "channel"),
            hint("a", "add"),
            hint("d", "delete"),
            hint("r", "this one"),
        ],
        Some(Spot::Add) => vec![hint("enter", "add a step")],
        Some(Spot::Item(_)) => vec![hint("a-z", "fill in"), hint("enter", "next")],
        Some(Spot::Send) | None => vec![hint("enter", PLAN_TO_CONFIRM)],
    };
    let away = if form.is_changed() { "leave?" } else { "cancel" };
    out.extend([hint("esc", away), hint("ctrl-s", PLAN_TO_CONFIRM), hint("ctrl-y", "copy packet")]);
    out
}

/// Whether the path goes on by itself, and why it does not.
fn going_on(form: &EscalationForm, incident: &Incident) -> String {
    let Some(escalation) = incident.escalation_on(form.path()) else {
        return "nothing goes out by itself".to_owned();
    };
    match (&escalation.stopped, escalation.next()) {
        (Some(why), _) => format!("stopped: {}", story::stopped(why)),
        (None, Some(_)) => "goes on by itself until somebody acknowledges".to_owned(),
        (None, None) => escalation.tally(),
    }
}

/// What goes out by itself on other paths meanwhile.
fn others(form: &EscalationForm, incident: &Incident, now: Time) -> Page {
    let others = incident.escalations.iter().filter(|escalation| escalation.path != form.path());
    let line = |escalation: &Escalation| {
        let (number, step) = escalation.next()?;
        let left = countdown(step.due, now);
        let text = format!("   {} goes on by itself: step {number} in {left}", own(&escalation.path));
        Some(Line::of(Role::Warn, text))
    };
    others.filter_map(line).collect()
}

/// How many steps go out by themselves once that one is sent: those after it, unless somebody holds the incident.
fn follow(form: &EscalationForm, incident: &Incident, number: u32) -> usize {
    let sent = usize::try_from(number).unwrap_or(0);
    let armed = incident.escalation_on(form.path()).filter(|_| !form.has_own_steps());
    let waits = |place: &usize| {
        let step = armed.and_then(|armed| armed.steps.get(*place));
        step.is_none_or(|step| matches!(step.state, StepState::Waiting | StepState::Started(_)))
    };
    if incident.is_acked() { 0 } else { (sent..form.steps.len()).filter(waits).count() }
}

fn button(here: bool, text: &str) -> Line {
    if here {
        Line::of(Role::Chosen, format!(" ▶ {text}"))
    } else {
        Line::of(Role::Strong, format!("   {text}"))
    }
}

/// What Enter on the last line would show the plan of.
fn what_is_sent(form: &EscalationForm, incident: &Incident) -> String {
    let number = match form.again.filter(|_| !form.has_own_steps()) {
        Some(number) => number,
        None => next(form, incident),
    };
    let place = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
    match form.steps.get(place) {
        Some(step) => {
            let more = match follow(form, incident, number) {
                0 => String::new(),
                1 => ", 1 more by itself".to_owned(),
                more => format!(", {more} more by themselves"),
            };
            format!("{BUTTON}: step {number} to {}, now{more}", names(&step.to))
        }
        None => BUTTON.to_owned(),
    }
}

/// The step that is sent unless another is asked for, from 1.
fn next(form: &EscalationForm, incident: &Incident) -> u32 {
    if form.has_own_steps() {
        return 1;
    }
    incident.escalation_on(form.path()).map_or(1, Escalation::next_or_first)
}

/// ` ▶ 2  after 5m     pd-platform            next, by itself in 2:57`
fn step(form: &EscalationForm, incident: &Incident, place: usize, here: bool, cols: u16, now: Time) -> Page {
    let Some(step) = form.steps.get(place) else { return Page::new() };
    let mark = if here { "▶" } else { " " };
    let number = u32::try_from(place + 1).unwrap_or(u32::MAX);
    let to = if step.to.is_empty() { "nobody".to_owned() } else { names(&step.to) };
    if let Some((typed, _)) = form.editing.as_ref().filter(|_| here) {
        let head = format!(" {mark} {number}  after ");
        return vec![field(&head, typed, false).and(Role::Plain, format!("  {to}"))];
    }
    let (role, state) = standing(form, incident, number, now);
    let chosen = form.again == Some(number) && !form.has_own_steps();
    let state = if chosen { format!("SENT NEXT; {state}") } else { state };
    let head = format!(" {mark} {number}  after {:<5} {to:<20} ", step.delay());
    let lines = wrapped(role, &head, &state, cols);
    let bold = |line: Line| {
        let strong =
            |(role, text): (Role, String)| (if role == Role::Dim { Role::Strong } else { role }, text);
        Line(line.0.into_iter().map(strong).collect())
    };
    let plain = |line: Line| {
        Line(
            line.0
                .into_iter()
                .map(|(role, text)| (if role == Role::Dim { Role::Plain } else { role }, text))
                .collect(),
        )
    };
    lines.into_iter().map(|line| if here { bold(line) } else { plain(line) }).collect()
}

/// Where a step stands.
fn standing(form: &EscalationForm, incident: &Incident, number: u32, now: Time) -> (Role, String) {
    let is_next = number == next(form, incident);
    let word = if is_next { "next" } else { "" };
    if form.has_own_steps() {
        return (Role::Plain, if is_next { "sent first" } else { "" }.to_owned());
    }
    let escalation = incident.escalation_on(form.path());
    let Some(step) = escalation.and_then(|escalation| escalation.step(number)) else {
        return (Role::Plain, word.to_owned());
    };
    match &step.state {
        StepState::Waiting if form.runs(incident) => {
            let by =
                format!("{}by itself in {}", if is_next { "next, " } else { "" }, countdown(step.due, now));
            (Role::Warn, by)
        }
        StepState::Waiting => (Role::Plain, format!("{word}{}not sent", if is_next { ", " } else { "" })),
        StepState::Started(at) => (Role::Warn, format!("being sent since {}", moment(*at, now))),
        StepState::Missed => (Role::Bad, format!("MISSED, was due {}", moment(step.due, now))),
        StepState::Sent(receipts) => {
            let said: Vec<String> = receipts.iter().map(story::receipt).collect();
            let good = receipts.iter().any(|receipt| receipt.accepted);
            (if good { Role::Good } else { Role::Bad }, format!("sent: {}", said.join(", ")))
        }
    }
}

fn packet_head(form: &EscalationForm) -> Line {
    let line = Line::of(Role::Heading, " What they are told");
    match &form.packet {
        None => line.and(Role::Dim, "  reading where each value was found…"),
        Some(Err(why)) => line.and(Role::Bad, format!("  {}", why.safe())),
        Some(Ok(packet)) => match packet.missing().len() {
            0 => line.and(Role::Good, "  complete"),
            missing => line.and(Role::Warn, format!("  {missing} missing")),
        },
    }
}

/// An item with its values, and beside each where it was found.
fn item(form: &EscalationForm, incident: &Incident, name: &str, here: bool, cols: u16) -> Page {
    let mark = if here { "▶" } else { " " };
    let width = usize::from(cols / 3).saturating_sub(4).min(20);
    let head = format!(" {mark} {:<width$} ", own(name).clip(width));
    if let Some((typed, _)) = form.editing.as_ref().filter(|_| here) {
        return vec![caret(&head, typed, cols)];
    }
    if let Some(typed) = form.typed.get(name) {
        let line = Line::of(Role::Plain, head).and(Role::Strong, Outside::new(typed.as_str()).safe());
        return vec![line.and(Role::Dim, "  being written down")];
    }
    let found = form.item(name);
    let facts = found.map(|item| item.values.as_slice()).unwrap_or_default();
    if facts.is_empty() {
        let required = found.is_none_or(|item| item.required);
        let (role, empty) = if required { (Role::Warn, "MISSING") } else { (Role::Dim, "not known") };
        return match form.said(name) {
            Some(said) => wrapped(Role::Plain, &head, &said.safe(), cols),
            // Where the caret would be: one only needs to type.
            None if here => vec![Line::of(Role::Plain, head).and(Role::Caret, " ").and(role, empty)],
            None => vec![Line::of(Role::Plain, head).and(role, empty)],
        };
    }
    let later = " ".repeat(width + 4);
    let mut out = Page::new();
    for (place, fact) in facts.iter().enumerate() {
        let head = if place == 0 { &head } else { &later };
        let value = fact.value.safe();
        let whence = fact.whence.words_beside(incident.title());
        let fits = width + 4 + value.width() + 3 + whence.width() <= usize::from(cols);
        let mut lines = cut(wrapped(Role::Plain, head, &value, cols), 3, cols);
        match lines.pop() {
            Some(last) if fits => lines.push(last.and(Role::Dim, format!("   {whence}"))),
            Some(last) => {
                lines.push(last);
                lines.extend(cut(wrapped(Role::Dim, &format!("{later}  "), &whence, cols), 1, cols));
            }
            None => {}
        }
        // The name of an item is as plain as its value.
        out.extend(lines.into_iter().map(|line| line.with_head(Role::Plain)));
    }
    let more = found.map_or(0, |item| item.more) + out.len().saturating_sub(ITEM);
    if more > 0 {
        out.truncate(ITEM);
        out.push(Line::of(Role::Dim, format!("{later}and more; ctrl-y copies all of it")));
    }
    out
}
