//! Putting incidents off, one or all that are marked, and taking them up again.

use std::sync::Arc;

use super::alike::{of_marked, record_all};
use super::bulk::refuses_hidden;
use super::choices::choose;
use super::verbs;
use crate::console::applying::too_late;
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::hints::can_undo;
use crate::console::marks::Deed;
use crate::console::model::Model;
use crate::console::phrase::{self, putting_off};
use crate::console::prompt::line::Wrong;
use crate::console::prompt::{Asks, Choice, Choose, CommandLine, Picked, Prompt, Text};
use crate::console::recording::Recording;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::record::{Entry, SnoozeEnded, Snoozed};
use crate::domain::severity::Severity;
use crate::domain::snooze::NEEDS_REASON;
use crate::domain::text::Outside;
use crate::domain::tie::Seen;
use crate::domain::time::{Span, Time, clock_minute};

/// For how long an incident is put off by two keys, in minutes.
const MINUTES: [u64; 6] = [15, 30, 60, 120, 240, 480];
/// The place of the one that is highlighted.
const USUAL: usize = 1;

/// Putting one off, and taking it up again, where a verb's key asks for that.
pub(super) fn verb(
    model: &mut Model,
    at: Time,
    incident: &Arc<Incident>,
    command: Command,
) -> Option<Vec<Effect>> {
    let why = match command {
        Command::Snooze => match too_late(incident, command) {
            Some(why) => why,
            None => {
                let choose = for_how_long(model, incident, std::slice::from_ref(incident));
                model.prompt = Some(Prompt::Choose(choose));
                return Some(Vec::new());
            }
        },
        Command::Wake if incident.snooze.is_none() => "is not snoozed".to_owned(),
        Command::Wake => return Some(wake(model, at, incident)),
        // Where nothing else can be undone, undo wakes it.
        Command::Undo if incident.snooze.is_some() && !can_undo(incident) => {
            return Some(wake(model, at, incident));
        }
        _ => return None,
    };
    Some(model.fail(at, format!("{} {why}", incident.id)))
}

/// Undo right after one was put off takes that up again.
pub(super) fn undone(model: &mut Model, at: Time, incident: &Incident) -> Vec<Effect> {
    if incident.snooze.is_some() {
        return wake(model, at, incident);
    }
    let why = too_late(incident, Command::Snooze).unwrap_or_else(|| "is awake already".to_owned());
    model.fail(at, format!("{} {why}", incident.id))
}

/// The same for all that are marked.
pub(super) fn marked(model: &mut Model, at: Time) -> Vec<Effect> {
    if refuses_hidden(model, at) {
        return Vec::new();
    }
    let all = of_marked(model);
    if let Some(first) = all.first() {
        let together = all.iter().map(|it| Seen::of(it)).collect();
        let choose = for_how_long(model, first, &all);
        model.prompt = Some(Prompt::Choose(Choose { together, ..choose }));
    }
    Vec::new()
}

fn for_how_long(model: &Model, first: &Incident, all: &[Arc<Incident>]) -> Choose {
    let longest =
        all.iter().map(|incident| model.board.can().snooze.of(incident.severity)).min().unwrap_or_default();
    let spans = MINUTES.map(Span::mins);
    let mut spans: Vec<Span> = spans.into_iter().filter(|span| *span <= longest).collect();
    // Where less than the shortest is allowed, that is offered.
    if spans.is_empty() {
        spans.push(longest);
    }
    let critical = all.iter().any(|incident| incident.severity == Severity::Critical);
    let paged = all.iter().any(|incident| incident.is_paged_for());
    let why = match (critical, paged) {
        (true, _) => "critical: asks why",
        (false, true) => "it is still paged for, and worse wakes it",
        (false, false) => "nobody is paged for it by itself; worse wakes it",
    };
    let choice = |span: Span| Choice::plain(Picked::Snooze(span), &span.to_string(), why);
    let mut choices: Vec<Choice> = spans.iter().map(|span| choice(*span)).collect();
    if all.len() == 1 {
        let says = "in UTC, with a reason, as in: :snooze until 14:00Z deploy";
        choices.push(Choice::plain(Picked::SnoozeUntil, "until…", says));
        if let Some(name) = snoozed_there(model, first) {
            let says = "its source stops paging there for a while; nothing changes here";
            choices.push(Choice::plain(Picked::AtSource, &format!("at {name}"), says));
        }
    }
    let title = if all.len() > 1 { "snooze for" } else { "snooze it here for" };
    choose(first, title, choices, USUAL.min(spans.len().saturating_sub(1)))
}

