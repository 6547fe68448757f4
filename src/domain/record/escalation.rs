//! What happens to a path: it counts or is held, its steps are sent or missed, those it paged are told more.

use serde::{Deserialize, Serialize};

use crate::domain::escalation::{Receipt, Step, Stopped};
use crate::domain::plan::Purpose;

/// A path counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathArmed {
    /// Its id.
    pub path: String,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A path that would have been armed was not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathHeld {
    /// Its id.
    pub path: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// Why.
    pub because: Stopped,
}

/// Nothing more is sent by itself on one path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathStopped {
    /// Its id.
    pub path: String,
    /// Why.
    pub because: Stopped,
}

/// A step is about to be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepStarted {
    /// Of which path.
    pub path: String,
    /// From 1.
    pub step: u32,
    /// By hand on a path that had stopped: the steps after it count again, from now.
    pub resumes: bool,
    /// The items of the packet that went out as not yet known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// A step was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepSent {
    /// Of which path.
    pub path: String,
    /// From 1.
    pub step: u32,
    /// What the channels answered.
    pub receipts: Vec<Receipt>,
}

/// A step was too late to send.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepMissed {
    /// Of which path.
    pub path: String,
    /// From 1.
    pub step: u32,
}

/// Those who were paged were told more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// On which path.
    pub path: String,
    /// Why.
    pub purpose: Purpose,
    /// The items of the packet that were not known before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// What the channels answered.
    pub receipts: Vec<Receipt>,
}
