//! Keys while it is said how much an incident weighs.

use super::verbs;
use crate::console::choosing::round;
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::model::Model;
use crate::console::prompt::Prompt;
use crate::console::prompt::fill::{About, Fill};
use crate::console::recording::Recording;
use crate::domain::record::Entry;
use crate::domain::time::Time;

pub(super) fn pressed(model: &mut Model, at: Time, chord: Chord, mut fill: Fill) -> Vec<Effect> {
    let last = fill.stops().last() == Some(&(fill.at, fill.on_why));
    match (chord.key, chord.shift) {
        (Key::Enter, _) if last => return write(model, at, fill),
        (Key::Char('s'), _) if chord.ctrl => return write(model, at, fill),
        (Key::Enter, _) => step(&mut fill, 1),
        (Key::Tab, true) | (Key::Up, _) => step(&mut fill, -1),
        (Key::Tab, false) | (Key::Down, _) => step(&mut fill, 1),
        _ => {
            typed(&mut fill, chord);
            fill.error = fill.unfit();
        }
    }
    model.prompt = Some(Prompt::Fill(fill));
    Vec::new()
}

fn typed(fill: &mut Fill, chord: Chord) {
    if let Some(field) = fill.field() {
        field.press(chord);
        return;
    }
    let Some(slot) = fill.slots.get_mut(fill.at) else { return };
    match (chord.key, chord.text()) {
        (Key::Left, _) => slot.cycle(-1),
        (Key::Right, _) | (_, Some(' ')) => slot.cycle(1),
        (Key::Backspace | Key::Delete, _) => {
            let was = slot.was.as_ref().map(|was| was.raw().to_owned()).unwrap_or_default();
            slot.value = Field::with(was);
        }
        (_, Some(letter)) => {
            let begins = |choice: &&String| choice.starts_with(letter.to_ascii_lowercase());
            if let Some(choice) = slot.choices.iter().find(begins) {
                slot.value = Field::with(choice.clone());
            }
        }
        _ => {}
    }
}

/// To the next line a caret can stand on.
fn step(fill: &mut Fill, by: isize) {
    let stops = fill.stops();
    let here = stops.iter().position(|stop| *stop == (fill.at, fill.on_why)).unwrap_or(0);
    if let Some((at, on_why)) = stops.get(round(here, by, stops.len())) {
        (fill.at, fill.on_why) = (*at, *on_why);
    }
}

/// Writes down what it says; where it will not do, it says why and stands.
pub(super) fn write(model: &mut Model, at: Time, mut fill: Fill) -> Vec<Effect> {
    match fill.entries() {
        Ok(entries) => {
            let id = fill.id.clone();
            let done = match fill.about {
                About::Impact => format!("impact of {id} written down"),
                About::Classification => format!("{id}: {}", names(&entries)),
            };
            let mut entries = entries.into_iter();
            let Some(first) = entries.next() else { return Vec::new() };
            let recording = Recording { then: entries.collect(), ..Recording::new(&id, done) };
            let seen = fill.seen;
            verbs::record(model, at, seen, first, recording.typed(Prompt::Fill(fill)))
        }
        Err(flaw) => {
            (fill.at, fill.on_why, fill.error) = (flaw.at, flaw.on_why, Some(flaw.says));
            model.prompt = Some(Prompt::Fill(fill));
            Vec::new()
        }
    }
}

/// `urgency, scope written down`
fn names(entries: &[Entry]) -> String {
    let name = |entry: &Entry| match entry {
        Entry::Classified { fact, .. } => Some(fact.name()),
        _ => None,
    };
    let names: Vec<&str> = entries.iter().filter_map(name).collect();
    format!("{} written down", names.join(", "))
}
