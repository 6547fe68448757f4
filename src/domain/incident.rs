//! What people respond to: a fold of its records, by one total transition table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::action::{Action, ActionId, Contained, Outcome, Stage};
use super::bulletin::{Bulletin, VerificationCode};
use super::category::Category;
use super::classification::{Classification, Impact};
use super::deadline::{Deadline, DeadlineKind};
use super::escalation::Escalation;
use super::gate::Gate;
use super::id::IncidentId;
use super::notice::NoticeKind;
use super::opening::Opening;
use super::packet::Filled;
use super::phase::Phase;
use super::query::{Asker, Query};
use super::record::{CloseReason, Entry, Field, Record};
use super::review::Review;
use super::role::{Held, Role};
use super::severity::Severity;
use super::signal::{Labels, SignalKey};
use super::text::Outside;
use super::time::{Span, Time};

mod actions;
mod bulletins;
mod deadlines;
mod escalation;
mod fields;
mod phases;
mod review;
mod roles;
mod row;
mod signals;
mod work;

use fields::Fields;

/// A step the transition table does not allow, in words that say why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Illegal(pub String);

pub(crate) fn illegal<T>(why: impl Into<String>) -> Result<T, Illegal> {
    Err(Illegal(why.into()))
}

/// Who holds the acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Who.
    pub name: String,
    /// Since when.
    pub since: Time,
    /// Until when, unless the owner acts.
    pub until: Time,
    /// How long an act renews it, in seconds.
    pub lasts_s: u64,
}

/// A signal as its incident remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// One line.
    pub title: Outside,
    /// What the rules say of it.
    pub severity: Severity,
    /// No rule knew its severity.
    pub unmapped: bool,
    /// Its labels.
    pub labels: Labels,
    /// Since when it fires, by the source's clock.
    pub since: Time,
    /// When it went away; `None` while it fires.
    pub cleared: Option<Time>,
    /// When it came back last.
    pub returned: Option<Time>,
}

/// Gates that were passed unmet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Which.
    pub gates: Vec<Gate>,
    /// Why.
    pub because: Outside,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Time,
    /// It came back since: they count again.
    pub void: bool,
}

/// How what watches an incident has been since it was mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Whether all of it is healthy.
    pub healthy: bool,
    /// Since when.
    pub since: Time,
    /// For how long it must stay so.
    pub needs: Span,
    /// What was looked at, or what is not healthy.
    pub detail: Outside,
}

impl Health {
    /// Whether it has been healthy for long enough.
    pub fn is_proved(&self, at: Time) -> bool {
        self.healthy && at - self.since >= self.needs.delta()
    }
}

/// What one channel made of a bulletin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// What it amounts to; `None` while it is on its way.
    pub outcome: Option<Outcome>,
    /// In one line.
    pub detail: Outside,
    /// What the other side calls the series.
    pub reference: Option<Outside>,
    /// Whether readers can see it, where that was looked at.
    pub visible: Option<bool>,
}

/// A bulletin that left, or is leaving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBulletin {
    /// What it says.
    pub bulletin: Bulletin,
    /// Who sent it.
    pub by: String,
    /// When.
    pub at: Time,
    /// What each channel made of it.
    pub channels: BTreeMap<String, Posted>,
}

impl SentBulletin {
    /// Whether a channel's answer is missing.
    pub fn is_unanswered(&self) -> bool {
        self.channels.values().any(|posted| posted.outcome.is_none())
    }
}

/// When the response first got somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestones {
    /// Somebody acknowledged.
    pub acknowledged: Option<Time>,
    /// A containment was verified.
    pub contained: Option<Time>,
    /// It was resolved.
    pub recovered: Option<Time>,
}

