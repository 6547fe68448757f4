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
    /// What its sources were asked for and did, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<String>,
    /// What was done to make it better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitigated: Option<Outside>,
    /// Why it happened, where that was found.
    pub root_cause: Option<Outside>,
}

impl Earlier {
    /// What is worth remembering of an incident.
    pub fn of(incident: &Incident) -> Self {
        let stands = |stage| matches!(stage, Stage::Accepted | Stage::Verified | Stage::Undone);
        let done = |is: fn(&Verb) -> bool| {
            let took_effect = |action: &&Action| is(&action.plan.verb) && stands(action.stage);
            incident.actions.values().filter(took_effect).map(|action| story::what(&action.plan)).collect()
        };
        Self {
            id: incident.id.clone(),
            opened_at: incident.opened_at,
            ended: incident.closed,
            contained: done(|verb| matches!(verb, Verb::Contain { .. })),
            asked: done(|verb| matches!(verb, Verb::Upstream { .. })),
            mitigated: incident.mitigated.clone(),
            root_cause: incident.review.root_cause.clone(),
        }
    }

    /// What was done, each in words; empty where nothing was.
    pub fn done(&self) -> Vec<String> {
        // They come from an engine, and that may be another one.
        let safe = |what: &String| Outside::new(what.as_str()).safe().to_string();
        let mitigated = self.mitigated.iter().map(|what| what.in_one_line().to_string());
        self.contained.iter().chain(&self.asked).map(safe).chain(mitigated).collect()
    }

    /// One line: `ANA-12 2026-11-20, over after 14m: freeze-account 88213 (root cause: …)`.
    pub fn words(&self) -> String {
        let lasted = match &self.ended {
            Some((CloseReason::Resolved, at)) => format!("over after {}", age(self.opened_at, *at)),
            Some((reason, at)) => format!("{} after {}", reason.word(), age(self.opened_at, *at)),
            None => "still open".to_owned(),
        };
        let done = match self.done().as_slice() {
            [] => String::new(),
            some => format!(": {}", some.join(", ")),
        };
        let cause = self.root_cause.as_ref().map(|cause| format!(" (root cause: {})", cause.safe()));
        format!("{} {}, {lasted}{done}{}", self.id, day(self.opened_at), cause.unwrap_or_default())
    }

    /// A few words: `INC-0988: isolate-replica gw-2`.
    pub fn brief(&self) -> String {
        match self.done().as_slice() {
            [] => format!("{}: nothing done", self.id),
            some => format!("{}: {}", self.id, some.join(", ")),
        }
    }
}
