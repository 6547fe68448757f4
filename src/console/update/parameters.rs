//! Keys while the values of a containment's parameters are filled in.

use super::prompts::plan;
use super::shown;
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::model::Model;
use crate::console::prompt::{Form, Prompt};
use crate::console::ring::step;

pub(super) fn filling(model: &mut Model, chord: Chord, mut form: Form) -> Vec<Effect> {
    let last = form.fields.len().saturating_sub(1);
    let several = form.fields.get(form.at).is_some_and(|(asked, _)| asked.offers.len() > 1);
    match (chord.key, chord.shift) {
        (Key::Char('p'), _) if chord.ctrl => return shown::of_form(model, form),
        (Key::Enter, _) if form.at < last => form.at += 1,
        _ if chord.key == Key::Enter || (chord.ctrl && chord.key == Key::Char('s')) => {
            form.error = None;
            match form.values() {
                Err(flawed) => (form.at, form.tried) = (flawed, true),
                Ok(values) => {
                    let (id, verb) = (form.id.clone(), form.offered.verb.clone());
                    return plan(model, &id, verb, values, Some(Prompt::Form(form)));
                }
            }
        }
        (Key::Up, _) if several => offer(&mut form, -1),
        (Key::Down, _) if several => offer(&mut form, 1),
        (Key::Tab, true) | (Key::Up, _) => form.at = if form.at == 0 { last } else { form.at - 1 },
        (Key::Tab, false) | (Key::Down, _) => form.at = if form.at >= last { 0 } else { form.at + 1 },
        _ => {
            match form.choices(form.at).to_vec().as_slice() {
                [] => {
                    if let Some((_, field)) = form.fields.get_mut(form.at) {
                        field.press(chord);
                    }
                }
                choices => choose(&mut form, choices, chord),
            }
            form.error = None;
        }
    }
    model.prompt = Some(Prompt::Form(form));
    Vec::new()
}

/// Takes one of the choices: its neighbour, by its number, or the next that begins with a letter.
fn choose(form: &mut Form, choices: &[String], chord: Chord) {
    let Some((_, field)) = form.fields.get_mut(form.at) else { return };
    let text = field.text();
    let here = choices.iter().position(|choice| *choice == text);
    let picked = match (chord.key, chord.text()) {
        (Key::Left, _) => Some(step(here, choices.len(), -1)),
        (Key::Right, _) | (_, Some(' ')) => Some(step(here, choices.len(), 1)),
        (Key::Backspace | Key::Delete, _) => {
            *field = Field::default();
            None
        }
        (_, Some(c @ '1'..='9')) => c.to_digit(10).map(|number| number as usize - 1),
        (_, Some(letter)) => {
            // From the next one on, so that a letter pressed again goes on.
            let from = here.map_or(0, |here| here + 1);
            let places = (0..choices.len()).map(|place| (from + place) % choices.len());
            places
                .into_iter()
                .find(|place| choices.get(*place).is_some_and(|choice| choice.starts_with(letter)))
        }
        _ => None,
    };
    if let Some(choice) = picked.and_then(|place| choices.get(place)) {
        *field = Field::with(choice.clone());
    }
}

/// Fills in the next of the values that are known.
fn offer(form: &mut Form, by: isize) {
    let Some((asked, field)) = form.fields.get_mut(form.at) else { return };
    let typed = field.outside();
    let here = asked.offers.iter().position(|offer| offer.value == typed);
    if let Some(offer) = asked.offers.get(step(here, asked.offers.len(), by)) {
        *field = Field::with(offer.value.raw());
    }
    form.error = None;
}
