//! The generated post-mortem: one incident as a page that can be sent as it is.

mod course;
mod facts;
mod lessons;
mod moves;
mod response;

use super::action::{ActionId, Settlement};
use super::earlier::Earlier;
use super::incident::Incident;
use super::markdown::Page;
use super::record::{Entry, Record};
use super::text::{Outside, SafeText};
use super::time::{Time, date_time, lasted};

/// The post-mortem as Markdown. The same records give the same bytes; that it was published is not said in it, so
/// that publishing does not change what was published.
pub fn markdown(incident: &Incident, records: &[Record], earlier: &[Earlier]) -> String {
    let records: Vec<&Record> =
        records.iter().filter(|record| !matches!(record.entry, Entry::Published { .. })).collect();
    let title = incident.title().safe();
    let mut page = Page::new(&format!("Post-mortem of {}: {}", incident.id, title.clip(120)));
    facts::write(&mut page, incident, &records);
    lessons::root_cause(&mut page, incident);
    course::timeline(&mut page, incident, &records);
    course::phases(&mut page, incident);
    response::actions(&mut page, incident, &records);
    response::escalations(&mut page, incident, &records);
    response::bulletins(&mut page, incident);
    response::deadlines(&mut page, incident, &records);
    lessons::items(&mut page, incident);
    lessons::recurrence(&mut page, incident, earlier);
    page.into_text()
}

/// What happened and nothing else, as Markdown.
pub fn timeline(incident: &Incident, records: &[Record]) -> String {
    let title = incident.title().safe();
    let mut page = Page::new(&format!("Timeline of {}: {}", incident.id, title.clip(120)));
    course::timeline(&mut page, incident, &records.iter().collect::<Vec<_>>());
    page.into_text()
}

/// `2026-11-20 14:03:22Z, after 2 minutes`.
fn moment(incident: &Incident, at: Time) -> String {
    format!("{}, after {}", date_time(at), lasted(incident.opened_at, at))
}

/// Text of people in one line, whatever lines it was written in.
fn line(text: &Outside) -> SafeText {
    Outside::new(text.raw().split_whitespace().collect::<Vec<_>>().join(" ")).safe()
}

/// The same as part of a sentence that goes on after it, or ends with a full stop of ours.
fn clause(text: &Outside) -> String {
    line(text).trim_end_matches(['.', ' ']).to_owned()
}

/// A name from configuration or a record.
fn name(text: &str) -> SafeText {
    SafeText::display(text)
}

/// When reading back proved an action done.
fn verified_at(id: ActionId, records: &[&Record]) -> Option<Time> {
    let verified = records.iter().find(|record| {
        matches!(record.entry, Entry::Settled { action, settlement: Settlement::Verified, .. } if action == id)
    });
    verified.map(|record| record.at)
}
