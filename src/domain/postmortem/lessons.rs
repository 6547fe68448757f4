//! Why it happened, what is done about it, and what happened before.

use super::{line, name};
use crate::domain::earlier::Earlier;
use crate::domain::incident::Incident;
use crate::domain::markdown::Page;
use crate::domain::record::CloseReason;
use crate::domain::review::Item;
use crate::domain::text::{Outside, capital};
use crate::domain::time::{date_time, day, lasted};

/// Lines of a root cause that are written out.
const LINES: usize = 200;

pub(super) fn root_cause(page: &mut Page, incident: &Incident) {
    page.section("Root cause");
    match &incident.review.root_cause {
        Some(cause) => cause
            .lines(LINES)
            .iter()
            .filter(|line| !line.trim().is_empty())
            .for_each(|line| page.paragraph(line)),
        None => page.paragraph("The root cause is not written yet."),
    }
}

pub(super) fn items(page: &mut Page, incident: &Incident) {
    page.section("Action items");
    if incident.review.items.is_empty() {
        return page.paragraph("No action items are written yet.");
    }
    let row = |(number, item): (usize, &Item)| {
        let state = match &item.done {
            Some((proof, by, at)) => {
                format!("Done {} by {}: {}", date_time(*at), name(by), line(proof))
            }
            None => "Open".to_owned(),
        };
        let text = |text: &Outside| line(text).to_string();
        [number.to_string(), text(&item.text), text(&item.owner), day(item.due), text(&item.check), state]
    };
    page.table(
        ["No.", "What", "Owner", "Due", "Proved by", "State"],
        (1..).zip(&incident.review.items).map(row),
    );
}

pub(super) fn recurrence(page: &mut Page, incident: &Incident, earlier: &[Earlier]) {
    page.section("Recurrence");
    if let Some(id) = &incident.opening.recurrence_of {
        page.paragraph(&format!("It repeats {id}."));
    }
    if earlier.is_empty() {
        return page.paragraph("No earlier incident of this kind is known.");
    }
    let row = |earlier: &Earlier| {
        let ended = match &earlier.ended {
            Some((CloseReason::Resolved, at)) => format!("Resolved after {}", lasted(earlier.opened_at, *at)),
            Some((reason, at)) => {
                format!("{} after {}", capital(reason.word()), lasted(earlier.opened_at, *at))
            }
            None => "Still open".to_owned(),
        };
        let done = match earlier.done().as_slice() {
            [] => "Nothing took effect".to_owned(),
            some => some.join(", "),
        };
        let cause = earlier.root_cause.as_ref().map(|cause| line(cause).to_string());
        [
            earlier.id.to_string(),
            date_time(earlier.opened_at),
            ended,
            done,
            cause.unwrap_or_else(|| "Not written".to_owned()),
        ]
    };
    page.table(["Incident", "Opened", "Ended", "What was done", "Root cause"], earlier.iter().map(row));
}
