//! A plan that waits for its final Enter, and what disarms it.

use serde::{Deserialize, Serialize};

use super::Prompt;
use crate::console::field::Field;
use crate::console::guard::Guard;
use crate::domain::action::{ActionId, Stage};
use crate::domain::id::IncidentId;
use crate::domain::operator::Operator;
use crate::domain::plan::Plan;
use crate::domain::severity::Severity;
use crate::domain::time::Time;

/// A plan that waits for its final Enter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confirm {
    /// For which incident.
    pub id: IncidentId,
    /// What is shown, and would run.
    pub plan: Plan,
    /// What its final Enter does.
    pub way: Way,
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
    /// The form or list it was planned from; Esc goes back there.
    pub back: Option<Box<Prompt>>,
}

/// What the final Enter does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// It carries it out, or asks for the second person it needs.
    Submit,
    /// It carries it out without the second person it needs.
    BreakGlass(Glass),
    /// It agrees to what somebody else asked for, which carries it out.
    Approve(Box<Consent>),
}

/// Why the second person is done without.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Glass {
    /// As typed.
    pub reason: Field,
    /// It is said; now the plan is confirmed.
    pub given: bool,
}

/// What somebody else asked for, as it was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    /// The sequence number of the record that asks.
    pub ask: u64,
    /// Who asked.
    pub by: Operator,
    /// When.
    pub at: Time,
    /// How long that stands.
    pub until: Time,
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

impl Confirm {
    /// Whether it could be done without the second person it needs.
    pub fn can_break(&self) -> bool {
        self.way == Way::Submit && self.plan.approvals > 0 && self.twice != Twice::Asked
    }
}
