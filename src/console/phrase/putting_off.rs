//! `snooze 30m the deploy rolls back`, `snooze until 14:00Z`.

use super::Word;
use crate::console::prompt::line::Wrong;
use crate::domain::incident::Incident;
use crate::domain::record::{Entry, Snoozed};
use crate::domain::severity::Severity;
use crate::domain::snooze::{NEEDS_REASON, until};
use crate::domain::text::Outside;
use crate::domain::time::{Time, clock_minute};

/// What the words behind the name ask to be written down.
///
/// # Errors
/// Which word is wrong, and how to write it.
pub fn read(words: &[Word], incident: &Incident, now: Time) -> Result<(Entry, String), Wrong> {
    let texts: Vec<&str> = words.iter().skip(1).map(|word| word.text.as_str()).collect();
    let end = words.last().map_or(0, |word| word.at + word.text.chars().count() + 1);
    let missing = |says: String| Wrong { at: end, cells: 1, says };
    let (until, taken) = until(&texts, now).map_err(|(place, says)| match words.get(place + 1) {
        Some(word) => word.wrong(says),
        None => missing(says),
    })?;
    let because = words.get(taken + 1).map(|why| Outside::new(why.rest.as_str()));
    if incident.severity == Severity::Critical && because.is_none() {
        return Err(missing(NEEDS_REASON.to_owned()));
    }
    let paged = incident.paged_words();
    let done = format!("{} is snoozed until {}; {paged}", incident.id, clock_minute(until));
    Ok((Entry::Snoozed(Snoozed { until, because }), done))
}

/// What could follow the name.
pub(super) fn candidates(words: &[Word]) -> Vec<(String, String)> {
    if words.len() > 2 {
        return Vec::new();
    }
    let says = [
        ("30m", "for half an hour"),
        ("1h", "for an hour"),
        ("4h", "for four hours"),
        ("until", "until a time of day in UTC, as in: until 14:00Z"),
    ];
    says.map(|(word, says)| (word.to_owned(), says.to_owned())).into()
}
