//! Keys while something is asked.

use std::collections::BTreeMap;

use super::{
    alike, bulk, choices, confirm, escalation, fill, finding, forms, gates, handover, keys, ledger, lessons,
    line, links, parameters, roles, seeking, shown, snooze, ties, typing, verbs,
};
use crate::backend::Applicable;
use crate::console::choosing::round;
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::fields::thrown_away;
use crate::console::guard::scrolled;
use crate::console::model::{Model, ToastState};
use crate::console::prompt::{Asks, Awaited, Change, Choose, Form, Kind, Picked, Prompt, Text, Waiting};
use crate::console::recording::Recording;
use crate::domain::action::Verb;
use crate::domain::id::IncidentId;
use crate::domain::phase::Phase;
use crate::domain::record::{CloseReason, Entry};
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// Takes a key; the prompt was taken out of the model and is put back unless it is done with.
pub(super) fn pressed(model: &mut Model, at: Time, chord: Chord, mut prompt: Prompt) -> Vec<Effect> {
    let holds_text = prompt.holds_text();
    // A form asks by itself.
    if matches!(prompt, Prompt::Text(_) | Prompt::Fill(_))
        && let Some(leaving) = prompt.leaving()
    {
        let (asked, answer) = (*leaving, thrown_away(chord));
        *leaving = if asked { answer.is_none() } else { holds_text && chord.key == Key::Esc };
        if asked || *leaving {
            model.prompt = Some(prompt).filter(|_| !asked || answer != Some(true));
            return Vec::new();
        }
    }
    match prompt {
        Prompt::Filter { field, chosen, from, .. } => {
            finding::pressed(model, at, chord, (field, chosen, from))
        }
        Prompt::Find(field) => ledger::finding(model, chord, field),
        Prompt::Seek { field, at: place } => seeking::pressed(model, at, chord, field, place),
        Prompt::Confirm(confirm) => confirm::pressed(model, at, chord, confirm),
        Prompt::Shown(shown) => shown::pressed(model, at, chord, shown),
        Prompt::Bulk(bulk) => bulk::pressed(model, at, chord, bulk),
        Prompt::Link(asked) => links::pressed(model, at, chord, asked),
        Prompt::Bulletin(form) => forms::writing(model, at, chord, form),
        Prompt::Escalation(form) => escalation::pressed(model, at, chord, form),
        Prompt::Report(form) => forms::reporting(model, chord, form),
        Prompt::Waiting(waiting) if chord.key == Key::Esc => {
            model.prompt = waiting.back.map(|back| *back);
            Vec::new()
        }
        Prompt::Leave { leaving, mut guard } if leaves(chord) => {
            // Who holds a key, or presses it again and again to be back on Triage, does not mean to leave.
            if !guard.is_early(at) {
                return vec![Effect::Quit];
            }
            guard.last_key = Some(at);
            let again = match chord.key {
                Key::Char('q') => "enter or y leaves, or q after a breath".to_owned(),
                Key::Char(_) if !guard.held => format!("press {chord} again, after a breath"),
                _ => guard.too_soon().to_owned(),
            };
            model.say(at, ToastState::Again, again);
            model.prompt = Some(Prompt::Leave { leaving, guard });
            Vec::new()
        }
        Prompt::TakeOver { id, seen, owner, mut guard } if chord.key == Key::Enter => {
            if !guard.is_early(at) {
                return verbs::acknowledge(model, at, &id, seen, Some(owner));
            }
            guard.last_key = Some(at);
            model.say(at, ToastState::Again, guard.too_soon().to_owned());
            model.prompt = Some(Prompt::TakeOver { id, seen, owner, guard });
            Vec::new()
        }
        Prompt::Lesson(form) => lessons::filling(model, at, chord, form),
        Prompt::Agree(asked) if chord.key == Key::Esc && !asked.guard.sent => {
            model.prompt = asked.back.map(|back| *back);
            Vec::new()
        }
        _ if chord.key == Key::Esc => Vec::new(),
        Prompt::Leave { .. } if chord.key == Key::Char('n') => Vec::new(),
        Prompt::TakeOver { .. } if matches!(chord.key, Key::Char('n' | 'q')) => Vec::new(),
        Prompt::Explain { .. } => Vec::new(),
        Prompt::Agree(asked) => handover::agreeing(model, at, chord, asked),
        Prompt::OfferWatch { field, .. } => handover::offering(model, at, chord, field),
        Prompt::Text(text) => typing::typing(model, at, chord, text),
        Prompt::Fill(asked) => fill::pressed(model, at, chord, asked),
        Prompt::Gates(asked) => gates::pressed(model, at, chord, asked),
        Prompt::Roles(asked) => roles::pressed(model, at, chord, asked),
        Prompt::Line(asked) => line::pressed(model, at, chord, asked),
        Prompt::Choose(choose) => choosing(model, at, chord, choose),
        Prompt::Form(form) => parameters::filling(model, chord, form),
        other @ (Prompt::Waiting(_) | Prompt::Leave { .. } | Prompt::TakeOver { .. }) => {
            model.prompt = Some(other);
            Vec::new()
        }
    }
}

