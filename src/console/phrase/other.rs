//! Another incident on a command line, and signals by their names.

use std::sync::Arc;

use super::{Phrase, Word, missing};
use crate::console::board::Board;
use crate::console::prompt::line::Wrong;
use crate::domain::id::IncidentId;
use crate::domain::incident::{Incident, SignalKeyText};

/// So many incidents are offered; a digit narrows them down.
const OFFERED: usize = 200;

/// The other incident a line names: by its id, its number or an upstream id.
///
/// # Errors
/// Which word is wrong, and how to write it.
pub fn incident<'a>(words: &[Word], board: &'a Board, phrase: Phrase) -> Result<&'a Arc<Incident>, Wrong> {
    let word = words.get(1).ok_or_else(|| missing(words, "which incident", phrase))?;
    let ours = |it: &&Arc<Incident>| {
        it.id.number().to_string() == word.text || it.id.to_string().eq_ignore_ascii_case(&word.text)
    };
    let key = word.text.replacen(':', "\0", 1);
    let upstream =
        |it: &&Arc<Incident>| it.signals.contains_key(&key) || it.upstream().contains(&word.text.as_str());
    let mut found = board.ranked().filter(|it| ours(it) || upstream(it));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(word.wrong("no incident that is kept here is called that".to_owned())),
        (Some(one), Some(two)) => Err(word.wrong(format!("that is {} and {}; say which", one.id, two.id))),
    }
}

/// The signals a line names, by their upstream ids; where two sources have the same one, as `SOURCE:ID`.
///
/// # Errors
/// Which word is wrong, and what there is.
pub fn signals(words: &[Word], incident: &Incident) -> Result<Vec<SignalKeyText>, Wrong> {
    let named = |word: &Word| {
        let whole = word.text.replacen(':', "\0", 1);
        let is = |key: &&SignalKeyText| {
            **key == whole || key.split_once('\0').is_some_and(|(_, id)| id == word.text)
        };
        let mut found = incident.signals.keys().filter(is);
        match (found.next(), found.next()) {
            (Some(key), None) => Ok(key.clone()),
            (None, _) => Err(word.wrong(format!("{} has no signal of that upstream id", incident.id))),
            (Some(one), Some(two)) => {
                let [one, two] = [one, two].map(|key| key.replacen('\0', ":", 1));
                Err(word.wrong(format!("that is {one} and {two}; say which")))
            }
        }
    };
    words.iter().skip(2).map(named).collect()
}

/// The incidents a line could name, what burns hardest first.
pub(super) fn incidents(phrase: Phrase, incident: &Incident, board: &Board) -> Vec<(String, String)> {
    let named = |it: &Incident| (it.id.number().to_string(), it.title().safe().to_string());
    let known = |id: &IncidentId| board.get(id).map(|it| named(it));
    match phrase {
        Phrase::Unmerge => {
            let taken = incident.taken_in.iter();
            taken.map(|it| (it.id.number().to_string(), it.title.safe().to_string())).collect()
        }
        Phrase::Unlink => incident.links.iter().filter_map(known).collect(),
        _ => {
            let others = board.ranked().filter(|it| it.id != incident.id && it.is_on_triage());
            others.take(OFFERED).map(|it| named(it)).collect()
        }
    }
}

/// The incidents that stand in no list, or in Review, the newest first, as far as they are kept here.
pub(super) fn over(board: &Board) -> Vec<(String, String)> {
    let mut over: Vec<&Arc<Incident>> = board.ranked().filter(|it| !it.phase.is_open()).collect();
    over.sort_by_key(|it| std::cmp::Reverse(it.moved_at));
    let named = |it: &Arc<Incident>| (it.id.number().to_string(), it.title().safe().to_string());
    over.into_iter().take(OFFERED).map(named).collect()
}

/// The signals a line could name.
pub(super) fn signals_of(incident: &Incident) -> Vec<(String, String)> {
    let ids = incident.signals.iter().filter_map(|(key, it)| Some((key.split_once('\0')?.1, it)));
    // One of several words could not be read back.
    let one_word = ids.filter(|(id, _)| !id.contains(char::is_whitespace));
    one_word.map(|(id, it)| (id.to_owned(), it.title.safe().to_string())).collect()
}
