//! Keys while the values of a containment's parameters are filled in.

use super::prompts::plan;
use super::shown;
use crate::console::choosing::{beginning, round, stepped};
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::model::Model;
use crate::console::prompt::{Form, Prompt};

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
        (Key::Tab, true) | (Key::Up, _) => form.at = round(form.at, -1, form.fields.len()),
        (Key::Tab, false) | (Key::Down, _) => form.at = round(form.at, 1, form.fields.len()),
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
        (Key::Left, _) => stepped(here, -1, choices.len()),
        (Key::Right, _) | (_, Some(' ')) => stepped(here, 1, choices.len()),
        (Key::Backspace | Key::Delete, _) => {
            *field = Field::default();
            None
        }
        (_, Some(c @ '1'..='9')) => c.to_digit(10).map(|number| number as usize - 1),
        (_, Some(letter)) => beginning(choices, here, letter),
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
    if let Some(offer) = stepped(here, by, asked.offers.len()).and_then(|place| asked.offers.get(place)) {
        *field = Field::with(offer.value.raw());
    }
    form.error = None;
}