/// Whether a key answers the question whether to leave with yes; ctrl-c asked it, and insists.
fn leaves(chord: Chord) -> bool {
    let insists = chord.ctrl && chord.key == Key::Char('c');
    insists || matches!(chord.key, Key::Enter | Key::Char('q' | 'y'))
}

fn choosing(model: &mut Model, at: Time, chord: Chord, mut choose: Choose) -> Vec<Effect> {
    let last = choose.choices.len().saturating_sub(1);
    let none_yet = choose.at > last;
    choose.error = None;
    if keys::types_on(&mut choose.typed, at, chord, &['q', 'f', 'p', 'j', 'k', ' ']) {
        choose.error = Some(keys::TYPED_IN_VAIN.to_owned());
        model.prompt = Some(Prompt::Choose(choose));
        return Vec::new();
    }
    let (down, here) = (choose.down, choose.at);
    match chord.key {
        Key::Enter if none_yet => {
            choose.error = Some("none is chosen yet: ↓ or j goes to the first".to_owned());
        }
        Key::Enter => return picked(model, at, choose),
        Key::Tab => choose.at = round(choose.at, if chord.shift { -1 } else { 1 }, choose.choices.len()),
        Key::Down | Key::Char('j') if none_yet => choose.at = 0,
        Key::Down | Key::Char('j') => choose.at = (choose.at + 1).min(last),
        Key::Up | Key::Char('k') => choose.at = choose.at.saturating_sub(1),
        Key::Char('f') => {
            if let Some(Picked::Verb(offered)) = choose.here() {
                let offered = (**offered).clone();
                if Kind::of(&offered.verb) == Kind::Escalate {
                    return escalation::open(model, &choose.id, offered);
                }
                if !offered.asked.is_empty() {
                    model.prompt = Some(Prompt::Form(Form::new(&choose.id, offered)));
                    return Vec::new();
                }
            }
        }
        Key::Char('p') => {
            if let Some(Picked::Verb(offered)) = choose.here() {
                let offered = (**offered).clone();
                return shown::of_choice(model, choose, offered);
            }
        }
        Key::Char('q') => return Vec::new(),
        Key::PageDown | Key::PageUp | Key::Char(' ') => choose.down = scrolled(down, chord),
        _ => {}
    }
    if choose.at != here {
        choose.down = 0;
    }
    model.prompt = Some(Prompt::Choose(choose));
    Vec::new()
}

/// Goes on with the highlighted choice.
pub(super) fn picked(model: &mut Model, at: Time, mut choose: Choose) -> Vec<Effect> {
    let Some(choice) = choose.choices.get(choose.at).cloned() else { return Vec::new() };
    if let Some(barred) = choice.barred {
        choose.error = Some(barred);
        model.prompt = Some(Prompt::Choose(choose));
        return Vec::new();
    }
    let Some(incident) = model.board.get(&choose.id).cloned() else { return Vec::new() };
    let (id, seen) = (choose.id.clone(), choose.seen);
    // The text belongs to what was shown: later changes of the same field are refused.
    let text = |asks| Some(Prompt::Text(Text { seen, ..Text::new(&incident, asks) }));
    match choice.picked {
        Picked::Severity(severity) if incident.is_severity_said() && severity != incident.severity => {
            model.prompt = text(Asks::Change(Change::Severity(incident.severity, severity)));
        }
        Picked::Severity(severity) => {
            let done = set(&id, severity.word(), severity == incident.severity);
            let entry = Entry::SeveritySet { severity, because: None };
            return verbs::record(model, at, seen, entry, Recording::new(&id, done));
        }
        Picked::Category(category) if incident.is_category_said() && category != incident.category => {
            model.prompt = text(Asks::Change(Change::Category(incident.category, category)));
        }
        Picked::Category(category) => {
            let done = set(&id, category.word(), category == incident.category);
            let entry = Entry::CategorySet { category, because: None };
            return verbs::record(model, at, seen, entry, Recording::new(&id, done));
        }
        Picked::Phase(to) => return gates::forward(model, at, &incident, seen, to),
        Picked::Reason(reason) if !choose.together.is_empty() => alike::closing(model, at, choose, reason),
        Picked::Reason(CloseReason::Resolved) if incident.phase == Phase::Review => {
            return gates::forward(model, at, &incident, seen, Phase::Closed);
        }
        Picked::Reason(CloseReason::Resolved) if !incident.missing_for(Phase::Review, at).is_empty() => {
            return gates::forward(model, at, &incident, seen, Phase::Review);
        }
        Picked::Reason(reason) => {
            let required = incident.closing_needs_words(reason, at);
            model.prompt = text(Asks::Closing { reason, required });
        }
        Picked::Snooze(span) => return snooze::picked(model, at, &choose, span),
        Picked::SnoozeUntil => snooze::line(model, &incident),
        Picked::AtSource => return verbs::find(model, &id, Kind::Upstream),
        Picked::Playbook => return verbs::find(model, &id, Kind::Contain),
        Picked::NothingToContain => model.prompt = text(Asks::NothingToContain),
        Picked::Into(other) => {
            let effects = ties::merge(model, at, &[id], &other);
            return asked_from(model, choose, effects);
        }
        Picked::TakeOut(other) => {
            let effects = ties::unmerge(model, at, &other, &id);
            return asked_from(model, choose, effects);
        }
        Picked::Containment => return verbs::find(model, &id, Kind::Undo),
        Picked::Unlink(other) => {
            let other = model.board.get(&other).cloned();
            return other.map_or_else(Vec::new, |other| ties::unlink(model, at, &incident, &other));
        }
        Picked::Wake => return snooze::wake(model, at, &incident),
        Picked::HandBack => model.prompt = text(Asks::HandingBack),
        Picked::Keep(action) => {
            model.prompt = text(Asks::Keeping { action, what: choices::what(&incident, action) });
        }
        Picked::Undo(action) => {
            let Some(kept) = incident.actions.get(&action) else { return Vec::new() };
            let verb = Verb::Undo { playbook: kept.plan.verb.of().to_owned(), action };
            return plan(model, &id, verb, BTreeMap::new(), Some(Prompt::Choose(choose)));
        }
        Picked::Audience(audience) => forms::write(model, at, &incident, audience),
        Picked::Unsettled { action, done } => {
            let what = choices::what(&incident, action);
            model.prompt = text(Asks::Settlement { action, what, done });
        }
        Picked::Posting { number, channel, posted } => {
            model.prompt = text(Asks::Posting { number, channel, posted });
        }
        Picked::Verb(offered) => {
            let kind = Kind::of(&offered.verb);
            return begin(model, &id, kind, *offered, Some(Prompt::Choose(choose)));
        }
    }
    Vec::new()
}

