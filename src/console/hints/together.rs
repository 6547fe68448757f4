//! The keys of what is done to all that are marked.

use super::{Hint, hint};
use crate::console::bulk::{Bulk, State, Step};

/// The keys that work at this step; `cancel` is the one that leaves.
pub(super) fn together(bulk: &Bulk, cancel: Hint) -> Vec<Hint> {
    match &bulk.step {
        Step::Finding | Step::Planning(_) => vec![cancel],
        Step::Choosing { .. } => vec![hint("enter", "plan each"), hint("j", "next"), cancel],
        Step::Confirming { .. } if bulk.count(&State::Ready) == 0 => vec![cancel],
        Step::Confirming { .. } => vec![hint("enter", "contain them"), cancel],
        Step::Running { .. } => vec![hint("s", "stop after this one"), hint("esc", "look away")],
        Step::Ended(_) => vec![hint("esc", "close")],
    }
}
