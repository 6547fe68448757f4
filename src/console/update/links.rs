//! Opening a link: it is read first, then a program shows it, or the person's own terminal takes it.

use super::forms;
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::links::{self, Aim, ShownLink};
use crate::console::model::{Model, ToastState};
use crate::console::page::own;
use crate::console::prompt::Prompt;
use crate::domain::fault::Fault;
use crate::domain::time::Time;

/// Shows where a link of the selected incident leads.
pub(super) fn show(model: &mut Model, at: Time, aim: Aim) {
    match links::shown(model, aim) {
        Ok(link) => model.prompt = Some(Prompt::Link(Box::new(link))),
        Err(why) => model.say(at, ToastState::Failed, why),
    }
}

pub(super) fn pressed(model: &mut Model, at: Time, chord: Chord, mut asked: Box<ShownLink>) -> Vec<Effect> {
    let what = format!("the link of the {}", asked.aim.word());
    let copies = model.settings.opener.is_none();
    match chord.key {
        Key::Esc | Key::Char('q') => return Vec::new(),
        Key::Char('y') => return forms::copy(model, at, &what, asked.link.url().to_owned()),
        _ if !asked.guard.counts(at, chord) => {
            model.prompt = Some(Prompt::Link(asked));
            return Vec::new();
        }
        _ if copies => return forms::copy(model, at, &what, asked.link.url().to_owned()),
        _ => {}
    }
    let opener = model.settings.opener.clone().unwrap_or_default();
    model.say(at, ToastState::Pending, format!("{} is given to {}", asked.link.host(), own(&opener)));
    vec![Effect::OpenLink(asked.link)]
}

/// What became of it.
pub(super) fn opened(model: &mut Model, at: Time, host: &str, opened: Result<(), Fault>) {
    let opener = model.settings.opener.clone().unwrap_or_default();
    match opened {
        Ok(()) => model.say(at, ToastState::Done, format!("{} shows {}", own(&opener), own(host))),
        Err(fault) => {
            let text = format!(
                "{} is not shown: {}; open it again and press y to copy it",
                own(host),
                fault.detail.safe()
            );
            model.say(at, ToastState::Failed, text);
        }
    }
}
