//! One entry of the ledger: what happened, in the past tense.

use serde::{Deserialize, Serialize};

use super::action::{ActionId, Outcome, Settlement};
use super::category::Category;
use super::escalation::{Receipt, Step, Stopped};
use super::fault::Fault;
use super::freshness::SourceState;
use super::id::IncidentId;
use super::notice::Notice;
use super::operator::Actor;
use super::phase::Phase;
use super::plan::Plan;
use super::severity::Severity;
use super::signal::{Labels, SignalKey};
use super::text::Outside;
use super::time::Time;

/// The version of the record format this build writes.
pub const FORMAT: u32 = 1;

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The record format's version.
    pub v: u32,
    /// Its place in the ledger, from 1, without gaps.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// Who.
    pub by: Actor,
    /// About which incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// What.
    pub entry: Entry,
}

/// How many people are affected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Impact {
    /// Between two numbers; the same one twice when it is known exactly.
    Users {
        /// At least.
        min: u64,
        /// At most.
        max: u64,
    },
    /// Not known, and why.
    Unknown {
        /// The reason.
        because: Outside,
    },
}

/// Why an incident ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloseReason {
    /// Nothing was wrong.
    FalseAlarm,
    /// Another incident carries it.
    Duplicate,
    /// Its signals went away.
    Cleared,
    /// Handled; goes to Review.
    Resolved,
}

impl CloseReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Resolved, Self::FalseAlarm, Self::Duplicate, Self::Cleared];

    /// The word of a command.
    pub fn word(self) -> &'static str {
        match self {
            Self::FalseAlarm => "false-alarm",
            Self::Duplicate => "duplicate",
            Self::Cleared => "cleared",
            Self::Resolved => "resolved",
        }
    }

    /// Reads the word of a command.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeadlineKind {
    /// Somebody should have acknowledged.
    Ack,
    /// The next escalation step.
    Step,
}

impl DeadlineKind {
    /// The word of a row and of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ack => "ack",
            Self::Step => "step",
        }
    }
}

/// What a signal brings to an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joining {
    /// Its identity.
    pub key: SignalKey,
    /// Its title.
    pub title: Outside,
    /// What the rules say of it.
    pub severity: Severity,
    /// No rule knew its severity.
    pub unmapped: bool,
    /// Its labels.
    pub labels: Labels,
    /// Since when it fires, by the source's clock.
    pub since: Time,
}

