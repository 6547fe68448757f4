//! Opening again what was closed, and what undo means right after something was done.

use super::choices;
use super::snooze;
use super::verbs;
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::model::Model;
use crate::console::prompt::Prompt;
use crate::console::recording::Recording;
use crate::console::toast::Reverse;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::record::Entry;
use crate::domain::story;
use crate::domain::time::Time;

/// Undo right after something was done takes that back: the cursor may stand on another one by then.
pub(super) fn undone(model: &mut Model, at: Time) -> Option<Vec<Effect>> {
    let (reverse, id) = model.toast.as_mut()?.reverse.take()?;
    // Never another one: what stands under the cursor was not meant.
    let Some(incident) = model.board.get(&id).cloned() else {
        return Some(model.fail(at, format!("{id} is gone")));
    };
    match reverse {
        Reverse::Wake => Some(snooze::undone(model, at, &incident)),
        // What was resolved is in Review: its phase moves back, and nothing is undone by that key but what is on its own page.
        Reverse::Reopen if incident.phase == Phase::Review && model.selected_id() == Some(&id) => None,
        Reverse::Reopen if incident.phase == Phase::Review => {
            let key = model.settings.keymap.way(Command::Phase);
            Some(model.fail(at, format!("{id} is in Review: {key} on its page moves it back")))
        }
        Reverse::Reopen => Some(match incident.closed_in() {
            Ok(before) => reopen(model, at, &incident, incident.version, before),
            Err(why) => model.fail(at, format!("{id}: {why}")),
        }),
    }
}

/// Asks how far back it is opened again: by a key that is pressed later, nobody is paged by reflex.
pub(super) fn ask(model: &mut Model, at: Time, incident: &Incident) -> Vec<Effect> {
    match incident.closed_in() {
        Ok(_) => {
            model.prompt = Some(Prompt::Choose(choices::phase(incident, at)));
            Vec::new()
        }
        Err(why) => model.fail(at, format!("{}: {why}", incident.id)),
    }
}

/// What opening it again in that phase does, and whom that pages.
pub(super) fn says(what: &str, incident: &Incident, to: Phase, at: Time) -> String {
    match heard(incident, to, at) {
        Some(heard) => format!("{what}: {heard}"),
        None => what.to_owned(),
    }
}

fn heard(incident: &Incident, to: Phase, at: Time) -> Option<String> {
    story::heard_again(&incident.if_opened_again(to, at).ok()?, at)
}

/// Opens it again in that phase.
pub(super) fn reopen(model: &mut Model, at: Time, incident: &Incident, seen: u64, to: Phase) -> Vec<Effect> {
    let heard = heard(incident, to, at).map(|heard| format!("; {heard}"));
    let done = format!("{} is in {} again{}", incident.id, to.title(), heard.unwrap_or_default());
    let entry = Entry::PhaseMoved { to, waived: None };
    verbs::record(model, at, seen, entry, Recording::new(&incident.id, done))
}
