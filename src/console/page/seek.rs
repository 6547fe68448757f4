//! Words looked for in what fills the screen: which of its lines or rows have them, and what is said of that.

use super::{Line, Role, field, of_screen, own};
use crate::console::approvals::{self, Sought};
use crate::console::field::Field;
use crate::console::folds::Row;
use crate::console::layout;
use crate::console::model::{Model, Screen};
use crate::domain::incident::Incident;
use crate::domain::story;
use crate::domain::time::Time;

/// The places that have these words, whatever their case.
pub fn places(model: &Model, now: Time, words: &str) -> Vec<usize> {
    let wanted = plain(words);
    if wanted.is_empty() {
        return Vec::new();
    }
    let all: Vec<String> = texts(model, now).iter().map(|text| plain(text)).collect();
    let has = |at: usize| all.get(at).is_some_and(|text| text.contains(&wanted));
    // What was broken between two lines is found in the first of them.
    let goes_on = |at: usize| {
        let both = all.get(at).zip(all.get(at + 1)).map(|(one, next)| format!("{one} {next}"));
        !has(at + 1) && both.is_some_and(|both| both.contains(&wanted))
    };
    let is_page = model.list().is_none() && model.screen != Screen::Approvals;
    (0..all.len()).filter(|at| has(*at) || (is_page && goes_on(*at))).collect()
}

/// Where one is: the row under the cursor, or the first line in sight.
pub fn here(model: &Model, now: Time) -> Option<usize> {
    Some(match model.list() {
        Some(list) => list.place(),
        None if model.screen == Screen::Approvals => {
            model.approvals.place(&approvals::all(&model.board, now))
        }
        None => usize::from(model.screen.top()),
    })
}

/// One space between two words, and no capitals.
fn plain(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands in each place.
fn texts(model: &Model, now: Time) -> Vec<String> {
    let about = |it: &Incident| format!("{} {} {}", it.id, it.title().safe(), own(it.opening.service.raw()));
    match model.list() {
        Some(list) => list
            .rows
            .iter()
            .map(|row| match row {
                Row::Incident(id) => model.board.get(id).map(|it| about(it)).unwrap_or_default(),
                Row::Fold(fold) => fold.title(usize::MAX),
            })
            .collect(),
        None if model.screen == Screen::Approvals => {
            let said = |it: &Sought<'_>| format!("{} {}", about(it.incident), story::what(&it.ask.plan));
            approvals::all(&model.board, now).iter().map(said).collect()
        }
        None => {
            let cols = layout::regions(model.size).map_or(0, |regions| regions.body.cols);
            of_screen(model, cols, now).iter().map(Line::text).collect()
        }
    }
}

/// The words as they are typed, and which of the places with them this is.
pub fn line(model: &Model, typed: &Field, at: Option<usize>, now: Time) -> Line {
    let line = field(" find: ", typed, false);
    if typed.is_blank() {
        return line
            .and(Role::Dim, "  words on this screen; enter goes on to the next place, ↑ to the one before");
    }
    let places = places(model, now, &typed.text());
    match at.and_then(|at| places.iter().position(|place| *place == at)) {
        Some(place) => line.and(Role::Dim, format!("  {} of {}", place + 1, places.len())),
        None if places.is_empty() => line.and(Role::Warn, "  nowhere on this screen"),
        None => line.and(Role::Dim, format!("  {} places", places.len())),
    }
}
