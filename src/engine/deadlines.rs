//! What is due, decided each second by the holder of the lease: a pure list of things to do, then doing them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::intake::closes_itself;
use super::setup::Setup;
use super::{Engine, escalations};
use crate::domain::freshness::SourceState;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::operator::Actor;
use crate::domain::record::{CloseReason, DeadlineKind, Entry};
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::ledger::Draft;

/// Something that is due.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Due {
    /// Write these down, all or nothing.
    Note(IncidentId, Vec<Entry>),
    /// Send this step of the armed path.
    Step(IncidentId, u32),
}

/// Everything that is due now.
pub(super) fn due(setup: &Setup, incidents: &[Arc<Incident>], now: Time) -> Vec<Due> {
    let mut out = Vec::new();
    for incident in incidents {
        let mut note = |entries: Vec<Entry>| out.push(Due::Note(incident.id.clone(), entries));
        if incident.phase.is_open() {
            of_acknowledgement(incident, now).into_iter().for_each(&mut note);
            if closes_itself(incident, setup, now) {
                note(vec![Entry::Closed { reason: CloseReason::Cleared, note: None }]);
                continue;
            }
            of_severity(incident).into_iter().for_each(&mut note);
        }
    }
    escalations::due(setup, incidents, now, &mut out);
    out
}

fn of_acknowledgement(incident: &Incident, now: Time) -> Vec<Vec<Entry>> {
    let mut out = Vec::new();
    if let Some(due) = incident.ack_due().filter(|due| *due <= now)
        && !incident.passed.contains_key(&DeadlineKind::Ack)
    {
        out.push(vec![Entry::DeadlinePassed { deadline: DeadlineKind::Ack, due }]);
    }
    if let Some(owner) = incident.owner.as_ref().filter(|owner| owner.until <= now) {
        let text =
            format!("{} held {} and did nothing for {} min", owner.name, incident.id, owner.lasts_s / 60);
        out.push(vec![
            Entry::AckExpired { owner: owner.name.clone() },
            notice(NoticeKind::AckExpired, incident, text),
        ]);
    }
    out
}

/// Every critical has its notice.
fn of_severity(incident: &Incident) -> Option<Vec<Entry>> {
    let told =
        incident.noticed.iter().any(|kind| matches!(kind, NoticeKind::NewCritical | NoticeKind::Upgraded));
    if incident.severity != Severity::Critical || told {
        return None;
    }
    let kind = if incident.opening.severity == Severity::Critical {
        NoticeKind::NewCritical
    } else {
        NoticeKind::Upgraded
    };
    Some(vec![notice(kind, incident, incident.title().raw().to_owned())])
}

pub(super) fn notice(kind: NoticeKind, incident: &Incident, text: String) -> Entry {
    Entry::NoticeRaised(Notice { kind, incident: Some(incident.id.clone()), text: Outside::new(text) })
}

/// What the holder remembers of going blind.
#[derive(Default)]
pub(super) struct Sight {
    blind: bool,
}

impl Engine {
    /// Does everything that is due now.
    pub(super) async fn keep_deadlines(&self, sight: &mut Sight) {
        let now = self.now();
        let incidents = self.0.mirror.all();
        let mut notes = Vec::new();
        let mut steps = BTreeMap::new();
        for due in due(&self.0.setup, &incidents, now) {
            match due {
                Due::Note(id, entries) => {
                    notes.push(entries.into_iter().map(|entry| self.by_engine(&id, entry)).collect());
                }
                Due::Step(id, step) => drop(steps.insert(id, step)),
            }
        }
        self.note_all(notes).await;
        for (id, step) in steps {
            self.send_step_in_background(id, step).await;
        }
        self.watch_sight(sight, now).await;
        self.0.mirror.forget_old(now);
    }

    /// Going blind is a notice, once each time.
    async fn watch_sight(&self, sight: &mut Sight, now: Time) {
        let text = self.blind_because(now);
        if let (Some(text), false) = (&text, sight.blind) {
            let notice = Notice { kind: NoticeKind::Blind, incident: None, text: Outside::new(text.clone()) };
            self.note(vec![Draft::console(Actor::Engine, now, Entry::NoticeRaised(notice))]).await;
        }
        sight.blind = text.is_some();
    }

    fn blind_because(&self, now: Time) -> Option<String> {
        let view = self.0.mirror.read();
        let configured: Vec<_> =
            self.0.adapters.sources.iter().map(|source| source.name().to_owned()).collect();
        let sources: Vec<_> =
            view.sources.iter().filter(|status| configured.contains(&status.name)).collect();
        if let Some((source, missing)) =
            sources.iter().find_map(|s| Some((&s.name, s.watchdog_missing.first()?)))
        {
            return Some(format!(
                "{source}: the watchdog alert {missing} is not firing; alerts may not reach it"
            ));
        }
        let tried = |state: SourceState| !matches!(state, SourceState::Never);
        let blind =
            !sources.is_empty() && sources.iter().all(|s| !s.state(now).sees() && tried(s.state(now)));
        let last = sources.iter().filter_map(|s| s.as_of).max();
        let since = last.map_or_else(
            || "no answer yet".to_owned(),
            |at| format!("data as of {}", crate::domain::time::clock_time(at)),
        );
        blind.then(|| format!("no source can be seen: {since}"))
    }
}
