//! A change worth the operator's attention now.

use serde::{Deserialize, Serialize};

use super::action::{Action, ActionId, Outcome};
use super::id::IncidentId;
use super::incident::{Incident, Posted};
use super::severity::Severity;
use super::text::Outside;
use super::time::Time;

/// What the records say of a notice that nobody was woken for: whoever was not, is owed it when the quiet hours end.
pub const WITHHELD: &str = "quiet hours";
/// What the records call the program of `notify.exec` where they say who was told.
pub const PROGRAM: &str = "notify.exec";
/// What they say where it did not hear, before the reason.
pub const FAILED: &str = "failed: ";

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A new critical incident.
    NewCritical,
    /// An incident became critical.
    Upgraded,
    /// Nobody has acknowledged what is critical.
    Unacknowledged,
    /// An acknowledgement expired.
    AckExpired,
    /// An escalation step was missed, or the path is exhausted.
    Escalation,
    /// An action's outcome is unknown.
    UnknownOutcome,
    /// Something is due, or was not done in time.
    Deadline,
    /// One that was put off is not any more.
    Awake,
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
            Self::Unacknowledged => "UNACKED",
            Self::AckExpired => "ACK EXPIRED",
            Self::Escalation => "ESCALATION",
            Self::UnknownOutcome => "OUTCOME UNKNOWN",
            Self::Deadline => "DUE",
            Self::Awake => "AWAKE",
            Self::Approval => "APPROVE",
            Self::BreakGlass => "BREAK-GLASS",
            Self::Blind => "BLIND",
        }
    }

    /// The word that records and programs have for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NewCritical => "new-critical",
            Self::Upgraded => "upgraded",
            Self::Unacknowledged => "unacknowledged",
            Self::AckExpired => "ack-expired",
            Self::Escalation => "escalation",
            Self::UnknownOutcome => "unknown-outcome",
            Self::Deadline => "deadline",
            Self::Awake => "awake",
            Self::Approval => "approval",
            Self::BreakGlass => "break-glass",
            Self::Blind => "blind",
        }
    }

    /// Whether it breaks through what mutes others, of whatever incident it speaks.
    pub fn is_critical(self) -> bool {
        match self {
            Self::NewCritical
            | Self::Upgraded
            | Self::Unacknowledged
            | Self::BreakGlass
            | Self::Blind
            // Somebody asked to be told at this time.
            | Self::Awake => true,
            Self::AckExpired
            | Self::Escalation
            | Self::UnknownOutcome
            | Self::Deadline
            | Self::Approval => false,
        }
    }

    /// Whether an acknowledgement settles it.
    fn waits_for_somebody(self) -> bool {
        matches!(
            self,
            Self::NewCritical
                | Self::Upgraded
                | Self::Unacknowledged
                | Self::AckExpired
                | Self::Escalation
                | Self::Awake
        )
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
    /// Whom alone it is for, where that is somebody: who holds the incident need not hear of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The containment of that incident that still counts as in force and may not be: it could not be marked as undone with
    /// another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmarked: Option<ActionId>,
}

impl Notice {
    /// One that is for everybody.
    pub fn new(kind: NoticeKind, incident: Option<IncidentId>, text: Outside) -> Self {
        Self { kind, incident, text, to: None, unmarked: None }
    }

    /// Whether it breaks through what mutes others: by what it says, or by how bad that is of which it speaks.
    pub fn is_critical(&self, about: Option<&Incident>) -> bool {
        self.kind.is_critical() || about.is_some_and(|incident| incident.severity == Severity::Critical)
    }

    /// Whether it still asks for somebody: its incident has neither ended nor found its owner. Of whom it is for, and of
    /// what is no incident's, it says nothing.
    pub fn still_asks(&self, incident: &Incident, now: Time) -> bool {
        let waits = incident.is_on_triage() && !incident.is_acked();
        // Whoever put it off has read it.
        let is_awake = !incident.is_snoozed(now);
        match self.kind {
            NoticeKind::Blind => true,
            NoticeKind::Unacknowledged => is_told_again(incident, now),
            NoticeKind::NewCritical | NoticeKind::Upgraded => {
                let burns = incident.severity == Severity::Critical || incident.worse_upstream().is_some();
                waits && is_awake && burns
            }
            NoticeKind::AckExpired => waits && is_awake,
            NoticeKind::Awake => is_awake && incident.is_on_triage() && (self.to.is_some() || waits),
            NoticeKind::Escalation => {
                let mut untold = incident.escalations.iter().flat_map(|it| &it.untold);
                waits || untold.any(|untold| untold.still_matters(now))
            }
            NoticeKind::UnknownOutcome => {
                let is_unknown = |posted: &Posted| posted.outcome == Some(Outcome::Unknown);
                // Of earlier formats only the words say which.
                let said = |id| format!("action {id} still counts as in force, and may not be: look.");
                let is_unmarked = |it: &&Action| match self.unmarked {
                    Some(action) => action == it.id,
                    None => self.text.raw().contains(&said(it.id)),
                };
                incident.has_unknown()
                    || incident.newest_bulletin_is(is_unknown)
                    || incident.undecided().iter().any(is_unmarked)
            }
            NoticeKind::Deadline => {
                incident.open_deadlines().iter().any(|open| open.missed || open.announced)
                    || incident.newest_bulletin_is(Posted::is_unread)
            }
            NoticeKind::Approval => !incident.is_closed() && incident.asks.values().any(|ask| ask.waits(now)),
            // It tells of what was done.
            NoticeKind::BreakGlass => true,
        }
    }

    /// Whether an acknowledgement settles it: not what somebody asked to be told of, whoever holds the incident.
    pub fn is_settled_by_acknowledging(&self) -> bool {
        self.to.is_none() && self.kind.waits_for_somebody()
    }
}

/// Whether the notice an incident is worth has been raised.
pub fn is_noticed(incident: &Incident) -> bool {
    incident.severity != Severity::Critical || !incident.phase.is_open() || !incident.noticed.is_empty()
}

/// Whether an incident is told again and again: it is critical, waits for somebody, and nobody put it off.
pub fn is_told_again(incident: &Incident, now: Time) -> bool {
    let waits = incident.phase.is_open() && !incident.is_acked() && !incident.is_snoozed(now);
    incident.severity == Severity::Critical && waits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_read_the_word_that_stands_in_the_records() {
        for kind in [
            NoticeKind::NewCritical,
            NoticeKind::Upgraded,
            NoticeKind::Unacknowledged,
            NoticeKind::AckExpired,
            NoticeKind::Escalation,
            NoticeKind::UnknownOutcome,
            NoticeKind::Deadline,
            NoticeKind::Approval,
            NoticeKind::BreakGlass,
            NoticeKind::Awake,
            NoticeKind::Blind,
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
