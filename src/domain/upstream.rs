//! What a source does about its own signals: who holds them there, and what it does next by itself.

use serde::{Deserialize, Serialize};

use super::text::{Outside, SafeText};
use super::time::{Time, date_time};

/// The response of a source to one of its signals, as it says it now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    /// The id people say there: `4711`.
    pub id: Outside,
    /// Who acknowledged it there; `None` when nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<Outside>,
    /// The word for its state there, where nothing says what that word means: it counts as open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unnamed_state: Option<Outside>,
    /// The policy that pages people about it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Outside>,
    /// The level of that policy that was paged last, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// Whom it is assigned to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assigned: Vec<Outside>,
    /// Who is on call for it: `1 B. Okafor`, level by level.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_call: Vec<Outside>,
    /// What happens there next by itself, soonest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coming: Vec<Coming>,
    /// It was assigned to a person, so its policy pages nobody any more.
    #[serde(default)]
    pub disarmed: bool,
    /// Nobody answered at any level of its policy.
    #[serde(default)]
    pub exhausted: bool,
    /// What keeps it quiet there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silences: Vec<Silence>,
    /// The names of the time intervals that mute it there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub muted_by: Vec<Outside>,
    /// The titles of what inhibits it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inhibited_by: Vec<Outside>,
    /// The titles of what it inhibits; of many, the last one says how many more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inhibits: Vec<Outside>,
}

/// Why a signal is quiet at its source, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Its id there.
    pub id: Outside,
    /// Who made it; empty while that is not known.
    pub by: Outside,
    /// What was said about it.
    pub comment: Outside,
    /// What it matches, in one line; blank while that is not known.
    #[serde(default, skip_serializing_if = "Outside::is_blank")]
    pub matchers: Outside,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// When this was read, where it could not be read again since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Time>,
}

impl Silence {
    /// `by ana until 16:00:00Z: deploying the fix`, or its id where nothing else is known; and how old that is.
    pub fn words(&self) -> SafeText {
        let until = self.until.map(|at| format!(" until {}", date_time(at))).unwrap_or_default();
        let said = if self.comment.is_blank() { String::new() } else { format!(": {}", self.comment.safe()) };
        let by = match self.by.is_blank() {
            true => format!("by {}", self.id.safe()),
            false => format!("by {}", self.by.safe()),
        };
        let old = self.as_of.map(|at| format!(" (as of {})", date_time(at))).unwrap_or_default();
        SafeText::display(&format!("{by}{until}{old}{said}"))
    }
}

/// What a source does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// The next level is paged.
    Escalates,
    /// The acknowledgement ends.
    Unacknowledges,
    /// It resolves.
    Resolves,
    /// Its urgency changes.
    ChangesUrgency,
}

impl Turn {
    /// The word before a countdown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Escalates => "pages",
            Self::Unacknowledges => "un-acks",
            Self::Resolves => "resolves",
            Self::ChangesUrgency => "urgency",
        }
    }
}

/// Something a source will do by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coming {
    /// What.
    pub turn: Turn,
    /// When.
    pub at: Time,
    /// Whom it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Outside>,
}
