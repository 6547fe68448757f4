//! Everything the engine has told: incidents in rank order, sources, monitors, and how much of it can be believed.

mod incidents;
mod revision;
mod tally;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use crate::backend::{ActionsNow, Catalogue, Changes, Holder, WatchHanded, WatchOffer};
use crate::domain::fault::Fault;
use crate::domain::freshness::{SourceState, SourceStatus};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::monitor::{Health, MonitorStatus, watched};
use crate::domain::phase::Phase;
use crate::domain::rank;
use crate::domain::severity::Severity;
use crate::domain::sight::blind;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

use incidents::Incidents;
pub use revision::Revision;
pub use tally::Tally;

/// A follower that sees no sign of life of the lease holder for so long says so.
const STALLED_AFTER: Span = Span::secs(10);

/// More changes at once than this are ranked by sorting.
const MANY: usize = 64;

/// Everything the engine has told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// Since when this console looks.
    pub began: Time,
    /// When the engine was heard last.
    pub heard: Option<Time>,
    /// How often it was heard: what drives the heartbeat.
    pub beats: u64,
    /// Since when, and why, the engine cannot be reached.
    pub lost: Option<(Time, Fault)>,
    /// Every source.
    pub sources: Vec<SourceStatus>,
    /// Every monitor.
    pub monitors: Vec<MonitorStatus>,
    /// Who polls and keeps deadlines.
    pub holder: Option<Holder>,
    /// The watch that waits to be taken.
    pub watch: Option<WatchOffer>,
    /// The watch that was taken last.
    #[serde(default)]
    pub handed: Option<WatchHanded>,
    /// Whether changes are on, as the engine said last.
    pub actions: ActionsNow,
    /// Since when, and why, nothing can be written down.
    pub ledger: Option<(Time, Fault)>,
    /// Why the program that should hear of notices does not.
    pub deaf: Option<Outside>,
    /// What the engine can do, once it has said so.
    pub catalogue: Option<Catalogue>,
    incidents: Incidents,
    ranked: Vec<(rank::Key, IncidentId)>,
    asking: BTreeSet<IncidentId>,
    /// Those with a role that waits to be taken.
    offering: BTreeSet<IncidentId>,
    /// Those that were put off; each ranks and counts as it did at `now`.
    put_off: BTreeSet<IncidentId>,
    now: Time,
    /// When the newest of all was moved on.
    moved_at: Option<Time>,
    tally: Tally,
    /// What is drawn of the same board, and says so, need not be drawn again.
    #[serde(skip)]
    pub revision: Revision,
}

/// What became of one incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which.
    pub id: IncidentId,
    /// What was known of it before.
    pub was: Option<Arc<Incident>>,
    /// It ranks elsewhere now.
    pub moved: bool,
}

/// How much of the board can be believed.
#[derive(Clone, Debug, PartialEq)]
pub enum Sight {
    /// Nothing was heard from the engine yet.
    Connecting,
    /// The engine cannot be reached.
    Lost(Time, Fault),
    /// Another process should be polling and shows no sign of life.
    Stalled(Holder),
    /// Nothing can be written down, so nothing new is taken in.
    Frozen(Time, Fault),
    /// There is nothing to look at.
    NoSources,
    /// Sources have not answered since this console began: how many have, of how many.
    Reading(usize, usize),
    /// No source can be believed, or a watchdog is missing.
    Blind,
    /// Some cannot be believed: how many, of how many.
    Partly(usize, usize),
    /// Every source is LIVE, and some monitors are not up, nor need not be: how many, of how many.
    Failing(usize, usize),
    /// Every source is LIVE, and every monitor up.
    Clear,
}

impl Board {
    /// What the engine can do: nothing before it has said so.
    pub fn can(&self) -> &Catalogue {
        static NOTHING: LazyLock<Catalogue> = LazyLock::new(Catalogue::default);
        self.catalogue.as_ref().unwrap_or(&NOTHING)
    }

