//! What is written down of an incident that is put off.

use serde::{Deserialize, Serialize};

use crate::domain::snooze::Worse;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// Somebody put it off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snoozed {
    /// Until when, unless it gets worse.
    pub until: Time,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Outside>,
}

/// It is not put off any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnoozeEnded {
    /// How it got worse; nothing where its time was over, or a person woke it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Worse>,
}
