//! From one answer of a source to records: a pure decision.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::due::notice;
use super::setup::Setup;
use crate::domain::id::IncidentId;
use crate::domain::incident::{Incident, Joined, key_text};
use crate::domain::notice::NoticeKind;
use crate::domain::opening::{Joining, Opening};
use crate::domain::operator::Actor;
use crate::domain::phase::Phase;
use crate::domain::record::Entry;
use crate::domain::rule::{self, Sorted};
use crate::domain::signal::{Answer, Signal, SignalKey, Standing};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::domain::upstream::Upstream;
use crate::ledger::Draft;

/// How long after it was cleared a signal rejoins its incident.
pub(super) const REJOINS_MINUTES: i64 = 30;
/// A signal that came back is not cleared again within this time: changes in between are counted.
const FLAP_SECONDS: i64 = 60;

/// What each flapping signal did that is not written down.
pub type Flaps = BTreeMap<String, Flap>;

/// What a signal did since it came back that is not written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flap {
    /// It is gone now.
    gone: bool,
    /// How often it went and came.
    times: u32,
}

impl Flap {
    fn turn(&mut self, gone: bool) {
        self.times += u32::from(self.gone != gone);
        self.gone = gone;
    }
}

/// How a signal stands at its source: who holds it, whether nobody answered, and the word where that means nothing.
type Held<'a> = (Option<&'a Outside>, bool, Option<&'a Outside>);

/// Incidents by what their signals share.
type Groups<'a> = BTreeMap<&'a str, Vec<&'a Arc<Incident>>>;

/// What one answer changes.
#[derive(Debug, Default)]
pub struct Taken {
    /// Incidents that begin.
    pub openings: Vec<Draft>,
    /// What happens to those there are.
    pub notes: BTreeMap<IncidentId, Vec<Draft>>,
    /// Signals of groups that are being opened by this batch: take the answer in once more afterwards.
    pub again: bool,
    /// Signals that open nothing.
    pub quiet: u32,
    /// Watchdog alerts that should be firing and are not.
    pub watchdog_missing: Vec<String>,
}

impl Taken {
    /// Batches to append, each all or nothing: one an incident, since each is read and written once.
    pub fn batches(self) -> impl Iterator<Item = Vec<Draft>> {
        self.openings.into_iter().map(|draft| vec![draft]).chain(self.notes.into_values())
    }
}

/// Everything the decision rests on.
pub struct Intake<'a> {
    /// The configuration.
    pub setup: &'a Setup,
    /// Every incident in memory.
    pub incidents: &'a [Arc<Incident>],
    /// The source's name.
    pub source: &'a str,
    /// Alerts that must be firing there.
    pub watchdogs: &'a [String],
    /// Now.
    pub now: Time,
    /// How far the source's clock is behind ours.
    pub behind: Span,
}