/// The source of an incident that can put it off by itself.
fn snoozed_there(model: &Model, incident: &Incident) -> Option<String> {
    let playbooks = &model.board.can().playbooks;
    let can = |name: &&str| playbooks.iter().any(|it| it.id == format!("{name}/snooze"));
    incident.sources().into_iter().find(can).map(|name| Outside::new(name).safe().to_string())
}

/// Opens the line on which a time and a reason are written.
pub(super) fn line(model: &mut Model, incident: &Incident) {
    let field = Field::with("snooze until ");
    model.prompt = Some(Prompt::Line(CommandLine { field, ..CommandLine::new(Some(incident)) }));
}

/// For how long is known: what is critical needs a reason.
pub(super) fn picked(model: &mut Model, at: Time, choose: &Choose, span: Span) -> Vec<Effect> {
    let of = choose.all();
    let critical = |seen: &Seen| {
        model.board.get(&seen.id).is_some_and(|incident| incident.severity == Severity::Critical)
    };
    if of.iter().any(critical) {
        let text = Text {
            id: choose.id.clone(),
            seen: choose.seen,
            together: choose.together.clone(),
            asks: Asks::Snoozing(span),
            field: Field::default(),
            error: None,
            leaving: false,
        };
        model.prompt = Some(Prompt::Text(text));
        return Vec::new();
    }
    let until = at + span.delta();
    let entry = Entry::Snoozed(Snoozed { until, because: None });
    put_off(model, &of);
    match of.as_slice() {
        [one] if choose.together.is_empty() => {
            let recording = Recording::new(&one.id, done(model, &one.id, until));
            verbs::record(model, at, one.version, entry, recording)
        }
        all => record_all(model, at, Deed::Snooze, all, &entry, None),
    }
}

/// Why is known as well.
pub(super) fn reasoned(model: &mut Model, at: Time, span: Span, mut text: Text) -> Vec<Effect> {
    if text.field.is_blank() {
        text.error = Some(NEEDS_REASON.to_owned());
        model.prompt = Some(Prompt::Text(text));
        return Vec::new();
    }
    let until = at + span.delta();
    let entry = Entry::Snoozed(Snoozed { until, because: Some(text.field.outside()) });
    put_off(model, &text.all());
    if !text.together.is_empty() {
        let all = text.together.clone();
        return record_all(model, at, Deed::Snooze, &all, &entry, Some(Prompt::Text(text)));
    }
    let (id, seen) = (text.id.clone(), text.seen);
    let recording = Recording::new(&id, done(model, &id, until)).typed(Prompt::Text(text));
    verbs::record(model, at, seen, entry, recording)
}

/// Puts all that are marked off as a line says.
pub(super) fn worded(model: &mut Model, at: Time, line: &CommandLine) -> Result<Vec<Effect>, Wrong> {
    let all = of_marked(model);
    // What one of them needs, all do.
    let strictest = all.iter().max_by_key(|incident| incident.severity == Severity::Critical);
    let Some(strictest) = strictest else { return Ok(Vec::new()) };
    let (entry, _) = putting_off::read(&phrase::words(&line.field.text()), strictest, at)?;
    let all: Vec<Seen> = all.iter().map(|it| Seen::of(it)).collect();
    put_off(model, &all);
    Ok(record_all(model, at, Deed::Snooze, &all, &entry, Some(Prompt::Line(line.clone()))))
}

/// The cursor does not follow what is put off.
fn put_off(model: &mut Model, of: &[Seen]) {
    let ids: Vec<IncidentId> = of.iter().map(|one| one.id.clone()).collect();
    model.triage.puts_off(&ids);
}

/// What is said once one is put off.
fn done(model: &Model, id: &IncidentId, until: Time) -> String {
    let paged = model.board.get(id).map(|incident| incident.paged_words());
    format!("{id} is snoozed until {}; {}", clock_minute(until), paged.unwrap_or("it is put off here only"))
}

/// Takes one up again.
pub(super) fn wake(model: &mut Model, at: Time, incident: &Incident) -> Vec<Effect> {
    let entry = Entry::SnoozeEnded(SnoozeEnded { because: None });
    let recording = Recording::new(&incident.id, format!("{} is awake", incident.id));
    verbs::record(model, at, incident.version, entry, recording)
}

/// Takes all up again that are marked.
pub(super) fn wake_marked(model: &mut Model, at: Time) -> Vec<Effect> {
    if refuses_hidden(model, at) {
        return Vec::new();
    }
    let all: Vec<Seen> =
        of_marked(model).iter().filter(|it| it.snooze.is_some()).map(|it| Seen::of(it)).collect();
    if all.is_empty() {
        return model.fail(at, "none that is marked is snoozed");
    }
    record_all(model, at, Deed::Wake, &all, &Entry::SnoozeEnded(SnoozeEnded { because: None }), None)
}
