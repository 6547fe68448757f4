//! What is due, decided each second by the holder of the lease: a pure list of things to do, then doing them.

use std::sync::Arc;

use super::due::{Due, notice};
use super::intake::closes_itself;
use super::setup::Setup;
use super::{Engine, duties, escalations};
use crate::domain::deadline::DeadlineKind;
use crate::domain::freshness::{SourceState, SourceStatus};
use crate::domain::incident::Incident;
use crate::domain::monitor::MonitorStatus;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::operator::Actor;
use crate::domain::record::{CloseReason, Entry};
use crate::domain::severity::Severity;
use crate::domain::sight::blind;
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::ledger::Draft;

/// Everything that is due now.
pub(super) fn due(
    setup: &Setup,
    incidents: &[Arc<Incident>],
    monitors: &[MonitorStatus],
    now: Time,
) -> Vec<Due> {
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
    duties::due(setup, incidents, monitors, now, &mut out);
    out
}

fn of_acknowledgement(incident: &Incident, now: Time) -> Vec<Vec<Entry>> {
    let mut out = Vec::new();
    if let Some(due) = incident.ack_due().filter(|due| *due <= now)
        && !incident.passed.contains_key(&DeadlineKind::Ack)
    {
        out.push(vec![Entry::DeadlinePassed { deadline: DeadlineKind::Ack, name: String::new(), due }]);
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

/// Every critical has its notice, and so has a source that says it is worse than a person said.
fn of_severity(incident: &Incident) -> Option<Vec<Entry>> {
    if incident.rose
        && let Some(worse) = incident.worse_upstream()
    {
        let text = format!("its source says {}: {}", worse.word(), incident.title().raw());
        return Some(vec![notice(NoticeKind::Upgraded, incident, text)]);
    }
    let told =
        incident.noticed.iter().any(|kind| matches!(kind, NoticeKind::NewCritical | NoticeKind::Upgraded));
    if incident.severity != Severity::Critical || told {
        return None;
    }
    let opened_so = incident.opening.severity == Severity::Critical;
    let kind = if opened_so { NoticeKind::NewCritical } else { NoticeKind::Upgraded };
    Some(vec![notice(kind, incident, incident.title().raw().to_owned())])
}

/// What the holder remembers of going blind.
pub(super) struct Sight {
    /// Since when this process asks.
    began: Time,
    blind: bool,
}

impl Engine {
    /// Does everything that is due now.
    pub(super) async fn keep_deadlines(&self, sight: &mut Sight) {
        let now = self.now();
        let incidents = self.0.mirror.all();
        let monitors = self.0.mirror.read().monitors.clone();
        let (mut notes, mut steps) = (Vec::new(), Vec::new());
        for due in due(&self.0.setup, &incidents, &monitors, now) {
            match due {
                Due::Note(id, entries) => {
                    notes.push(entries.into_iter().map(|entry| self.by_engine(&id, entry)).collect());
                }
                Due::Step(id, path, step) => steps.push((id, path, step)),
            }
        }
        // What pages people comes before what is only written down.
        let sends = steps.into_iter().map(|(id, path, step)| self.send_step_in_background(id, path, step));
        futures_util::future::join_all(sends).await;
        self.note_all(notes).await;
        self.watch_sight(sight, now).await;
        self.0.mirror.forget_old(now);
    }

    /// What is known of going blind when this process begins to ask: a notice that no answer has followed still holds.
    pub(super) fn sight(&self) -> Sight {
        let view = self.0.mirror.read();
        let told = view
            .notices
            .iter()
            .rev()
            .find(|(.., notice)| notice.kind == NoticeKind::Blind)
            .map(|(_, at, _)| *at);
        let seen = view.watched().filter_map(|status| status.as_of).max();
        Sight { began: self.now(), blind: told.is_some() && told > seen }
    }

    /// Going blind is a notice, once each time. What others left behind is not judged before it was asked again.
    async fn watch_sight(&self, sight: &mut Sight, now: Time) {
        let blind = {
            let view = self.0.mirror.read();
            let asked = |status: &SourceStatus| {
                status.next_poll.is_some_and(|at| at > sight.began) && status.state(now) != SourceState::Never
            };
            if !view.watched().all(asked) {
                return;
            }
            blind(&view.sources, &view.monitors, now)
        };
        if let (Some(text), false) = (&blind, sight.blind) {
            let notice = Notice { kind: NoticeKind::Blind, incident: None, text: Outside::new(text.clone()) };
            self.note(vec![Draft::console(Actor::Engine, now, Entry::NoticeRaised(notice))]).await;
        }
        sight.blind = blind.is_some();
    }
}