/// What people respond to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// How many records it has.
    pub version: u64,
    /// The version at which each field changed last.
    pub changed: BTreeMap<Field, u64>,
    /// When it began here.
    pub opened_at: Time,
    /// How it began.
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
    pub signals: BTreeMap<SignalKeyText, Joined>,
    /// Who holds it.
    pub owner: Option<Owner>,
    /// Who plays which role.
    pub roles: BTreeMap<Role, Held>,
    /// How many are affected.
    pub impact: Option<Impact>,
    /// What else was said about its weight.
    pub classification: Classification,
    /// Items of the packet that people filled in.
    pub filled: BTreeMap<String, Filled>,
    /// The phases it went through, and since when.
    pub phases: Vec<(Phase, Time)>,
    /// Gates that were passed unmet.
    pub waived: Vec<Waiver>,
    /// Why nothing needs to be contained.
    pub nothing_to_contain: Option<Outside>,
    /// What was done to make it better.
    pub mitigated: Option<Outside>,
    /// How what watches it has been since it was mended.
    pub health: Option<Health>,
    /// What was learnt.
    pub review: Review,
    /// When the response first got somewhere.
    pub milestones: Milestones,
    /// Every bulletin, numbered from 1 in this order.
    pub bulletins: Vec<SentBulletin>,
    /// What its bulletins carry so that readers can tell them from forgeries.
    pub code: Option<VerificationCode>,
    /// What is due, acknowledgement and steps aside.
    pub deadlines: Vec<Deadline>,
    /// Every action, by number.
    pub actions: BTreeMap<ActionId, Action>,
    /// Who is told, path by path, in the order in which they began to count.
    pub escalations: Vec<Escalation>,
    /// When somebody must have acknowledged.
    pub ack_due: Option<Time>,
    /// Deadlines that have passed.
    pub passed: BTreeMap<DeadlineKind, Time>,
    /// What notices were raised about it since it last became critical.
    pub noticed: Vec<NoticeKind>,
    /// A source says it is worse than a person said, and nobody was told yet.
    pub rose: bool,
    /// A person did something about it.
    pub touched: bool,
    /// When the last firing signal went away; `None` while one fires or when none ever did.
    pub cleared_at: Option<Time>,
    /// Why and when it ended.
    pub closed: Option<(CloseReason, Time)>,
    /// The time of its last record.
    pub moved_at: Time,
}

/// A signal's key as one line of text, so that it can be a key in JSON: `source` NUL `fingerprint`.
pub type SignalKeyText = String;

