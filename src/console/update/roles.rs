//! Keys while a role is taken, offered or accepted.

use super::verbs;
use crate::console::choosing::round;
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::model::Model;
use crate::console::prompt::{Prompt, Roles};
use crate::console::recording::Recording;
use crate::domain::record::Entry;
use crate::domain::role::Role;
use crate::domain::text::Outside;
use crate::domain::time::Time;

pub(super) fn pressed(model: &mut Model, at: Time, chord: Chord, mut roles: Roles) -> Vec<Effect> {
    let here = Role::ALL.iter().position(|role| *role == roles.at).unwrap_or(0);
    let count = Role::ALL.len();
    let next = match (chord.key, chord.shift) {
        (Key::Enter, _) => return enter(model, at, roles),
        (Key::Tab, true) | (Key::Up, _) => round(here, -1, count),
        (Key::Tab, false) | (Key::Down, _) => round(here, 1, count),
        _ => {
            roles.field.press(chord);
            here
        }
    };
    roles.at = Role::ALL.get(next).copied().unwrap_or(roles.at);
    (roles.sure, roles.error) = (false, None);
    model.prompt = Some(Prompt::Roles(roles));
    Vec::new()
}

/// Taking a role from somebody names them first.
pub(super) fn enter(model: &mut Model, at: Time, mut roles: Roles) -> Vec<Effect> {
    let Some(incident) = model.board.get(&roles.id).cloned() else { return Vec::new() };
    let entry = match roles.change(&incident, &model.settings.operator) {
        Ok(Entry::RoleTaken { from: Some(from), .. }) if !roles.sure => {
            let word = roles.at.word();
            roles.sure = true;
            roles.error = Some(format!("{} is {word}: Enter again takes it over from them", from.safe()));
            model.prompt = Some(Prompt::Roles(roles));
            return Vec::new();
        }
        Ok(entry) => entry,
        Err(error) => {
            roles.error = Some(error);
            model.prompt = Some(Prompt::Roles(roles));
            return Vec::new();
        }
    };
    let (id, me) = (&roles.id, Outside::new(model.settings.operator.as_str()));
    let whom =
        |name: &Outside| if *name == me { "you are".to_owned() } else { format!("{} is", name.safe()) };
    let done = match &entry {
        Entry::RoleTaken { role, name, .. } => format!("{} {} of {id}", whom(name), role.word()),
        Entry::RoleOffered { role, to } => {
            format!("{} of {id} is offered to {}; theirs once they accept", role.word(), to.safe())
        }
        _ => format!("you are {} of {id}", roles.at.word()),
    };
    let (seen, recording) = (roles.seen, Recording::new(&roles.id, done));
    verbs::record(model, at, seen, entry, recording.typed(Prompt::Roles(roles)))
}
