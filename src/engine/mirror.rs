//! Every incident of the ledger in memory, folded record by record as the ledger grows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::watch;

use super::readings::Readings;
use crate::backend::{ActionsNow, Holder, WatchHanded, WatchOffer};
use crate::domain::freshness::{SourceState, SourceStatus};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::monitor::{MonitorStatus, watched};
use crate::domain::notice::{FAILED, Notice, PROGRAM, WITHHELD};
use crate::domain::record::{Entry, Record};
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::ledger::{Ledger, LedgerError};

/// How long a closed incident is kept for recurrences and rejoining.
const KEPT_HOURS: i64 = 24;
/// How many notices are kept for consoles that come back.
const NOTICES: usize = 200;
/// How many ids are kept of what was let go, for consoles that come back.
const REMOVED: usize = 10_000;
/// How many records are read at once.
const BATCH: usize = 1000;

/// What is in memory.
#[derive(Default)]
pub(super) struct View {
    pub(super) incidents: BTreeMap<IncidentId, Arc<Incident>>,
    /// The record that moved each incident last, of those that moved since all were read.
    moved: BTreeMap<IncidentId, u64>,
    /// The last record there was when all were read.
    all_read: u64,
    /// What was let go, and at which tick: nothing need have been written then.
    pub(super) removed: VecDeque<(u64, IncidentId)>,
    pub(super) seq: u64,
    pub(super) notices: VecDeque<(u64, Time, Notice)>,
    /// Who has read what is sensitive of which incident.
    pub(super) readings: Readings,
    /// Which console was told of which notice.
    pub(super) told: BTreeMap<u64, Vec<String>>,
    /// Which console, or the program, is told of which when the quiet hours end.
    pub(super) withheld: BTreeMap<u64, BTreeSet<String>>,
    /// Why the program that should hear of notices did not hear of the last one.
    pub(super) deaf: Option<Outside>,
    /// The sources and monitors that could not be read when that was written down last, what they were then, and when.
    pub(super) unseen: BTreeMap<String, (SourceState, Time)>,
    /// When something that was asked of a source was last seen to be done.
    pub(super) changed: BTreeMap<String, Time>,
    pub(super) sources: Vec<SourceStatus>,
    pub(super) monitors: Vec<MonitorStatus>,
    pub(super) holder: Option<Holder>,
    /// The watch that waits to be taken.
    pub(super) watch: Option<WatchOffer>,
    /// The watch that was taken last.
    pub(super) handed: Option<WatchHanded>,
    /// Whether changes are on at this moment.
    pub(super) actions: ActionsNow,
    /// The records say that the safety file is there.
    pub(super) safety_off: bool,
    /// The ledger cannot be read.
    pub(super) trouble: Option<LedgerError>,
    /// The ledger cannot be written.
    pub(super) unwritten: Option<LedgerError>,
    /// Whether anybody holds the lease cannot be found out.
    pub(super) leaseless: Option<LedgerError>,
    /// Moves whenever anything above does.
    pub(super) tick: u64,
}

/// The shared view, and a bell that rings when it moves.
pub(super) struct Mirror {
    view: RwLock<View>,
    bell: watch::Sender<u64>,
    /// One reader of the ledger's tail at a time.
    pub(super) tail: tokio::sync::Mutex<()>,
}

impl Mirror {
    pub(super) async fn load(ledger: &Ledger, now: Time) -> Result<Self, LedgerError> {
        let mirror = Self {
            view: RwLock::default(),
            bell: watch::Sender::new(0),
            tail: tokio::sync::Mutex::default(),
        };
        mirror.reload(ledger, now).await?;
        Ok(mirror)
    }

