//! One entry of the ledger: who wrote down what, when, and about which incident.

use serde::{Deserialize, Serialize};

use super::action::{ActionId, Answer, Outcome};
use super::id::IncidentId;
use super::operator::Actor;
use super::plan::Plan;
use super::text::Outside;
use super::time::Time;

mod bulletins;
mod deadlines;
mod entry;
mod escalation;
mod field;
mod local;
mod reason;
mod snooze;
mod tied;
mod undone;

pub use bulletins::{BulletinAnswered, BulletinSeen, BulletinSettled, BulletinStarted};
pub use deadlines::{DeadlineMet, DeadlineNear, DeadlinePassed, DeadlineSet, DeadlineWithdrawn};
pub use entry::Entry;
pub use escalation::{PathArmed, PathHeld, PathStopped, StepMissed, StepSent, StepStarted, Told};
pub use field::Field;
pub use reason::CloseReason;
pub use snooze::{SnoozeEnded, Snoozed};
pub use tied::{Moving, Tied};
pub use undone::UndoneWith;

/// The version of the record format this build writes. It is raised with every entry and every field that moves an
/// incident: a quell that does not know one says so, and neither folds on without it nor writes after it.
pub const FORMAT: u32 = 7;

/// The process that wrote a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its host.
    pub host: String,
    /// Its id there.
    pub pid: u32,
    /// The version of quell.
    pub version: String,
    /// How long the machine had been up, in milliseconds: it tells a clock that was set from time that passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_ms: Option<u64>,
    /// Whether that clock is kept by a time server; `None` where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_synced: Option<bool>,
}

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The record format's version.
    pub v: u32,
    /// Its place in the ledger, from 1, without gaps.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// Who.
    pub by: Actor,
    /// Which process wrote it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Process>,
    /// About which incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// What.
    pub entry: Entry,
}

impl Entry {
    /// The intent to carry a plan out that was confirmed by no more than a key.
    pub fn intended(action: ActionId, plan: Box<Plan>) -> Self {
        Self::Intended { action, plan, confirmed: Box::default() }
    }

    /// An answer of which nothing is known but its words.
    pub fn answered(action: ActionId, outcome: Outcome, detail: Outside) -> Self {
        Self::Answered { action, outcome, detail, answer: Answer::default() }
    }
}
