//! What a review has, and what it still needs.

use super::{Line, Page, Role, moment, own, pair, wrapped};
use crate::console::command::Command;
use crate::console::model::Model;
use crate::domain::deadline::{Deadline, DeadlineKind};
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::review::Item;
use crate::domain::story;
use crate::domain::time::{Time, age, day, near_day};

/// When the review of an incident is due, while it is under way.
pub fn due(incident: &Incident) -> Option<&Deadline> {
    incident.deadline(DeadlineKind::Review, "").filter(|set| set.is_open() && incident.phase == Phase::Review)
}

/// How much time is left, from the longest to the shortest, and how that is shown: `due in 4 business days`.
pub fn countdown(model: &Model, due: Time, now: Time) -> (Role, Vec<String>) {
    let calendar = &model.board.can().calendar;
    if due < now {
        return (Role::Bad, vec![format!("OVERDUE {}", age(due, now))]);
    }
    let days = calendar.business_days(now, due);
    let (role, words) = match days {
        0 => (Role::Warn, ["due today".to_owned(), "today".to_owned()]),
        1 => (Role::Warn, ["due in 1 business day".to_owned(), format!("due {}", near_day(due))]),
        n => (Role::Plain, [format!("due in {n} business days"), format!("due {}", near_day(due))]),
    };
    (role, words.into())
}

/// What the review has and what it needs, with the keys that write it.
pub fn page(model: &Model, incident: &Incident, cols: u16, now: Time) -> Page {
    let review = &incident.review;
    let goes_on = !incident.is_closed();
    let key = |command| model.settings.keymap.key(command);
    let mut out = Page::new();
    if let Some(set) = due(incident) {
        let (role, words) = countdown(model, set.due, now);
        let words = words.into_iter().next().unwrap_or_default();
        let words = words.strip_prefix("due ").unwrap_or(&words);
        out.extend(pair("Due", role, &format!("{words}, {}", moment(set.due, now)), cols));
    }
    match &review.root_cause {
        Some(cause) => {
            for (place, line) in cause.lines(40).into_iter().enumerate() {
                let name = if place == 0 { "Cause" } else { "" };
                out.extend(pair(name, Role::Plain, &line, cols));
            }
        }
        None if goes_on => out.extend(pair(
            "Cause",
            Role::Warn,
            &format!("missing: {} writes why it happened", key(Command::RootCause)),
            cols,
        )),
        None => out.extend(pair("Cause", Role::Dim, "was not written", cols)),
    }
    if review.items.is_empty() && goes_on {
        out.extend(pair(
            "Items",
            Role::Warn,
            &format!("missing: {} adds what is done about it, who and until when", key(Command::Item)),
            cols,
        ));
    }
    for (number, one) in (1..).zip(&review.items) {
        out.extend(item(number, one, cols, now));
    }
    match &review.published {
        Some((at, _)) if goes_on && incident.is_published_early() => {
            let said = format!("{}, before the above stood as now: publish it again", moment(*at, now));
            out.extend(pair("Published", Role::Warn, &said, cols));
        }
        Some((at, sha256)) => {
            let hash = story::short(sha256);
            let said = format!("{}, SHA-256 {}…", moment(*at, now), own(hash));
            out.extend(pair("Published", Role::Good, &said, cols));
        }
        None if goes_on => {
            out.extend(pair(
                "Published",
                Role::Warn,
                &format!("not yet: {} shows the post-mortem, and publishes it", key(Command::PostMortem)),
                cols,
            ));
        }
        None => out.extend(pair("Published", Role::Dim, "never", cols)),
    }
    out
}

/// `Item 1    Slow logins down ── dee, due 2026-12-01, 7 days` and what proves it, or proved it.
pub fn item(number: u32, item: &Item, cols: u16, now: Time) -> Page {
    let owner = item.owner.capped_safe(64);
    let (role, state, proof) = match &item.done {
        Some((proof, by, at)) => {
            (Role::Good, format!("✓ done {} by {}", day(*at), own(by)), format!("proof: {}", proof.safe()))
        }
        None if item.due < now => {
            let state = format!("OVERDUE since {}", day(item.due));
            (Role::Bad, state, format!("proved by: {}", item.check.safe()))
        }
        None => {
            let state = format!("due {}", day(item.due));
            (Role::Plain, state, format!("proved by: {}", item.check.safe()))
        }
    };
    let mut out = pair(&format!("Item {number}"), Role::Strong, &item.text.safe(), cols);
    let about = format!("{owner}, {state}");
    out.extend(wrapped(role, &" ".repeat(11), &about, cols));
    out.extend(wrapped(Role::Dim, &" ".repeat(11), &proof, cols));
    out
}

/// Until when, and what is not done of it, in one line for the detail below the list.
pub fn brief(model: &Model, incident: &Incident, now: Time) -> Option<Line> {
    let set = due(incident)?;
    let (role, words) = countdown(model, set.due, now);
    let line = Line::of(Role::Dim, " Review ").and(role, words.into_iter().next().unwrap_or_default());
    let open = incident.review.items.iter().filter(|item| item.done.is_none()).count();
    let word = if incident.review.items.len() == 1 { "item" } else { "items" };
    let line = match (incident.review.items.len(), open) {
        (0, _) => line,
        (all, 0) => line.and(Role::Good, format!(" · {all} action {word}, all done")),
        (all, open) => line.and(Role::Plain, format!(" · {all} action {word}, {open} not done")),
    };
    Some(match &incident.review.published {
        Some((at, _)) => line.and(Role::Good, format!(" · published {}", moment(*at, now))),
        None => line,
    })
}
