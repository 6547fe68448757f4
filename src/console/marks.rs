//! The incidents a person has marked on Triage, whatever the list shows of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::list::List;
use super::page::own;
use super::prompt::Prompt;
use crate::domain::action::ActionId;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;

/// The incidents a person has marked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Marks {
    /// Those.
    pub ids: BTreeSet<IncidentId>,
    /// What was last done to all of them.
    pub deed: Deed,
    /// Those whose acknowledgement was asked for together.
    pub asked: BTreeSet<IncidentId>,
    /// Why it could not be done to some of them, one after the other.
    pub refused: Vec<String>,
    /// The only one that was marked, while it is contained by this action.
    #[serde(default)]
    pub contained: Option<(IncidentId, ActionId)>,
    /// What is said of those that are acknowledged here and not at their source.
    pub here_only: Vec<String>,
    /// Where it was typed for all of them; asked again for those it is refused for.
    #[serde(default)]
    pub typed: Option<Box<Prompt>>,
    /// Those that were to be written down, and were refused.
    #[serde(default)]
    pub unwritten: BTreeSet<IncidentId>,
}

/// What is done to all that are marked, by a record each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// They are held.
    #[default]
    Acknowledge,
    /// They are put off.
    Snooze,
    /// They are taken up again.
    Wake,
    /// Something is noted on them.
    Note,
    /// They end.
    Close,
}

impl Deed {
    /// What was done.
    pub fn done(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledged",
            Self::Snooze => "snoozed",
            Self::Wake => "woke",
            Self::Note => "wrote the note on",
            Self::Close => "closed",
        }
    }

    /// What is being done.
    pub fn doing(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledging",
            Self::Snooze => "snoozing",
            Self::Wake => "waking",
            Self::Note => "writing the note on",
            Self::Close => "closing",
        }
    }
}

impl Marks {
    /// Marks an incident, or takes its mark away.
    pub fn toggle(&mut self, id: &IncidentId) {
        if !self.ids.remove(id) {
            self.ids.insert(id.clone());
        }
    }

    /// Marks all of these; where all are marked already, takes their marks away. Whether they are marked now.
    pub fn toggle_all(&mut self, ids: &[IncidentId]) -> bool {
        let marks = ids.iter().any(|id| !self.ids.contains(id));
        for id in ids {
            if marks {
                self.ids.insert(id.clone());
            } else {
                self.ids.remove(id);
            }
        }
        marks
    }

    /// How many there are, and how many of them this list does not show.
    pub fn counted(&self, list: &List) -> (usize, usize) {
        if self.ids.is_empty() {
            return (0, 0);
        }
        // No further than to the last of them.
        let shown = list.incidents().filter(|id| self.ids.contains(*id)).take(self.ids.len()).count();
        (self.ids.len(), self.ids.len() - shown)
    }
}

/// Why an incident is not closed together with others that are marked.
pub fn ends_by_itself(incident: &Incident, me: &str) -> Option<String> {
    let held = incident.owner.as_ref().filter(|owner| owner.name != me);
    let held = held.map(|owner| format!("{} holds it", own(&owner.name)));
    let why = held.or_else(|| incident.ends_by_itself().map(str::to_owned))?;
    Some(format!("{}: {why}; close it by itself", incident.id))
}
