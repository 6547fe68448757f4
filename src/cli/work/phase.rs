//! How the response moves and ends, and what its gates ask for: `phase`, `close`, `mitigated`, `no-containment`, `keep`.

use clap::Args;

use super::{Setting, Writes};
use crate::backend::Refusal;
use crate::cli::failure::Failure;
use crate::cli::gate;
use crate::cli::words::{self, outside};
use crate::domain::action::ActionId;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::record::{CloseReason, Entry};
use crate::domain::story;
use crate::os::clock;

/// `quell phase ID PHASE [--waive REASON]`.
#[derive(Debug, Args)]
#[command(override_usage = "quell phase <ID> <PHASE> [--waive <REASON>]")]
pub(in crate::cli) struct Move {
    /// Its id
    id: String,
    /// identify, contain, mitigate or recover; closed ends its review, and of a closed one an earlier phase opens it again
    #[arg(value_parser = words::phase)]
    phase: Phase,
    /// Why what is missing on the way is not needed
    #[arg(long, value_name = "REASON")]
    waive: Option<String>,
}

/// `quell close ID REASON [--note TEXT]`.
#[derive(Debug, Args)]
#[command(override_usage = "quell close <ID> <REASON> [--note <TEXT>]")]
pub(in crate::cli) struct Close {
    /// Its id
    id: String,
    /// resolved, false-alarm, duplicate or cleared
    #[arg(value_parser = words::reason)]
    reason: CloseReason,
    /// In your words; needed after a containment or a bulletin
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// `quell mitigated ID TEXT`.
#[derive(Debug, Args)]
#[command(override_usage = "quell mitigated <ID> <TEXT>")]
pub(in crate::cli) struct Mitigated {
    /// Its id
    id: String,
    /// What was done
    text: String,
}

/// `quell no-containment ID BECAUSE`.
#[derive(Debug, Args)]
#[command(override_usage = "quell no-containment <ID> <BECAUSE>")]
pub(in crate::cli) struct NoContainment {
    /// Its id
    id: String,
    /// Why
    because: String,
}

/// `quell keep ID ACTION BECAUSE`.
#[derive(Debug, Args)]
#[command(override_usage = "quell keep <ID> <ACTION> <BECAUSE>")]
pub(in crate::cli) struct Keep {
    /// Its id
    id: String,
    /// The number of the containment
    action: ActionId,
    /// Why
    because: String,
}

impl Writes for Move {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, _on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        Ok(vec![Entry::PhaseMoved { to: self.phase, waived: self.waive.as_ref().map(outside) }])
    }

    /// Where a gate refuses: the commands that open it, in place of the console's keys.
    fn explained(&self, refusal: Refusal, now: &Incident) -> Failure {
        gate::explained(refusal, now, self.phase, clock::now())
    }

    fn said(&self, after: &Incident) -> String {
        let at = after.moved_at;
        let again = after.opened_again().filter(|(_, opened)| *opened == at);
        let heard = again.and_then(|_| story::heard_again(after, at)).map(|heard| format!("; {heard}"));
        format!("{} phase {}{}", after.id, self.phase.word(), heard.unwrap_or_default())
    }
}

impl Writes for Close {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, _on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        Ok(vec![Entry::Closed { reason: self.reason, note: self.note.as_ref().map(outside) }])
    }

    fn explained(&self, refusal: Refusal, now: &Incident) -> Failure {
        match (self.reason, now.phase) {
            (CloseReason::Resolved, Phase::Review) => gate::review_ends_otherwise(refusal, now),
            (CloseReason::Resolved, _) if now.firing() == 0 => {
                gate::explained(refusal, now, Phase::Review, clock::now())
            }
            // What is asked for in words is given with an option here.
            _ if self.note.is_none() && now.closing_needs_words(self.reason, clock::now()).is_some() => {
                let failure = Failure::from(refusal);
                Failure { message: format!("{}: --note \"WHY\"", failure.message), ..failure }
            }
            _ => refusal.into(),
        }
    }

    fn said(&self, after: &Incident) -> String {
        let (id, reason) = (&after.id, self.reason.word());
        match after.phase {
            Phase::Review => format!("{id} {reason}; in Review until quell phase {id} closed"),
            _ => format!("{id} closed: {reason}"),
        }
    }
}

impl Writes for Mitigated {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, _on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        Ok(vec![Entry::Mitigated { what: outside(&self.text) }])
    }

    fn said(&self, after: &Incident) -> String {
        format!("{} mitigated", after.id)
    }
}

impl Writes for NoContainment {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, _on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        Ok(vec![Entry::NothingToContain { because: outside(&self.because) }])
    }

    fn said(&self, after: &Incident) -> String {
        format!("{} nothing to contain", after.id)
    }
}

impl Writes for Keep {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, _on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        Ok(vec![Entry::ContainmentKept { action: self.action, because: outside(&self.because) }])
    }

    fn said(&self, after: &Incident) -> String {
        format!("{} #{} stays in force", after.id, self.action)
    }
}
