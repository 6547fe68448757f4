//! The commands a few letters could mean, best first, and what could follow the one that is named.

use super::board::Board;
use super::command::{self, Command};
use super::model::{Model, Settings};
use super::phrase::{self, Named, PHRASES, words};
use super::views::{self, View};
use crate::domain::fuzzy::{Fit, fit};
use crate::domain::incident::Incident;

/// A command as the palette lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its name.
    pub name: &'static str,
    /// What that stands for.
    pub named: Named,
    /// What follows the name; may be nothing.
    pub takes: &'static str,
    /// What it does.
    pub says: String,
}

impl Offer {
    /// Whether it only looks elsewhere, whatever it stands for.
    pub fn is_harmless(&self) -> bool {
        matches!(self.named, Named::Command(command) if command.is_harmless())
    }

    /// Whether it does nothing by its name alone.
    pub fn needs_more(&self) -> bool {
        !self.takes.is_empty() && !self.takes.starts_with('[')
    }
}

/// What could stand where the line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choices {
    /// A command.
    Commands(Vec<Offer>),
    /// What a named command takes next: each word, and what it means.
    Words(Vec<(String, String)>),
}

impl Choices {
    /// What could stand where a line about this incident ends.
    pub fn of(line: &str, incident: Option<&Incident>, settings: &Settings, board: &Board) -> Self {
        if phrase::is_named(line) {
            Self::Words(phrase::candidates(line, incident, &settings.operator, board))
        } else {
            Self::Commands(offers(line, &settings.views))
        }
    }

    /// The place of what Enter acts on, where it is certain enough: of words none is that was not chosen.
    pub fn meant(&self, typed: &str, chosen: Option<&str>) -> Option<usize> {
        match self {
            Self::Commands(all) => {
                let meant = meant(typed, all, chosen)?;
                all.iter().position(|offer| offer == meant)
            }
            Self::Words(all) => all.iter().position(|(word, _)| Some(word.as_str()) == chosen),
        }
    }

    /// What each of them is called.
    pub fn words(&self) -> Vec<&str> {
        match self {
            Self::Commands(all) => all.iter().map(|offer| offer.name).collect(),
            Self::Words(all) => all.iter().map(|(word, _)| word.as_str()).collect(),
        }
    }
}

/// The commands that what is typed could mean, best first: each of its words is somewhere in the name, or begins a word
/// of what the command does.
fn offers(typed: &str, views: &[View]) -> Vec<Offer> {
    let typed = typed.to_lowercase();
    let mut found: Vec<(_, Offer)> =
        all(views).filter_map(|offer| Some((how_well(&typed, &offer)?, offer))).collect();
    // Stable: what is needed most stands first in the table.
    found.sort_by_key(|(how, _)| *how);
    found.into_iter().map(|(_, offer)| offer).collect()
}

/// How well every word fits, by the worst; in a name rather than in what it does.
fn how_well(typed: &str, offer: &Offer) -> Option<(bool, Option<Fit>)> {
    let mut worst = (false, None);
    for word in typed.split_whitespace() {
        let how = match fit(word, offer.name) {
            Some(found) => (false, Some(found)),
            None => (true, Some(fit(word, &offer.says).filter(|found| *found <= Fit::Word)?)),
        };
        worst = worst.max(how);
    }
    Some(worst)
}

/// The one that Enter acts on: what was chosen; else what the name alone makes certain, what is the only one there is, or
/// one that looks elsewhere and changes nothing.
pub fn meant<'a>(typed: &str, offers: &'a [Offer], chosen: Option<&str>) -> Option<&'a Offer> {
    if let Some(chosen) = chosen {
        return offers.iter().find(|offer| offer.name == chosen);
    }
    let first = offers.first().filter(|_| !typed.trim().is_empty())?;
    let sure = offers.len() == 1 || is_begun(typed, offers) || first.needs_more() || first.is_harmless();
    sure.then_some(first)
}

/// Whether the first is named, or begun where no other one begins so: then it runs, however much it changes.
pub fn is_begun(typed: &str, offers: &[Offer]) -> bool {
    let typed = typed.trim().to_lowercase();
    let begin_so = offers.iter().filter(|offer| offer.name.starts_with(&typed)).count();
    offers
        .first()
        .is_some_and(|first| first.name == typed || (begin_so == 1 && first.name.starts_with(&typed)))
}

/// Every command, in the order of the table; where a name takes arguments it is that one. Of views those that are saved.
fn all(views: &[View]) -> impl Iterator<Item = Offer> {
    let phrase = |name: &str| PHRASES.iter().find(|row| row.name == name);
    let with_arguments = |row: &'static phrase::Row| Offer {
        name: row.name,
        named: Named::Phrase(row.phrase),
        takes: row.takes,
        says: row.says.to_owned(),
    };
    let listed = command::TABLE.iter().filter(|row| row.command != Command::CommandLine);
    let commands = listed.filter_map(move |row| {
        let says = match (phrase(row.name), row.command) {
            (Some(row), _) => return Some(with_arguments(row)),
            (None, Command::View(key)) => {
                let view = views::of_key(views, key)?;
                format!("{}: {}", view.name, view.filter)
            }
            (None, _) => row.says.to_owned(),
        };
        let takes = words::of(row.command).map_or("", |row| row.takes);
        Some(Offer { name: row.name, named: Named::Command(row.command), takes, says })
    });
    let others = PHRASES.iter().filter(|row| command::TABLE.iter().all(|known| known.name != row.name));
    commands.chain(others.map(with_arguments))
}

/// The key that asks for the same, if one does.
pub fn key_of(model: &Model, offer: &Offer) -> String {
    let row = command::TABLE.iter().find(|row| row.name == offer.name);
    row.map(|row| model.settings.keymap.key(row.command)).unwrap_or_default()
}
