//! What a person may write down without anything leaving the machine.

use super::{DeadlineMet, DeadlineSet, Entry};
use crate::domain::action::Settlement;
use crate::domain::deadline::DeadlineKind;

impl Entry {
    /// Whether a person may ask for it through `Backend::record`.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Acknowledged { .. }
            | Self::HandedBack { .. }
            | Self::Snoozed(_)
            | Self::SnoozeEnded(_)
            | Self::Noted { .. }
            | Self::RoleTaken { .. }
            | Self::RoleOffered { .. }
            | Self::RoleAccepted { .. }
            | Self::ImpactAssessed { .. }
            | Self::SeveritySet { .. }
            | Self::CategorySet { .. }
            | Self::Classified { .. }
            | Self::PacketFilled { .. }
            | Self::NothingToContain { .. }
            | Self::Mitigated { .. }
            | Self::ContainmentKept { .. }
            | Self::PhaseMoved { .. }
            | Self::Closed { .. }
            | Self::RootCauseFound { .. }
            | Self::ItemAdded { .. }
            | Self::ItemDone { .. }
            | Self::Published { .. }
            | Self::SensitiveRead { .. }
            | Self::BulletinSettled(_)
            | Self::Settled { settlement: Settlement::ByHand | Settlement::NotDone, .. } => true,
            Self::DeadlineSet(DeadlineSet { deadline, .. }) => *deadline == DeadlineKind::Timer,
            Self::DeadlineMet(DeadlineMet { deadline, .. }) => deadline.is_met_by_word(),
            _ => false,
        }
    }
}
