//! What is most urgent about an incident, in the few cells a row has for it.

use super::model::Model;
use super::page::Role;
use super::page::detail::verifying;
use crate::domain::action::{Action, Contained, Stage, Verb};
use crate::domain::escalation::{StepState, Stopped};
use crate::domain::incident::Incident;
use crate::domain::time::{Span, Time, clock_minute, clock_time, countdown};

/// What has just been settled stands before what is counting down for so long.
const FRESH: Span = Span::secs(30);
/// How long before an acknowledgement expires its owner is warned.
const EXPIRY_WARNING: Span = Span::mins(5);

/// As many of the most urgent things as fit, and how the first is shown.
pub fn standing(model: &Model, incident: &Incident, stale: bool, now: Time, cells: usize) -> (Role, String) {
    let roomy = cells > 20;
    let all = urgent(model, incident, stale, now, roomy);
    let role = all.first().map_or(Role::Plain, |(role, _)| *role);
    let mut out = String::new();
    for (_, words) in all {
        let joined = if out.is_empty() { words } else { format!("{out}, {words}") };
        if joined.chars().count() > cells && !out.is_empty() {
            break;
        }
        out = joined;
    }
    (role, out)
}

/// What is urgent, the most urgent first.
fn urgent(model: &Model, incident: &Incident, stale: bool, now: Time, roomy: bool) -> Vec<(Role, String)> {
    let mut out = Vec::new();
    let mut say = |role, words: &str| out.push((role, words.to_owned()));
    if incident.is_closed() {
        say(Role::Dim, "closed");
        return out;
    }
    if incident.has_unknown() {
        say(Role::Bad, "UNKNOWN");
    }
    let last = incident.actions.values().next_back();
    if let Some((role, words)) = last.and_then(|action| moving(action, now, roomy)) {
        say(role, &words);
    }
    if stale {
        match model.board.as_of(incident) {
            Some(at) => say(Role::Warn, &format!("STALE {}", clock_minute(at))),
            None => say(Role::Warn, "not read yet"),
        }
    }
    if let Some((role, words)) = paging(incident, now) {
        say(role, &words);
    }
    if let Some(due) = incident.ack_due() {
        if due <= now {
            say(Role::Bad, "ack OVERDUE");
        } else {
            say(Role::Warn, &format!("ack in {}", countdown(due, now)));
        }
    }
    if let Some(owner) = &incident.owner
        && owner.until - now < EXPIRY_WARNING.delta()
    {
        say(Role::Warn, &format!("ack ends {}", countdown(owner.until, now)));
    }
    match incident.contained() {
        Contained::Accepted => say(Role::Warn, "not verified"),
        Contained::Verified => say(Role::Good, "verified"),
        Contained::Undone => say(Role::Plain, "undone"),
        Contained::None | Contained::Pending | Contained::Unknown => {}
    }
    if incident.cleared_at.is_some() {
        say(Role::Good, "cleared");
    }
    out.dedup_by(|(_, b), (_, a)| a == b);
    out
}

/// An action that is under way, or has just come to an end.
fn moving(action: &Action, now: Time, roomy: bool) -> Option<(Role, String)> {
    let fresh = now - action.moved_at < FRESH.delta();
    Some(match action.stage {
        Stage::Intended | Stage::Sent => (Role::Warn, "sending…".to_owned()),
        Stage::Accepted if action.is_verifying() => {
            let text = verifying(action, now);
            (Role::Warn, if roomy { text } else { text.replace("verifying", "verify").replace(" s", "s") })
        }
        Stage::Verified if fresh => {
            let word = if matches!(action.plan.verb, Verb::Undo { .. }) { "undone" } else { "verified" };
            (
                Role::Good,
                if roomy { format!("{word} {}", clock_time(action.moved_at)) } else { word.to_owned() },
            )
        }
        Stage::Refused if fresh => (Role::Bad, "REFUSED".to_owned()),
        Stage::NotSent if fresh => (Role::Bad, "NOT SENT".to_owned()),
        Stage::NotDone => (Role::Bad, "NOT DONE".to_owned()),
        _ => return None,
    })
}

/// Who is told next, or that nobody will be.
fn paging(incident: &Incident, now: Time) -> Option<(Role, String)> {
    let escalation = incident.escalation()?;
    if incident.owner.is_none() && escalation.stopped == Some(Stopped::Exhausted) {
        return Some((Role::Bad, "EXHAUSTED".to_owned()));
    }
    if incident.owner.is_none() && escalation.steps.iter().any(|step| step.state == StepState::Missed) {
        return Some((Role::Bad, "page MISSED".to_owned()));
    }
    let (_, step) = escalation.next()?;
    Some((Role::Warn, format!("pages {}", countdown(step.due, now))))
}