    /// A board that knows nothing.
    pub fn new(began: Time) -> Self {
        Self {
            began,
            heard: None,
            beats: 0,
            lost: None,
            sources: Vec::new(),
            monitors: Vec::new(),
            holder: None,
            actions: ActionsNow::Off,
            ledger: None,
            deaf: None,
            watch: None,
            handed: None,
            catalogue: None,
            incidents: Incidents::default(),
            ranked: Vec::new(),
            asking: BTreeSet::new(),
            offering: BTreeSet::new(),
            put_off: BTreeSet::new(),
            now: began,
            moved_at: None,
            tally: Tally::default(),
            revision: Revision::default(),
        }
    }

    /// Takes in what the engine told.
    pub fn absorb(&mut self, changes: &Changes, at: Time) -> Vec<Change> {
        let mut out = self.pass(at);
        self.heard = Some(at);
        self.beats += 1;
        self.lost = None;
        self.revision = Revision::default();
        self.sources.clone_from(&changes.sources);
        self.monitors.clone_from(&changes.monitors);
        self.holder.clone_from(&changes.holder);
        self.actions.clone_from(&changes.actions);
        let since = self.ledger.as_ref().map_or(at, |(since, _)| *since);
        self.ledger = changes.ledger.clone().map(|fault| (since, fault));
        self.deaf.clone_from(&changes.deaf);
        self.watch.clone_from(&changes.watch);
        self.handed.clone_from(&changes.handed);
        // Placing one by one is quick for a few; for many, sorting once is.
        let many = changes.incidents.len() > MANY;
        out.extend(changes.incidents.iter().filter_map(|it| self.take(it, !many)));
        if many {
            self.ranked = self.incidents.iter().map(|it| (rank::key(it, at), it.id.clone())).collect();
            self.ranked.sort_unstable();
        }
        out.extend(changes.removed.iter().filter_map(|id| self.forget(id)));
        out
    }

    /// Whether the engine says what it said last, and no more than that it lives.
    pub fn says_only_that_it_lives(&self, changes: &Changes) -> bool {
        // Of its own sign of life the moment alone is new.
        let holder = |holder: &Option<Holder>| holder.clone().map(|holder| Holder { beat: None, ..holder });
        let ledger = self.ledger.as_ref().map(|(_, why)| why);
        self.heard.is_some()
            && self.lost.is_none()
            && changes.incidents.is_empty()
            && changes.removed.is_empty()
            && changes.notices.is_empty()
            && changes.sources == self.sources
            && changes.monitors == self.monitors
            && holder(&changes.holder) == holder(&self.holder)
            && (&changes.watch, &changes.handed, &changes.actions)
                == (&self.watch, &self.handed, &self.actions)
            && (changes.ledger.as_ref(), &changes.deaf) == (ledger, &self.deaf)
    }

    /// Time has passed: what was put off until then is awake, whether or not anybody could write that down.
    pub fn pass(&mut self, at: Time) -> Vec<Change> {
        let (was, turned) = (self.now, |it: &Incident, was| it.is_snoozed(was) != it.is_snoozed(at));
        let all = self.put_off.iter().filter_map(|id| self.incidents.get(id));
        let all: Vec<Arc<Incident>> = all.filter(|it| turned(it, was)).cloned().collect();
        for incident in &all {
            self.unrank(incident);
            self.count(incident, |n| *n = n.saturating_sub(1));
        }
        self.now = at;
        self.revision = Revision::default();
        let woken = all.into_iter().map(|incident| {
            self.rank(&incident);
            self.count(&incident, |n| *n += 1);
            Change { id: incident.id.clone(), was: Some(incident), moved: true }
        });
        woken.collect()
    }

    /// The engine cannot be reached, for this reason now.
    pub fn lose(&mut self, at: Time, fault: Fault) {
        let since = self.lost.take().map_or(at, |(since, _)| since);
        self.lost = Some((since, fault));
        self.revision = Revision::default();
    }

