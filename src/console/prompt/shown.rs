//! A plan that is only looked at: nothing here confirms it.

use serde::{Deserialize, Serialize};

use super::Prompt;
use crate::domain::id::IncidentId;
use crate::domain::plan::Plan;

/// A plan that is only looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// For which incident.
    pub id: IncidentId,
    /// It.
    pub plan: Plan,
    /// Lines scrolled away.
    pub top: u16,
    /// Where it was asked for.
    pub back: Option<Box<Prompt>>,
}
