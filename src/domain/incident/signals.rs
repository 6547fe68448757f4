//! How signals and monitors move an incident.

use serde::{Deserialize, Serialize};

use super::{Illegal, Incident, illegal};
use crate::domain::escalation::Stopped;
use crate::domain::opening::Joining;
use crate::domain::phase::Phase;
use crate::domain::rare::{Rare, is_bare};
use crate::domain::record::{CloseReason, Entry, Record};
use crate::domain::sensitive::Said;
use crate::domain::severity::Severity;
use crate::domain::signal::{Packed, SignalKey};
use crate::domain::text::Outside;
use crate::domain::time::Time;
use written::Written;

mod written;

/// A signal as its incident remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Joined {
    /// One line.
    pub title: Outside,
    /// What the rules say of it.
    pub severity: Severity,
    /// No rule knew its severity.
    pub unmapped: bool,
    /// Its labels.
    pub labels: Packed,
    /// What it said under sensitive names, in its labels and elsewhere.
    #[serde(skip_serializing_if = "is_bare")]
    pub sensitive: Rare<Said>,
    /// Since when it fires, by the source's clock.
    pub since: Time,
    /// When it went away; `None` while it fires.
    pub cleared: Option<Time>,
    /// When it came back last.
    pub returned: Option<Time>,
    /// What its source does about it, where it does anything: of thousands, few have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub there: Option<Box<There>>,
    /// When it was seen first, where that is not when this incident opened: when the one opened from which it came, or
    /// when it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Time>,
}

/// What a source does about its own signal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct There {
    /// The policy by which it pages people itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Outside>,
    /// Who acknowledged it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_by: Option<Outside>,
    /// Nobody answered at any level of that policy.
    pub exhausted: bool,
    /// The word for its state there, where nothing says what that word means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unnamed_state: Option<Outside>,
}

impl Joined {
    /// The policy by which its source pages people itself.
    pub fn policy(&self) -> Option<&Outside> {
        self.there.as_deref()?.policy.as_ref()
    }

    /// Who acknowledged it at its source.
    pub fn held_by(&self) -> Option<&Outside> {
        self.there.as_deref()?.held_by.as_ref()
    }

    /// Whether nobody answered at any level of that policy.
    pub fn is_exhausted(&self) -> bool {
        self.there.as_deref().is_some_and(|there| there.exhausted)
    }

    /// The word for its state there, where nothing says what that word means.
    pub fn unnamed_state(&self) -> Option<&Outside> {
        self.there.as_deref()?.unnamed_state.as_ref()
    }

    /// Its source does this about it now, and pages by the same policy as ever.
    fn turn(&mut self, held_by: Option<Outside>, exhausted: bool, unnamed_state: Option<Outside>) {
        let policy = self.policy().cloned();
        let there = There { policy, held_by, exhausted, unnamed_state };
        self.there = (there != There::default()).then(|| Box::new(there));
    }

    /// What its source said of who looks at it was said of the time it fired.
    fn nobody_has_it(&mut self) {
        self.turn(None, false, None);
    }
}

/// A signal's key as one line of text, so that it can be a key in JSON: `source` NUL `fingerprint`.
pub type SignalKeyText = String;

/// The key of a map of signals.
pub fn key_text(key: &SignalKey) -> SignalKeyText {
    format!("{}\0{}", key.source, key.fingerprint.raw())
}

impl Incident {
    pub(super) fn apply_signal(&mut self, record: &Record) -> Result<(), Illegal> {
        let worst = self.worst_firing();
        match &record.entry {
            Entry::SignalJoined(joining) => {
                self.must_be_alive()?;
                if self.signals.contains_key(&key_text(&joining.key)) {
                    return illegal("that signal joined already");
                }
                let quiet = self.cleared_at.is_some();
                self.join(joining);
                if quiet {
                    self.burns_again(record.at);
                }
            }
            Entry::SignalReturned { key } => {
                if !self.takes_back() {
                    return illegal("it ended for good");
                }
                let signal = self.signal(key)?;
                if signal.cleared.is_none() {
                    return illegal("that signal fires already");
                }
                signal.cleared = None;
                signal.returned = Some(record.at);
                signal.nobody_has_it();
                if self.closed.is_some() || self.cleared_at.is_some() {
                    self.burns_again(record.at);
                } else if self.owner.is_some() {
                    self.fires_again(record.at);
                }
            }
            Entry::SignalCleared { key, .. } => {
                let signal = self.signal(key)?;
                if signal.cleared.is_some() {
                    return illegal("that signal is gone already");
                }
                signal.cleared = Some(record.at);
                signal.nobody_has_it();
                if self.firing() == 0 {
                    self.cleared_at = Some(record.at);
                    self.stop_paths(&Stopped::Cleared);
                }
            }
            Entry::SignalResorted { key, severity, unmapped } => {
                let signal = self.signal(key)?;
                signal.severity = *severity;
                signal.unmapped = *unmapped;
            }
            Entry::SignalFlapped { key, .. } => {
                self.signal(key)?;
            }
            Entry::UpstreamTurned { key, held_by, exhausted, unnamed_state, pages_again: _ } => {
                self.signal(key)?.turn(held_by.clone(), *exhausted, unnamed_state.clone());
            }
            _ => {}
        }
        self.take_worst();
        let now = self.worst_firing();
        self.rose |= now > worst && self.severity_set && now > Some(self.severity);
        Ok(())
    }