    /// Takes in what the engine can do.
    pub fn enable(&mut self, catalogue: Catalogue) {
        self.catalogue = Some(catalogue);
        self.revision = Revision::default();
    }

    /// Takes in one incident, unless something newer is known.
    pub fn learn(&mut self, incident: &Arc<Incident>) -> Option<Change> {
        self.take(incident, true)
    }

    fn take(&mut self, incident: &Arc<Incident>, place: bool) -> Option<Change> {
        let was = self.incidents.get(&incident.id).cloned();
        if was.as_ref().is_some_and(|was| was.version >= incident.version) {
            return None;
        }
        let moved = was.as_ref().map(|was| rank::key(was, self.now)) != Some(rank::key(incident, self.now));
        if moved && place {
            if let Some(was) = &was {
                self.unrank(was);
            }
            self.rank(incident);
        }
        if let Some(was) = &was {
            self.count(was, |n| *n = n.saturating_sub(1));
        }
        self.count(incident, |n| *n += 1);
        if !incident.asks.is_empty() {
            self.asking.insert(incident.id.clone());
        }
        if incident.roles.values().any(|held| held.offered.is_some()) {
            self.offering.insert(incident.id.clone());
        } else {
            self.offering.remove(&incident.id);
        }
        if incident.is_put_off() {
            self.put_off.insert(incident.id.clone());
        } else {
            self.put_off.remove(&incident.id);
        }
        self.moved_at = self.moved_at.max(Some(incident.moved_at));
        self.revision = Revision::default();
        self.incidents.put(Arc::clone(incident));
        Some(Change { id: incident.id.clone(), was, moved })
    }

    fn forget(&mut self, id: &IncidentId) -> Option<Change> {
        let was = self.incidents.remove(id)?;
        self.asking.remove(id);
        self.offering.remove(id);
        self.put_off.remove(id);
        self.unrank(&was);
        self.count(&was, |n| *n = n.saturating_sub(1));
        Some(Change { id: id.clone(), was: Some(was), moved: true })
    }

    fn rank(&mut self, incident: &Incident) {
        let entry = (rank::key(incident, self.now), incident.id.clone());
        let place = self.ranked.binary_search(&entry).unwrap_or_else(|place| place);
        self.ranked.insert(place, entry);
    }

    fn unrank(&mut self, incident: &Incident) {
        let entry = (rank::key(incident, self.now), &incident.id);
        if let Ok(place) = self.ranked.binary_search_by(|(k, i)| (k, i).cmp(&(&entry.0, entry.1))) {
            self.ranked.remove(place);
        }
    }

    /// The moment for which everything is ranked and counted.
    pub fn ranked_at(&self) -> Time {
        self.now
    }

    fn count(&mut self, incident: &Incident, step: impl Fn(&mut usize)) {
        if incident.phase == Phase::Review {
            step(&mut self.tally.review);
        }
        if !incident.is_on_triage() {
            return;
        }
        step(match incident.severity {
            Severity::Critical => &mut self.tally.critical,
            Severity::High => &mut self.tally.high,
            Severity::Normal => &mut self.tally.normal,
        });
        if incident.is_snoozed(self.now) {
            step(&mut self.tally.snoozed);
        }
        if incident.severity == Severity::Critical && !incident.is_acked() {
            step(&mut self.tally.unacked);
        }
    }

    /// An incident.
    pub fn get(&self, id: &IncidentId) -> Option<&Arc<Incident>> {
        self.incidents.get(id)
    }

