//! The button of a popup on the desktop: it acknowledges that very incident, as its key does here.

use super::verbs;
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::model::{Model, ToastState};
use crate::console::page::own;
use crate::console::recording::Recording;
use crate::domain::id::IncidentId;
use crate::domain::time::Time;

/// What asks for more than a key does not happen on a desktop, where nothing can be asked: it is refused, and why is said.
pub(super) fn pressed(model: &mut Model, at: Time, id: &IncidentId) -> Vec<Effect> {
    let me = &model.settings.operator;
    let Some(incident) = model.board.get(id) else {
        return refused(model, at, id.clone(), format!("{id} is not there any more"));
    };
    let taken = incident.owner.as_ref().filter(|owner| owner.name != *me).map(|owner| {
        let key = model.settings.keymap.key(Command::Acknowledge);
        format!("{} holds {id}; {key} at the console takes it over", own(&owner.name))
    });
    let seen = incident.version;
    match verbs::unacknowledgeable(incident).or(taken) {
        Some(why) => refused(model, at, id.clone(), why),
        None => {
            let done = format!("you acknowledged {id}, on the desktop");
            let recording = Recording { of_popup: true, ..Recording::new(id, done) };
            verbs::acknowledge_as(model, at, seen, None, recording)
        }
    }
}

/// Says both here and there that it was not done.
pub(super) fn refused(model: &mut Model, at: Time, id: IncidentId, why: String) -> Vec<Effect> {
    model.say(at, ToastState::Failed, format!("not acknowledged: {why}"));
    vec![Effect::Refuse { id, why }]
}
