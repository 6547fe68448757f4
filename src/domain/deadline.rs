//! Something due: when, and what became of it.

use serde::{Deserialize, Serialize};

use super::text::Outside;
use super::time::Time;

/// What kind of thing is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeadlineKind {
    /// Somebody should have acknowledged.
    Ack,
    /// The next escalation step.
    Step,
    /// The next bulletin to an audience.
    Bulletin,
    /// The commander's round of everybody on the bridge.
    Callout,
    /// A commander's timer.
    Timer,
    /// A report to an authority.
    Regulator,
    /// A report to a partner.
    Partner,
    /// The review.
    Review,
    /// An action item of the review.
    Item,
}

impl DeadlineKind {
    /// The word of a row and of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ack => "ack",
            Self::Step => "step",
            Self::Bulletin => "bulletin",
            Self::Callout => "callout",
            Self::Timer => "timer",
            Self::Regulator => "regulator",
            Self::Partner => "partner",
            Self::Review => "review",
            Self::Item => "item",
        }
    }

    /// Whether a person says that it is met; the others are met by what was asked for.
    pub fn is_met_by_word(self) -> bool {
        matches!(self, Self::Callout | Self::Timer | Self::Regulator | Self::Partner)
    }

    /// Whether it outlives the response.
    pub fn outlives_response(self) -> bool {
        matches!(self, Self::Bulletin | Self::Regulator | Self::Partner | Self::Review | Self::Item)
    }
}

/// Something due about an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// What kind of thing.
    pub kind: DeadlineKind,
    /// Which one of its kind: an audience, a timer's number, `dora/initial`.
    pub name: String,
    /// What is due, in one line.
    pub title: Outside,
    /// When.
    pub due: Time,
    /// When it was set.
    pub set_at: Time,
    /// It was said that it is near.
    pub announced: bool,
    /// It passed without being met.
    pub missed: bool,
    /// When and by whom it was met.
    pub met: Option<(Time, String)>,
}

impl Deadline {
    /// Whether something is still to be done.
    pub fn is_open(&self) -> bool {
        self.met.is_none()
    }

    /// Whether it passed and is still to be done.
    pub fn is_overdue(&self) -> bool {
        self.missed && self.is_open()
    }
}
