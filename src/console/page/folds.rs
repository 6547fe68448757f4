//! The incidents of a storm, counted by what they are called.

use super::{Line, Page, Role, gap, moment, own, wrapped};
use crate::console::command::Command;
use crate::console::folds::Fold;
use crate::console::model::Model;
use crate::console::standing;
use crate::domain::time::Time;

/// The rule above it.
pub fn title(fold: &Fold) -> String {
    let service = &fold.storm.service;
    let of = if service.is_blank() { "no service".to_owned() } else { service.safe().to_string() };
    format!("{} ×{} ── {of}", fold.storm.severity.short(), fold.members.len())
}

/// How many, since when, and what they are called.
pub fn page(model: &Model, fold: &Fold, cols: u16, now: Time) -> Page {
    let word = fold.storm.severity.word();
    let when = match moment(fold.from, now) == moment(fold.to, now) {
        true => format!("at {}", moment(fold.from, now)),
        false => format!("from {} to {}", moment(fold.from, now), moment(fold.to, now)),
    };
    let said = format!(
        "{} {word} incidents that came at once, {when}. Nobody here has taken any of them.",
        fold.members.len()
    );
    let mut out = wrapped(Role::Strong, " ", &said, cols);
    if fold.late > 0 {
        let said = format!("{} of them are overdue.", fold.late);
        out.extend(wrapped(Role::Bad, " ", &said, cols));
    }
    if let Some(stale) = standing::stale_of(model, fold, now) {
        let whose = if stale.all { "All of them" } else { "Some of them" };
        let said = format!("{whose}: {}; their source does not answer.", stale.words);
        out.extend(wrapped(Role::Warn, " ", &said, cols));
    }
    if fold.unmapped > 0 {
        let said = format!("? {} of them have a severity that no rule knows.", fold.unmapped);
        out.extend(wrapped(Role::Warn, " ", &said, cols));
    }
    if fold.worse > 0 {
        let said = format!("↑ {} of them are worse at their source.", fold.worse);
        out.extend(wrapped(Role::Warn, " ", &said, cols));
    }
    let key = model.settings.keymap.key(Command::Open);
    let does = if fold.open { "folds them into one row again" } else { "shows them one by one" };
    let mark = model.settings.keymap.key(Command::Mark);
    out.extend(wrapped(
        Role::Plain,
        " ",
        &format!("{key} {does}, {mark} marks all. No verb acts on this row."),
        cols,
    ));
    out.push(gap());
    for (title, count) in &fold.titles {
        out.extend(wrapped(Role::Plain, &format!(" {count:>4} × "), &own(title.raw()), cols));
    }
    let named: usize = fold.titles.iter().map(|(_, count)| count).sum();
    let rest = fold.members.len().saturating_sub(named);
    if rest > 0 {
        out.push(Line::of(
            Role::Dim,
            format!(" {rest:>4} more under {} other titles", fold.distinct - fold.titles.len()),
        ));
    }
    out
}
