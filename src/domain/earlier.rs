//! What an incident's earlier ones teach.

use serde::{Deserialize, Serialize};

use super::action::{Action, Stage, Verb};
use super::id::IncidentId;
use super::incident::Incident;
use super::record::CloseReason;
use super::story;
use super::text::Outside;
use super::time::{Time, age, day};

/// An earlier incident of the same group: what was done then, and how long it took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Earlier {
    /// Its id.
    pub id: IncidentId,
    /// When it began.
    pub opened_at: Time,
    /// How it ended and when; `None` while it has not.
    pub ended: Option<(CloseReason, Time)>,
    /// The containments that took effect, in words.
    pub contained: Vec<String>,
    /// Why it happened, where that was found.
    pub root_cause: Option<Outside>,
}

impl Earlier {
    /// What is worth remembering of an incident.
    pub fn of(incident: &Incident) -> Self {
        let took_effect = |action: &&Action| {
            matches!(action.plan.verb, Verb::Contain { .. })
                && matches!(action.stage, Stage::Accepted | Stage::Verified | Stage::Undone)
        };
        Self {
            id: incident.id.clone(),
            opened_at: incident.opened_at,
            ended: incident.closed,
            contained: incident.actions.values().filter(took_effect).map(|a| story::what(&a.plan)).collect(),
            root_cause: incident.review.root_cause.clone(),
        }
    }

    /// One line: `ANA-12 2026-11-20, over after 14m: freeze-account 88213 (root cause: …)`.
    pub fn words(&self) -> String {
        let lasted = match &self.ended {
            Some((CloseReason::Resolved, at)) => format!("over after {}", age(self.opened_at, *at)),
            Some((reason, _)) => reason.word().to_owned(),
            None => "still open".to_owned(),
        };
        let done = match self.contained.as_slice() {
            [] => String::new(),
            some => format!(": {}", some.join(", ")),
        };
        let cause = self.root_cause.as_ref().map(|cause| format!(" (root cause: {})", cause.safe()));
        format!("{} {}, {lasted}{done}{}", self.id, day(self.opened_at), cause.unwrap_or_default())
    }
}
