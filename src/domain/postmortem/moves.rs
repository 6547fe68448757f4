//! Which records a reader of the timeline needs, and how each is said.

use super::{line, name};
use crate::domain::action::{ActionId, Outcome, Settlement};
use crate::domain::escalation::Stopped;
use crate::domain::evidence::EvidenceKind;
use crate::domain::incident::Incident;
use crate::domain::operator::Actor;
use crate::domain::record::{Entry, PathHeld, Record, StepMissed, StepSent, StepStarted, UndoneWith};
use crate::domain::story;
use crate::domain::text::Outside;

/// Lines of a note that are written.
const LINES: usize = 500;

/// Whether a record says something its successors do not say again.
pub(super) fn matters(record: &Record, records: &[&Record]) -> bool {
    let later =
        |wanted: &dyn Fn(&Entry) -> bool| records.iter().any(|r| r.seq > record.seq && wanted(&r.entry));
    match &record.entry {
        Entry::NoticeRaised(_) | Entry::NoticeDelivered { .. } | Entry::Published { .. } => false,
        // Each stands in the tables of deadlines and bulletins, with what became of it.
        Entry::DeadlineSet { .. } => record.by != Actor::Engine,
        // What came back stands with the outcome of the action, or of the telling.
        Entry::EvidenceKept(evidence) => {
            use EvidenceKind::{Answer, Output, Told};
            !matches!(evidence.kind, Answer { .. } | Output { .. } | Told)
        }
        Entry::Sent { action } => {
            !later(&|entry| matches!(entry, Entry::Answered { action: answered, .. } if answered == action))
        }
        Entry::StepStarted(StepStarted { path, step, .. }) => !later(
            &|entry| matches!(entry, Entry::StepSent(StepSent { path: sent, step: number, .. }) if sent == path && number == step),
        ),
        _ => true,
    }
}

/// Whether it tells of a signal or monitor that came or went.
pub(super) fn is_of_signals(record: &Record) -> bool {
    matches!(
        record.entry,
        Entry::SignalJoined(_)
            | Entry::SignalReturned { .. }
            | Entry::SignalCleared { .. }
            | Entry::SignalResorted { .. }
            | Entry::SignalFlapped { .. }
            | Entry::UpstreamTurned { .. }
            | Entry::MonitorTurned { .. }
    )
}

/// Who did it, and what, in words for readers who have no console.
pub(super) fn said(record: &Record, incident: &Incident) -> (String, String) {
    let who = story::who(record);
    let what = match &record.entry {
        Entry::Noted { text } => format!("noted: {}", noted(text)),
        Entry::RootCauseFound { .. } => "wrote down the root cause".to_owned(),
        Entry::StepMissed(StepMissed { path, step }) => {
            format!("escalation {}: step {step} was missed and not sent", name(path))
        }
        Entry::StepSent(StepSent { path, .. }) => {
            format!("{} (path {})", story::sentence(record, Some(incident)).1, name(path))
        }
        Entry::PathHeld(PathHeld { path, because: Stopped::BurningBefore, .. }) => {
            format!("escalation {} not armed: it was burning before quell saw it", name(path))
        }
        entry => of_action(entry, incident).unwrap_or_else(|| story::sentence(record, Some(incident)).1),
    };
    let bare = what.strip_prefix(who.as_str()).and_then(|rest| rest.strip_prefix([' ', ':']));
    let bare = bare.map(|rest| rest.trim_start().to_owned());
    (who, bare.unwrap_or(what))
}

/// A note in one cell, whose lines can still be told apart: no text of people may add a row.
fn noted(text: &Outside) -> String {
    let lines = story::lines(text, LINES).into_iter().filter(|line| !line.is_empty());
    match lines.map(|text| line(&Outside::new(text.to_string())).to_string()).collect::<Vec<_>>() {
        lines if lines.len() > 1 => lines.join(" ⏎ "),
        _ => line(text).to_string(),
    }
}

/// What an action's record says.
fn of_action(entry: &Entry, incident: &Incident) -> Option<String> {
    let action = |id: &ActionId| {
        let plan = incident.actions.get(id).map(|action| story::what(&action.plan));
        format!("action {id}, {}", plan.unwrap_or_default())
    };
    let tail = |text: &Outside| if text.is_blank() { String::new() } else { format!(" ({})", line(text)) };
    Some(match entry {
        Entry::Intended { action: id, .. } => format!("confirmed {}", action(id)),
        Entry::Sent { action: id } => format!("sent {}; no outcome was written down", action(id)),
        Entry::SentAgain { action: id, attempt, because } => {
            format!("sent {} again, attempt {attempt}{}", action(id), tail(because))
        }
        Entry::Answered { action: id, outcome, detail, .. } => {
            let word = match outcome {
                Outcome::Accepted => return Some(format!("{} was {}", action(id), story::accepted(detail))),
                Outcome::Refused => "was refused",
                Outcome::NotSent => "was not sent",
                Outcome::Unknown => "has an unknown outcome",
            };
            format!("{} {word}{}", action(id), tail(detail))
        }
        Entry::Settled { action: id, settlement, detail } => {
            let word = match settlement {
                Settlement::Verified => "was verified",
                Settlement::NotDone => "was settled by hand as not done",
                Settlement::ByHand => "was settled by hand as done",
                Settlement::NotVerified => "was not verified in time",
            };
            format!("{} {word}{}", action(id), tail(detail))
        }
        Entry::UndoneWith(UndoneWith { action: id, incident: of, undo }) => {
            let of = if *of == incident.id { String::new() } else { format!(" of {of}") };
            format!("{} was undone by action {undo}{of}, on the same target", action(id))
        }
        Entry::ContainmentKept { action: id, because } => {
            format!("decided to keep {} in force: {}", action(id), line(because))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::record::FORMAT;
    use crate::domain::time::Time;

    #[test]
    fn only_what_nothing_later_repeats_matters() {
        let record = |seq, entry| Record {
            v: FORMAT,
            on: None,
            seq,
            at: Time::UNIX_EPOCH,
            by: Actor::Engine,
            incident: None,
            entry,
        };
        let started = |seq, step| {
            record(
                seq,
                Entry::StepStarted(StepStarted {
                    path: "incident".into(),
                    step,
                    resumes: false,
                    missing: Vec::new(),
                }),
            )
        };
        let sent = Entry::StepSent(StepSent { path: "incident".into(), step: 1, receipts: Vec::new() });
        let all = [started(1, 1), record(2, sent), started(3, 2), record(4, Entry::Sent { action: 1 })];
        let all: Vec<&Record> = all.iter().collect();
        let told: Vec<u64> = all.iter().filter(|r| matters(r, &all)).map(|r| r.seq).collect();
        assert_eq!(told, [2, 3, 4], "a step or an action without an outcome is not passed over");
    }
}
