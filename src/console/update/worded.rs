//! A command of a key with words behind its name: they are its text, its choice or its reason, and where it asks for more
//! than words, what it asks stands there with them in it.

use std::sync::Arc;

use super::{
    alike, bulk, choices, fill, finding, forms, handover, keys, lessons, prompts, seeking, snooze, typing,
    verbs,
};
use crate::console::applying::command_why_not;
use crate::console::chord::{Chord, Key};
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::model::{Model, Screen};
use crate::console::phrase::{self, Word, putting_off, words};
use crate::console::prompt::line::{CommandLine, Wrong};
use crate::console::prompt::{Asks, Choose, Fill, Picked, Prompt, Text};
use crate::console::recording::Recording;
use crate::domain::bulletin::Audience;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::query::Query;
use crate::domain::record::Entry;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// Runs a command with the words behind its name; the first of them is `first`.
///
/// # Errors
/// Which word is wrong, or why the command does nothing here. Nothing was done or asked then.
pub(super) fn run(
    model: &mut Model,
    at: Time,
    command: Command,
    line: &CommandLine,
    (first, rest): (&Word, Option<&Word>),
) -> Result<Vec<Effect>, Wrong> {
    let name = command.entry().map_or("", |entry| entry.name);
    if words::of(command).is_none() {
        return Err(first.wrong(format!("{name} takes nothing after its name")));
    }
    // Its words are looked for where it is on the screen already; an id needs no list.
    let anywhere = matches!(command, Command::Ledger | Command::Open);
    if let Some(why) = command_why_not(model, command, at).filter(|_| !anywhere) {
        return Err(Wrong::all(format!("{name} does nothing here: {why}")));
    }
    match command {
        Command::Filter => return filter(model, at, first),
        Command::Open => return open(model, first, rest),
        Command::Ledger => {
            keys::go(model, Screen::Ledger);
            model.ledger.find(first.rest.clone());
            return Ok(Vec::new());
        }
        Command::Watch => return watch(model, at, first),
        Command::Report => {
            forms::report(model);
            if let Some(Prompt::Report(form)) = &mut model.prompt {
                form.fields.write("title", &first.rest);
            }
            return Ok(Vec::new());
        }
        _ if command.means_marked() && model.means_all_marked() => {
            return marked(model, at, command, line, (first, rest));
        }
        _ => {}
    }
    let incident = line.selected(&model.board)?;
    match command {
        Command::Note => {
            let field = Field::with(&first.rest);
            let text = Text { field, seen: line.seen, ..Text::new(&incident, Asks::Note) };
            Ok(typing::typing(model, at, ENTER, text))
        }
        Command::Impact => {
            let mut asked = Fill { seen: line.seen, ..Fill::impact(&incident) };
            if let Some(users) = asked.slots.first_mut() {
                users.value = Field::with(&first.rest);
            }
            Ok(fill::write(model, at, asked))
        }
        Command::RootCause | Command::Item => {
            lessons::verb(model, &incident, command).map_err(Wrong::all)?;
            if let Some(Prompt::Lesson(form)) = &mut model.prompt {
                form.seen = line.seen;
                form.fields.write(if command == Command::Item { "text" } else { "cause" }, &first.rest);
            }
            Ok(Vec::new())
        }
        Command::Snooze => {
            let (entry, done) = putting_off::read(&phrase::words(&line.field.text()), &incident, at)?;
            model.triage.puts_off(std::slice::from_ref(&incident.id));
            Ok(write(model, at, line, entry, done))
        }
        Command::HandBack => {
            let (entry, done) = verbs::handed_back(model, &incident, &first.rest).map_err(Wrong::all)?;
            Ok(write(model, at, line, entry, done))
        }
        Command::Bulletin => bulletin(model, at, &incident, (first, rest)),
        Command::Severity => pick(model, at, choices::severity(&incident), line, (first, rest)),
        Command::Category => pick(model, at, choices::category(&incident), line, (first, rest)),
        Command::Phase => pick(model, at, choices::phase(&incident, at), line, (first, rest)),
        _ => pick(model, at, choices::close(&incident), line, (first, rest)),
    }
}

/// Does to all that are marked what a line says, as the command's key would.
fn marked(
    model: &mut Model,
    at: Time,
    command: Command,
    line: &CommandLine,
    (first, rest): (&Word, Option<&Word>),
) -> Result<Vec<Effect>, Wrong> {
    if let Some(why) = bulk::why_not_yet(model).or_else(|| bulk::why_hidden(model)) {
        return Err(Wrong::all(why));
    }
    match command {
        Command::Note => {
            alike::note(model, at);
            match model.prompt.take() {
                Some(Prompt::Text(text)) => {
                    Ok(typing::typing(model, at, ENTER, Text { field: Field::with(&first.rest), ..text }))
                }
                _ => Ok(Vec::new()),
            }
        }
        Command::Snooze => snooze::worded(model, at, line),
        _ => match alike::reasons(model).map_err(Wrong::all)? {
            Some(choose) => pick(model, at, choose, line, (first, rest)),
            None => Ok(Vec::new()),
        },
    }
}

/// Writes down what a line said of its incident; refused, the line stands there again.
fn write(model: &mut Model, at: Time, line: &CommandLine, entry: Entry, done: String) -> Vec<Effect> {
    let Some(id) = &line.id else { return Vec::new() };
    let recording = Recording::new(id, done).typed(Prompt::Line(line.clone()));
    verbs::record(model, at, line.seen, entry, recording)
}

