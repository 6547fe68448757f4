//! Whether what watches an incident has been healthy: looked at by the holder of the lease each second, and once more by
//! whoever begins to look after nobody did, or wants to end it.

use std::sync::Arc;

use super::Engine;
use super::deadlines::Watched;
use super::setup::Setup;
use crate::domain::freshness::SourceState;
use crate::domain::incident::Incident;
use crate::domain::monitor::{Health, MonitorStatus};
use crate::domain::phase::Phase;
use crate::domain::record::Entry;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// Whether everything that watches the incident is healthy; written down when that changes.
pub(super) fn health(setup: &Setup, incident: &Incident, watched: &Watched, now: Time) -> Option<Vec<Entry>> {
    let linked: Vec<&MonitorStatus> =
        watched.monitors.iter().filter(|monitor| incident.is_of_service(&monitor.service)).collect();
    let sick = linked.iter().find_map(|monitor| {
        let name = &monitor.source.name;
        let state = monitor.source.state(now);
        match monitor.health {
            _ if !state.sees() => Some(format!("monitor {name} is {}", state.word())),
            Health::Up if monitor.is_well(now) => None,
            Health::Up => Some(format!("monitor {name} is {}", monitor.word(now))),
            health => Some(format!("monitor {name} is {}", health.word())),
        }
    });
    let sick = sick.or_else(|| unseen(incident, watched, now));
    let (healthy, detail) = match (incident.firing(), sick) {
        (1, _) => (false, "1 of its signals fires".to_owned()),
        (firing @ 2.., _) => (false, format!("{firing} of its signals fire")),
        (0, Some(sick)) => (false, sick),
        (0, None) if linked.is_empty() && incident.signals.is_empty() => {
            (false, "no monitor and no signal watches it".to_owned())
        }
        (0, None) => {
            let mut looked = vec!["no signal fires".to_owned()];
            looked.extend(linked.iter().map(|monitor| format!("monitor {} is up", monitor.source.name)));
            (true, looked.join(", "))
        }
    };
    let detail = Outside::new(detail);
    // What is healthy stays so for the same reason; what is not is looked for where it says.
    let same = incident
        .health
        .as_ref()
        .is_some_and(|health| health.healthy == healthy && (healthy || health.detail == detail));
    (!same).then(|| vec![Entry::HealthTurned { healthy, needs: setup.healthy_for, detail }])
}

/// What cleared in a source that does not see now may fire again unseen. One that is configured no longer has nothing
/// more to say.
fn unseen(incident: &Incident, watched: &Watched, now: Time) -> Option<String> {
    let monitors = watched.monitors.iter().map(|monitor| ("monitor", &monitor.source));
    let known = watched.sources.iter().map(|source| ("source", source)).chain(monitors);
    incident.sources().into_iter().filter(|name| watched.seen.contains_key(*name)).find_map(|name| {
        let (kind, state) = match known.clone().find(|(_, status)| status.name == name) {
            Some((kind, status)) => (kind, status.state(now)),
            None => ("source", SourceState::Never),
        };
        let blind = known.clone().any(|(_, it)| it.name == name && !it.watchdog_missing.is_empty());
        (blind || !state.sees()).then(|| format!("{kind} {name} is {}", state.word()))
    })
}

impl Engine {
    /// Writes down what is healthy in the ledger and cannot be seen to be so: a time in which nobody looked proves nothing.
    pub(super) async fn doubt_health(&self) {
        let (watched, now) = (self.watched(), self.now());
        let stands = |it: &&Arc<Incident>| {
            it.phase == Phase::Recover && it.health.as_ref().is_some_and(|health| health.healthy)
        };
        let incidents = self.0.mirror.all();
        let doubted = incidents.iter().filter(stands).filter_map(|incident| {
            let turned = health(&self.0.setup, incident, &watched, now)?;
            Some(turned.into_iter().map(|entry| self.by_engine(&incident.id, entry)).collect())
        });
        self.note_all(doubted.collect::<Vec<_>>()).await;
    }
}
