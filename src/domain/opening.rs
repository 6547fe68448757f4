//! How an incident begins, and what a signal brings to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::category::Category;
use super::id::IncidentId;
use super::rare::{Rare, is_bare};
use super::sensitive::Said;
use super::severity::Severity;
use super::signal::{Labels, Packed, SignalKey};
use super::text::Outside;
use super::time::Time;

/// What a signal brings to an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joining {
    /// Its identity.
    pub key: SignalKey,
    /// Its title.
    pub title: Outside,
    /// What the rules say of it.
    pub severity: Severity,
    /// No rule knew its severity.
    pub unmapped: bool,
    /// Its labels.
    pub labels: Packed,
    /// What it said under sensitive names, in its labels and elsewhere.
    #[serde(default, skip_serializing_if = "Said::is_empty")]
    pub sensitive: Said,
    /// Since when it fires, by the source's clock.
    pub since: Time,
    /// It was seen before it fired: it did not burn before quell saw it, whenever it began.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub watched: bool,
    /// The policy by which its source pages people itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Outside>,
    /// Who holds it at its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<Outside>,
}

/// How an incident began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// One line.
    pub title: Outside,
    /// How bad.
    pub severity: Severity,
    /// No rule knew its severity.
    pub unmapped: bool,
    /// What sort of trouble.
    pub category: Category,
    /// Of which service; may be empty.
    pub service: Outside,
    /// What signals must share to join it.
    pub group: Option<String>,
    /// The signal that opened it; `None` when a person did, and in an incident, which has it among its signals.
    pub signal: Option<Box<Joining>>,
    /// The rule that gave the severity, or who reported it.
    pub because: Outside,
    /// Labels given by hand.
    #[serde(default, skip_serializing_if = "is_bare")]
    pub labels: Rare<Labels>,
    /// When somebody must have acknowledged.
    pub ack_due: Option<Time>,
    /// The earlier incident it repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence_of: Option<Box<IncidentId>>,
    /// Who reported it, where a person outside the response did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<Box<Reported>>,
}

/// Where a report comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reporter {
    /// A firm that builds on the platform.
    Partner,
    /// Somebody of the house.
    Internal,
}

impl Reporter {
    /// The word of a row, a command and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Partner => "partner",
            Self::Internal => "internal",
        }
    }

    /// Reads the word of a command.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Partner, Self::Internal].into_iter().find(|reporter| reporter.word() == word)
    }
}

/// Who reported an incident, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// From where.
    pub from: Reporter,
    /// Who.
    pub by: Outside,
    /// How: `mail`, `phone`, a chat room.
    pub via: Outside,
    /// What they told, item by item of a packet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub told: BTreeMap<String, Outside>,
}
