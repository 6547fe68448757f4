//! Looking at a plan that nothing confirms.

use std::collections::BTreeMap;

use super::forms;
use super::prompts::ask_for;
use crate::backend::Applicable;
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::guard::scrolled;
use crate::console::model::Model;
use crate::console::prompt::{Awaited, Choose, Form, Kind, Prompt, Shown};
use crate::domain::time::Time;

/// Asks for the plan of what is highlighted; its form comes first where a value is missing.
pub(super) fn of_choice(model: &mut Model, choose: Choose, offered: Applicable) -> Vec<Effect> {
    let id = choose.id.clone();
    let form = Form::new(&id, offered);
    if !matches!(Kind::of(&form.offered.verb), Kind::Contain | Kind::Upstream) {
        let (verb, back) = (form.offered.verb, Some(Prompt::Choose(choose)));
        return ask_for(model, &id, Awaited::Preview, verb, BTreeMap::new(), back);
    }
    match form.values() {
        Ok(values) => {
            let back = Some(Prompt::Choose(choose));
            ask_for(model, &id, Awaited::Preview, form.offered.verb, values, back)
        }
        Err(at) => {
            model.prompt = Some(Prompt::Form(Form { at, tried: true, ..form }));
            Vec::new()
        }
    }
}

/// Asks for the plan of what is filled in.
pub(super) fn of_form(model: &mut Model, mut form: Form) -> Vec<Effect> {
    match form.values() {
        Ok(values) => {
            let (id, verb) = (form.id.clone(), form.offered.verb.clone());
            ask_for(model, &id, Awaited::Preview, verb, values, Some(Prompt::Form(form)))
        }
        Err(at) => {
            (form.at, form.tried, form.error) = (at, true, None);
            model.prompt = Some(Prompt::Form(form));
            Vec::new()
        }
    }
}

pub(super) fn pressed(model: &mut Model, at: Time, chord: Chord, mut shown: Box<Shown>) -> Vec<Effect> {
    let mut effects = Vec::new();
    match chord.key {
        Key::Esc | Key::Char('q') => {
            model.prompt = shown.back.map(|back| *back);
            return effects;
        }
        Key::Char('y') => {
            effects = forms::copy(model, at, "the plan's hash was", shown.plan.hash.0.clone());
        }
        _ => shown.top = scrolled(shown.top, chord),
    }
    model.prompt = Some(Prompt::Shown(shown));
    effects
}
