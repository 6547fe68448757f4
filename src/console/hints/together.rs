//! The keys of what is done to all that are marked.

use super::Hint;
use crate::console::bulk::{Bulk, State, Step};

/// The keys that work at this step; `cancel` is the one that leaves.
pub(super) fn together(bulk: &Bulk, cancel: Hint) -> Vec<Hint> {
    let key = |key: &str, word: &str| (key.to_owned(), word.to_owned());
    match &bulk.step {
        Step::Finding | Step::Planning(_) => vec![cancel],
        Step::Choosing { .. } => vec![key("enter", "plan each"), key("j", "next"), cancel],
        Step::Confirming { .. } if bulk.count(&State::Ready) == 0 => vec![cancel],
        Step::Confirming { .. } => vec![key("enter", "contain them"), cancel],
        Step::Running { .. } => vec![key("s", "stop after this one"), key("esc", "look away")],
        Step::Ended(_) => vec![key("esc", "close")],
    }
}
