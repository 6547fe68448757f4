//! Keys on the command line, and what a whole line does.

use std::sync::Arc;

use super::{keys, roles, ties, verbs};
use crate::console::chord::{Chord, Key};
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::model::Model;
use crate::console::phrase::{self, Named, Phrase, Word, other};
use crate::console::prompt::line::{CommandLine, Wrong};
use crate::console::prompt::{Prompt, Roles};
use crate::console::recording::Recording;
use crate::domain::incident::Incident;
use crate::domain::time::Time;

/// Opens the command line about the selected incident.
pub(super) fn open(model: &mut Model) {
    model.prompt = Some(Prompt::Line(CommandLine::new(model.selected())));
}

pub(super) fn pressed(model: &mut Model, at: Time, chord: Chord, mut line: CommandLine) -> Vec<Effect> {
    match chord.key {
        Key::Enter if line.field.is_blank() => return Vec::new(),
        // An empty line is left the way it was entered.
        Key::Backspace if line.field.text().is_empty() => return Vec::new(),
        Key::Enter => match run(model, at, &line) {
            Ok(effects) => return effects,
            Err(wrong) => line.error = Some(wrong),
        },
        Key::Tab => {
            let (typed, me) = (line.field.text(), model.settings.operator.as_str());
            let incident = line.id.as_ref().and_then(|id| model.board.get(id));
            line.field = Field::with(phrase::complete(&typed, incident.map(AsRef::as_ref), me, &model.board));
        }
        _ => {
            if line.field.press(chord) {
                line.error = None;
            }
        }
    }
    model.prompt = Some(Prompt::Line(line));
    Vec::new()
}

fn run(model: &mut Model, at: Time, line: &CommandLine) -> Result<Vec<Effect>, Wrong> {
    let words = phrase::words(&line.field.text());
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    let phrase = match phrase::find(first)? {
        Named::Phrase(phrase) => phrase,
        Named::Command(command) => {
            if let Some(more) = words.get(1) {
                return Err(more.wrong("this command takes nothing after its name".to_owned()));
            }
            if command.is_verb() && model.selected_id() != line.id.as_ref() {
                return Err(Wrong::all("the list has moved: esc, then select it again"));
            }
            return Ok(keys::ask(model, at, command));
        }
    };
    let Some(incident) = line.id.as_ref().and_then(|id| model.board.get(id)).cloned() else {
        return Err(Wrong::all("no incident is selected: esc, and choose one on Triage first"));
    };
    let (entry, done) = match phrase {
        Phrase::Timer => phrase::timer(&words, &incident, at)?,
        Phrase::Done => phrase::done(&words, &incident)?,
        Phrase::Callout => phrase::callout(&words, &incident)?,
        Phrase::Hypothesis => phrase::hypothesis(&words, &incident)?,
        Phrase::Role => {
            let (role, name) = phrase::role(&words)?;
            let field = Field::with(name);
            return Ok(roles::enter(
                model,
                at,
                Roles { field, seen: line.seen, ..Roles::new(&incident, role) },
            ));
        }
        Phrase::Merge | Phrase::Unmerge | Phrase::Link | Phrase::Unlink => {
            return tie(model, at, phrase, &words, &incident);
        }
        Phrase::Back => match words.get(1) {
            Some(why) => verbs::handed_back(model, &incident, &why.rest).map_err(Wrong::all)?,
            None => return Ok(verbs::verb(model, at, Command::HandBack)),
        },
    };
    let recording = Recording::new(&incident.id, done).typed(Prompt::Line(line.clone()));
    Ok(verbs::record(model, at, line.seen, entry, recording))
}

/// What a line says of two incidents.
fn tie(
    model: &mut Model,
    at: Time,
    phrase: Phrase,
    words: &[Word],
    incident: &Arc<Incident>,
) -> Result<Vec<Effect>, Wrong> {
    if let (Phrase::Unmerge, None) = (phrase, words.get(1)) {
        let nothing = format!("nothing was merged into {}, nor it into another one", incident.id);
        return ties::take_back(model, at, incident).ok_or_else(|| Wrong::all(nothing));
    }
    let with = Arc::clone(other::incident(words, &model.board, phrase)?);
    let id = with.id.clone();
    Ok(match phrase {
        Phrase::Merge => ties::merge(model, at, std::slice::from_ref(&incident.id), &id),
        Phrase::Unmerge => ties::unmerge(model, at, &id, &incident.id),
        Phrase::Link => ties::link(model, at, incident, &with, other::signals(words, incident)?),
        _ => ties::unlink(model, at, incident, &with),
    })
}
