//! Keys in the form of an escalation: its steps, the items of its packet, and what sends it.

use super::{forms, prompts, verbs};
use crate::backend::Applicable;
use crate::console::choosing::round;
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::escalation::{EscalationForm, Spot};
use crate::console::field::Field;
use crate::console::fields::thrown_away;
use crate::console::impact;
use crate::console::model::Model;
use crate::console::prompt::Prompt;
use crate::console::recording::Recording;
use crate::domain::escalation::Step;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::packet::Packet;
use crate::domain::record::Entry;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// So many lines of the form are passed over at once: each may take several rows of the screen.
const SOME: usize = 4;

/// Opens the form, and asks for the packet.
pub(super) fn open(model: &mut Model, id: &IncidentId, offered: Applicable) -> Vec<Effect> {
    let Some(incident) = model.board.get(id) else { return Vec::new() };
    let form = EscalationForm::new(incident, offered);
    let path = form.path().to_owned();
    model.prompt = Some(Prompt::Escalation(Box::new(form)));
    vec![Effect::ReadPacket { id: id.clone(), path }]
}

/// The packet as it is now.
pub(super) fn read(model: &mut Model, id: &IncidentId, path: &str, packet: Result<Box<Packet>, Outside>) {
    let Some(incident) = model.board.get(id) else { return };
    if let Some(Prompt::Escalation(form)) = &mut model.prompt
        && form.id == *id
        && form.path() == path
    {
        form.learn(incident, packet);
    }
}

/// Something was written down: the packet may say more now.
pub(super) fn recorded(model: &Model, id: &IncidentId) -> Option<Effect> {
    match &model.prompt {
        Some(Prompt::Escalation(form)) if form.id == *id => {
            Some(Effect::ReadPacket { id: id.clone(), path: form.path().to_owned() })
        }
        _ => None,
    }
}

pub(super) fn pressed(
    model: &mut Model,
    at: Time,
    chord: Chord,
    mut form: Box<EscalationForm>,
) -> Vec<Effect> {
    if form.leaving {
        let answer = thrown_away(chord);
        form.leaving = answer.is_none();
        // What is being typed goes first; the steps are another question.
        if answer != Some(true) || form.editing.take().is_some() {
            model.prompt = Some(Prompt::Escalation(form));
        }
        return Vec::new();
    }
    if chord.key == Key::Esc && form.is_changed() {
        form.leaving = true;
        model.prompt = Some(Prompt::Escalation(form));
        return Vec::new();
    }
    let Some(incident) = model.board.get(&form.id).cloned() else { return Vec::new() };
    if let Some(editing) = form.editing.take() {
        return type_on(model, at, chord, form, editing, &incident);
    }
    let spots = form.spots(&incident);
    let last = spots.len().saturating_sub(1);
    form.at = form.at.min(last);
    form.error = None;
    let Some(spot) = spots.into_iter().nth(form.at) else { return Vec::new() };
    match (chord.key, &spot) {
        (Key::Esc, _) => return Vec::new(),
        (Key::Char('s'), _) if chord.ctrl => return send(model, form),
        (Key::Char('y'), _) if chord.ctrl => return copy(model, at, form),
        (Key::Enter, Spot::Send) => return send(model, form),
        (Key::Enter, Spot::Add) => form.add(channels(model)),
        (Key::Enter | Key::Down, _) => form.at = (form.at + 1).min(last),
        (Key::Up, _) => form.at = form.at.saturating_sub(1),
        (Key::PageDown, _) => form.at = (form.at + SOME).min(last),
        (Key::PageUp, _) => form.at = form.at.saturating_sub(SOME),
        (Key::Tab, _) => form.at = round(form.at, if chord.shift { -1 } else { 1 }, last + 1),
        (_, Spot::Item(name)) => {
            let begun = form.said(name).map(|said| said.raw().to_owned()).unwrap_or_default();
            let mut field = Field::with(begun.as_str());
            if field.press(chord) {
                form.editing = Some((field, begun));
            }
        }
        (_, Spot::Step(place)) => step(model, chord, &mut form, *place, &incident),
        (Key::Char('a'), Spot::Add) => form.add(channels(model)),
        _ => {}
    }
    model.prompt = Some(Prompt::Escalation(form));
    Vec::new()
}

fn channels(model: &Model) -> &[String] {
    &model.board.can().tellers
}