/// What is asked now was chosen from a list: Esc leads back there.
fn asked_from(model: &mut Model, list: Choose, effects: Vec<Effect>) -> Vec<Effect> {
    if let Some(Prompt::Agree(agree)) = &mut model.prompt {
        agree.back = Some(Box::new(Prompt::Choose(list)));
    }
    effects
}

/// What is said once a severity or category is set; the right one is thereby confirmed.
fn set(id: &IncidentId, word: &str, same: bool) -> String {
    if same { format!("{id} is {word}: confirmed") } else { format!("{id} is {word}") }
}

/// Goes on with a chosen verb: to its form where values are needed, else straight to its plan.
pub(super) fn begin(
    model: &mut Model,
    id: &IncidentId,
    kind: Kind,
    offered: Applicable,
    back: Option<Prompt>,
) -> Vec<Effect> {
    let waits = model.board.can().paths.iter().any(|path| path.complete && path.id == offered.verb.of());
    // Page first: what is not known yet goes out as such, unless the path waits for a complete packet.
    if kind == Kind::Escalate && waits {
        return escalation::open(model, id, offered);
    }
    if matches!(kind, Kind::Contain | Kind::Upstream) && !offered.asked.is_empty() {
        model.prompt = Some(Prompt::Form(Form::new(id, offered)));
        return Vec::new();
    }
    plan(model, id, offered.verb, BTreeMap::new(), back)
}

/// Asks for a plan.
pub(super) fn plan(
    model: &mut Model,
    id: &IncidentId,
    verb: Verb,
    parameters: BTreeMap<String, Outside>,
    back: Option<Prompt>,
) -> Vec<Effect> {
    ask_for(model, id, Awaited::Plan, verb, parameters, back)
}

/// Asks for a plan, to confirm it or only to look at it.
pub(super) fn ask_for(
    model: &mut Model,
    id: &IncidentId,
    what: fn(Verb) -> Awaited,
    verb: Verb,
    parameters: BTreeMap<String, Outside>,
    back: Option<Prompt>,
) -> Vec<Effect> {
    let what = what(verb.clone());
    model.prompt = Some(Prompt::Waiting(Waiting { id: id.clone(), what, back: back.map(Box::new) }));
    vec![Effect::Plan { id: id.clone(), verb, parameters }]
}

/// What was typed is not lost when it could not be written down.
pub(super) fn restore(model: &mut Model, at: Time, typed: Option<Prompt>, error: String) {
    match (typed, model.prompt.take()) {
        (Some(prompt), asked @ (None | Some(Prompt::Gates(_)))) => {
            if let Some(Prompt::Gates(gates)) = asked {
                model.gates = Some(gates);
            }
            let incident = prompt.id().and_then(|id| model.board.get(id)).cloned();
            model.toast = None;
            model.prompt = Some(prompt.refused(incident.as_deref(), error));
        }
        (_, asked) => {
            model.prompt = asked;
            model.say(at, ToastState::Failed, error);
        }
    }
}
