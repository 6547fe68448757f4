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
                let running = one.escalations.iter().filter(|it| it.stopped.is_none());
                let paths = running.map(|it| it.path.clone()).collect();
                (
                    Tied::MergedInto { into: to },
                    Tied::TookIn { from: of, title, groups, signals, said, paths },
                )
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

/// The paths that page for an incident and would not for the other one, as that stands.
pub fn unlike<'a>(one: &'a Incident, other: &Incident) -> impl Iterator<Item = &'a Escalation> {
    let there = |path: &str| {
        let path = other.escalation_on(path);
        // One that waits for whoever holds it goes on by itself.
        path.is_some_and(|path| path.stopped.is_none() || other.is_acked() && path.counts())
    };
    one.escalations.iter().filter(move |it| it.stopped.is_none() && !there(&it.path))
}

/// What is written of the other one about paths that paged for an incident until it was tied to that: they page for it from
/// their first step on, where somebody holds it once they do no more. People stop a path, a tie does not: also where a
/// source pages for the other one by itself.
pub fn handed_on(before: &Incident, after: &Incident, other: &Incident) -> Vec<Entry> {
    let runs = |path: &str| after.escalation_on(path).is_some_and(|path| path.stopped.is_none());
    anew(unlike(before, other).filter(|it| !runs(&it.path)), other.holder().as_deref())
}

/// Paths that an incident gets anew: held where somebody holds it.
fn anew<'a>(paths: impl Iterator<Item = &'a Escalation>, holder: Option<&str>) -> Vec<Entry> {
    let step = |step: &ArmedStep| Step { after: step.after, to: step.to.clone() };
    let entry = |it: &Escalation| {
        let (path, steps) = (it.path.clone(), it.steps.iter().map(step).collect());
        match holder {
            Some(holder) => {
                let because = Stopped::Acknowledged(holder.to_owned());
                Entry::PathHeld(PathHeld { path, steps, because })
            }
            None => Entry::PathArmed(PathArmed { path, steps }),
        }
    };
    paths.map(entry).collect()
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
