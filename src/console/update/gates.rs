//! The gate sheet: Enter on a line asks for what it needs, and the sheet comes back, brought up to date.

use super::keys::{self, TYPED_IN_VAIN};
use super::{choices, reopening, verbs};
use crate::console::bulletin::BulletinForm;
use crate::console::choosing::round;
use crate::console::chord::{Chord, Key};
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::lesson::{Lesson, LessonForm};
use crate::console::model::{Model, Screen, TYPED_ON, ToastState};
use crate::console::page;
use crate::console::prompt::gates::Row;
use crate::console::prompt::{Asks, Fill, Gates, Prompt, Roles, Slip, Text};
use crate::console::recording::Recording;
use crate::domain::bulletin::Status;
use crate::domain::gate::Gate;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::record::{CloseReason, Entry};
use crate::domain::role::Role;
use crate::domain::time::Time;

/// Moves the response on, or shows what that needs.
pub(super) fn forward(model: &mut Model, at: Time, incident: &Incident, seen: u64, to: Phase) -> Vec<Effect> {
    if incident.is_closed() {
        return reopening::reopen(model, at, incident, seen, to);
    }
    if incident.missing_for(to, at).is_empty() {
        return move_on(model, at, incident, seen, to);
    }
    model.prompt = Some(Prompt::Gates(Gates::new(incident, seen, to, at)));
    Vec::new()
}

/// Nothing is missing any more; what still fires is not ended without a word.
fn move_on(model: &mut Model, at: Time, incident: &Incident, seen: u64, to: Phase) -> Vec<Effect> {
    let id = &incident.id;
    let (entry, done) = match to {
        Phase::Review => {
            let reason = CloseReason::Resolved;
            let required = incident.closing_needs_words(reason, at);
            if required.is_some() {
                let asks = Asks::Closing { reason, required };
                model.prompt = Some(Prompt::Text(Text { seen, ..Text::new(incident, asks) }));
                return Vec::new();
            }
            let key = model.settings.keymap.key(Command::Bulletin);
            let owed = match incident.open_series().is_empty() {
                true => String::new(),
                false => format!("; its readers wait for the last bulletin: {key}"),
            };
            (Entry::Closed { reason, note: None }, format!("{id} is resolved and in Review{owed}"))
        }
        to => (Entry::PhaseMoved { to, waived: None }, format!("{id} is in {}", to.title())),
    };
    verbs::record(model, at, seen, entry, Recording::new(id, done))
}

pub(super) fn pressed(model: &mut Model, at: Time, chord: Chord, mut gates: Gates) -> Vec<Effect> {
    let Some(incident) = model.board.get(&gates.id).cloned() else { return Vec::new() };
    let rows = gates.rows(&incident, at);
    let here = gates.place(&incident, &rows, at);
    let last = rows.len().saturating_sub(1);
    let missing = incident.missing_for(gates.to, at);
    gates.error = None;
    if keys::types_on(&mut gates.typed, at, chord, &['q', 'w', 'j', 'k']) {
        in_vain(model, gates);
        return Vec::new();
    }
    let to = match chord.key {
        Key::Char('q') => return Vec::new(),
        Key::Enter if missing.is_empty() => return move_on(model, at, &incident, gates.seen, gates.to),
        Key::Enter => {
            if let Some(row) = rows.get(here) {
                meet(model, at, &incident, gates, *row);
            }
            return Vec::new();
        }
        Key::Char('w') if !missing.is_empty() => {
            let missing = missing.into_iter().map(|gate| page::gates::name(gate).to_owned()).collect();
            let asks = Asks::Waiver { to: gates.to, missing, slip: Slip::Asked(at) };
            let text = Text::new(&incident, asks);
            model.prompt = Some(Prompt::Text(Text { seen: gates.seen, ..text }));
            model.gates = Some(gates);
            return Vec::new();
        }
        Key::Down | Key::Char('j') => (here + 1).min(last),
        Key::Up | Key::Char('k') => here.saturating_sub(1),
        Key::Tab => round(here, if chord.shift { -1 } else { 1 }, rows.len()),
        _ => here,
    };
    if to != here {
        gates.at = rows.get(to).copied();
    }
    model.prompt = Some(Prompt::Gates(gates));
    Vec::new()
}

fn in_vain(model: &mut Model, gates: Gates) {
    let error = Some(format!("{TYPED_IN_VAIN}; w gives a reason that waives all"));
    model.prompt = Some(Prompt::Gates(Gates { error, ..gates }));
}

