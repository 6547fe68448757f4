//! What happens to a deadline: it is set, met, near or missed.

use serde::{Deserialize, Serialize};

use crate::domain::deadline::DeadlineKind;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// Something is due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadlineSet {
    /// What kind.
    pub deadline: DeadlineKind,
    /// Which one of its kind; empty for a timer, which gets the next number.
    pub name: String,
    /// What, in one line.
    pub title: Outside,
    /// When.
    pub due: Time,
}

/// What was due was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadlineMet {
    /// What kind.
    pub deadline: DeadlineKind,
    /// Which one of its kind.
    pub name: String,
    /// How.
    pub note: Option<Outside>,
}

/// What was due need not be done any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadlineWithdrawn {
    /// What kind.
    pub deadline: DeadlineKind,
    /// Which one of its kind.
    pub name: String,
    /// Why.
    pub because: Outside,
}

/// Little time is left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadlineNear {
    /// What kind.
    pub deadline: DeadlineKind,
    /// Which one of its kind.
    pub name: String,
    /// When it is due.
    pub due: Time,
}

/// Something due was not done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadlinePassed {
    /// What.
    pub deadline: DeadlineKind,
    /// Which one of its kind; empty where there is one only.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// When it was due.
    pub due: Time,
}