/// How an incident began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// One line.
    pub title: Outside,
    /// How bad.
    pub severity: Severity,
    /// No rule knew its severity.
    pub unmapped: bool,
    /// What sort of trouble.
    pub category: Category,
    /// Of which service; may be empty.
    pub service: Outside,
    /// What signals must share to join it.
    pub group: Option<String>,
    /// The signal that opened it; `None` when a person did.
    pub signal: Option<Joining>,
    /// The rule that gave the severity, or who reported it.
    pub because: Outside,
    /// Labels given by hand.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// When somebody must have acknowledged.
    pub ack_due: Option<Time>,
    /// The earlier incident it repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence_of: Option<IncidentId>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    // --- signals
    /// An incident began.
    Opened(Box<Opening>),
    /// Another signal joined it.
    SignalJoined(Box<Joining>),
    /// A cleared signal fires again.
    SignalReturned {
        /// Which.
        key: SignalKey,
    },
    /// A signal went away.
    SignalCleared {
        /// Which.
        key: SignalKey,
        /// Why it counts as gone.
        because: String,
    },
    /// A signal's severity changed at its source.
    SignalResorted {
        /// Which.
        key: SignalKey,
        /// What the rules say now.
        severity: Severity,
        /// No rule knew it.
        unmapped: bool,
    },
    /// It came and went more often than is written down.
    SignalFlapped {
        /// Which.
        key: SignalKey,
        /// How many changes were not written down.
        times: u32,
    },
    /// A linked monitor turned.
    MonitorTurned {
        /// Its name.
        monitor: String,
        /// Up, or down.
        up: bool,
        /// What it saw.
        detail: Outside,
    },

    // --- what people do here
    /// Somebody holds it.
    Acknowledged {
        /// How long it holds without an act of the owner, in seconds.
        lasts_s: u64,
        /// Who was relieved of it.
        from: Option<String>,
    },
    /// It was held for too long without an act.
    AckExpired {
        /// By whom.
        owner: String,
    },
    /// A note.
    Noted {
        /// The note.
        text: Outside,
    },
    /// A response lead.
    LeadNamed {
        /// Who.
        name: Outside,
    },
    /// How many are affected.
    ImpactAssessed {
        /// How many.
        impact: Impact,
    },
    /// A person's severity, which stands from now on.
    SeveritySet {
        /// How bad.
        severity: Severity,
    },
    /// A person's category.
    CategorySet {
        /// What sort.
        category: Category,
    },
    /// The response moved.
    PhaseMoved {
        /// To here.
        to: Phase,
        /// Why gates between were waived, if any were.
        waived: Option<Outside>,
    },
    /// It ended.
    Closed {
        /// Why.
        reason: CloseReason,
        /// In whose words.
        note: Option<Outside>,
    },

    // --- actions
    /// Somebody confirmed a plan; nothing has left.
    Intended {
        /// Its number.
        action: ActionId,
        /// What was shown.
        plan: Box<Plan>,
    },
    /// It leaves now.
    Sent {
        /// Its number.
        action: ActionId,
    },
    /// What came back, or did not.
    Answered {
        /// Its number.
        action: ActionId,
        /// What it amounts to.
        outcome: Outcome,
        /// In one line.
        detail: Outside,
    },
    /// What reading back, or a person, made of it.
    Settled {
        /// Its number.
        action: ActionId,
        /// How.
        settlement: Settlement,
        /// In one line.
        detail: Outside,
    },

    // --- escalation
    /// A path counts.
    PathArmed {
        /// Its id.
        path: String,
        /// Its steps.
        steps: Vec<Step>,
    },
    /// A path that would have been armed was not.
    PathHeld {
        /// Its id.
        path: String,
        /// Its steps.
        steps: Vec<Step>,
        /// Why.
        because: Stopped,
    },
    /// Nothing more is sent by itself on one path.
    PathStopped {
        /// Its id.
        path: String,
        /// Why.
        because: Stopped,
    },
    /// A step is about to be sent.
    StepStarted {
        /// Of which path.
        path: String,
        /// From 1.
        step: u32,
        /// By hand on a path that had stopped: the steps after it count again, from now.
        resumes: bool,
    },
    /// A step was sent.
    StepSent {
        /// Of which path.
        path: String,
        /// From 1.
        step: u32,
        /// What the channels answered.
        receipts: Vec<Receipt>,
    },
    /// A step was too late to send.
    StepMissed {
        /// Of which path.
        path: String,
        /// From 1.
        step: u32,
    },
    /// Something due was not done.
    DeadlinePassed {
        /// What.
        deadline: DeadlineKind,
        /// When it was due.
        due: Time,
    },

    // --- the console as a whole
    /// A source changed state.
    SourceTurned {
        /// Its name.
        source: String,
        /// From.
        from: SourceState,
        /// To.
        to: SourceState,
        /// Why.
        fault: Option<Fault>,
    },
    /// Somebody should look.
    NoticeRaised(Notice),
    /// A console told its operator.
    NoticeDelivered {
        /// The sequence number of the notice.
        notice: u64,
        /// On which console.
        console: String,
        /// By which rungs.
        how: String,
    },
}

/// A part of an incident that two people could change at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// Who holds it.
    Owner,
    /// The response lead.
    Lead,
    /// How many are affected.
    Impact,
    /// How bad.
    Severity,
    /// What sort.
    Category,
    /// Where the response stands.
    Phase,
}

impl Entry {
    /// The part of the incident it changes, if two people could change it at once.
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Acknowledged { .. } | Self::AckExpired { .. } => Some(Field::Owner),
            Self::LeadNamed { .. } => Some(Field::Lead),
            Self::ImpactAssessed { .. } => Some(Field::Impact),
            Self::SeveritySet { .. } => Some(Field::Severity),
            Self::CategorySet { .. } => Some(Field::Category),
            Self::PhaseMoved { .. } | Self::Closed { .. } => Some(Field::Phase),
            _ => None,
        }
    }

    /// Whether a person may ask for it through `Backend::record`.
    pub fn is_local(&self) -> bool {
        matches!(
            self,
            Self::Acknowledged { .. }
                | Self::Noted { .. }
                | Self::LeadNamed { .. }
                | Self::ImpactAssessed { .. }
                | Self::SeveritySet { .. }
                | Self::CategorySet { .. }
                | Self::PhaseMoved { .. }
                | Self::Closed { .. }
                | Self::Settled { settlement: Settlement::ByHand, .. }
        )
    }
}
