//! What people respond to: a fold of its records, by one total transition table.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::action::{Action, ActionId};
use super::approval::Ask;
use super::bulletin::VerificationCode;
use super::category::Category;
use super::classification::{Classification, Impact};
use super::deadline::{Deadline, DeadlineKind};
use super::escalation::Escalation;
use super::evidence::Kept;
use super::few::Few;
use super::id::IncidentId;
use super::notice::NoticeKind;
use super::opening::Opening;
use super::packet::Filled;
use super::phase::Phase;
use super::plan::PlanHash;
use super::rare::{Bare, Rare, is_bare};
use super::record::{CloseReason, Entry, Field, Record};
use super::review::Review;
use super::role::{Held, Role};
use super::sensitive::Said;
use super::severity::Severity;
use super::snooze::Snooze;
use super::text::Outside;
use super::time::Time;

mod actions;
mod approvals;
mod bulletins;
mod deadlines;
mod escalation;
mod fields;
mod phases;
mod reading;
mod reopening;
mod review;
mod roles;
mod row;
mod signals;
mod silences;
mod snooze;
mod ties;
mod work;

pub use bulletins::{Posted, SentBulletin};
pub use phases::{Health, Waiver};
pub use reopening::CutShort;
pub use signals::{Joined, SignalKeyText, There, key_text};
pub use silences::Quieted;
pub use ties::{Merged, TakenIn};
pub use work::Owner;

use fields::Fields;
use snooze::Calm;

/// A step the transition table does not allow, in words that say why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Illegal(pub String);

pub(crate) fn illegal<T>(why: impl Into<String>) -> Result<T, Illegal> {
    Err(Illegal(why.into()))
}

/// When the response first got somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestones {
    /// Somebody acknowledged, here or at its sources.
    pub acknowledged: Option<Time>,
    /// A person last said how bad it is or of what sort, once both were said.
    pub classified: Option<Time>,
    /// Readers had to be told, or told anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulletins_due: Option<Time>,
    /// A containment was verified.
    pub contained: Option<Time>,
    /// It was resolved.
    pub recovered: Option<Time>,
    /// Escalation steps that were too late to send.
    pub steps_missed: usize,
    /// Bulletins that were not out when they were due: to whom, and when that was.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub bulletins_missed: BTreeSet<(String, Time)>,
    /// What its end cut short, while it is closed.
    #[serde(default, skip_serializing_if = "CutShort::is_empty")]
    pub cut_short: CutShort,
}

impl Bare for Milestones {
    const BARE: &'static Self = &Self {
        acknowledged: None,
        classified: None,
        contained: None,
        recovered: None,
        bulletins_due: None,
        steps_missed: 0,
        bulletins_missed: BTreeSet::new(),
        cut_short: CutShort::NOTHING,
    };
}

/// What people respond to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// How many records it has.
    pub version: u64,
    /// The version at which each field changed last.
    pub changed: Rare<BTreeMap<Field, u64>>,
    /// When it began here.
    pub opened_at: Time,
    /// How it began; its first signal stands among the others.
    pub opening: Opening,
    /// How bad: a person's word, else the worst firing signal's.
    pub severity: Severity,
    /// A person said how bad.
    pub severity_set: bool,
    /// What sort of trouble.
    pub category: Category,
    /// A person said what sort.
    pub category_set: bool,
    /// Where the response stands.
    pub phase: Phase,
    /// Every signal that ever joined.
    pub signals: Few<SignalKeyText, Box<Joined>>,
    /// Who holds it.
    pub owner: Option<Box<Owner>>,
    /// Who plays which role.
    pub roles: Rare<BTreeMap<Role, Held>>,
    /// How many are affected.
    pub impact: Option<Impact>,
    /// What else was said about its weight.
    pub classification: Rare<Classification>,
    /// Items of the packet that people filled in.
    pub filled: Rare<BTreeMap<String, Filled>>,
    /// The phases it went through, and since when.
    pub phases: Box<[(Phase, Time)]>,
    /// Gates that were passed unmet.
    pub waived: Rare<Vec<Waiver>>,
    /// Why nothing needs to be contained.
    pub nothing_to_contain: Option<Outside>,
    /// What was done to make it better.
    pub mitigated: Option<Outside>,
    /// How what watches it has been since it was mended.
    pub health: Option<Box<Health>>,
    /// What was learnt.
    pub review: Rare<Review>,
    /// When the response first got somewhere.
    pub milestones: Rare<Milestones>,
    /// Every bulletin, numbered from 1 in this order.
    pub bulletins: Rare<Vec<SentBulletin>>,
    /// What its bulletins carry so that readers can tell them from forgeries.
    pub code: Option<VerificationCode>,
    /// What is due, acknowledgement and steps aside.
    pub deadlines: Rare<Vec<Deadline>>,
    /// What a second person was asked to approve, by plan.
    #[serde(default)]
    pub asks: Rare<BTreeMap<PlanHash, Ask>>,
    /// What is kept of it beside its records, oldest first.
    #[serde(default)]
    pub evidence: Rare<Vec<Kept>>,
    /// Every action, by number.
    pub actions: Rare<BTreeMap<ActionId, Action>>,
    /// Who is told, path by path, in the order in which they began to count.
    pub escalations: Rare<Vec<Escalation>>,
    /// When somebody must have acknowledged.
    pub ack_due: Option<Time>,
    /// Deadlines that have passed.
    pub passed: Rare<BTreeMap<DeadlineKind, Time>>,
    /// What notices were raised about it since it last became critical.
    pub noticed: Rare<Vec<NoticeKind>>,
    /// A source says it is worse than a person said, and nobody was told yet.
    pub rose: bool,
    /// A person did something about it.
    pub touched: bool,
    /// When the last firing signal went away; `None` while one fires or when none ever did.
    pub cleared_at: Option<Time>,
    /// When it last began to burn again, after it was over or nothing fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_at: Option<Time>,
    /// The one it goes on in.
    #[serde(default)]
    pub merged: Option<Box<Merged>>,
    /// Those that go on in it, in the order in which they came.
    #[serde(default)]
    pub taken_in: Rare<Vec<TakenIn>>,
    /// What its signals said when it was first tied to another one: its title was made of that.
    #[serde(default, skip_serializing_if = "is_bare")]
    pub said_alone: Rare<Said>,
    /// Those a person linked it with.
    #[serde(default)]
    pub links: Rare<BTreeSet<IncidentId>>,
    /// Until when a person put it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snooze: Option<Box<Snooze>>,
    /// Why and when it ended.
    pub closed: Option<(CloseReason, Time)>,
    /// The time of its last record.
    pub moved_at: Time,
}