    /// It was over, or nothing fired: what was found out and done before was about what burned then.
    pub(super) fn burns_again(&mut self, at: Time) {
        self.fires_again(at);
        self.returned_at = Some(at);
    }

    /// It comes back: nobody looks at it any more, so it is news, and its paths count from the first step.
    pub(super) fn fires_again(&mut self, at: Time) {
        self.owner = None;
        self.closed = None;
        self.take_cut_short();
        self.cleared_at = None;
        self.becomes_news();
        self.restart_paths(at);
        self.ack_due = self.ack_due_from(at);
        self.passed.clear();
        if !self.phase.is_open() {
            self.begin_again();
        }
    }

    /// When somebody must have acknowledged what begins now.
    pub(super) fn ack_due_from(&self, at: Time) -> Option<Time> {
        self.opening.ack_due.map(|due| at + (due - self.opened_at))
    }

    /// Who takes it at its sources stops its paths, as who takes it here does; when they let go, the paths go on.
    pub(super) fn follow_upstream(&mut self, was_held: bool, at: Time) {
        match self.held_upstream().map(|by| by.raw().to_owned()) {
            Some(by) if !was_held => {
                self.milestones.acknowledged.get_or_insert(at);
                self.stop_paths(&Stopped::Acknowledged(by));
            }
            None if was_held && self.owner.is_none() && self.firing() > 0 => self.resume_paths(at),
            _ => {}
        }
    }

    pub(super) fn worst_firing(&self) -> Option<Severity> {
        self.signals.values().filter(|s| s.cleared.is_none()).map(|s| s.severity).max()
    }

    /// Takes a signal in; the caller has checked that it is new.
    pub(super) fn join(&mut self, joining: &Joining) {
        let there =
            There { policy: joining.policy.clone(), held_by: joining.held_by.clone(), ..There::default() };
        let joined = Joined {
            title: joining.title.clone(),
            severity: joining.severity,
            unmapped: joining.unmapped,
            labels: joining.labels.clone(),
            sensitive: joining.sensitive.clone().into(),
            since: joining.since,
            cleared: None,
            returned: None,
            there: (there != There::default()).then(|| Box::new(there)),
            seen: joining.watched.then_some(joining.since),
        };
        self.signals.insert(key_text(&joining.key), Box::new(joined));
        self.cleared_at = None;
        self.take_worst();
    }

    /// The worst firing signal's severity stands until a person sets one.
    pub(super) fn take_worst(&mut self) {
        if let Some(worst) = self.worst_firing().filter(|_| !self.severity_set) {
            self.severity = worst;
        }
    }

    fn signal(&mut self, key: &SignalKey) -> Result<&mut Joined, Illegal> {
        self.signals
            .get_mut(&key_text(key))
            .map(Box::as_mut)
            .ok_or_else(|| Illegal("that signal is not one of its".to_owned()))
    }

    /// How much of several incidents that have a signal it is the one to which that belongs now: where it fires, else
    /// where it went away last.
    pub fn bears(&self, key: &str) -> Option<((bool, Option<Time>), u64)> {
        Some((self.signals.get(key)?.ends(), self.id.number()))
    }

    /// Whether a signal that comes back rejoins it: a person's "false alarm" or "duplicate" is final.
    pub fn takes_back(&self) -> bool {
        match self.closed {
            None => true,
            Some((reason, _)) => matches!(reason, CloseReason::Cleared | CloseReason::Resolved),
        }
    }

    pub(super) fn must_be_alive(&self) -> Result<(), Illegal> {
        if self.phase == Phase::Closed { illegal("it is closed") } else { Ok(()) }
    }
}
