//! The incidents a person has marked on Triage, whatever the list shows of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::list::List;
use crate::domain::id::IncidentId;

/// The incidents a person has marked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// Those.
    pub ids: BTreeSet<IncidentId>,
    /// Those whose acknowledgement was asked for together.
    pub asked: BTreeSet<IncidentId>,
    /// Why some of them could not be acknowledged, one after the other.
    pub refused: Vec<String>,
    /// What is said of those that are acknowledged here and not at their source.
    pub here_only: Vec<String>,
}

impl Marks {
    /// Marks an incident, or takes its mark away.
    pub fn toggle(&mut self, id: &IncidentId) {
        if !self.ids.remove(id) {
            self.ids.insert(id.clone());
        }
    }

    /// How many there are, and how many of them this list does not show.
    pub fn counted(&self, list: &List) -> (usize, usize) {
        let shown = list.incidents().filter(|id| self.ids.contains(*id)).count();
        (self.ids.len(), self.ids.len() - shown)
    }
}
