//! Who is told, after how long, and what they need to know.

use serde::{Deserialize, Serialize};

use super::id::IncidentId;
use super::plan::Purpose;
use super::query::Query;
use super::text::Outside;
use super::time::{Span, Time};

/// One entry of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Counted from arming.
    pub after: Span,
    /// The names of channels.
    pub to: Vec<String>,
}

/// A predefined escalation path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Its id.
    pub id: String,
    /// What it is used for.
    pub title: String,
    /// The incidents that arm it by themselves; `None` means only by hand.
    pub when: Option<Query>,
    /// Who, after how long.
    pub steps: Vec<Step>,
    /// The required information, item by item.
    pub packet: Vec<String>,
    /// Waits for a complete packet.
    pub complete: bool,
}

impl Path {
    /// The five paths every quell knows, without steps.
    pub fn compiled_in() -> Vec<Self> {
        let path = |id: &str, title: &str, packet: &[&str], complete| Self {
            id: id.to_owned(),
            title: title.to_owned(),
            when: None,
            steps: Vec::new(),
            packet: packet.iter().map(|item| (*item).to_owned()).collect(),
            complete,
        };
        vec![
            path(
                "incident",
                "Production incident or degraded trading flow",
                &["impact scope", "start time", "affected users", "order ids", "current mitigation"],
                false,
            ),
            path(
                "security",
                "Vulnerability or suspected abuse",
                &["technical details", "affected endpoint", "evidence", "urgency", "whether still active"],
                false,
            ),
            path(
                "technical",
                "SDK, API, webhook or environment question",
                &["endpoint", "SDK version", "request id", "reproduction steps", "logs"],
                false,
            ),
            path(
                "operations",
                "Asset, copy or launch material change",
                &["page", "language", "requested change", "launch date", "approval owner"],
                true,
            ),
            path(
                "partner",
                "New partnership or solution evaluation",
                &["product type", "region", "launch timeline", "integration model"],
                true,
            ),
        ]
    }
}

/// What a channel answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The channel's name.
    pub channel: String,
    /// Whether it took the message.
    pub accepted: bool,
    /// What it said, in one line.
    pub detail: Outside,
}

/// Where one step stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Not due yet.
    Waiting,
    /// Written down and being sent.
    Started(Time),
    /// Sent; the receipts say what came of it.
    Sent(Vec<Receipt>),
    /// Too late to send.
    Missed,
}

/// One step of an armed path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmedStep {
    /// The names of channels.
    pub to: Vec<String>,
    /// When it is sent.
    pub due: Time,
    /// Where it stands.
    pub state: StepState,
    /// How often it was begun.
    pub attempts: u32,
}

/// Why nothing more is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// By an acknowledgement of this person.
    Acknowledged(String),
    /// The incident ended.
    Ended,
    /// Its signals went away.
    Cleared,
    /// Another incident of the service pages already.
    CoveredBy(IncidentId),
    /// It was burning before quell saw it.
    BurningBefore,
    /// The last step was sent and nobody acknowledged.
    Exhausted,
}

/// An incident's escalation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// The path's id.
    pub path: String,
    /// When the steps started to count.
    pub armed_at: Time,
    /// Its steps.
    pub steps: Vec<ArmedStep>,
    /// Why nothing more is sent.
    pub stopped: Option<Stopped>,
    /// The items of the packet that those who were paged do not know yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// What those who were paged were told last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Purpose>,
}

impl Escalation {
    /// The next step to send and its number from 1, when one is coming by itself.
    pub fn next(&self) -> Option<(u32, &ArmedStep)> {
        if self.stopped.is_some() { None } else { self.next_unsent() }
    }

    /// The next step nobody was sent yet, running or not.
    pub fn next_unsent(&self) -> Option<(u32, &ArmedStep)> {
        (1..)
            .zip(&self.steps)
            .find(|(_, step)| matches!(step.state, StepState::Waiting | StepState::Started(_)))
    }

    /// Moves every step that still waits.
    pub(super) fn shift(&mut self, by: chrono::TimeDelta) {
        for step in self.steps.iter_mut().filter(|step| step.state == StepState::Waiting) {
            step.due += by;
        }
    }

    /// How many steps were sent.
    pub fn sent(&self) -> usize {
        self.steps.iter().filter(|s| matches!(s.state, StepState::Sent(_))).count()
    }
}