impl Incident {
    /// Begins an incident from its first record.
    ///
    /// # Errors
    /// [`Illegal`] when the record does not open one.
    pub fn open(record: &Record) -> Result<Self, Illegal> {
        let (Some(id), Entry::Opened(opening)) = (&record.incident, &record.entry) else {
            return illegal("the first record of an incident must open it");
        };
        let mut incident = Self {
            id: id.clone(),
            version: 1,
            changed: Rare::default(),
            opened_at: record.at,
            opening: Opening { signal: None, ..(**opening).clone() },
            severity: opening.severity,
            severity_set: opening.signal.is_none(),
            category: opening.category,
            category_set: false,
            phase: Phase::Identify,
            signals: Few::new(),
            owner: None,
            roles: Rare::default(),
            impact: None,
            classification: Rare::default(),
            filled: Rare::default(),
            phases: Box::new([(Phase::Identify, record.at)]),
            waived: Rare::default(),
            nothing_to_contain: None,
            mitigated: None,
            health: None,
            review: Rare::default(),
            milestones: Rare::default(),
            bulletins: Rare::default(),
            code: None,
            deadlines: Rare::default(),
            asks: Rare::default(),
            evidence: Rare::default(),
            actions: Rare::default(),
            escalations: Rare::default(),
            ack_due: opening.ack_due,
            passed: Rare::default(),
            noticed: Rare::default(),
            rose: false,
            touched: opening.signal.is_none(),
            cleared_at: None,
            returned_at: None,
            merged: None,
            taken_in: Rare::default(),
            said_alone: Rare::default(),
            links: Rare::default(),
            snooze: None,
            closed: None,
            moved_at: record.at,
        };
        if let Some(joining) = &opening.signal {
            incident.join(joining);
            incident.follow_upstream(false, record.at);
        }
        if let Some(reported) = &opening.reported {
            let told = |value: &Outside| Filled {
                value: value.clone(),
                by: reported.by.safe().to_string(),
                at: record.at,
            };
            let filled = reported.told.iter().map(|(item, value)| (item.clone(), told(value)));
            incident.filled = filled.collect::<BTreeMap<_, _>>().into();
        }
        Ok(incident)
    }

