//! What a phase still needs, with the command that gives it.

use super::failure::{Exit, Failure};
use crate::backend::Refusal;
use crate::domain::gate::{Gate, sentence};
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::time::Time;

/// A refusal to move an incident to a phase, in words of the command line; any other as it is.
pub(super) fn explained(refusal: Refusal, incident: &Incident, to: Phase, now: Time) -> Failure {
    let missing = incident.missing_for(to, now);
    if missing.is_empty() || !refusal.message.raw().contains(&sentence(&missing)) {
        return refusal.into();
    }
    let id = &incident.id;
    let waive = match to {
        Phase::Review => format!("quell close {id} resolved --note \"reason\""),
        to => format!("quell phase {id} {} --waive \"reason\"", to.word()),
    };
    let mut lines: Vec<String> = missing
        .into_iter()
        .map(|gate| match command(gate) {
            Some((command, rest)) => format!("{}: quell {command} {id} {rest}", gate.words()),
            None => gate.words().to_owned(),
        })
        .collect();
    lines.push(format!("or say why it goes on without them: {waive}"));
    let message = format!("{id} cannot move from {} to {} yet; missing:", incident.phase.title(), to.title());
    Failure { differences: lines, ..Failure::new(Exit::Refused, message) }
}

/// The command that meets a gate, and what follows the id.
fn command(gate: Gate) -> Option<(&'static str, &'static str)> {
    Some(match gate {
        Gate::Severity => ("severity", "SEVERITY"),
        Gate::Category => ("category", "CATEGORY"),
        Gate::Impact => ("impact", "--users N"),
        Gate::Lead => ("lead", "NAME"),
        Gate::Containment => ("contain", "PLAYBOOK"),
        Gate::Mitigation | Gate::Health | Gate::InForce => return None,
        Gate::RootCause => ("review", "cause \"text\""),
        Gate::Items => ("review", "item \"text\" --owner NAME --due DAY --check \"text\""),
        Gate::Published => ("review", "publish FILE"),
    })
}
