//! How signals and monitors move an incident.

use super::{Illegal, Incident, Joined, illegal, key_text};
use crate::domain::escalation::Stopped;
use crate::domain::opening::Joining;
use crate::domain::phase::Phase;
use crate::domain::record::{CloseReason, Entry, Record};
use crate::domain::severity::Severity;
use crate::domain::signal::SignalKey;

impl Incident {
    pub(super) fn apply_signal(&mut self, record: &Record) -> Result<(), Illegal> {
        let worst = self.worst_firing();
        match &record.entry {
            Entry::SignalJoined(joining) => {
                self.must_be_alive()?;
                if self.signals.contains_key(&key_text(&joining.key)) {
                    return illegal("that signal joined already");
                }
                self.join(joining);
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
                let (held, ended) = (self.owner.take().is_some(), self.closed.take().is_some());
                if held || ended || self.cleared_at.is_some() {
                    // Nobody looks at it any more: it is news, and pages as if an acknowledgement had expired.
                    self.becomes_news();
                    self.resume_paths(record.at);
                    self.ack_due = self.opening.ack_due.map(|due| record.at + (due - self.opened_at));
                    self.passed.clear();
                }
                self.cleared_at = None;
                if !self.phase.is_open() {
                    self.begin_again();
                }
            }
            Entry::SignalCleared { key, .. } => {
                let signal = self.signal(key)?;
                if signal.cleared.is_some() {
                    return illegal("that signal is gone already");
                }
                signal.cleared = Some(record.at);
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
            _ => {}
        }
        self.take_worst();
        let now = self.worst_firing();
        self.rose |= now > worst && self.severity_set && now > Some(self.severity);
        Ok(())
    }

    pub(super) fn worst_firing(&self) -> Option<Severity> {
        self.signals.values().filter(|s| s.cleared.is_none()).map(|s| s.severity).max()
    }

    /// Takes a signal in; the caller has checked that it is new.
    pub(super) fn join(&mut self, joining: &Joining) {
        let joined = Joined {
            title: joining.title.clone(),
            severity: joining.severity,
            unmapped: joining.unmapped,
            labels: joining.labels.clone(),
            since: joining.since,
            cleared: None,
            returned: None,
        };
        self.signals.insert(key_text(&joining.key), joined);
        self.cleared_at = None;
        self.take_worst();
    }

    /// The worst firing signal's severity stands until a person sets one.
    fn take_worst(&mut self) {
        if let Some(worst) = self.worst_firing().filter(|_| !self.severity_set) {
            self.severity = worst;
        }
    }

    fn signal(&mut self, key: &SignalKey) -> Result<&mut Joined, Illegal> {
        self.signals
            .get_mut(&key_text(key))
            .ok_or_else(|| Illegal("that signal is not one of its".to_owned()))
    }

    /// Whether a signal that comes back rejoins it: a person's "false alarm" or "duplicate" is final.
    pub fn takes_back(&self) -> bool {
        match self.closed {
            None => true,
            Some((reason, _)) => matches!(reason, CloseReason::Cleared | CloseReason::Resolved),
        }
    }

    fn must_be_alive(&self) -> Result<(), Illegal> {
        if self.phase == Phase::Closed { illegal("it is closed") } else { Ok(()) }
    }
}
