//! What hides sensitive values from somebody, laid over whatever quotes a source: the one place where they become dots.

use std::collections::BTreeSet;

use super::{HIDDEN, Known, Sensitive, same, words};
use crate::domain::earlier::Earlier;
use crate::domain::incident::{Health, Incident, Joined};
use crate::domain::notice::Notice;
use crate::domain::opening::{Joining, Opening};
use crate::domain::packet::{Packet, Whence};
use crate::domain::parameter::{Offer, Origin};
use crate::domain::rare::Rare;
use crate::domain::record::{Entry, Moving, Record, Tied};
use crate::domain::signal::{Labels, Packed, Signal};
use crate::domain::text::Outside;
use crate::domain::upstream::{Silence, Upstream};

/// A value of fewer characters is found in texts that do not mean it.
const TELLING: usize = 4;

/// What hides sensitive values from somebody: they become [`HIDDEN`]. It lies over what sources say
/// and what is made of that. What people wrote, and what they confirmed, stands as it is.
///
/// Whatever it is laid over is taken apart field by field: what is new must be decided on here.
#[derive(Clone, Debug)]
pub struct Veil<'a> {
    pub(super) sensitive: &'a Sensitive,
    pub(super) read: Known,
    pub(super) hidden: Known,
    /// The longest first.
    pub(super) values: Vec<String>,
}

