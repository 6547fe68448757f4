//! The parts of an incident that two people could change at once.

use serde::{Deserialize, Serialize};

use super::Entry;
use crate::domain::role::Role;

/// A part of an incident that two people could change at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// Who holds it.
    Owner,
    /// Who leads.
    Lead,
    /// Who commands.
    Commander,
    /// Who speaks to those outside.
    Communications,
    /// Who writes down.
    Scribe,
    /// How many are affected.
    Impact,
    /// How bad.
    Severity,
    /// What sort.
    Category,
    /// How much it weighs otherwise.
    Classification,
    /// Where the response stands.
    Phase,
    /// Why it happened.
    RootCause,
    /// Until when it is put off.
    Snooze,
}

impl Field {
    /// What a person calls it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Owner => "who holds it",
            Self::Lead => "its lead",
            Self::Commander => "its commander",
            Self::Communications => "its communications",
            Self::Scribe => "its scribe",
            Self::Impact => "its impact",
            Self::Severity => "its severity",
            Self::Category => "its category",
            Self::Classification => "its classification",
            Self::Phase => "its phase",
            Self::RootCause => "its root cause",
            Self::Snooze => "its snooze",
        }
    }
}

impl From<Role> for Field {
    fn from(role: Role) -> Self {
        match role {
            Role::Lead => Self::Lead,
            Role::Commander => Self::Commander,
            Role::Communications => Self::Communications,
            Role::Scribe => Self::Scribe,
        }
    }
}

impl Entry {
    /// The part of the incident it changes, if two people could change it at once.
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Acknowledged { .. } | Self::AckExpired { .. } | Self::HandedBack { .. } => {
                Some(Field::Owner)
            }
            Self::RoleTaken { role, .. } | Self::RoleOffered { role, .. } | Self::RoleAccepted { role } => {
                Some((*role).into())
            }
            Self::ImpactAssessed { .. } => Some(Field::Impact),
            Self::SeveritySet { .. } => Some(Field::Severity),
            Self::CategorySet { .. } => Some(Field::Category),
            Self::Classified { .. } => Some(Field::Classification),
            Self::PhaseMoved { .. } | Self::Closed { .. } => Some(Field::Phase),
            Self::RootCauseFound { .. } => Some(Field::RootCause),
            Self::Snoozed(_) | Self::SnoozeEnded(_) => Some(Field::Snooze),
            _ => None,
        }
    }
}