/// A key on a step.
fn step(model: &Model, chord: Chord, form: &mut EscalationForm, place: usize, incident: &Incident) {
    let changes = matches!(
        chord.key,
        Key::Left | Key::Right | Key::Delete | Key::Backspace | Key::Char('d' | 'a' | '0'..='9')
    );
    if changes && form.runs(incident) {
        let text =
            "this path runs: its steps stand until an acknowledgement stops it; r sends this one again";
        form.error = Some(Outside::new(text));
        return;
    }
    match chord.key {
        // A digit begins another delay.
        Key::Backspace | Key::Char('0'..='9') => {
            let begun = form.steps.get(place).map(Step::delay).unwrap_or_default();
            let mut field =
                if chord.key == Key::Backspace { Field::with(begun.as_str()) } else { Field::default() };
            field.press(chord);
            form.editing = Some((field, begun));
        }
        Key::Right => form.turn(place, 1, channels(model)),
        Key::Left => form.turn(place, -1, channels(model)),
        Key::Char('a') => form.add(channels(model)),
        Key::Delete | Key::Char('d') if place < form.steps.len() => drop(form.steps.remove(place)),
        Key::Char('r') if form.has_own_steps() => {
            form.error = Some(Outside::new("with steps of your own it begins with the first"));
        }
        Key::Char('r') => {
            let number = u32::try_from(place + 1).ok();
            form.again = if form.again == number { None } else { number };
        }
        _ => {}
    }
}

/// A key while something is typed at the cursor.
fn type_on(
    model: &mut Model,
    at: Time,
    chord: Chord,
    mut form: Box<EscalationForm>,
    (mut field, began): (Field, String),
    incident: &Incident,
) -> Vec<Effect> {
    form.error = None;
    let mut effects = Vec::new();
    let sends = chord.ctrl && chord.key == Key::Char('s');
    match chord.key {
        Key::Esc => {}
        Key::Char('s') | Key::Enter | Key::Tab | Key::Down | Key::Up if sends || chord.text().is_none() => {
            match form.spots(incident).into_iter().nth(form.at) {
                Some(Spot::Step(place)) => match Span::parse(&field.text()) {
                    Ok(after) => {
                        if let Some(step) = form.steps.get_mut(place) {
                            step.after = after;
                        }
                    }
                    Err(why) => {
                        form.error = Some(Outside::new(why));
                        form.editing = Some((field, began));
                    }
                },
                Some(Spot::Item(item)) if field.text() != began && !field.is_blank() => {
                    if let Some(why) = impact::flaw(&item, &field.text()) {
                        form.error = Some(Outside::new(why));
                        form.editing = Some((field, began));
                        model.prompt = Some(Prompt::Escalation(form));
                        return effects;
                    }
                    let value = field.outside();
                    form.typed.insert(item.clone(), value.raw().to_owned());
                    let done = format!("{} of {} written down", Outside::new(item.as_str()).safe(), form.id);
                    let entry = Entry::PacketFilled { item, value };
                    let recording = Recording::new(&form.id, done);
                    effects = verbs::record(model, at, incident.version, entry, recording);
                }
                _ => {}
            }
            if form.editing.is_none() && sends {
                effects.extend(send(model, form));
                return effects;
            }
            if form.editing.is_none() {
                let last = form.spots(incident).len().saturating_sub(1);
                form.at =
                    if chord.key == Key::Up { form.at.saturating_sub(1) } else { (form.at + 1).min(last) };
            }
        }
        Key::Char('y') if chord.ctrl => {
            form.error = Some(Outside::new("enter first: what you type here is not in the packet yet"));
            form.editing = Some((field, began));
        }
        _ => {
            field.press(chord);
            form.editing = Some((field, began));
        }
    }
    model.prompt = Some(Prompt::Escalation(form));
    effects
}

fn copy(model: &mut Model, at: Time, form: Box<EscalationForm>) -> Vec<Effect> {
    let text = match &form.packet {
        Some(Ok(packet)) => Some(packet.text()),
        _ => None,
    };
    let what = format!("the packet of {}", form.id);
    model.prompt = Some(Prompt::Escalation(form));
    match text {
        Some(text) => forms::copy(model, at, &what, text),
        None => model.fail(at, "the packet was not read yet"),
    }
}

fn send(model: &mut Model, form: Box<EscalationForm>) -> Vec<Effect> {
    let (id, verb, values) = (form.id.clone(), form.verb(), form.parameters());
    prompts::plan(model, &id, verb, values, Some(Prompt::Escalation(form)))
}