impl Veil<'_> {
    /// The names of what is hidden.
    pub fn labels(&self) -> BTreeSet<&str> {
        self.hidden.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The values that are hidden, as they are compared, the longest first.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// What is hidden.
    pub fn hidden(&self) -> &Known {
        &self.hidden
    }

    /// Nothing is hidden.
    pub fn is_empty(&self) -> bool {
        self.hidden.is_empty()
    }

    /// Whether a text says what is hidden.
    pub fn hides(&self, text: &Outside) -> bool {
        self.text(text) != *text
    }

    /// The names of what a text says that is hidden; of what is too short to be told from other words, nothing.
    pub fn said_in(&self, text: &Outside) -> BTreeSet<&str> {
        let is_said = |value: &String| {
            let one = std::slice::from_ref(value);
            value.chars().count() >= TELLING && words::without(text.raw(), one) != text.raw()
        };
        let said = self.hidden.iter().filter(|(_, value)| self.values.contains(value) && is_said(value));
        said.map(|(name, _)| name.as_str()).collect()
    }

    /// The text without the hidden values that are whole words of it, however they are encoded.
    pub fn text(&self, text: &Outside) -> Outside {
        match self.values.as_slice() {
            [] => text.clone(),
            values => Outside::new(words::without(text.raw(), values)),
        }
    }

    /// A text of ours that may name what a source said.
    pub fn words(&self, text: &mut String) {
        *text = self.text(&Outside::new(text.as_str())).raw().to_owned();
    }

    /// The incident, its actions and what people said of it left as they are.
    pub fn incident(&self, incident: &Incident) -> Incident {
        let mut incident = incident.clone();
        #[rustfmt::skip]
        let Incident {
            opening, signals, health, taken_in, said_alone,
            id: _, version: _, changed: _, opened_at: _, severity: _, severity_set: _, category: _, category_set: _,
            phase: _, owner: _, roles: _, impact: _, classification: _, filled: _, phases: _, waived: _,
            nothing_to_contain: _, mitigated: _, review: _, milestones: _, bulletins: _, code: _, deadlines: _,
            asks: _, evidence: _, actions: _, escalations: _, ack_due: _, passed: _, noticed: _, rose: _,
            touched: _, cleared_at: _, returned_at: _, merged: _, links: _, snooze: _, closed: _, moved_at: _,
        } = &mut incident;
        self.opening(opening);
        self.moving(signals);
        *said_alone = Rare::default();
        if let Some(Health { detail, healthy: _, since: _, needs: _ }) = health.as_deref_mut() {
            self.hide(detail);
        }
        for taken in taken_in {
            let (title, groups, aside, said) = taken.kept_mut();
            self.hide(title);
            groups.iter_mut().for_each(|group| self.words(group));
            self.moving(aside);
            said.clear();
        }
        incident
    }

    /// A signal.
    #[rustfmt::skip]
    pub fn signal(&self, signal: &mut Signal) {
        let Signal {
            title, alertname, description, labels, annotations, runbook, link, upstream,
            key: _, since: _, standing: _, undecodable: _, watched: _,
        } = signal;
        [title, alertname, description].into_iter().chain(runbook).chain(link).for_each(|text| self.hide(text));
        self.set_packed(labels);
        self.set_packed(annotations);
        let Some(upstream) = upstream else { return };
        let Upstream {
            silences, inhibited_by, inhibits,
            id: _, held_by: _, unnamed_state: _, policy: _, level: _, assigned: _, on_call: _, coming: _,
            disarmed: _, exhausted: _, muted_by: _,
        } = &mut **upstream;
        inhibited_by.iter_mut().chain(inhibits).for_each(|text| self.hide(text));
        for Silence { comment, id: _, by: _, matchers: _, until: _, as_of: _ } in silences {
            self.hide(comment);
        }
    }

    /// A record, with what it says of signals that the incident has no more.
    pub fn record(&self, record: &mut Record) {
        let own = self.sensitive.veil(&self.sensitive.said_in(&record.entry), self.read.clone());
        [self, &own]
            .into_iter()
            .filter(|veil| !veil.is_empty())
            .for_each(|veil| veil.entry(&mut record.entry));
    }

    #[rustfmt::skip]
    fn entry(&self, entry: &mut Entry) {
        match entry {
            Entry::Opened(opening) => self.opening(opening),
            Entry::SignalJoined(joining) => self.joining(joining),
            Entry::Tied(tied) => self.tied(tied),
            Entry::NoticeRaised(notice) => self.notice(notice),
            Entry::MonitorTurned { detail, .. } | Entry::HealthTurned { detail, .. } => self.hide(detail),
            // Which signal, and what became of it.
            Entry::SignalReturned { .. } | Entry::SignalCleared { .. } | Entry::SignalResorted { .. }
            | Entry::SignalFlapped { .. } | Entry::UpstreamTurned { .. } | Entry::SourceTurned { .. } => {}
            // What people said.
            Entry::Acknowledged { .. } | Entry::AckExpired { .. } | Entry::Noted { .. } | Entry::HandedBack { .. }
            | Entry::Snoozed(_) | Entry::SnoozeEnded(_)
            | Entry::RoleTaken { .. } | Entry::RoleOffered { .. } | Entry::RoleAccepted { .. }
            | Entry::ImpactAssessed { .. } | Entry::SeveritySet { .. } | Entry::CategorySet { .. }
            | Entry::Classified { .. } | Entry::PacketFilled { .. } | Entry::NothingToContain { .. }
            | Entry::Mitigated { .. } | Entry::ContainmentKept { .. } | Entry::PhaseMoved { .. }
            | Entry::Closed { .. } | Entry::RootCauseFound { .. } | Entry::ItemAdded { .. } | Entry::ItemDone { .. }
            | Entry::Published { .. } | Entry::EvidenceKept(_) | Entry::EvidenceRead { .. }
            | Entry::Exported { .. } | Entry::SensitiveRead { .. } => {}
            // What people confirmed, and what became of it.
            Entry::ApprovalAsked { .. } | Entry::Approved { .. } | Entry::ApprovalRefused { .. }
            | Entry::CaptureMissed { .. } | Entry::Intended { .. } | Entry::Sent { .. } | Entry::SentAgain { .. }
            | Entry::Answered { .. } | Entry::Settled { .. } | Entry::UndoneWith { .. } | Entry::BulletinStarted(_)
            | Entry::BulletinAnswered(_) | Entry::BulletinSeen(_) | Entry::BulletinSettled(_) => {}
            // Paths, deadlines and the console's own, which quote no source; a card is veiled before it is offered.
            Entry::PathArmed(_) | Entry::PathHeld(_) | Entry::PathStopped(_) | Entry::StepStarted(_)
            | Entry::StepSent(_) | Entry::StepMissed(_) | Entry::Told(_) | Entry::DeadlineSet(_)
            | Entry::DeadlineMet(_) | Entry::DeadlineNear(_) | Entry::DeadlinePassed(_)
            | Entry::DeadlineWithdrawn(_) | Entry::WatchOffered { .. } | Entry::WatchAccepted { .. }
            | Entry::WatchWithdrawn { .. } | Entry::ConfigurationLoaded { .. } | Entry::SafetyTurned { .. } | Entry::NoticeDelivered { .. } => {}
        }
    }

    /// A notice.
    pub fn notice(&self, notice: &mut Notice) {
        let Notice { text, kind: _, incident: _, to: _ } = notice;
        self.hide(text);
    }

    /// What an earlier incident teaches.
    pub fn earlier(&self, earlier: &mut Earlier) {
        let Earlier { contained, asked, mitigated: _, root_cause: _, id: _, opened_at: _, ended: _ } =
            earlier;
        contained.iter_mut().chain(asked).for_each(|what| self.words(what));
    }

    /// What an escalation would say.
    pub fn packet(&self, packet: &mut Packet) {
        for fact in packet.items.iter_mut().flat_map(|item| &mut item.values) {
            if self.is_under(&fact.whence) {
                fact.value = Outside::new(HIDDEN);
            }
            self.hide(&mut fact.value);
            if let Whence::Label { signal, .. } | Whence::Detail { signal, .. } = &mut fact.whence {
                self.hide(signal);
            }
        }
    }

    /// A value that is offered.
    pub fn offer(&self, offer: &mut Offer) {
        let Offer { value, from, origin, held: _ } = offer;
        let under = match origin {
            Origin::Label(name) => self.hides_any_under(name),
            Origin::Packet(whence) => self.is_under(whence),
            Origin::Person | Origin::Default => false,
        };
        if under {
            *value = Outside::new(HIDDEN);
        }
        self.hide(value);
        self.hide(from);
        if let Origin::Packet(Whence::Label { signal, .. } | Whence::Detail { signal, .. }) = origin {
            self.hide(signal);
        }
    }

    /// Whether a value was found where something is hidden: also a part of one is not shown.
    fn is_under(&self, whence: &Whence) -> bool {
        let name = match whence {
            Whence::Label { label, .. } => Some(label.raw()),
            Whence::Detail { pointer, .. } => {
                pointer.raw().rsplit('/').find(|step| !step.bytes().all(|byte| byte.is_ascii_digit()))
            }
            Whence::Person { .. } | Whence::Note { .. } | Whence::Probe { .. } | Whence::Incident => None,
        };
        name.is_some_and(|name| self.hides_any_under(name))
    }

    fn hides_any_under(&self, name: &str) -> bool {
        self.sensitive.named(name).is_some_and(|name| self.labels().contains(name))
    }

    fn opening(&self, opening: &mut Opening) {
        #[rustfmt::skip]
        let Opening {
            title, because, labels, group, signal,
            severity: _, unmapped: _, category: _, service: _, ack_due: _, recurrence_of: _, reported: _,
        } = opening;
        self.hide(title);
        self.hide(because);
        self.set(labels);
        group.iter_mut().for_each(|group| self.words(group));
        signal.iter_mut().for_each(|joining| self.joining(joining));
    }

    #[rustfmt::skip]
    fn joining(&self, joining: &mut Joining) {
        let Joining {
            title, labels, sensitive,
            key: _, severity: _, unmapped: _, since: _, watched: _, policy: _, held_by: _,
        } = joining;
        self.hide(title);
        self.set_packed(labels);
        sensitive.clear();
    }

    fn tied(&self, tied: &mut Tied) {
        match tied {
            Tied::TookIn { title, groups, signals, said, from: _, paths: _ } => {
                self.hide(title);
                groups.iter_mut().for_each(|group| self.words(group));
                self.moving(signals);
                said.clear();
            }
            Tied::CameOut { signals, of: _ } | Tied::Linked { came: signals, with: _, went: _ } => {
                self.moving(signals);
            }
            Tied::MergedInto { .. } | Tied::LetGo { .. } | Tied::Unlinked { .. } => {}
        }
    }

    fn moving(&self, signals: &mut Moving) {
        for joined in signals.values_mut() {
            #[rustfmt::skip]
            let Joined {
                title, labels, sensitive,
                severity: _, unmapped: _, since: _, cleared: _, returned: _, there: _, seen: _,
            } = &mut **joined;
            self.hide(title);
            self.set_packed(labels);
            sensitive.clear();
        }
    }

    /// A sensitive label's value whatever it is, and of the others what says the same.
    fn set(&self, labels: &mut Labels) {
        for (name, value) in labels {
            let known = |name: &str| self.read.contains(&(name.to_owned(), same(value)));
            if self.sensitive.named(name.raw()).is_some_and(|name| !known(name)) {
                *value = Outside::new(HIDDEN);
            } else {
                self.hide(value);
            }
        }
    }

    fn set_packed(&self, labels: &mut Packed) {
        let mut unpacked = labels.unpacked();
        self.set(&mut unpacked);
        *labels = Packed::from(unpacked);
    }

    fn hide(&self, text: &mut Outside) {
        *text = self.text(text);
    }
}
