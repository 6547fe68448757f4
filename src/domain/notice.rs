//! A change worth the operator's attention now.

use serde::{Deserialize, Serialize};

use super::id::IncidentId;
use super::text::Outside;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A new critical incident.
    NewCritical,
    /// An incident became critical.
    Upgraded,
    /// An acknowledgement expired.
    AckExpired,
    /// An escalation step was missed, or the path is exhausted.
    Escalation,
    /// An action's outcome is unknown.
    UnknownOutcome,
    /// Something is due, or was not done in time.
    Deadline,
    /// Somebody asks for a second person.
    Approval,
    /// Somebody acted without the second person it needs.
    BreakGlass,
    /// Nothing can be seen any more.
    Blind,
}

impl NoticeKind {
    /// The words a banner begins with.
    pub fn word(self) -> &'static str {
        match self {
            Self::NewCritical => "NEW",
            Self::Upgraded => "UPGRADED",
            Self::AckExpired => "ACK EXPIRED",
            Self::Escalation => "ESCALATION",
            Self::UnknownOutcome => "OUTCOME UNKNOWN",
            Self::Deadline => "DUE",
            Self::Approval => "APPROVE",
            Self::BreakGlass => "BREAK-GLASS",
            Self::Blind => "BLIND",
        }
    }
}

/// A change worth the operator's attention now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub kind: NoticeKind,
    /// To which incident, where it is one's.
    pub incident: Option<IncidentId>,
    /// One line.
    pub text: Outside,
}
