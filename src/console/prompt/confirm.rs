//! A plan that waits for its final Enter, and what disarms it.

use serde::{Deserialize, Serialize};

use super::Prompt;
use crate::console::field::Field;
use crate::console::guard::Guard;
use crate::domain::action::{ActionId, Stage};
use crate::domain::id::IncidentId;
use crate::domain::plan::Plan;
use crate::domain::severity::Severity;

/// A plan that waits for its final Enter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confirm {
    /// For which incident.
    pub id: IncidentId,
    /// What is shown, and would run.
    pub plan: Plan,
    /// What the incident was like when the plan came.
    pub when_planned: Facts,
    /// The target as typed, where it must be.
    pub target: Option<Field>,
    /// When the final Enter counts.
    pub guard: Guard,
    /// The question "this may happen twice".
    pub twice: Twice,
    /// What has changed since it was planned: it can no longer be confirmed.
    pub differences: Vec<String>,
    /// The form it was planned from; Esc goes back there.
    pub back: Option<Box<Prompt>>,
}

/// The question "this may happen twice".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Twice {
    /// It need not be asked.
    No,
    /// It will be asked after the plan is confirmed.
    Due,
    /// It is being asked.
    Asked,
}

/// What of an incident a plan depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Not closed.
    pub open: bool,
    /// How bad.
    pub severity: Severity,
    /// Who holds it.
    pub owner: Option<String>,
    /// Earlier actions on the plan's target.
    pub earlier: Vec<(ActionId, Stage)>,
}