    /// Takes one more record in.
    ///
    /// # Errors
    /// [`Illegal`] when the transition table does not allow it now; the incident is unchanged then.
    pub fn apply(&mut self, record: &Record) -> Result<(), Illegal> {
        let before = Fields::of(self);
        let was_held = self.held_upstream().is_some();
        let calm = Calm::of(self);
        match &record.entry {
            Entry::Opened(_) => return illegal("it is open already"),
            Entry::SignalJoined(_)
            | Entry::SignalReturned { .. }
            | Entry::SignalCleared { .. }
            | Entry::SignalResorted { .. }
            | Entry::SignalFlapped { .. }
            | Entry::UpstreamTurned { .. }
            | Entry::MonitorTurned { .. } => self.apply_signal(record)?,
            Entry::Tied(tied) => self.apply_tie(tied, record)?,
            Entry::Noted { text } if text.raw().trim().is_empty() => return illegal("a note needs words"),
            Entry::Noted { .. } => {}
            Entry::Acknowledged { .. }
            | Entry::AckExpired { .. }
            | Entry::HandedBack { .. }
            | Entry::ImpactAssessed { .. }
            | Entry::SeveritySet { .. }
            | Entry::CategorySet { .. }
            | Entry::Classified { .. }
            | Entry::PacketFilled { .. } => self.apply_work(record)?,
            Entry::Snoozed(_) | Entry::SnoozeEnded(_) => self.apply_snooze(record)?,
            Entry::RoleTaken { .. } | Entry::RoleOffered { .. } | Entry::RoleAccepted { .. } => {
                self.apply_role(record)?;
            }
            Entry::NothingToContain { .. }
            | Entry::Mitigated { .. }
            | Entry::ContainmentKept { .. }
            | Entry::HealthTurned { .. }
            | Entry::PhaseMoved { .. }
            | Entry::Closed { .. } => self.apply_phase(record)?,
            Entry::RootCauseFound { .. }
            | Entry::ItemAdded { .. }
            | Entry::ItemDone { .. }
            | Entry::Published { .. } => self.apply_review(record)?,
            Entry::BulletinStarted(_)
            | Entry::BulletinAnswered(_)
            | Entry::BulletinSeen(_)
            | Entry::BulletinSettled(_) => {
                self.apply_bulletin(record)?;
            }
            Entry::DeadlineSet { .. }
            | Entry::DeadlineMet { .. }
            | Entry::DeadlineNear { .. }
            | Entry::DeadlinePassed { .. }
            | Entry::DeadlineWithdrawn { .. } => {
                self.apply_deadline(record)?;
            }
            Entry::ApprovalAsked { .. } | Entry::Approved { .. } => self.apply_approval(record)?,
            Entry::ApprovalRefused { .. } => {}
            Entry::SensitiveRead { .. } if record.by.person().is_none() => {
                return illegal("only a person reads what is sensitive");
            }
            Entry::SensitiveRead { .. } => {}
            Entry::EvidenceKept(evidence) => self.evidence.push(Kept {
                evidence: evidence.clone(),
                by: record.by.name().to_owned(),
                at: record.at,
                seq: record.seq,
            }),
            Entry::CaptureMissed { action, .. } if !self.actions.contains_key(action) => {
                return illegal(format!("it has no action #{action}"));
            }
            Entry::CaptureMissed { .. } => {}
            Entry::Intended { .. }
            | Entry::Sent { .. }
            | Entry::SentAgain { .. }
            | Entry::Answered { .. }
            | Entry::Settled { .. }
            | Entry::UndoneWith { .. } => self.apply_action(record)?,
            Entry::PathArmed { .. }
            | Entry::PathHeld { .. }
            | Entry::PathStopped { .. }
            | Entry::StepStarted { .. }
            | Entry::StepSent { .. }
            | Entry::StepMissed { .. }
            | Entry::Told { .. } => self.apply_escalation(record)?,
            Entry::NoticeRaised(notice) => {
                if !self.noticed.contains(&notice.kind) {
                    self.noticed.push(notice.kind);
                }
                self.rose &= notice.kind != NoticeKind::Upgraded;
            }
            Entry::NoticeDelivered { .. } => {}
            Entry::SourceTurned { .. }
            | Entry::WatchOffered { .. }
            | Entry::WatchAccepted { .. }
            | Entry::WatchWithdrawn { .. }
            | Entry::EvidenceRead { .. }
            | Entry::Exported { .. }
            | Entry::ConfigurationLoaded { .. }
            | Entry::SafetyTurned { .. } => return illegal("that is no part of an incident"),
        }
        self.follow_upstream(was_held, record.at);
        self.wake(calm.as_ref(), record);
        self.version += 1;
        if self.phases.last().is_none_or(|(phase, _)| *phase != self.phase) {
            self.phases = self.phases.iter().copied().chain([(self.phase, record.at)]).collect();
        }
        self.moved_at = record.at;
        let changed = before.changed_in(self);
        self.changed.extend(changed.iter().map(|field| (*field, self.version)));
        if changed.contains(&Field::Severity) && self.severity == Severity::Critical {
            self.becomes_news();
        }
        let looks_only = matches!(record.entry, Entry::NoticeDelivered { .. } | Entry::SensitiveRead { .. });
        if let Some(person) = record.by.person().filter(|_| !looks_only) {
            self.touched = true;
            if let Some(owner) = self.owner.as_mut().filter(|owner| owner.name == person) {
                owner.until =
                    record.at + chrono::TimeDelta::seconds(i64::try_from(owner.lasts_s).unwrap_or(0));
            }
        }
        Ok(())
    }

    /// Folds a whole list of records.
    ///
    /// # Errors
    /// The first [`Illegal`] step.
    pub fn fold<'a>(records: impl IntoIterator<Item = &'a Record>) -> Result<Option<Self>, Illegal> {
        let mut incident = None;
        for record in records {
            match &mut incident {
                None => incident = Some(Self::open(record)?),
                Some(incident) => incident.apply(record)?,
            }
        }
        Ok(incident)
    }

    /// Whoever was told that it is critical is told once more.
    pub(super) fn becomes_news(&mut self) {
        self.noticed.retain(|kind| !matches!(kind, NoticeKind::NewCritical | NoticeKind::Upgraded));
    }
}