    /// The id of every incident, what burns hardest first.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = &IncidentId> {
        self.ranked.iter().map(|(_, id)| id)
    }

    /// Every incident, what burns hardest first.
    pub fn ranked(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.ranked.iter().filter_map(|(_, id)| self.incidents.get(id))
    }

    /// Those about which a second person was ever asked.
    pub fn asking(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.asking.iter().filter_map(|id| self.incidents.get(id))
    }

    /// Those with a role that waits for somebody to take it.
    pub fn offering(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.offering.iter().filter_map(|id| self.incidents.get(id))
    }

    /// How many there are.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Sources and monitors: all that can be fresh or not.
    pub fn watched(&self) -> impl Iterator<Item = &SourceStatus> {
        watched(&self.sources, &self.monitors)
    }

    /// Whether none of its sources can be trusted to be current.
    pub fn is_stale(&self, incident: &Incident, now: Time) -> bool {
        is_stale(self.watched(), incident, now)
    }

    /// The time of the newest data about an incident.
    pub fn as_of(&self, incident: &Incident) -> Option<Time> {
        sources_of(self.watched(), incident).filter_map(|status| status.as_of).max()
    }

    /// The newest thing on the board, for the frame that is drawn before any source was read.
    pub fn newest(&self) -> Option<Time> {
        let read = self.watched().filter_map(|status| status.as_of);
        read.chain(self.moved_at).max()
    }

    /// How much of the board can be believed.
    pub fn sight(&self, now: Time) -> Sight {
        if let Some((since, fault)) = &self.lost {
            return Sight::Lost(*since, fault.clone());
        }
        if self.heard.is_none() {
            return Sight::Connecting;
        }
        let stalled = |h: &&Holder| !h.here && h.beat.is_none_or(|beat| now - beat > STALLED_AFTER.delta());
        if let Some(holder) = self.holder.as_ref().filter(stalled) {
            return Sight::Stalled(holder.clone());
        }
        // Where another process takes things in, only the person at this console is kept from writing.
        if let Some((since, fault)) = &self.ledger
            && self.holder.as_ref().is_none_or(|holder| holder.here)
        {
            return Sight::Frozen(*since, fault.clone());
        }
        let (mut all, mut tried, mut live, mut sees) = (0, 0, 0, false);
        for it in self.watched() {
            let state = it.state(now);
            all += 1;
            tried += usize::from(it.as_of >= Some(self.began) || it.failures > 0);
            live += usize::from(state == SourceState::Live && !it.flapping.is_on(now));
            sees |= state.sees();
        }
        match () {
            () if all == 0 => Sight::NoSources,
            () if !sees && tried < all => Sight::Reading(tried, all),
            () if blind(&self.sources, &self.monitors, now).is_some() => Sight::Blind,
            () if live < all => Sight::Partly(all - live, all),
            () if self.not_up() > 0 => Sight::Failing(self.not_up(), self.monitors.len()),
            () => Sight::Clear,
        }
    }

    /// How many monitors are not up, and need not be.
    pub fn in_maintenance(&self) -> usize {
        let kept = |monitor: &&MonitorStatus| monitor.health != Health::Up && monitor.maintenance.is_some();
        self.monitors.iter().filter(kept).count()
    }

    /// How many monitors are not up and should be, whether or not that is an incident.
    pub fn not_up(&self) -> usize {
        self.monitors.iter().filter(|monitor| monitor.not_up()).count()
    }

    /// How many monitors are up.
    pub fn up(&self) -> usize {
        self.monitors.iter().filter(|monitor| monitor.health == Health::Up).count()
    }
}

/// Whether none of an incident's sources, among these, can be trusted to be current. One opened by hand needs none, and
/// what a source that is not configured any more has said is settled.
pub fn is_stale<'a>(watched: impl Iterator<Item = &'a SourceStatus>, incident: &Incident, now: Time) -> bool {
    let mut states = sources_of(watched, incident).map(|status| status.state(now)).peekable();
    states.peek().is_some() && !states.any(SourceState::sees)
}

/// The sources of an incident that are still configured.
fn sources_of<'a>(
    watched: impl Iterator<Item = &'a SourceStatus>,
    incident: &Incident,
) -> impl Iterator<Item = &'a SourceStatus> {
    let names = incident.sources();
    watched.filter(move |status| names.contains(&status.name.as_str()))
}