const ENTER: Chord = Chord::plain(Key::Enter);

/// Takes the choice the first word names; the others are why.
fn pick(
    model: &mut Model,
    at: Time,
    mut choose: Choose,
    line: &CommandLine,
    (first, rest): (&Word, Option<&Word>),
) -> Result<Vec<Effect>, Wrong> {
    choose.seen = line.seen;
    let titles: Vec<String> = choose.choices.iter().map(|choice| choice.title.to_lowercase()).collect();
    choose.at = one_of(first, &titles)?;
    let alone = choose.together.is_empty();
    if let Some(barred) = choose.choices.get(choose.at).and_then(|it| it.barred.clone()).filter(|_| !alone) {
        return Err(first.wrong(barred));
    }
    let picked = choose.choices.get(choose.at).map(|choice| choice.picked.clone());
    if let Some(why) = rest {
        let because = Some(Outside::new(why.rest.as_str()));
        let (entry, said) = match picked {
            Some(Picked::Severity(severity)) => (Entry::SeveritySet { severity, because }, severity.word()),
            Some(Picked::Category(category)) => (Entry::CategorySet { category, because }, category.word()),
            _ => return closed(model, at, choose, why),
        };
        return Ok(write(model, at, line, entry, format!("{} is {said}", choose.id)));
    }
    Ok(prompts::picked(model, at, choose))
}

/// Takes the choice with these words as what it asks for, if it asks for words.
fn closed(model: &mut Model, at: Time, choose: Choose, why: &Word) -> Result<Vec<Effect>, Wrong> {
    if matches!(choose.choices.get(choose.at).map(|choice| &choice.picked), Some(Picked::Phase(_))) {
        return Err(why.wrong("it takes nothing more: what is missing is asked for then".to_owned()));
    }
    let alone = choose.together.is_empty();
    if alone && model.board.get(&choose.id).is_some_and(|it| it.phase == Phase::Review) {
        return Err(why.wrong("the end of a review takes no words; :note writes a note".to_owned()));
    }
    let effects = prompts::picked(model, at, choose);
    match model.prompt.take() {
        Some(Prompt::Text(text)) => {
            let field = Field::with(&why.rest);
            Ok(typing::typing(model, at, ENTER, Text { field, ..text }))
        }
        // Something is missing before it may be closed: these words are no answer to that.
        Some(_) => Err(why.wrong("something is missing first: without these words it is shown".to_owned())),
        None => Ok(effects),
    }
}

/// The place of what a word names, whole or by a beginning that only one has.
fn one_of(word: &Word, all: &[String]) -> Result<usize, Wrong> {
    let typed = word.text.to_lowercase();
    let begun: Vec<usize> =
        (0..).zip(all).filter(|(_, it)| it.starts_with(&typed)).map(|(at, _)| at).collect();
    match (all.iter().position(|it| *it == typed), begun.as_slice()) {
        (Some(at), _) => Ok(at),
        (None, [at]) => Ok(*at),
        _ => Err(word.wrong(format!("there is: {}", all.join(", ")))),
    }
}

fn bulletin(
    model: &mut Model,
    at: Time,
    incident: &Arc<Incident>,
    (first, rest): (&Word, Option<&Word>),
) -> Result<Vec<Effect>, Wrong> {
    if let Some(more) = rest {
        return Err(more.wrong("only whom it is for: the rest has a form".to_owned()));
    }
    let outlets = model.board.can().bulletins.outlets.iter();
    let audiences: Vec<Audience> = outlets.map(|outlet| outlet.audience).collect();
    let place = one_of(first, &audiences.iter().map(|it| it.word().to_owned()).collect::<Vec<_>>())?;
    if let Some(audience) = audiences.get(place) {
        forms::write(model, at, incident, *audience);
    }
    Ok(Vec::new())
}

/// Shows what the words ask for, wherever words can be looked for.
fn filter(model: &mut Model, at: Time, first: &Word) -> Result<Vec<Effect>, Wrong> {
    match model.screen {
        Screen::Triage => {
            let query = Query::parse(&first.rest).map_err(|wrong| {
                let stretch = Wrong::stretch(&first.rest, &wrong.at, wrong.message);
                Wrong { at: stretch.at + first.at, ..stretch }
            })?;
            finding::show(model, at, Some(query));
        }
        Screen::Ledger => model.ledger.find(first.rest.clone()),
        _ => seeking::open(model, at, Field::with(&first.rest)),
    }
    Ok(Vec::new())
}

/// Shows the page of the incident that an id names, as `quell ID` does: also of what is closed and in no list.
fn open(model: &mut Model, first: &Word, rest: Option<&Word>) -> Result<Vec<Effect>, Wrong> {
    if let Some(more) = rest {
        return Err(more.wrong("the id of one incident only".to_owned()));
    }
    let asked = first.text.clone();
    (model.opening, model.loading) = (Some(asked.clone()), Some(asked.clone()));
    Ok(vec![Effect::Load(asked)])
}

/// Offers the watch to whom the words name.
fn watch(model: &mut Model, at: Time, first: &Word) -> Result<Vec<Effect>, Wrong> {
    if model.offered_to_me().is_some() {
        return Err(first.wrong("it is offered to you: the name alone takes it".to_owned()));
    }
    if !matches!(model.screen, Screen::HandOver { .. }) {
        return Err(Wrong::all("look at what is handed over first: hand-over shows it"));
    }
    Ok(handover::offering(model, at, ENTER, Field::with(&first.rest)))
}
