//! What was learnt: the root cause and what is done so that it does not happen again.

use serde::{Deserialize, Serialize};

use super::text::Outside;
use super::time::Time;

/// Something that is done so that it does not happen again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What.
    pub text: Outside,
    /// By whom.
    pub owner: Outside,
    /// Until when.
    pub due: Time,
    /// What will prove it done.
    pub check: Outside,
    /// What proved it done, by whom and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<(Outside, String, Time)>,
}

/// What was learnt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Review {
    /// Why it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<Outside>,
    /// What is done about it, numbered from 1 in this order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// When the post-mortem was published, and the SHA-256 of its Markdown in lower-case hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<(Time, String)>,
}
