//! One of several: the choices, and what each stands for.

use serde::{Deserialize, Serialize};

use crate::backend::Applicable;
use crate::domain::action::ActionId;
use crate::domain::bulletin::Audience;
use crate::domain::category::Category;
use crate::domain::id::IncidentId;
use crate::domain::phase::Phase;
use crate::domain::record::CloseReason;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::tie::Seen;
use crate::domain::time::{Span, Time};

/// One of several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choose {
    /// About which incident.
    pub id: IncidentId,
    /// The version that was shown.
    pub seen: u64,
    /// All that are marked, where it is about these; else none.
    #[serde(default)]
    pub together: Vec<Seen>,
    /// What is chosen.
    pub title: String,
    /// The choices.
    pub choices: Vec<Choice>,
    /// The place of the highlighted one; behind the last one while none is.
    pub at: usize,
    /// Lines scrolled away below where the highlighted one stands.
    pub down: u16,
    /// Why it cannot be taken.
    pub error: Option<String>,
    /// When a letter of a text was typed for which there is no field here.
    #[serde(default)]
    pub typed: Option<Time>,
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What it stands for.
    pub picked: Picked,
    /// Its name.
    pub title: String,
    /// What it means; shown beside its name.
    pub says: String,
    /// More about it, shown while it is highlighted.
    pub more: Vec<(String, Option<Outside>)>,
    /// Why it cannot be taken.
    pub barred: Option<String>,
}

/// What a choice stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Picked {
    /// A severity.
    Severity(Severity),
    /// A category.
    Category(Category),
    /// A phase.
    Phase(Phase),
    /// A reason to close.
    Reason(CloseReason),
    /// Something that leaves the machine.
    Verb(Box<Applicable>),
    /// Whom a bulletin is for.
    Audience(Audience),
    /// Whether an action whose outcome is unknown was done.
    Unsettled {
        /// Its number.
        action: ActionId,
        /// It was.
        done: bool,
    },
    /// Whether a bulletin that may have been posted was.
    Posting {
        /// Its number.
        number: u32,
        /// On this channel.
        channel: String,
        /// It stands there.
        posted: bool,
    },
    /// For how long it is put off.
    Snooze(Span),
    /// To write until when, and why.
    SnoozeUntil,
    /// To ask its source to put it off there.
    AtSource,
    /// A playbook, to be chosen next.
    Playbook,
    /// That nothing needs to be contained.
    NothingToContain,
    /// The incident it is a duplicate of.
    Into(IncidentId),
    /// To take one that was merged into it out again.
    TakeOut(IncidentId),
    /// To undo one of its containments.
    Containment,
    /// To say that it has nothing to do with this one.
    Unlink(IncidentId),
    /// To take it up again.
    Wake,
    /// To give it back.
    HandBack,
    /// To undo a containment.
    Undo(ActionId),
    /// To keep a containment in force.
    Keep(ActionId),
}

impl Choose {
    /// What the highlighted one stands for.
    pub fn here(&self) -> Option<&Picked> {
        self.choices.get(self.at).map(|choice| &choice.picked)
    }

    /// All that it is about, as they were shown.
    pub fn all(&self) -> Vec<Seen> {
        super::text::all(&self.id, self.seen, &self.together)
    }
}
