//! Which incidents the holder of the lease looks at each second: those something was written about, those of which
//! something is under way, and those whose time has come. All others wait, however many there are.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::due::Due;
use super::mirror::{View, forgotten_at};
use super::recovery::is_unfinished;
use super::setup::Setup;
use crate::domain::deadline::DeadlineKind;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::query::Query;
use crate::domain::severity::Severity;
use crate::domain::time::Time;

/// What the holder has to look at.
#[derive(Default)]
pub(super) struct Restless {
    /// The last record there was at the last look; `None` before the first one, which goes over all.
    read: Option<u64>,
    ids: BTreeSet<IncidentId>,
    /// When others have to be looked at again.
    wakes: BTreeSet<(Time, IncidentId)>,
}

impl Restless {
    /// Those to look at now.
    pub(super) fn wake(&mut self, view: &View, now: Time) -> Vec<Arc<Incident>> {
        match self.read.replace(view.seq) {
            Some(read) if read == view.seq => {}
            Some(read) if read < view.seq => {
                self.ids.extend(view.moved_since(read).iter().map(|incident| incident.id.clone()));
            }
            _ => self.ids.extend(view.incidents.keys().cloned()),
        }
        while self.wakes.first().is_some_and(|(at, _)| *at <= now) {
            self.ids.extend(self.wakes.pop_first().map(|(_, id)| id));
        }
        self.ids.retain(|id| view.incidents.contains_key(id));
        self.ids.iter().filter_map(|id| view.incidents.get(id)).cloned().collect()
    }

    /// Of those that were looked at, the ones of which nothing was due rest as long as nothing can be. What was due and
    /// could not be written down is due again.
    pub(super) fn rest(&mut self, setup: &Setup, looked_at: &[Arc<Incident>], due: &[Due]) {
        let due: BTreeSet<&IncidentId> = due.iter().map(Due::about).collect();
        for incident in looked_at.iter().filter(|incident| !due.contains(&incident.id)) {
            if is_under_way(setup, incident) {
                continue;
            }
            self.ids.remove(&incident.id);
            self.wakes.extend(wakes_at(incident).map(|at| (at, incident.id.clone())));
        }
    }
}

/// Whether something may become due of it at any moment: by what its sources or monitors see, by other incidents, or by a
/// time that is not looked for here.
fn is_under_way(setup: &Setup, incident: &Incident) -> bool {
    let open = incident.phase.is_open();
    let clears = open && incident.cleared_at.is_some();
    let is_told_again =
        setup.repeat.is_some() && open && incident.severity == Severity::Critical && !incident.is_acked();
    let paths = setup.paths.iter().filter_map(|path| path.when.as_ref());
    let mut asked = paths.chain(setup.duties.iter().map(|duty| &duty.when)).chain([&setup.bulletins.when]);
    clears
        || is_told_again
        || incident.phase == Phase::Recover
        || incident.snooze.is_some()
        || !incident.escalations.is_empty()
        || !incident.deadlines.is_empty()
        || !incident.bulletins.is_empty()
        || incident.actions.values().any(is_unfinished)
        || asked.any(Query::asks_age)
}

/// When something becomes due of it by time alone, or it need not be kept any more; else only a record wakes it.
fn wakes_at(incident: &Incident) -> Option<Time> {
    let unmet = !incident.passed.contains_key(&DeadlineKind::Ack);
    let ack = incident.ack_due().filter(|_| unmet);
    let owner = incident.owner.as_ref().filter(|_| incident.phase.is_open()).map(|owner| owner.until);
    ack.into_iter().chain(owner).chain(forgotten_at(incident)).min()
}
