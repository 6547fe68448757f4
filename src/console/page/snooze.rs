//! What is said of an incident that is put off.

use super::{moment, own};
use crate::console::command::Command;
use crate::console::model::Model;
use crate::console::standing;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::tie::Seen;
use crate::domain::time::{Span, Time, countdown};

/// Who put it off, for how long and why, and which key takes it up again.
pub fn fact(model: &Model, incident: &Incident, now: Time) -> Option<String> {
    let snooze = incident.snooze.as_ref().filter(|_| incident.is_snoozed(now))?;
    let by = if snooze.by == model.settings.operator { "you".into() } else { own(&snooze.by).to_string() };
    let why = snooze.because.as_ref().map(|why| format!(": {}", why.safe())).unwrap_or_default();
    let (until, left) = (moment(snooze.until, now), countdown(snooze.until, now));
    let key = model.settings.keymap.key(Command::Wake);
    Some(format!("snoozed by {by} until {until} ({left}){why}; {key} wakes it"))
}

/// That paging goes on for what is put off, where it does: when it pages next.
pub(super) fn pages(model: &Model, of: &[Seen], now: Time) -> Option<String> {
    let named = |seen: &Seen| Some((seen.id.number(), paging(model, model.board.get(&seen.id)?, now)?));
    let all: Vec<_> = of.iter().filter_map(named).collect();
    match (of.len(), all.as_slice()) {
        (_, []) => None,
        (1, [(_, (None, left))]) => Some(format!("its pages go on: {left}")),
        (1, [(_, (Some(by), left))]) => Some(format!("the pages of {by}, which covers it, go on: {left}")),
        (_, all) => {
            let each = all.iter().map(|(number, next)| match next {
                (None, left) => format!("{number} {left}"),
                (Some(by), left) => format!("{number} {left} (by {by})"),
            });
            let each: Vec<String> = each.collect();
            Some(format!("pages of {} go on: {}", all.len(), each.join(", ")))
        }
    }
}

/// When it, what covers it, or its source pages next; and what covers it, where it is that.
fn paging<'a>(
    model: &'a Model,
    incident: &'a Incident,
    now: Time,
) -> Option<(Option<&'a IncidentId>, String)> {
    if let Some((_, step)) = incident.escalation().and_then(|path| path.next()) {
        return Some((None, countdown(step.due, now)));
    }
    match standing::covering(&model.board, incident) {
        Some((by, Some(due))) => Some((Some(by), countdown(due, now))),
        Some((_, None)) | None => standing::pages_there(model, incident, now).map(|left| (None, left)),
    }
}

/// The title and the question where a reason is asked for.
pub(super) fn asked(model: &Model, span: Span, of: &[Seen]) -> (String, String) {
    let paged = of.iter().filter_map(|seen| model.board.get(&seen.id)).any(|it| it.is_paged_for());
    let paged = if paged { "It is still paged for, its" } else { "Nobody is paged for it by itself; its" };
    let says = format!(
        "a critical incident is snoozed with a reason. {paged} deadlines run, and it wakes at once when it gets worse"
    );
    let title = match of {
        [one] => format!("snooze {} for {span}: why?", one.id),
        all => format!("snooze all {} that are marked for {span}: why?", all.len()),
    };
    let critical = |seen: &&Seen| {
        let incident = model.board.get(&seen.id);
        incident.is_some_and(|it| it.severity == crate::domain::severity::Severity::Critical)
    };
    let named: Vec<String> = of.iter().filter(critical).map(|seen| seen.id.to_string()).collect();
    let which = if of.len() > 1 { format!("critical: {}; ", named.join(", ")) } else { String::new() };
    (title, format!("{which}{says}"))
}