impl Intake<'_> {
    /// Takes one answer in.
    pub fn take(&self, answer: &Answer, flaps: &mut Flaps) -> Taken {
        let mut taken = Taken::default();
        let index = self.index();
        let groups = self.groups();
        let mut opening: BTreeSet<String> = BTreeSet::new();
        let is_watchdog = |signal: &Signal| self.watchdogs.iter().any(|name| name == signal.alertname.raw());
        for signal in &answer.signals {
            if is_watchdog(signal) || signal.standing != Standing::Firing {
                taken.quiet += 1;
                continue;
            }
            match index.get(&key_text(&signal.key)) {
                Some(incident) => self.known(signal, incident, &groups, &mut opening, flaps, &mut taken),
                None => self.unknown(signal, None, &groups, &mut opening, &mut taken),
            }
        }
        taken.watchdog_missing = answer.missing(self.watchdogs);
        // Where what always fires does not arrive, nothing does: what is absent may burn.
        if answer.complete && taken.watchdog_missing.is_empty() {
            let present: BTreeSet<String> =
                answer.signals.iter().map(|signal| key_text(&signal.key)).collect();
            self.absent(&index, &present, "absent from a complete answer", flaps, &mut taken);
        }
        taken
    }

    /// A source that is configured no longer clears what it said.
    pub fn removed(&self) -> Taken {
        let mut taken = Taken::default();
        self.absent(&self.index(), &BTreeSet::new(), "its source was removed", &mut Flaps::new(), &mut taken);
        taken
    }

    /// The latest incident of each of this source's signals.
    fn index(&self) -> BTreeMap<String, &Arc<Incident>> {
        let prefix = format!("{}\0", self.source);
        let mut index = BTreeMap::new();
        for incident in self.incidents {
            for key in incident.signals.keys().filter(|key| key.starts_with(&prefix)) {
                let latest = index.entry(key.clone()).or_insert(incident);
                if incident.bears(key) > latest.bears(key) {
                    *latest = incident;
                }
            }
        }
        index
    }

    /// The incidents of each group, oldest first.
    fn groups(&self) -> Groups<'_> {
        let mut groups = Groups::new();
        for incident in self.incidents {
            for group in incident.groups() {
                groups.entry(group).or_default().push(incident);
            }
        }
        groups
    }

    fn known(
        &self,
        signal: &Signal,
        incident: &Arc<Incident>,
        groups: &Groups<'_>,
        opening: &mut BTreeSet<String>,
        flaps: &mut Flaps,
        taken: &mut Taken,
    ) {
        let key = key_text(&signal.key);
        let Some(joined) = incident.signals.get(&key) else { return };
        let Some(cleared) = joined.cleared else {
            let sorted = self.sort(signal);
            if (joined.severity, joined.unmapped) != (sorted.severity, sorted.unmapped) {
                let entry = Entry::SignalResorted {
                    key: signal.key.clone(),
                    severity: sorted.severity,
                    unmapped: sorted.unmapped,
                };
                self.note(taken, &incident.id, entry);
            }
            let was = (joined.held_by(), joined.is_exhausted(), joined.unnamed_state());
            self.turn_upstream(signal, was, incident, incident.is_acked(), taken);
            flaps.entry(key.clone()).and_modify(|flap| flap.turn(false));
            if !self.flaps(joined)
                && let Some(Flap { times, .. }) = flaps.remove(&key)
            {
                let entry = Entry::SignalFlapped { key: signal.key.clone(), times };
                self.note(taken, &incident.id, entry);
            }
            return;
        };
        if self.rejoins(cleared) && incident.takes_back() {
            self.note(taken, &incident.id, Entry::SignalReturned { key: signal.key.clone() });
            // Whoever held it before it went away has to take it again.
            self.turn_upstream(signal, (None, false, None), incident, false, taken);
        } else {
            self.unknown(signal, Some(incident.id.clone()), groups, opening, taken);
        }
    }

    /// Its source holds it differently than is written down.
    fn turn_upstream(
        &self,
        signal: &Signal,
        was: Held<'_>,
        incident: &Arc<Incident>,
        is_acked: bool,
        taken: &mut Taken,
    ) {
        let Some(Upstream { held_by, exhausted, unnamed_state, .. }) = signal.upstream.as_deref() else {
            return;
        };
        let exhausted = *exhausted;
        if was != (held_by.as_ref(), exhausted, unnamed_state.as_ref()) {
            let (key, held_by, unnamed_state) = (signal.key.clone(), held_by.clone(), unnamed_state.clone());
            let pages_again = was.1 && !exhausted && held_by.is_none();
            let entry = Entry::UpstreamTurned { key, held_by, exhausted, pages_again, unnamed_state };
            self.note(taken, &incident.id, entry);
            if exhausted && !was.1 && !is_acked {
                let source = &signal.key.source;
                let text = format!("nobody answered {} at any level of its policy at {source}", incident.id);
                self.note(taken, &incident.id, notice(NoticeKind::Escalation, incident, text));
            }
        }
    }

    fn unknown(
        &self,
        signal: &Signal,
        recurrence_of: Option<IncidentId>,
        groups: &Groups<'_>,
        opening: &mut BTreeSet<String>,
        taken: &mut Taken,
    ) {
        let sorted = self.sort(signal);
        let group = self.group(signal, &sorted);
        let joining = Joining {
            sensitive: self.setup.sensitive.said_by(signal),
            key: signal.key.clone(),
            title: signal.title.clone(),
            severity: sorted.severity,
            unmapped: sorted.unmapped,
            labels: signal.labels.clone(),
            since: self.ours(signal.since),
            watched: signal.watched,
            policy: signal.upstream.as_ref().and_then(|upstream| upstream.policy.clone()),
            held_by: signal.upstream.as_ref().and_then(|upstream| upstream.held_by.clone()),
        };
        let of_group = groups.get(group.as_str()).map(Vec::as_slice).unwrap_or_default();
        // What has been quiet for long is over, whether somebody has said so or not.
        let takes = |i: &&&Arc<Incident>| {
            i.phase.is_open()
                && !i.signals.contains_key(&key_text(&signal.key))
                && i.cleared_at.is_none_or(|at| self.rejoins(at))
        };
        let open = of_group.iter().find(takes);
        if let Some(incident) = open {
            let held_by = joining.held_by.clone();
            self.note(taken, &incident.id, Entry::SignalJoined(Box::new(joining)));
            // What had gone quiet is nobody's when it burns again.
            let is_acked = incident.owner.is_some() && incident.cleared_at.is_none();
            self.turn_upstream(signal, (held_by.as_ref(), false, None), incident, is_acked, taken);
            return;
        }
        // That nobody answers, or nobody knows how it stands, is told of an incident that has an id.
        let is_odd = |upstream: &Upstream| upstream.exhausted || upstream.unnamed_state.is_some();
        taken.again |= signal.upstream.as_deref().is_some_and(is_odd);
        if !opening.insert(group.clone()) {
            taken.again = true;
            return;
        }
        // What was merged into another one was no incident of its own.
        let own = |incident: &&&Arc<Incident>| incident.merged.is_none();
        let earlier = || of_group.iter().rfind(own).map(|incident| incident.id.clone());
        let entry = Entry::Opened(Box::new(Opening {
            title: signal.title.clone(),
            severity: sorted.severity,
            unmapped: sorted.unmapped,
            category: sorted.category,
            service: Outside::new(sorted.service),
            recurrence_of: recurrence_of.or_else(earlier).map(Box::new),
            reported: None,
            group: Some(group),
            signal: Some(Box::new(joining)),
            because: Outside::new(sorted.rule),
            labels: BTreeMap::new().into(),
            ack_due: self.setup.ack.due(sorted.severity, self.now),
        }));
        taken.openings.push(Draft::opening(Actor::Engine, self.now, entry));
    }

    fn absent(
        &self,
        index: &BTreeMap<String, &Arc<Incident>>,
        present: &BTreeSet<String>,
        because: &str,
        flaps: &mut Flaps,
        taken: &mut Taken,
    ) {
        for (key, incident) in index.iter().filter(|(key, _)| !present.contains(*key)) {
            let Some(joined) = incident.signals.get(key).filter(|joined| joined.cleared.is_none()) else {
                continue;
            };
            if self.flaps(joined) {
                flaps.entry(key.clone()).or_default().turn(true);
                continue;
            }
            let Some((source, fingerprint)) = key.split_once('\0') else { continue };
            let flap = flaps.remove(key).unwrap_or_default();
            let key = SignalKey { source: source.to_owned(), fingerprint: Outside::new(fingerprint) };
            // Its last going is what is written down now.
            let times = flap.times.saturating_sub(u32::from(flap.gone));
            if times > 0 {
                self.note(taken, &incident.id, Entry::SignalFlapped { key: key.clone(), times });
            }
            let entry = Entry::SignalCleared { key, because: because.to_owned() };
            self.note(taken, &incident.id, entry);
        }
    }

    /// Whether what went away then is still the same incident when it comes back now.
    fn rejoins(&self, cleared: Time) -> bool {
        self.now - cleared <= chrono::TimeDelta::minutes(REJOINS_MINUTES)
    }

    /// Whether it came back so lately that what it does is counted and not written down.
    fn flaps(&self, joined: &Joined) -> bool {
        joined.returned.is_some_and(|at| self.now - at < chrono::TimeDelta::seconds(FLAP_SECONDS))
    }

    /// A moment of the source's by our clock, as far as it makes things younger: what seems to burn for long pages
    /// nobody, so a clock that is behind must not make it seem so.
    fn ours(&self, theirs: Time) -> Time {
        theirs.checked_add_signed(self.behind.delta()).unwrap_or(theirs).min(self.now)
    }

    fn sort(&self, signal: &Signal) -> Sorted {
        rule::sort(signal, &self.setup.rules, self.now - self.behind.delta())
    }

    /// What signals must share to be one incident.
    fn group(&self, signal: &Signal, sorted: &Sorted) -> String {
        let value = |label: &String| match label.as_str() {
            "alertname" => signal.alertname.raw(),
            "service" => &sorted.service,
            other => signal.label(other).unwrap_or_default(),
        };
        let parts: Vec<String> =
            self.setup.group_by.iter().map(|label| format!("{label}={:?}", value(label))).collect();
        // What could not be decoded has no labels to share.
        if signal.undecodable { key_text(&signal.key) } else { parts.join(" ") }
    }

    fn note(&self, taken: &mut Taken, id: &IncidentId, entry: Entry) {
        let draft = Draft::of(id, Actor::Engine, self.now, entry);
        taken.notes.entry(id.clone()).or_default().push(draft);
    }
}

/// When each configured source answered last; `None` before its first answer.
pub type Seen = BTreeMap<String, Option<Time>>;

/// An untouched incident closes itself once its signals were gone for long enough, and each of its sources was asked
/// since: what cannot be seen is not over.
pub fn closes_itself(incident: &Incident, setup: &Setup, seen: &Seen, now: Time) -> bool {
    let Some(cleared) = incident.cleared_at else { return false };
    let quiet = cleared + setup.clear_after.delta();
    // A source that is configured no longer has nothing more to say.
    let asked = |source: &str| seen.get(source).is_none_or(|as_of| as_of.is_some_and(|at| at >= quiet));
    let gone = now >= quiet && incident.firing() == 0;
    gone && !incident.touched && incident.phase < Phase::Review && incident.sources().into_iter().all(asked)
}