/// Why a key does not waive yet: a word that was typed where gates are listed may begin with the key that asks for the
/// reason, and whoever typed it reads first what it would waive.
pub(super) fn slips(text: &mut Text, at: Time, chord: Chord) -> Option<String> {
    let blank = text.field.is_blank();
    let Asks::Waiver { slip, missing, .. } = &mut text.asks else { return None };
    let soon = |since: Time| (since..since + TYPED_ON.delta()).contains(&at);
    let enters = chord.key == Key::Enter;
    *slip = match *slip {
        Slip::Asked(then) if chord.text().is_some() => {
            if soon(then) {
                Slip::Typed
            } else {
                Slip::No
            }
        }
        Slip::Typed if enters && !blank => Slip::Said(at),
        Slip::Said(then) if enters && soon(then) => Slip::Said(at),
        Slip::Said(_) if enters => Slip::No,
        // Other words: it is said of these as well.
        Slip::Said(_) => Slip::Typed,
        other => other,
    };
    let said = enters && matches!(slip, Slip::Said(_));
    said.then(|| format!("this waives {}: press Enter again, after a second", missing.join(", ")))
}

/// Asks for what a line needs.
fn meet(model: &mut Model, at: Time, incident: &Incident, mut gates: Gates, row: Row) {
    let text = |asks| Ok(Prompt::Text(Text::new(incident, asks)));
    let lesson = |lesson| Prompt::Lesson(Box::new(LessonForm::new(incident, lesson)));
    let asked = match row {
        Row::Undecided(action) => Ok(Prompt::Choose(choices::undecided(incident, action))),
        Row::Owed(audience)
            if incident.last_bulletin(audience).is_some()
                && incident.missing_for(Phase::Review, at).contains(&Gate::Health) =>
        {
            Err("nobody is told that it is over before it is healthy: wait for that, or w waives it")
        }
        Row::Owed(audience) => match &model.board.catalogue {
            Some(catalogue) => {
                // What is owed is the last bulletin, that it is over; before it is healthy, to whom nothing was told, the
                // first one.
                let burns = incident.missing_for(Phase::Review, at).contains(&Gate::Health);
                let status = if burns { incident.fitting_status(audience) } else { Status::Resolved };
                let form = BulletinForm::saying(status, incident, catalogue, audience, at);
                Ok(Prompt::Bulletin(Box::new(form)))
            }
            None => Err("what bulletins may say was not read yet; try again"),
        },
        Row::Gate(Gate::Bulletins) => Err("nobody waits for a bulletin"),
        Row::Gate(Gate::Severity) => Ok(Prompt::Choose(choices::severity(incident))),
        Row::Gate(Gate::Category) => Ok(Prompt::Choose(choices::category(incident))),
        Row::Gate(Gate::Impact) => Ok(Prompt::Fill(Fill::impact(incident))),
        Row::Gate(Gate::Lead) => Ok(Prompt::Roles(Roles::new(incident, Role::Lead))),
        Row::Gate(Gate::Containment) => Ok(Prompt::Choose(choices::containment(model, incident, at))),
        Row::Gate(Gate::Mitigation) => text(Asks::Mitigation),
        Row::Gate(Gate::Health) => Err("what watches it says this by itself; wait for it, or w waives it"),
        Row::Gate(Gate::InForce) => Err("every containment was undone, or is kept on purpose"),
        Row::Gate(Gate::RootCause) => Ok(lesson(Lesson::Cause)),
        Row::Gate(Gate::Items) => Ok(lesson(Lesson::Item)),
        Row::Gate(Gate::Published) => {
            // Its first line names the key that publishes it.
            model.visit(Screen::PostMortem { id: incident.id.clone(), top: 0 });
            return;
        }
    };
    model.prompt = Some(match asked {
        Ok(prompt) => {
            model.gates = Some(gates);
            prompt
        }
        Err(why) => {
            gates.error = Some(why.to_owned());
            Prompt::Gates(gates)
        }
    });
}

/// Shows the sheet again once what it asked for is answered, and ends it once the response is there.
pub(super) fn come_back(model: &mut Model, at: Time) {
    if let Some(Prompt::Gates(gates)) = &model.prompt
        && let Some(incident) = model.board.get(&gates.id)
        && incident.phase >= gates.to
    {
        let text = format!("{} is in {} now", incident.id, incident.phase.title());
        model.prompt = None;
        model.say(at, ToastState::Done, text);
    }
    if model.prompt.is_some() {
        return;
    }
    let Some(gates) = model.gates.take() else { return };
    let Some(incident) = model.board.get(&gates.id).filter(|it| it.phase < gates.to) else { return };
    let anew = Gates::new(incident, incident.version, gates.to, at);
    model.prompt = Some(Prompt::Gates(Gates { asked: gates.asked, ..anew }));
}
