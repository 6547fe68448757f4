//! Entries of which no more is known than what they must say.

use super::Entry;
use crate::domain::action::{ActionId, Answer, Outcome};
use crate::domain::plan::Plan;
use crate::domain::text::Outside;

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
