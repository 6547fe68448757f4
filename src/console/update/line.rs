//! Keys on the command line, and what a whole line does.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{keys, roles, ties, verbs, worded};
use crate::console::applying;
use crate::console::choosing;
use crate::console::chord::{Chord, Key};
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::model::Model;
use crate::console::palette::{self, Choices};
use crate::console::phrase::{self, Named, Phrase, Word, other};
use crate::console::prompt::line::{CommandLine, Wrong};
use crate::console::prompt::{Prompt, Roles};
use crate::console::recording::Recording;
use crate::domain::incident::Incident;
use crate::domain::time::Time;

/// So many commands are named where Enter cannot tell which is meant.
const NAMED: usize = 4;

/// Opens the command line about the selected incident.
pub(super) fn open(model: &mut Model) {
    let marked = if model.means_all_marked() { model.marks.ids.clone() } else { BTreeSet::new() };
    model.prompt = Some(Prompt::Line(CommandLine { marked, ..CommandLine::new(model.selected()) }));
}

/// A command that was run by its name, in a recording.
pub(super) fn ran(model: &mut Model, at: Time, command: Command) -> Vec<Effect> {
    (model.prompt, model.last_key) = (None, Some(at));
    keys::ask(model, at, command)
}

pub(super) fn pressed(model: &mut Model, at: Time, chord: Chord, mut line: CommandLine) -> Vec<Effect> {
    match chord.key {
        Key::Enter if line.field.is_blank() && line.chosen.is_none() => return Vec::new(),
        // An empty line is left the way it was entered.
        Key::Backspace if line.field.text().is_empty() => return Vec::new(),
        Key::Enter => match entered(model, at, &mut line) {
            Ok(Some(effects)) => return effects,
            Ok(None) => line.error = None,
            Err(wrong) => line.error = Some(wrong),
        },
        _ => match choosing::step(chord) {
            Some(by) => choose(model, chord, by, &mut line),
            None => {
                if line.field.press(chord) {
                    (line.error, line.chosen) = (None, None);
                }
            }
        },
    }
    model.prompt = Some(Prompt::Line(line));
    Vec::new()
}

/// What could stand where the line ends.
fn choices(model: &Model, line: &CommandLine) -> Choices {
    let incident = line.incident(&model.board).map(AsRef::as_ref);
    Choices::of(&line.field.text(), incident, &model.settings, &model.board)
}

/// Goes to another of what could follow. Tab first completes as far as only one thing can follow.
fn choose(model: &Model, chord: Chord, by: isize, line: &mut CommandLine) {
    let (typed, there) = (line.field.text(), choices(model, line));
    let words = there.words();
    if chord.key == Key::Tab && !chord.shift && line.chosen.is_none() && !typed.trim().is_empty() {
        let mut completed = phrase::complete(&typed, &words);
        if let Choices::Commands(all) = &there
            && all.iter().any(|offer| offer.name == completed.trim_end() && offer.takes.is_empty())
        {
            completed.truncate(completed.trim_end().len());
        }
        if completed != typed {
            line.field = Field::with(completed);
            return;
        }
    }
    let chosen = line.chosen.as_deref().and_then(|chosen| words.iter().position(|word| *word == chosen));
    // A command that Enter would run stands chosen as long as no other one is.
    let at = chosen.or_else(|| there.meant(&typed, None));
    let to = choosing::stepped(at, by, words.len());
    line.chosen = to.and_then(|to| words.get(to)).map(|word| (*word).to_owned());
    line.error = None;
}

/// Runs what is chosen or named, or puts it into the line where more must follow: then there are no effects yet.
fn entered(model: &mut Model, at: Time, line: &mut CommandLine) -> Result<Option<Vec<Effect>>, Wrong> {
    let typed = line.field.text();
    let chosen = line.chosen.take();
    match choices(model, line) {
        Choices::Words(words) => match chosen.filter(|word| words.iter().any(|(it, _)| it == word)) {
            Some(word) => {
                let begun = typed.rsplit(char::is_whitespace).next().unwrap_or_default();
                let kept = typed.strip_suffix(begun).unwrap_or_default();
                line.field = Field::with(format!("{kept}{word} "));
                Ok(None)
            }
            None => run(model, at, line).map(Some),
        },
        Choices::Commands(offers) => match palette::meant(&typed, &offers, chosen.as_deref()) {
            None if !offers.is_empty() => {
                let some: Vec<&str> = offers.iter().take(NAMED).map(|offer| offer.name).collect();
                let more = if offers.len() > NAMED { " or another one" } else { "" };
                Err(Wrong::all(format!(
                    "that could be {}{more}: ↓ chooses one, or write on",
                    some.join(", ")
                )))
            }
            None => {
                let word = phrase::words(&typed).into_iter().next();
                let says = "no command is called that, and none does that; backspace shows more".to_owned();
                Err(word.map_or_else(|| Wrong::all(says.clone()), |word| word.wrong(says.clone())))
            }
            Some(offer) => {
                if let Some(why) = applying::why_not(model, offer.named, at) {
                    return Err(Wrong::all(format!("{} does nothing here: {why}", offer.name)));
                }
                if offer.needs_more() {
                    line.field = Field::with(format!("{} ", offer.name));
                    return Ok(None);
                }
                if chosen.is_none() && !offer.is_harmless() && !palette::is_begun(&typed, &offers) {
                    // It was only described: its name is shown before it runs.
                    line.field = Field::with(offer.name);
                    return Ok(None);
                }
                line.field = Field::with(offer.name);
                run(model, at, line).map(Some)
            }
        },
    }
}

fn run(model: &mut Model, at: Time, line: &CommandLine) -> Result<Vec<Effect>, Wrong> {
    let words = phrase::words(&line.field.text());
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    let phrase = match phrase::find(first)? {
        Named::Phrase(phrase) => phrase,
        Named::Command(command) => {
            let of_marked = command.means_marked() && model.means_all_marked();
            if command.means_marked() && !line.marked.is_empty() && !of_marked {
                return Err(Wrong::all("what was marked is gone from Triage: esc, and look again"));
            }
            if command.is_verb() && !of_marked && model.selected_id() != line.id.as_ref() {
                return Err(Wrong::all("the list has moved: esc, then select it again"));
            }
            return match words.get(1) {
                Some(more) => worded::run(model, at, command, line, (more, words.get(2))),
                None => {
                    model.ran = Some(command);
                    Ok(keys::ask(model, at, command))
                }
            };
        }
    };
    let incident = line.selected(&model.board)?;
    let (entry, done) = match phrase {
        Phrase::Timer => phrase::timer(&words, &incident, at)?,
        Phrase::Done => phrase::done(&words, &incident)?,
        Phrase::Callout => phrase::callout(&words, &incident)?,
        Phrase::Hypothesis => {
            let read = model.detail.as_ref().filter(|detail| detail.incident.id == incident.id);
            phrase::hypothesis(&words, &incident, read.map(|detail| detail.records.as_slice()))?
        }
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
