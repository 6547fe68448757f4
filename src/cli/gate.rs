//! What a phase still needs, with the command that gives it.

use super::failure::{Exit, Failure};
use crate::backend::Refusal;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;

/// What a missing line ends with, where the console has a key for it, and the command that does the same.
const COMMANDS: [(&str, &str, &str); 4] = [
    (" (S)", "severity", "SEVERITY"),
    (" (C)", "category", "CATEGORY"),
    (" (I)", "impact", "--users N"),
    (" (L)", "lead", "NAME"),
];

/// A refusal to move an incident to a phase, in words of the command line; any other as it is.
pub(super) fn explained(refusal: Refusal, incident: &Incident, to: Phase) -> Failure {
    let missing = incident.missing_for(to);
    if !missing.first().is_some_and(|first| refusal.message.raw().contains(first)) {
        return refusal.into();
    }
    let id = &incident.id;
    let waive = match to {
        Phase::Review => format!("quell close {id} resolved --note \"reason\""),
        to => format!("quell phase {id} {} --waive \"reason\"", to.word()),
    };
    let mut lines: Vec<String> =
        missing.into_iter().map(|line| with_command(line, &id.to_string())).collect();
    lines.push(format!("or say why it goes on without them: {waive}"));
    let message = format!("{id} cannot move from {} to {} yet; missing:", incident.phase.title(), to.title());
    Failure { differences: lines, ..Failure::new(Exit::Refused, message) }
}

fn with_command(missing: &str, id: &str) -> String {
    let known = COMMANDS.iter().find_map(|(key, command, value)| {
        Some(format!("{}: quell {command} {id} {value}", missing.strip_suffix(key)?))
    });
    known.unwrap_or_else(|| missing.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_the_console_becomes_a_command() {
        assert_eq!(
            with_command("category confirmed (C)", "A-1"),
            "category confirmed: quell category A-1 CATEGORY"
        );
        assert_eq!(
            with_command("severity confirmed (S)", "A-1"),
            "severity confirmed: quell severity A-1 SEVERITY"
        );
        assert_eq!(with_command("a verified containment", "A-1"), "a verified containment");
    }
}
