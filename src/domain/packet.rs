//! The required information of an escalation.

use serde::{Deserialize, Serialize};

use super::text::Outside;
use super::time::Time;

/// What a person filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// What is known.
    pub value: Outside,
    /// Who says so.
    pub by: String,
    /// When they said so.
    pub at: Time,
}
