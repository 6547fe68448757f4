//! What reversed one containment of a target has reversed every other one of it.

use serde::{Deserialize, Serialize};

use crate::domain::action::ActionId;
use crate::domain::id::IncidentId;

/// A containment that was undone with another one. It is written down together with what proves that, or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoneWith {
    /// Its number.
    pub action: ActionId,
    /// The incident whose undo it was.
    pub incident: IncidentId,
    /// The number of that undo there.
    pub undo: ActionId,
}