/// The key of a map of signals.
pub fn key_text(key: &SignalKey) -> SignalKeyText {
    format!("{}\0{}", key.source, key.fingerprint.raw())
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
            changed: BTreeMap::new(),
            opened_at: record.at,
            opening: (**opening).clone(),
            severity: opening.severity,
            severity_set: opening.signal.is_none(),
            category: opening.category,
            category_set: false,
            phase: Phase::Identify,
            signals: BTreeMap::new(),
            owner: None,
            roles: BTreeMap::new(),
            impact: None,
            classification: Classification::default(),
            filled: BTreeMap::new(),
            phases: vec![(Phase::Identify, record.at)],
            waived: Vec::new(),
            nothing_to_contain: None,
            mitigated: None,
            health: None,
            review: Review::default(),
            milestones: Milestones::default(),
            bulletins: Vec::new(),
            code: None,
            deadlines: Vec::new(),
            actions: BTreeMap::new(),
            escalations: Vec::new(),
            ack_due: opening.ack_due,
            passed: BTreeMap::new(),
            noticed: Vec::new(),
            rose: false,
            touched: opening.signal.is_none(),
            cleared_at: None,
            closed: None,
            moved_at: record.at,
        };
        if let Some(joining) = &opening.signal {
            incident.join(joining);
        }
        if let Some(reported) = &opening.reported {
            let told = |value: &Outside| Filled {
                value: value.clone(),
                by: reported.by.safe().to_string(),
                at: record.at,
            };
            incident.filled = reported.told.iter().map(|(item, value)| (item.clone(), told(value))).collect();
        }
        Ok(incident)
    }

    /// Takes one more record in.
    ///
    /// # Errors
    /// [`Illegal`] when the transition table does not allow it now; the incident is unchanged then.
    pub fn apply(&mut self, record: &Record) -> Result<(), Illegal> {
        let before = Fields::of(self);
        match &record.entry {
            Entry::Opened(_) => return illegal("it is open already"),
            Entry::SignalJoined(_)
            | Entry::SignalReturned { .. }
            | Entry::SignalCleared { .. }
            | Entry::SignalResorted { .. }
            | Entry::SignalFlapped { .. }
            | Entry::MonitorTurned { .. } => self.apply_signal(record)?,
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
            Entry::BulletinStarted { .. } | Entry::BulletinAnswered { .. } | Entry::BulletinSeen { .. } => {
                self.apply_bulletin(record)?;
            }
            Entry::DeadlineSet { .. }
            | Entry::DeadlineMet { .. }
            | Entry::DeadlineNear { .. }
            | Entry::DeadlinePassed { .. } => {
                self.apply_deadline(record)?;
            }
            Entry::Intended { .. } | Entry::Sent { .. } | Entry::Answered { .. } | Entry::Settled { .. } => {
                self.apply_action(record)?;
            }
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
            Entry::SourceTurned { .. } => return illegal("a source's state is no part of an incident"),
            Entry::WatchOffered { .. } | Entry::WatchAccepted { .. } => {
                return illegal("a watch is no part of an incident");
            }
        }
        self.version += 1;
        if self.phases.last().is_none_or(|(phase, _)| *phase != self.phase) {
            self.phases.push((self.phase, record.at));
        }
        self.moved_at = record.at;
        let changed = before.changed_in(self);
        self.changed.extend(changed.iter().map(|field| (*field, self.version)));
        if changed.contains(&Field::Severity) && self.severity == Severity::Critical {
            self.becomes_news();
        }
        if let Some(person) = record.by.person() {
            self.touched |= !matches!(record.entry, Entry::NoticeDelivered { .. });
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

    /// One line.
    pub fn title(&self) -> &Outside {
        &self.opening.title
    }

    /// Whether it is over.
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// Whether it stands on Triage.
    pub fn is_on_triage(&self) -> bool {
        self.phase.is_open() || self.has_unknown()
    }

    /// Whether something about it still goes on, whatever its phase: a signal fires, an action is open, or something
    /// is still due.
    pub fn is_alive(&self) -> bool {
        !self.is_closed()
            || self.firing() > 0
            || self.actions.values().any(|action| action.stage.is_open())
            || self.deadlines.iter().any(Deadline::is_open)
    }

    /// Whether an action's outcome is unknown.
    pub fn has_unknown(&self) -> bool {
        self.actions.values().any(|action| action.stage == Stage::Unknown)
    }

    /// Who leads the response.
    pub fn lead(&self) -> Option<&Outside> {
        self.role(Role::Lead)
    }

    /// Who plays a role.
    pub fn role(&self, role: Role) -> Option<&Outside> {
        self.roles.get(&role).map(|held| &held.name)
    }

    /// It is critical, and nobody commands it.
    pub fn lacks_commander(&self) -> bool {
        self.severity == Severity::Critical
            && self.phase.is_open()
            && !self.roles.contains_key(&Role::Commander)
    }

    /// What its containments amount to.
    pub fn contained(&self) -> Contained {
        Contained::of(self.actions.values())
    }

    /// How many of its signals fire.
    pub fn firing(&self) -> usize {
        self.signals.values().filter(|signal| signal.cleared.is_none()).count()
    }

    /// No rule knew the severity of a firing signal, and no person has said it.
    pub fn is_unmapped(&self) -> bool {
        !self.severity_set && self.signals.values().any(|signal| signal.cleared.is_none() && signal.unmapped)
    }

    /// The escalation that tells somebody next; when none does, the one that began last.
    pub fn escalation(&self) -> Option<&Escalation> {
        let running = self.escalations.iter().filter_map(|e| Some((e.next()?.1.due, e)));
        running.min_by_key(|(due, _)| *due).map(|(_, e)| e).or(self.escalations.last())
    }

    /// The escalation on one path.
    pub fn escalation_on(&self, path: &str) -> Option<&Escalation> {
        self.escalations.iter().find(|escalation| escalation.path == path)
    }

    /// Whoever was told that it is critical is told once more.
    pub(super) fn becomes_news(&mut self) {
        self.noticed.retain(|kind| !matches!(kind, NoticeKind::NewCritical | NoticeKind::Upgraded));
    }

    /// The worst severity that a firing signal claims, when it is worse than what a person set.
    pub fn worse_upstream(&self) -> Option<Severity> {
        let worst = self.worst_firing()?;
        (self.severity_set && worst > self.severity).then_some(worst)
    }

    /// The sources of its signals, each once.
    pub fn sources(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.signals.keys().map(|key| key.split('\0').next().unwrap_or_default()).collect();
        names.dedup();
        names
    }

    /// The upstream ids of its signals.
    pub fn upstream(&self) -> Vec<&str> {
        self.signals.keys().filter_map(|key| key.split_once('\0').map(|(_, id)| id)).collect()
    }

    /// The different values its firing signals (all, when none fires) and its own labels give a label, with the
    /// signal's title.
    pub fn label_values(&self, key: &str) -> Vec<(&Outside, &Outside)> {
        let firing = self.firing() > 0;
        let mut out: Vec<(&Outside, &Outside)> = Vec::new();
        let joined = self.signals.values().filter(|s| !firing || s.cleared.is_none());
        let sets = joined.map(|s| (&s.labels, &s.title));
        for (labels, title) in sets.chain([(&self.opening.labels, self.title())]) {
            if let Some(value) = labels.get(key)
                && !out.iter().any(|(seen, _)| *seen == value)
            {
                out.push((value, title));
            }
        }
        out
    }

    /// When somebody must have acknowledged, while nobody has.
    pub fn ack_due(&self) -> Option<Time> {
        self.ack_due.filter(|_| self.owner.is_none() && self.phase.is_open())
    }

    /// Whether a query asked by `me` at `now` holds, given whether its row is stale.
    pub fn matches(&self, query: &Query, asker: &Asker<'_>, stale: bool) -> bool {
        query.matches(&row::Row { incident: self, stale }, asker)
    }
}
