//! Keys while the filter of the list is typed, and the filter itself.

use super::keys;
use crate::console::choosing;
use crate::console::chord::{Chord, Key};
use crate::console::completing::{completion, last_word_at};
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::folds::{On, Row};
use crate::console::model::{Model, Screen, ToastState};
use crate::console::page::own;
use crate::console::phrase;
use crate::console::prompt::Prompt;
use crate::console::prompt::line::Wrong;
use crate::console::views;
use crate::domain::query::{Asker, Query};
use crate::domain::time::Time;

/// Opens the filter of the list.
pub(super) fn open(model: &mut Model) {
    // What is typed next is another word.
    let source = model.triage.filter().map(|query| format!("{} ", query.source())).unwrap_or_default();
    let (field, from) = (Field::with(source), model.triage.on.clone());
    model.prompt = Some(Prompt::Filter { field, error: None, chosen: None, from });
}

pub(super) fn pressed(
    model: &mut Model,
    at: Time,
    chord: Chord,
    (mut field, mut chosen, from): (Field, Option<String>, Option<On>),
) -> Vec<Effect> {
    match chord.key {
        Key::Esc => {
            filter_by(model, at, None);
            from.into_iter().for_each(|from| model.triage.stand_on(&from));
            return Vec::new();
        }
        Key::Enter => match chosen.take() {
            Some(word) => put(model, &mut field, &word),
            None => match Query::parse(&field.text()) {
                Ok(_) => return Vec::new(),
                Err(wrong) => {
                    let error = Some(Wrong::stretch(&field.text(), &wrong.at, wrong.message));
                    model.prompt = Some(Prompt::Filter { field, error, chosen, from });
                    return Vec::new();
                }
            },
        },
        _ => match choosing::step(chord) {
            Some(by) => choose(model, chord, by, &mut field, &mut chosen),
            None => {
                if field.press(chord) {
                    chosen = None;
                }
            }
        },
    }
    model.prompt = Some(Prompt::Filter { field, error: None, chosen, from });
    refilter(model, at);
    Vec::new()
}

/// Goes to another of what could follow. Tab first completes as far as only one thing can follow.
fn choose(model: &Model, chord: Chord, by: isize, field: &mut Field, chosen: &mut Option<String>) {
    let there = completion(field.parts().0, &model.board);
    let words: Vec<&str> = there.words.iter().map(|(word, _)| word.as_str()).collect();
    if chord.key == Key::Tab && !chord.shift && chosen.is_none() {
        let begun: String = last(field.parts().0, there.instead);
        let completed = phrase::complete(&begun, &words);
        if !begun.is_empty() && completed.trim_end() != begun {
            return put(model, field, completed.trim_end());
        }
    }
    let at = chosen.as_deref().and_then(|chosen| words.iter().position(|word| *word == chosen));
    let to = choosing::stepped(at, by, words.len());
    *chosen = to.and_then(|to| words.get(to)).map(|word| (*word).to_owned());
}

/// The last characters of a text.
fn last(text: &str, count: usize) -> String {
    let skip = text.chars().count().saturating_sub(count);
    text.chars().skip(skip).collect()
}

/// Puts a word in the place of the one that was begun.
fn put(model: &Model, field: &mut Field, word: &str) {
    let instead = completion(field.parts().0, &model.board).instead;
    field.replace(instead, word);
}

/// Shows what matches as it is typed. What is only begun is no error yet.
pub(super) fn refilter(model: &mut Model, at: Time) {
    let Some(Prompt::Filter { field, .. }) = &model.prompt else { return };
    let text = field.text();
    let error = match Query::parse(text.trim_end()) {
        Ok(query) => {
            let query = (!text.trim().is_empty()).then_some(query);
            if query.as_ref() != model.triage.filter() {
                filter_by(model, at, query);
            }
            None
        }
        Err(wrong) => {
            // What stands before a word that is only begun is a filter already.
            let whole = text.get(..last_word_at(&text)).filter(|_| wrong.at.end == text.len());
            if let Some(query) = whole.and_then(|whole| Query::parse(whole.trim_end_matches('-')).ok()) {
                let query = (!query.source().trim().is_empty()).then_some(query);
                if query.as_ref() != model.triage.filter() {
                    filter_by(model, at, query);
                }
            }
            Some(Wrong::stretch(&text, &wrong.at, wrong.message))
        }
    };
    follow(model, at);
    if let Some(Prompt::Filter { field, error: shown, .. }) = &mut model.prompt {
        let begun = !completion(field.parts().0, &model.board).words.is_empty();
        *shown = error.filter(|wrong| !begun || wrong.at + wrong.cells < text.chars().count());
    }
}

/// While it is typed the cursor stays on what it stood on when that began, and where that does not match on the first: what
/// only came under it in between was chosen by nobody.
fn follow(model: &mut Model, at: Time) {
    let Some(Prompt::Filter { from, .. }) = &model.prompt else { return };
    let is_from = |row: &Row| from.as_ref().is_some_and(|from| row.is(from));
    let place = model.triage.rows.iter().position(is_from).unwrap_or(0);
    let (before, slid) = (model.triage.on.clone(), model.triage.slid_at);
    model.triage.go_to(place);
    model.triage.slid_at = if model.triage.on == before { slid } else { Some(at) };
}

/// Shows only what matches, or everything: at once, as the person asked for it.
pub(super) fn filter_by(model: &mut Model, at: Time, query: Option<Query>) {
    model.triage.filter_by(query, &model.board, at);
    refresh(model, at);
}

/// Looks into a bounded number of incidents; what is found shows at once where a person waits for it.
pub(super) fn sift(model: &mut Model, at: Time) {
    let asker = Asker { me: &model.settings.operator, now: at };
    if model.triage.sift(&model.board, &asker) {
        model.triage.release(&model.board, &asker, &model.marks.ids);
        follow(model, at);
    }
}

/// The person asked for other rows: they come at once.
pub(super) fn refresh(model: &mut Model, at: Time) {
    let asker = Asker { me: &model.settings.operator, now: at };
    model.triage.refresh(&model.board, &asker, &model.marks.ids);
}

/// Shows what a saved view does; once more, everything.
pub(super) fn view(model: &mut Model, at: Time, key: u8) {
    let Some(view) = views::of_key(&model.settings.views, key).cloned() else {
        let file = own(&model.settings.config);
        let text = format!("no view is saved under {key}: add a [[view]] with key = {key} to {file}");
        return model.say(at, ToastState::Failed, text);
    };
    if model.screen == Screen::Triage && model.triage.view == Some(key) {
        return show(model, at, None);
    }
    keys::go(model, Screen::Triage);
    show(model, at, Some(view.filter));
    model.triage.view = Some(key);
}

/// Shows all of Triage.
pub(super) fn all(model: &mut Model, at: Time) {
    if model.screen == Screen::Triage && model.triage.filter().is_none() {
        return model.say(at, ToastState::Failed, "nothing is filtered: all of it is shown".to_owned());
    }
    keys::go(model, Screen::Triage);
    show(model, at, None);
}

/// Filters by one key: where that puts the cursor on another incident, it has slid there.
pub(super) fn show(model: &mut Model, at: Time, query: Option<Query>) {
    let before = model.triage.on.clone();
    filter_by(model, at, query);
    if model.triage.on != before {
        model.triage.slid_at = Some(at);
    }
}
