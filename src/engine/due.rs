//! Something that is due, as a value.

use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::record::Entry;
use crate::domain::text::Outside;

/// Something that is due.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Due {
    /// Write these down, all or nothing.
    Note(IncidentId, Vec<Entry>),
    /// Send this step of an armed path.
    Step(IncidentId, String, u32),
    /// This step of an armed path is too late: write these down, unless it is on the wire at this moment.
    Missed(IncidentId, String, u32, Vec<Entry>),
    /// Tell those whom this path paged what they do not know yet, if anything, as of this version of the incident.
    FollowUp(IncidentId, String, u64),
}

impl Due {
    /// The incident it is due of.
    pub(super) fn about(&self) -> &IncidentId {
        match self {
            Self::Note(id, _) | Self::Step(id, ..) | Self::Missed(id, ..) | Self::FollowUp(id, ..) => id,
        }
    }
}

/// A notice about an incident.
pub(super) fn notice(kind: NoticeKind, incident: &Incident, text: String) -> Entry {
    Entry::NoticeRaised(Notice::new(kind, Some(incident.id.clone()), Outside::new(text)))
}
