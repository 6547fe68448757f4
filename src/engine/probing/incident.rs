//! What a monitor's turns mean for its own incident and for those of its service.

use crate::domain::category::Category;
use crate::domain::id::IncidentId;
use crate::domain::incident::key_text;
use crate::domain::monitor::{Health, MonitorStatus, Reading};
use crate::domain::opening::{Joining, Opening};
use crate::domain::operator::Actor;
use crate::domain::record::Entry;
use crate::domain::signal::{Labels, SignalKey};
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::engine::Engine;
use crate::engine::intake::REJOINS_MINUTES;
use crate::engine::setup::Watch;
use crate::ledger::Draft;

/// A monitor's own latest incident, where its next change belongs to it.
pub(super) struct Open {
    id: IncidentId,
    /// Whether its signal fires there.
    fires: bool,
}

impl Engine {
    pub(super) fn incident_of(&self, watch: &Watch) -> Option<Open> {
        let key = key_text(&key(watch));
        let mine = self.0.mirror.all().into_iter().filter(|incident| incident.signals.contains_key(&key));
        let latest = mine.max_by_key(|incident| incident.bears(&key))?;
        let signal = latest.signals.get(&key)?;
        let recent =
            signal.cleared.is_none_or(|at| self.now() - at <= chrono::TimeDelta::minutes(REJOINS_MINUTES));
        let fires = signal.cleared.is_none();
        (fires || recent && latest.takes_back()).then(|| Open { id: latest.id.clone(), fires })
    }

    pub(super) async fn went_down(&self, watch: &Watch, reading: &Reading, open: Option<Open>) {
        // Where it works again, and not often enough in a row yet, there is nothing to say that is wrong.
        let Some(wrong) = reading.wrong() else { return };
        let draft = match open {
            Some(Open { fires: true, .. }) => return,
            Some(Open { id, fires: false }) => self.by_engine(&id, Entry::SignalReturned { key: key(watch) }),
            None => {
                let title = Outside::new(format!("{} is down: {}", watch.name, wrong.raw()));
                let labels: Labels = [("monitor", watch.name.as_str()), ("service", &watch.service)]
                    .into_iter()
                    .map(|(name, value)| (Outside::new(name), Outside::new(value)))
                    .collect();
                let joining = Joining {
                    sensitive: crate::domain::sensitive::Said::new(),
                    key: key(watch),
                    title: title.clone(),
                    severity: watch.severity,
                    unmapped: false,
                    labels: labels.into(),
                    since: reading.at,
                    policy: None,
                    held_by: None,
                    watched: false,
                };
                let opening = Opening {
                    title,
                    severity: watch.severity,
                    unmapped: false,
                    category: Category::Outage,
                    service: Outside::new(watch.service.clone()),
                    group: Some(format!("alertname={:?} service={:?}", watch.name, watch.service)),
                    signal: Some(Box::new(joining)),
                    because: Outside::new(format!("{} failures in a row", watch.streaks.down_after)),
                    labels: Labels::new().into(),
                    ack_due: self.0.setup.ack.due(watch.severity, self.now()),
                    recurrence_of: None,
                    reported: None,
                };
                let mut entry = Entry::Opened(Box::new(opening));
                self.name_recurrence(&mut entry).await;
                Draft::opening(Actor::Engine, self.now(), entry)
            }
        };
        self.note(vec![draft]).await;
    }

    pub(super) async fn came_up(&self, watch: &Watch, open: Option<Open>) {
        if let Some(Open { id, fires: true }) = open {
            let because = format!("up, {} in a row", watch.streaks.up_after);
            self.note(vec![self.by_engine(&id, Entry::SignalCleared { key: key(watch), because })]).await;
        }
    }

    /// A monitor that flaps counts as firing: how often it turned is written down at most once a minute.
    pub(super) async fn count_turns(&self, watch: &Watch, status: &mut MonitorStatus, now: Time) {
        let Some(Open { id, fires: true }) = self.incident_of(watch) else { return };
        if let Some(times) = status.flapping.tell(now) {
            self.note(vec![self.by_engine(&id, Entry::SignalFlapped { key: key(watch), times })]).await;
        }
    }

    /// Every other open incident of the service has the change in its timeline.
    pub(super) async fn tell_linked(&self, watch: &Watch, status: &MonitorStatus, flaps: bool) {
        let own = key_text(&key(watch));
        let said = status.wrong.as_ref().or(status.says.as_ref()).map(Outside::raw);
        let said = said.unwrap_or("as expected").to_owned();
        let said = if flaps { format!("flapping, so further turns are not told; {said}") } else { said };
        let said = if status.maintenance.is_some() { format!("in maintenance; {said}") } else { said };
        let entry = Entry::MonitorTurned {
            monitor: watch.name.clone(),
            up: status.health == Health::Up,
            detail: Outside::new(said),
        };
        let linked = self.0.mirror.all().into_iter().filter(|incident| {
            incident.phase.is_open()
                && incident.is_of_service(&watch.service)
                && !incident.signals.contains_key(&own)
        });
        self.note_all(linked.map(|incident| vec![self.by_engine(&incident.id, entry.clone())])).await;
    }
}

/// A monitor is its own source with one signal.
fn key(watch: &Watch) -> SignalKey {
    SignalKey { source: watch.name.clone(), fingerprint: Outside::new(watch.name.clone()) }
}
