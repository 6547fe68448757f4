//! What the response is held to: recovery, callouts, the review, reports to authorities and partners.

use serde::Deserialize;

use super::walk::{Entry, Typed, Walk, get};
use super::{Config, keys};
use crate::domain::calendar::Within;
use crate::domain::deadline::DeadlineKind;
use crate::domain::duty::{self, Duty};
use crate::domain::query::Query;
use crate::domain::text::Outside;
use crate::domain::time::Span;

#[derive(Deserialize)]
struct Recovery {
    healthy_for: Option<Span>,
}

#[derive(Deserialize)]
struct Snooze {
    at_most: Option<Span>,
    critical: Option<Span>,
}

#[derive(Deserialize)]
struct Commander {
    callout: Option<Span>,
}

#[derive(Deserialize)]
struct Review {
    within: Option<Within>,
}

/// A `[[deadline]]` as typed.
#[derive(Deserialize)]
struct TypedDuty {
    set: String,
    id: String,
    kind: Option<DeadlineKind>,
    title: String,
    when: Option<Query>,
    within: Within,
    at_most: Option<Within>,
    after: Option<String>,
    once_resolved: Option<bool>,
}

/// Reads the tables into `config`, and notes what is wrong.
pub(super) fn read(walk: &mut Walk<'_>, root: &Typed<'_>, config: &mut Config) {
    let setup = &mut config.setup;
    if let Some(entry) = walk.one::<Snooze>(root, "snooze", &keys::SNOOZE) {
        let limits = &mut setup.snooze;
        limits.at_most = entry.value.at_most.unwrap_or(limits.at_most);
        limits.critical = entry.value.critical.unwrap_or(limits.critical);
        if entry.sound && entry.value.critical.is_some_and(|critical| critical > limits.at_most) {
            let message = format!("a critical incident would be snoozed for longer than {}", limits.at_most);
            walk.wrong(entry.at(&["critical"]), message, "write a shorter time, or a longer at_most");
        }
    }
    if let Some(span) =
        walk.one::<Recovery>(root, "recovery", &keys::RECOVERY).and_then(|e| e.value.healthy_for)
    {
        setup.healthy_for = span;
    }
    if let Some(span) =
        walk.one::<Commander>(root, "commander", &keys::COMMANDER).and_then(|e| e.value.callout)
    {
        setup.callout_every = span;
    }
    if let Some(within) = walk.one::<Review>(root, "review", &keys::REVIEW).and_then(|e| e.value.within) {
        setup.review_within = within;
    }
    let sets = get(root, "deadline_sets").and_then(|value| value.get_ref().as_array());
    let sets = sets.into_iter().flatten().filter_map(|set| set.get_ref().as_str());
    let mut duties: Vec<Duty> = sets.flat_map(duty::shipped).collect();
    let typed: Vec<Entry<'_, TypedDuty>> = walk.all(root, "deadline", &keys::DEADLINE);
    for entry in &typed {
        if duties.iter().any(|duty| duty.set == entry.value.set && duty.id == entry.value.id) {
            let message = format!("there is a deadline {}/{} already", entry.value.set, entry.value.id);
            walk.wrong(entry.at(&["id"]), message, "give this one another id, or another set");
            continue;
        }
        duties.push(meant(&entry.value));
    }
    for entry in &typed {
        if entry.value.once_resolved == Some(true) && entry.value.after.is_none() {
            let message = "nothing says which deadline it comes after";
            walk.wrong(entry.at(&["once_resolved"]), message, "add after = the id of another of its set");
        }
        let comes_first = |before: &String| {
            duties
                .iter()
                .any(|duty| duty.set == entry.value.set && duty.id == *before && *before != entry.value.id)
        };
        if let Some(before) = entry.value.after.as_ref().filter(|before| !comes_first(before)) {
            let message = format!("there is no deadline {}/{before} it could come after", entry.value.set);
            walk.wrong(entry.at(&["after"]), message, "name the id of another deadline of this set");
        }
    }
    setup.duties = duties;
}

fn meant(typed: &TypedDuty) -> Duty {
    Duty {
        set: typed.set.clone(),
        id: typed.id.clone(),
        kind: typed.kind.unwrap_or(DeadlineKind::Regulator),
        title: Outside::new(typed.title.clone()),
        when: typed.when.clone().unwrap_or_else(Query::critical),
        within: typed.within,
        at_most: typed.at_most,
        after: typed.after.clone(),
        once_resolved: typed.once_resolved.unwrap_or_default(),
    }
}
