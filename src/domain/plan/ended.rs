//! What an undo ends beside what it reverses.

use serde::{Deserialize, Serialize};

use crate::domain::action::{Action, ActionId};
use crate::domain::id::IncidentId;
use crate::domain::plan::Plan;
use crate::domain::text::Outside;

/// Another containment that an undo ends as well. It is sealed with the plan: what nobody read there holds on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Its incident.
    pub incident: IncidentId,
    /// Its number there.
    pub action: ActionId,
    /// Why it was kept, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Outside>,
    /// Only what is read back says so of it: nobody asked for its end in these words.
    #[serde(default, skip_serializing_if = "is_false")]
    pub once_read: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(it: &bool) -> bool {
    !it
}

impl Plan {
    /// What an undo ends as well once it is proved, or once a person says `by_hand` that it was done: nobody's word about
    /// one is true of what only a read-back would show.
    pub fn ends_by(&self, by_hand: bool) -> impl Iterator<Item = &Ended> {
        self.basis.ends.iter().filter(move |it| !(by_hand && it.once_read))
    }
}

impl Ended {
    /// This containment of that incident.
    pub fn of(incident: &IncidentId, action: &Action, once_read: bool) -> Self {
        Self { incident: incident.clone(), action: action.id, kept: action.kept.clone(), once_read }
    }

    /// Whether it is the same one, kept for the same reason or not at all.
    pub fn is_like(&self, other: &Self) -> bool {
        (&self.incident, self.action, &self.kept) == (&other.incident, other.action, &other.kept)
    }

    /// Where it is, as seen from an incident: `ANA-2 action 1`.
    pub fn place(&self, here: &IncidentId) -> String {
        let of = if self.incident == *here { String::new() } else { format!("{} ", self.incident) };
        format!("{of}action {}", self.action)
    }

    /// As whoever confirms or approves the undo reads it.
    pub fn words(&self, here: &IncidentId, what: &str) -> String {
        let kept = self.kept.as_ref();
        let kept = kept.map_or_else(String::new, |why| format!(", although it was kept: {}", why.safe()));
        format!("{} holds the same {what}: it is undone with it{kept}", self.place(here))
    }
}
