//! What a person said of two incidents, as each of them keeps it. Both sides are written down together or not at all.

use serde::{Deserialize, Serialize};

use crate::domain::few::Few;
use crate::domain::id::IncidentId;
use crate::domain::incident::{Joined, SignalKeyText};
use crate::domain::sensitive::Said;
use crate::domain::text::Outside;

/// Signals as they stood when they went from one incident to another.
pub type Moving = Few<SignalKeyText, Box<Joined>>;

/// What a person said of this incident and another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tied {
    /// It goes on in another one, which has its signals from now on.
    MergedInto {
        /// Which.
        into: IncidentId,
    },
    /// Another one goes on in it.
    TookIn {
        /// Which.
        from: IncidentId,
        /// Its title.
        title: Outside,
        /// What signals share that would have joined it.
        groups: Vec<String>,
        /// Its signals.
        signals: Moving,
        /// Its labels that none of these has.
        #[serde(default, skip_serializing_if = "Said::is_empty")]
        said: Said,
        /// The paths that paged for it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        paths: Vec<String>,
    },
    /// It stands by itself again.
    CameOut {
        /// Which it went on in.
        of: IncidentId,
        /// Its signals.
        signals: Moving,
    },
    /// One that went on in it stands by itself again, and has its signals.
    LetGo {
        /// Which.
        of: IncidentId,
    },
    /// It has to do with another one.
    Linked {
        /// Which.
        with: IncidentId,
        /// Signals of the other one that belong to it.
        #[serde(default, skip_serializing_if = "Few::is_empty")]
        came: Moving,
        /// Signals of it that belong to the other one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        went: Vec<SignalKeyText>,
    },
    /// It has nothing to do with another one.
    Unlinked {
        /// Which.
        from: IncidentId,
    },
}

impl Tied {
    /// The signals that came with it.
    pub fn came(&self) -> impl Iterator<Item = (&SignalKeyText, &Joined)> {
        let came = match self {
            Self::TookIn { signals, .. } | Self::CameOut { signals, .. } => Some(signals),
            Self::Linked { came, .. } => Some(came),
            Self::MergedInto { .. } | Self::LetGo { .. } | Self::Unlinked { .. } => None,
        };
        came.into_iter().flatten().map(|(key, joined)| (key, joined.as_ref()))
    }

    /// The labels that came with it beside those of signals.
    pub fn said(&self) -> Option<&Said> {
        match self {
            Self::TookIn { said, .. } => Some(said),
            _ => None,
        }
    }

    /// The other incident.
    pub fn other(&self) -> &IncidentId {
        match self {
            Self::MergedInto { into: other }
            | Self::TookIn { from: other, .. }
            | Self::CameOut { of: other, .. }
            | Self::LetGo { of: other }
            | Self::Linked { with: other, .. }
            | Self::Unlinked { from: other } => other,
        }
    }
}