    async fn reload(&self, ledger: &Ledger, now: Time) -> Result<(), LedgerError> {
        let (seq, incidents) = ledger.incidents(now - chrono::TimeDelta::hours(KEPT_HOURS)).await?;
        // What concerns no incident, of the last records, is enough for a console that comes back.
        let notices = ledger.of_console_since(seq.saturating_sub(5000)).await?;
        let safety_off = ledger.safety_off().await?;
        self.write(|view| {
            view.safety_off = safety_off;
            view.moved.clear();
            view.all_read = seq;
            view.incidents = incidents.into_iter().map(|incident| (incident.id.clone(), incident)).collect();
            let kept = &view.incidents;
            view.removed.retain(|(_, id)| !kept.contains_key(id));
            view.seq = seq;
            view.notices.clear();
            view.told.clear();
            view.withheld.clear();
            view.unseen.clear();
            (view.watch, view.handed, view.deaf) = (None, None, None);
            for record in notices.iter().filter(|record| record.seq <= seq) {
                view.take_console(record);
            }
        });
        Ok(())
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, View> {
        self.view.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn write<T>(&self, change: impl FnOnce(&mut View) -> T) -> T {
        let mut view: RwLockWriteGuard<'_, View> =
            self.view.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let out = change(&mut view);
        view.tick += 1;
        let tick = view.tick;
        drop(view);
        self.bell.send_replace(tick);
        out
    }

    pub(super) fn bell(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }

    pub(super) fn get(&self, id: &IncidentId) -> Option<Arc<Incident>> {
        self.read().incidents.get(id).cloned()
    }

    /// Every incident, in order of id.
    pub(super) fn all(&self) -> Vec<Arc<Incident>> {
        self.read().incidents.values().cloned().collect()
    }

    /// Lets go of old incidents, when there are any among these.
    pub(super) fn forget_old(&self, among: &[Arc<Incident>], now: Time) {
        if among.iter().any(|incident| forgotten_at(incident).is_some_and(|at| at <= now)) {
            self.write(|view| view.forget_closed(now));
        }
    }

    /// Reads the ledger's tail at least as far as `seq`.
    pub(super) async fn catch_up(&self, ledger: &Ledger, seq: u64) -> Result<(), LedgerError> {
        let _one = self.tail.lock().await;
        loop {
            let from = self.read().seq + 1;
            if from > seq {
                return Ok(());
            }
            let records = ledger.records(from, BATCH).await?;
            let Some(last) = records.last() else { return Ok(()) };
            let now = last.at;
            self.fetch(ledger, &records).await?;
            let folded = self.write(|view| records.iter().try_for_each(|record| view.take(record)));
            if folded.is_err() {
                tracing::warn!("the tail does not fold onto what is in memory; reading it all again");
                self.reload(ledger, now).await?;
            }
        }
    }

    /// Brings back what was let go and is written about again, as it was before these records.
    async fn fetch(&self, ledger: &Ledger, records: &[Record]) -> Result<(), LedgerError> {
        let mut met = BTreeSet::new();
        for record in records {
            let Some(id) = record.incident.as_ref().filter(|id| met.insert(*id)) else { continue };
            if matches!(record.entry, Entry::Opened(_)) || self.get(id).is_some() {
                continue;
            }
            let earlier = ledger.records_of(id).await?;
            let earlier = earlier.iter().take_while(|earlier| earlier.seq < record.seq);
            // If it does not fold, taking in this record will say so.
            if let Ok(Some(incident)) = Incident::fold(earlier) {
                self.write(|view| {
                    view.removed.retain(|(_, gone)| gone != id);
                    view.incidents.insert(id.clone(), Arc::new(incident));
                });
            }
        }
        Ok(())
    }
}

/// When an incident need not be kept any more, of one that is over.
pub(super) fn forgotten_at(incident: &Incident) -> Option<Time> {
    incident.over_at().map(|over| over + chrono::TimeDelta::hours(KEPT_HOURS))
}

impl View {
    /// Sources and monitors: all that can be fresh or not.
    pub(super) fn watched(&self) -> impl Iterator<Item = &SourceStatus> + Clone {
        watched(&self.sources, &self.monitors)
    }

    /// Until when a source or monitor is not asked, whoever hurries.
    pub(super) fn left_alone(&self, name: &str, now: Time) -> Option<Time> {
        self.watched().find(|status| status.name == name)?.left_alone(now)
    }

    fn take(&mut self, record: &Record) -> Result<(), crate::domain::incident::Illegal> {
        if record.seq <= self.seq {
            return Ok(());
        }
        if let Some(id) = &record.incident {
            match self.incidents.get_mut(id) {
                Some(incident) => {
                    Arc::make_mut(incident).apply(record)?;
                    if let Some(source) = incident.changed_there(&record.entry) {
                        self.changed.insert(source.to_owned(), record.at);
                    }
                }
                None => {
                    let incident = Incident::open(record)?;
                    self.incidents.insert(id.clone(), Arc::new(incident));
                }
            }
            self.moved.insert(id.clone(), record.seq);
            if matches!(record.entry, Entry::SensitiveRead { .. }) {
                self.readings.recorded(record.by.name(), id);
            }
        }
        self.take_console(record);
        self.seq = record.seq;
        Ok(())
    }

    /// Whether quiet hours withheld this from somebody's console, or from the program.
    pub(super) fn is_withheld(&self, notice: u64, theirs: impl Fn(&str) -> bool) -> bool {
        self.withheld.get(&notice).is_some_and(|from| from.iter().any(|it| theirs(it)))
    }

    fn take_console(&mut self, record: &Record) {
        match &record.entry {
            Entry::NoticeRaised(notice) => {
                self.notices.push_back((record.seq, record.at, notice.clone()));
                while self.notices.len() > NOTICES {
                    let old = self.notices.pop_front();
                    if let Some((seq, ..)) = old {
                        self.told.remove(&seq);
                        self.withheld.remove(&seq);
                    }
                }
            }
            Entry::NoticeDelivered { notice, console, how } => {
                let by_program = console == PROGRAM;
                let known = self.notices.iter().any(|(seq, ..)| seq == notice);
                if how == WITHHELD {
                    // It is owed still: whoever begins anew takes it in again.
                    if known {
                        self.withheld.entry(*notice).or_default().insert(console.clone());
                    }
                } else {
                    if by_program {
                        self.deaf = how.strip_prefix(FAILED).map(Outside::new);
                    }
                    if known {
                        self.told.entry(*notice).or_default().push(console.clone());
                    }
                }
            }
            Entry::WatchOffered { to, card } => {
                self.watch = Some(WatchOffer {
                    seq: record.seq,
                    at: record.at,
                    by: record.by.name().to_owned(),
                    to: to.clone(),
                    card: card.clone(),
                });
            }
            Entry::WatchAccepted { offer } => {
                let taken = self.watch.take_if(|watch| watch.seq <= *offer);
                // An earlier quell wrote the same where an offer was taken back.
                let taken = taken.filter(|watch| watch.seq == *offer && watch.by != record.by.name());
                let handed = |watch: WatchOffer| WatchHanded { by: watch.by, to: watch.to, at: record.at };
                self.handed = taken.map(handed).or(self.handed.take());
            }
            Entry::WatchWithdrawn(offer) => {
                self.watch = self.watch.take().filter(|watch| watch.seq > *offer);
            }
            Entry::SourceTurned { source, to, .. } if to.sees() => drop(self.unseen.remove(source)),
            Entry::SourceTurned { source, to, .. } => {
                self.unseen.insert(source.clone(), (*to, record.at));
            }
            Entry::SafetyTurned { off, .. } => self.safety_off = *off,
            // Another program, or another way to run it, has not failed yet.
            Entry::ConfigurationLoaded { changed, .. } if changed.iter().any(|it| it == "notify") => {
                self.deaf = None;
            }
            _ => {}
        }
    }

    /// Those that moved after this record, in order of id.
    pub(super) fn moved_since(&self, seq: u64) -> Vec<Arc<Incident>> {
        if self.all_read > seq {
            return self.incidents.values().cloned().collect();
        }
        // Where nothing was written since, none is looked at.
        let moved = (self.seq > seq).then_some(&self.moved).into_iter().flatten();
        moved
            .filter(|(_, moved)| **moved > seq)
            .filter_map(|(id, _)| self.incidents.get(id))
            .cloned()
            .collect()
    }

    /// Lets go of incidents that have been over for long enough.
    fn forget_closed(&mut self, now: Time) {
        let old: Vec<IncidentId> = self
            .incidents
            .values()
            .filter(|incident| forgotten_at(incident).is_some_and(|at| at <= now))
            .map(|incident| incident.id.clone())
            .collect();
        for id in old {
            self.incidents.remove(&id);
            self.moved.remove(&id);
            self.removed.push_back((self.tick + 1, id));
        }
        // Who has not looked for that long shows some closed ones until it is started again.
        while self.removed.len() > REMOVED {
            self.removed.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_moved_since_a_record_are_told_and_all_of_them_once_they_were_read_anew() {
        let mut view = View::default();
        for seq in 1..=3 {
            let opened = serde_json::json!({
                "v": 1, "seq": seq, "at": "2026-11-20T14:00:00Z", "by": "engine", "incident": format!("ANA-{seq}"),
                "entry": { "opened": {
                    "title": "slow", "severity": "normal", "unmapped": false, "category": "outage", "service": "",
                    "group": null, "signal": null, "because": "", "labels": {}, "ack_due": null, "recurrence_of": null,
                } },
            });
            view.take(&serde_json::from_value(opened).unwrap()).unwrap();
        }
        let since = |view: &View, seq| -> Vec<u64> {
            view.moved_since(seq).iter().map(|incident| incident.id.number()).collect()
        };
        assert_eq!([0, 1, 2, 3].map(|seq| since(&view, seq)), [vec![1, 2, 3], vec![2, 3], vec![3], vec![]]);
        (view.moved, view.all_read) = (BTreeMap::new(), 3);
        assert_eq!([2, 3].map(|seq| since(&view, seq)), [vec![1, 2, 3], vec![]]);
    }
}
