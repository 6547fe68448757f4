//! One change to the world that somebody asked for, from intent to proof.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::approval::Confirmed;
use super::bulletin::Audience;
use super::escalation::Step;
use super::id::IncidentId;
use super::plan::Plan;
use super::text::Outside;
use super::time::Time;

/// A kind of change that leaves the machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Carry out a playbook.
    Contain {
        /// Its id.
        playbook: String,
    },
    /// Reverse an earlier containment.
    Undo {
        /// The playbook it was.
        playbook: String,
        /// The action that is reversed.
        action: ActionId,
    },
    /// Send the next unsent step of a path, and arm those after it.
    Escalate {
        /// The path's id.
        path: String,
        /// This step of it, from 1, whether it was sent or not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<u32>,
        /// These steps instead of the configured ones.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        steps: Option<Vec<Step>>,
    },
    /// Say to those outside what goes on.
    Publish {
        /// To whom.
        audience: Audience,
    },
    /// Ask the source itself: acknowledge there, reassign, silence.
    Upstream {
        /// The playbook of that source: `pd/resolve`.
        playbook: String,
    },
}

impl Verb {
    /// The next step of a path that nobody was sent yet.
    pub fn escalate(path: &str) -> Self {
        Self::Escalate { path: path.to_owned(), step: None, steps: None }
    }

    /// To carry a playbook out: that of a source bears the source's name before a slash.
    pub fn playbook(id: &str) -> Self {
        let playbook = id.to_owned();
        if id.contains('/') { Self::Upstream { playbook } } else { Self::Contain { playbook } }
    }

    /// Whether a source is asked, or what it was asked is taken back.
    fn is_upstream(&self) -> bool {
        matches!(Self::playbook(self.of()), Self::Upstream { .. })
    }

    /// The word of a row or sentence.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Contain { .. } => "contain",
            Self::Undo { .. } => "undo",
            Self::Escalate { .. } => "escalate",
            Self::Publish { .. } => "publish",
            Self::Upstream { .. } => "upstream",
        }
    }

    /// What a person presses Enter to do.
    pub fn done_by_enter(&self) -> &'static str {
        match self {
            Self::Upstream { .. } => "ask for it",
            _ => self.word(),
        }
    }

    /// What a question about it is headed with: `contain ANA-42`, `ask source of ANA-42`.
    pub fn heading(&self, incident: &IncidentId) -> String {
        match self {
            Self::Upstream { .. } => format!("ask source of {incident}"),
            _ => format!("{} {incident}", self.word()),
        }
    }

    /// Whether it changes the world, beside telling of it.
    pub fn changes(&self) -> bool {
        matches!(self, Self::Contain { .. } | Self::Undo { .. } | Self::Upstream { .. })
    }

    /// The playbook, path or audience it names.
    pub fn of(&self) -> &str {
        match self {
            Self::Contain { playbook } | Self::Undo { playbook, .. } | Self::Upstream { playbook } => {
                playbook
            }
            Self::Escalate { path, .. } => path,
            Self::Publish { audience } => audience.word(),
        }
    }
}

/// The number of an action within its incident, from 1.
pub type ActionId = u32;

/// What came back, or did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The other side says yes.
    Accepted,
    /// The other side says no; nothing was done.
    Refused,
    /// It never left.
    NotSent,
    /// It may have been done.
    Unknown,
}

/// What is known of an answer beside its words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// A program's exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    /// The SHA-256 of the body or output, lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_sha256: Option<String>,
    /// How far the other side's clock is ahead of ours, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skew_ms: Option<i64>,
    /// Its headers by name: the values of those that say when, what and for which request, of others dots.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<Outside, Outside>,
}

/// How an outcome was settled afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settlement {
    /// Read back: it is done.
    Verified,
    /// A person looked and says, with a note, that it is not done and will not be.
    NotDone,
    /// A person looked and says, with a note, that it is done.
    ByHand,
    /// The deadline passed and the read-back did not agree.
    NotVerified,
}

/// Where an action stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Written down; not a byte has left.
    Intended,
    /// About to leave, or gone.
    Sent,
    /// The other side said yes; the read-back has not agreed yet.
    Accepted,
    /// The other side said no.
    Refused,
    /// It never left.
    NotSent,
    /// It may have been done.
    Unknown,
    /// Read back: done.
    Verified,
    /// Not done, by a person's note.
    NotDone,
    /// Settled as done by a person's note.
    SettledByHand,
    /// Reversed: a later undo was verified, settled as done, or accepted where there is nothing to read.
    Undone,
}

