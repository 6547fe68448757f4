//! One loop per monitor: probe, count streaks, open and clear its incident.

mod incident;

use std::sync::Arc;

use super::poller::{Jitter, Pause};
use super::setup::Watch;
use super::{Engine, Monitor};
use crate::backend::{Refusal, RefusalKind};
use crate::domain::freshness::SourceStatus;
use crate::domain::monitor::{Found, Health, MonitorStatus, Reading, maintenance};
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::{Span, Time};
use crate::ledger::live::Unanswered;
use crate::monitors::{self, Asked};

impl Engine {
    /// Probes one monitor for as long as this process holds the lease.
    pub(super) async fn probe_for_ever(self, watch: Watch, monitor: Arc<dyn Monitor>) {
        let (mut jitter, mut hurried) = (Jitter::new(&watch.name), self.0.hurried.subscribe());
        self.leave_alone(&watch.name).await;
        loop {
            let pause = self.probe_once(&watch, &monitor).await;
            pause.counted().over(&mut jitter, &mut hurried).await;
        }
    }

    /// Probes one monitor once; says for how long it is to be left in peace then.
    pub(super) async fn probe_once(&self, watch: &Watch, monitor: &Arc<dyn Monitor>) -> Pause {
        let mut status = self.monitor_status(watch);
        let now = self.now();
        let heard = if watch.is_fed { self.0.live.heard(&watch.name, now).await } else { Ok(None) };
        // A first look in the future was taken before the clock was set back.
        let began = status.began.map_or(now, |began| began.min(now));
        status.began = Some(began);
        let reading = match heard {
            Ok(beaten) => monitors::read(monitor.as_ref(), &Asked { now, began, beaten }).await,
            Err(Unanswered) => Reading { at: now, took: Span::millis(0), found: Found::Early(unheard()) },
        };
        let flapped = status.source.as_of.is_some_and(|at| status.flapping.is_on(at));
        let turned = status.take(&reading, watch.streaks);
        let now = self.now();
        let flaps = status.flapping.is_on(now);
        status.maintenance = maintenance::until(&watch.maintenance, now);
        let pause = Pause::begin(&mut status.source, now);
        let seen = status.saw(&reading);
        let open = self.incident_of(watch);
        match status.health {
            // What nobody saw neither went down nor came up.
            _ if !seen => {}
            // At every probe, not only at the turn: what could not be written down then is written down now.
            Health::Down if status.maintenance.is_none() => self.went_down(watch, &reading, open).await,
            Health::Up if !flaps => self.came_up(watch, open).await,
            Health::Up | Health::Down | Health::Unknown => {}
        }
        if seen && flaps {
            self.count_turns(watch, &mut status, now).await;
        }
        // While it flaps its turns are counted; that it begins and ends is told like one.
        if seen && (flapped != flaps || turned && !flaps) {
            self.tell_linked(watch, &status, flaps).await;
        }
        self.0.live.put_monitor(&status).await;
        self.0.mirror.write(|view| {
            match view.monitors.iter_mut().find(|known| known.source.name == watch.name) {
                Some(known) => *known = status,
                None => view.monitors.push(status),
            }
        });
        pause
    }

    fn monitor_status(&self, watch: &Watch) -> MonitorStatus {
        let view = self.0.mirror.read();
        let known = view.monitors.iter().find(|status| status.source.name == watch.name);
        // What another kind of the same name has seen says nothing about this one.
        let known = known.filter(|known| known.kind == watch.kind).cloned();
        let known = known.unwrap_or_else(|| MonitorStatus::never(&watch.name, watch.every));
        MonitorStatus {
            source: SourceStatus { every: watch.every, heard_within: Span::default(), ..known.source },
            kind: watch.kind.clone(),
            service: watch.service.clone(),
            target: watch.target.clone(),
            severity: watch.severity,
            ..known
        }
    }

    /// Takes note that what a heartbeat watches lives; says when that was.
    pub(super) async fn hear(&self, name: &str) -> Result<Time, Refusal> {
        let fed: Vec<&str> = self
            .0
            .setup
            .watches
            .iter()
            .filter(|watch| watch.is_fed)
            .map(|watch| watch.name.as_str())
            .collect();
        if !fed.contains(&name) {
            let there = match fed.as_slice() {
                [] => "add a [[monitor]] with kind = \"heartbeat\"".to_owned(),
                fed => format!("there are {}", fed.join(", ")),
            };
            let why = format!("there is no heartbeat {}; {there}", SafeText::exact(name));
            return Err(Refusal::new(RefusalKind::Usage, why));
        }
        let now = self.now();
        if self.0.live.put_heard(name, now).await {
            return Ok(now);
        }
        let why = "the beat was not kept: the live tables cannot be written; `quell doctor` says more";
        Err(Refusal::new(RefusalKind::Unreachable, why))
    }
}

/// What is said of a heartbeat whose beats cannot be read: that it was never beaten is another matter.
fn unheard() -> Outside {
    Outside::new("the live tables did not say when it beat last")
}
