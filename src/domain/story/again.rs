//! What opening again what was closed does to people.

use crate::domain::escalation::Escalation;
use crate::domain::incident::Incident;
use crate::domain::time::{Time, clock_time};

/// Who is paged or told next of one that was opened again, as it stands then: `inc-room is paged at 14:08:42Z`; `None` where
/// nobody is by what is known of it.
pub fn heard_again(incident: &Incident, at: Time) -> Option<String> {
    if !incident.phase.is_open() {
        return None;
    }
    let needs_somebody = incident.cleared_at.is_none();
    let holder = incident.holder().map(|by| super::safe(&by));
    let mut said = Vec::new();
    let told: Vec<&str> = channels(incident, |path| path.was_told_too_soon().then_some(&path.paged));
    if needs_somebody && !told.is_empty() {
        let what = holder.as_ref().map_or_else(|| "it is not over".to_owned(), |by| format!("{by} holds it"));
        said.push(format!("{} hears that {what}", told.join(", ")));
    }
    let next = |path: &Escalation| path.next().map(|(_, step)| step.due);
    if let Some(due) = incident.escalations.iter().filter_map(next).min() {
        let first = |path: &Escalation| path.next().is_some_and(|(_, step)| step.due == due);
        let paged = channels(incident, |path| path.next().filter(|_| first(path)).map(|(_, step)| &step.to));
        let when = if due <= at { "now".to_owned() } else { format!("at {}", clock_time(due)) };
        said.push(format!("{} is paged {when}", paged.join(", ")));
    }
    if said.is_empty()
        && let Some(by) = holder
    {
        said.push(format!("{by} holds it, and nobody is paged"));
    }
    (!said.is_empty()).then(|| said.join("; "))
}

/// The channels of all paths, each once.
fn channels<'a>(
    incident: &'a Incident,
    of: impl Fn(&'a Escalation) -> Option<&'a Vec<String>>,
) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for name in incident.escalations.iter().filter_map(of).flatten() {
        if !all.contains(&name.as_str()) {
            all.push(name);
        }
    }
    all
}
