//! One loop per monitor: probe, count streaks, open and clear its incident.

use std::sync::Arc;

use super::intake::REJOINS_MINUTES;
use super::poller::Jitter;
use super::setup::Watch;
use super::{Engine, Monitor};
use crate::domain::freshness::SourceStatus;
use crate::domain::monitor::{Health, MonitorStatus, Reading};
use crate::domain::opening::{Joining, Opening};
use crate::domain::operator::Actor;
use crate::domain::record::Entry;
use crate::domain::signal::{Labels, SignalKey};
use crate::domain::text::Outside;
use crate::ledger::Draft;
use crate::monitors;

impl Engine {
    /// Probes one monitor for as long as this process holds the lease.
    pub(super) async fn probe_for_ever(self, watch: Watch, monitor: Arc<dyn Monitor>) {
        let mut jitter = Jitter::new(&watch.name);
        loop {
            self.probe_once(&watch, &monitor).await;
            tokio::time::sleep(jitter.around(watch.every)).await;
        }
    }

    /// Probes one monitor once.
    pub(super) async fn probe_once(&self, watch: &Watch, monitor: &Arc<dyn Monitor>) {
        let reading = monitors::read(monitor.as_ref(), self.now()).await;
        let mut status = self.monitor_status(watch);
        let turned = status.take(&reading, watch.streaks);
        status.source.next_poll = Some(self.now() + watch.every.delta());
        let health = status.health;
        let open = self.incident_of(watch);
        match health {
            // At every probe, not only at the turn: what could not be written down then is written down now.
            Health::Down => self.went_down(watch, &reading, open).await,
            Health::Up => self.came_up(watch, open).await,
            Health::Unknown => {}
        }
        if turned {
            self.tell_linked(watch, &reading, health).await;
        }
        self.0.live.put_monitor(&status).await;
        self.0.mirror.write(|view| {
            match view.monitors.iter_mut().find(|known| known.source.name == watch.name) {
                Some(known) => *known = status,
                None => view.monitors.push(status),
            }
        });
    }

    fn monitor_status(&self, watch: &Watch) -> MonitorStatus {
        let view = self.0.mirror.read();
        let known = view.monitors.iter().find(|status| status.source.name == watch.name).cloned();
        let fresh = MonitorStatus {
            source: SourceStatus::never(&watch.name, watch.every),
            kind: watch.kind.clone(),
            service: watch.service.clone(),
            target: watch.target.clone(),
            severity: watch.severity,
            health: Health::Unknown,
            since: None,
            streak: 0,
            wrong: None,
            samples: std::collections::VecDeque::new(),
        };
        known.map_or(fresh.clone(), |known| MonitorStatus {
            source: SourceStatus { every: watch.every, ..known.source },
            kind: fresh.kind,
            service: fresh.service,
            target: fresh.target,
            severity: fresh.severity,
            ..known
        })
    }

    /// The monitor's own latest incident that its next change belongs to, and whether its signal fires there.
    fn incident_of(&self, watch: &Watch) -> Option<(crate::domain::id::IncidentId, bool)> {
        let key = crate::domain::incident::key_text(&key(watch));
        let mine = self.0.mirror.all().into_iter().filter(|incident| incident.signals.contains_key(&key));
        let latest = mine.max_by_key(|incident| incident.id.number())?;
        let signal = latest.signals.get(&key)?;
        let recent =
            signal.cleared.is_none_or(|at| self.now() - at <= chrono::TimeDelta::minutes(REJOINS_MINUTES));
        let firing = signal.cleared.is_none();
        (firing || recent && latest.takes_back()).then(|| (latest.id.clone(), firing))
    }

    async fn went_down(
        &self,
        watch: &Watch,
        reading: &Reading,
        open: Option<(crate::domain::id::IncidentId, bool)>,
    ) {
        let wrong = reading.wrong.clone().unwrap_or_default();
        let draft = match open {
            Some((_, true)) => return,
            Some((id, false)) => self.by_engine(&id, Entry::SignalReturned { key: key(watch) }),
            None => {
                let title = Outside::new(format!("{} is down: {}", watch.name, wrong.raw()));
                let labels: Labels = [("monitor", watch.name.as_str()), ("service", &watch.service)]
                    .into_iter()
                    .map(|(name, value)| (Outside::new(name), Outside::new(value)))
                    .collect();
                let joining = Joining {
                    key: key(watch),
                    title: title.clone(),
                    severity: watch.severity,
                    unmapped: false,
                    labels,
                    since: reading.at,
                    policy: None,
                };
                let opening = Opening {
                    title,
                    severity: watch.severity,
                    unmapped: false,
                    category: crate::domain::category::Category::Outage,
                    service: Outside::new(watch.service.clone()),
                    group: Some(format!("alertname={:?} service={:?}", watch.name, watch.service)),
                    signal: Some(joining),
                    because: Outside::new(format!("{} failures in a row", watch.streaks.down_after)),
                    labels: Labels::new(),
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

    async fn came_up(&self, watch: &Watch, open: Option<(crate::domain::id::IncidentId, bool)>) {
        if let Some((id, true)) = open {
            let because = format!("up, {} in a row", watch.streaks.up_after);
            self.note(vec![self.by_engine(&id, Entry::SignalCleared { key: key(watch), because })]).await;
        }
    }

    /// Every other open incident of the service has the change in its timeline.
    async fn tell_linked(&self, watch: &Watch, reading: &Reading, health: Health) {
        let own = crate::domain::incident::key_text(&key(watch));
        let entry = Entry::MonitorTurned {
            monitor: watch.name.clone(),
            up: health == Health::Up,
            detail: reading.wrong.clone().unwrap_or_else(|| Outside::new("as expected")),
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