impl Stage {
    /// The word shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::NotSent => "not sent",
            Self::Unknown => "UNKNOWN",
            Self::Verified => "verified",
            Self::NotDone => "not done",
            Self::SettledByHand => "settled by hand",
            Self::Undone => "undone",
        }
    }

    /// Whether the slot of its target is taken.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Intended | Self::Sent | Self::Unknown)
    }

    /// Whether there is, or may be, an effect that can be undone.
    pub fn can_be_undone(self) -> bool {
        matches!(self, Self::Accepted | Self::Verified | Self::Unknown | Self::SettledByHand)
    }

    /// The stage after an outcome.
    pub fn after_outcome(self, outcome: Outcome) -> Option<Self> {
        let next = match outcome {
            Outcome::Accepted => Self::Accepted,
            Outcome::Refused => Self::Refused,
            Outcome::NotSent => Self::NotSent,
            Outcome::Unknown => Self::Unknown,
        };
        match (self, outcome) {
            (Self::Sent, _) | (Self::Intended, Outcome::NotSent) => Some(next),
            _ => None,
        }
    }

    /// The stage after a settlement.
    pub fn after_settlement(self, settlement: Settlement) -> Option<Self> {
        match (self, settlement) {
            (Self::Accepted | Self::Unknown, Settlement::Verified) => Some(Self::Verified),
            (Self::Accepted | Self::Unknown, Settlement::NotVerified) => Some(self),
            (Self::Unknown, Settlement::NotDone) => Some(Self::NotDone),
            (Self::Unknown, Settlement::ByHand) => Some(Self::SettledByHand),
            _ => None,
        }
    }
}

/// One request to make a change, as the records tell it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Its number within the incident.
    pub id: ActionId,
    /// What was shown and confirmed.
    pub plan: Plan,
    /// Who asked.
    pub by: String,
    /// How it was confirmed.
    #[serde(default)]
    pub confirmed: Confirmed,
    /// How often it was sent, or was about to be.
    #[serde(default)]
    pub attempts: u32,
    /// Where it stands.
    pub stage: Stage,
    /// Intended at.
    pub at: Time,
    /// The last stage's time.
    pub moved_at: Time,
    /// What the other side, or the read-back, said last.
    pub detail: Outside,
    /// The read-back's deadline has passed without agreement.
    pub overdue: bool,
    /// Why it stays in force after the incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Outside>,
    /// What reversed another containment has reversed it; which, is its detail.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_another: bool,
}

impl Action {
    /// Whether a read-back is still running.
    pub fn is_verifying(&self) -> bool {
        self.plan.verify.is_some() && !self.overdue && matches!(self.stage, Stage::Accepted | Stage::Unknown)
    }

    /// ` with INC-1050 action 3`, where what reversed another containment reversed it.
    pub fn undone_with(&self) -> String {
        if self.with_another { format!(" {}", self.detail.safe()) } else { String::new() }
    }
}

/// The first that applies of an incident's containments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contained {
    /// Nothing in force.
    #[default]
    None,
    /// Under way.
    Pending,
    /// The other side, or a person who looked, said yes.
    Accepted,
    /// Read back: in force.
    Verified,
    /// It may have been done.
    Unknown,
    /// It was, and was reversed.
    Undone,
}

impl Contained {
    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Verified => "verified",
            Self::Unknown => "unknown",
            Self::Undone => "undone",
        }
    }

    /// The first that applies: unknown, pending, accepted, verified, undone, none.
    pub fn of<'a>(actions: impl IntoIterator<Item = &'a Action>) -> Self {
        let rank = |action: &Action| {
            let undo = matches!(action.plan.verb, Verb::Undo { .. });
            match action.stage {
                Stage::Unknown => (5, Self::Unknown),
                Stage::Intended | Stage::Sent => (4, Self::Pending),
                // Who settled it says that it was done; nothing read it back.
                Stage::Accepted | Stage::SettledByHand if !undo => (3, Self::Accepted),
                Stage::Verified if !undo => (2, Self::Verified),
                Stage::Undone => (1, Self::Undone),
                _ => (0, Self::None),
            }
        };
        let containing = |action: &&Action| !action.plan.verb.is_upstream();
        let best = actions.into_iter().filter(containing).map(rank).max_by_key(|(order, _)| *order);
        best.map_or(Self::None, |(_, contained)| contained)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_written_before_headers_were_kept_reads_and_is_written_as_it_was() {
        let before = r#"{"status":200,"body_sha256":"0a"}"#;
        let read: Answer = serde_json::from_str(before).unwrap();
        assert!(read.headers.is_empty());
        assert_eq!(serde_json::to_string(&read).unwrap(), before);
    }
}
