//! What a person can say of two incidents.

use serde::{Deserialize, Serialize};

use super::escalation::{ArmedStep, Escalation, Step, Stopped};
use super::id::IncidentId;
use super::incident::{Illegal, Incident, SignalKeyText};
use super::record::{Entry, Moving, PathArmed, PathHeld, Tied};
use super::time::Time;

/// What a person can say of two incidents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tie {
    /// The first is the second: it closes as a duplicate, and its signals go on there.
    Merge,
    /// It is not: what was merged stands by itself again.
    Unmerge,
    /// They have to do with each other, and stay two. What of the first's signals belongs to the second moves there.
    Link {
        /// Those.
        signals: Vec<SignalKeyText>,
    },
    /// They have not.
    Unlink,
}

impl Tie {
    /// The word of a command.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Unmerge => "unmerge",
            Self::Link { .. } => "link",
            Self::Unlink => "unlink",
        }
    }

    /// Whether the transition table will allow it of these two now.
    ///
    /// # Errors
    /// Which of them does not, and why.
    pub fn may(&self, one: &Incident, other: &Incident, now: Time) -> Result<(), (IncidentId, Illegal)> {
        let of = |it: &Incident, answer: Result<(), Illegal>| answer.map_err(|why| (it.id.clone(), why));
        if one.id == other.id {
            return Err((one.id.clone(), Illegal("it is one incident; name another one".to_owned())));
        }
        match self {
            Self::Merge => of(one, one.may_be_merged(now)).and_then(|()| of(other, other.may_take_in())),
            Self::Unmerge => of(other, other.may_let_go(&one.id)),
            Self::Link { .. } | Self::Unlink => Ok(()),
        }
    }

    /// What the first of these two keeps of it, and what the other one keeps.
    pub fn sides(&self, one: &Incident, other: &Incident) -> (Tied, Tied) {
        let (of, to) = (one.id.clone(), other.id.clone());
        match self {
            Self::Merge => {
                let (title, signals) = (one.title().clone(), one.leaving(|_| true));
                let (groups, said) = (one.groups().cloned().collect(), one.said_beside_signals());
                (Tied::MergedInto { into: to }, Tied::TookIn { from: of, title, groups, signals, said })
            }
            Self::Unmerge => {
                let signals = other.signals_of(&of);
                (Tied::CameOut { of: to, signals }, Tied::LetGo { of })
            }
            Self::Link { signals: went } => {
                let came = one.leaving(|key| went.contains(key));
                let here = Tied::Linked { with: to, came: Moving::new(), went: went.clone() };
                (here, Tied::Linked { with: of, came, went: Vec::new() })
            }
            Self::Unlink => (Tied::Unlinked { from: to }, Tied::Unlinked { from: of }),
        }
    }
}

/// What is written of the other one about paths that paged for an incident until it was tied to that: they page for it from
/// their first step on, where somebody holds it once they do no more. People stop a path, a tie does not.
pub fn handed_on(before: &Incident, after: &Incident, other: &Incident) -> Vec<Entry> {
    let runs = |it: &Incident, path: &str| it.escalation_on(path).is_some_and(|path| path.stopped.is_none());
    let ran = before.escalations.iter().filter(|it| it.stopped.is_none());
    // One of its own that waits for whoever holds it goes on by itself.
    let waits = |path: &str| other.is_acked() && other.escalation_on(path).is_some();
    let lost = ran.filter(|it| !runs(after, &it.path) && !runs(other, &it.path) && !waits(&it.path));
    let step = |step: &ArmedStep| Step { after: step.after, to: step.to.clone() };
    let by = || other.owner.as_ref().map(|owner| owner.name.clone());
    let there = || other.held_upstream().map(|by| by.raw().to_owned());
    let holder = other.is_acked().then(|| by().or_else(there).unwrap_or_default());
    let anew = |it: &Escalation| {
        let (path, steps) = (it.path.clone(), it.steps.iter().map(step).collect());
        match &holder {
            Some(holder) => {
                let because = Stopped::Acknowledged(holder.clone());
                Entry::PathHeld(PathHeld { path, steps, because })
            }
            None => Entry::PathArmed(PathArmed { path, steps }),
        }
    };
    lost.map(anew).collect()
}

/// An incident as a person saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Which.
    pub id: IncidentId,
    /// The version that was shown.
    pub version: u64,
}

impl Seen {
    /// An incident as it is now.
    pub fn of(incident: &Incident) -> Self {
        Self { id: incident.id.clone(), version: incident.version }
    }
}
