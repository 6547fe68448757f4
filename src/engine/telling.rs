//! Sending one step of a path, and writing down what the channels answered.

use std::collections::BTreeMap;

use super::due::notice;
use super::{Engine, InFlight};
use crate::domain::escalation::Receipt;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::NoticeKind;
use crate::domain::operator::Actor;
use crate::domain::packet::Packet;
use crate::domain::plan::{Purpose, Telling};
use crate::domain::record::Entry;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::ledger::Draft;
use crate::ledger::lock::Lock;
use crate::os::spawn;

/// A step this late is not sent any more.
pub(super) const TOO_LATE: Span = Span::secs(60);
/// Between two attempts at a channel that did not take a step.
const AGAIN_AFTER: Span = Span::secs(5);

impl Engine {
    /// Sends a due step, unless somebody is at it.
    pub(super) async fn send_step_in_background(&self, id: IncidentId, path: String, step: u32) {
        let Some(lock) = self.lock_step(&id, &path, step) else { return };
        let Some(incident) = self.find(&id) else { return };
        let Some(telling) = self.telling(&incident, &path, step).await else { return };
        let started = Entry::StepStarted { path, step, resumes: false, missing: telling.missing() };
        if self.note(vec![self.by_engine(&id, started)]).await {
            self.tell_in_background(Actor::Engine, telling, lock);
        }
    }

    /// The lock on one step of an incident's path.
    pub(super) fn lock_step(&self, id: &IncidentId, path: &str, step: u32) -> Option<Lock> {
        self.try_lock(&format!("{id}-{path}-{step}.lock"))
    }

    /// What a step of an armed path says, with what is known now.
    async fn telling(&self, incident: &Incident, path: &str, step: u32) -> Option<Telling> {
        let steps = &incident.escalation_on(path)?.steps;
        let to = steps.get(usize::try_from(step).ok()?.checked_sub(1)?)?.to.clone();
        let packet = self.gather(incident).await.packet(self, incident, self.0.setup.path(path)?);
        Some(telling(incident, step, to, &packet))
    }

    /// Sends a step that is written down as started, and writes down what the channels answered.
    pub(super) fn tell_in_background(&self, by: Actor, telling: Telling, lock: Lock) {
        let engine = self.clone();
        let in_flight: InFlight = self.take_off();
        // Nobody waits for this task: its records are its answer.
        drop(spawn::task("telling", async move {
            let id = telling.incident.clone();
            let receipts = engine.tell_all(&telling).await;
            let nobody = !receipts.iter().any(|receipt| receipt.accepted);
            let entry = Entry::StepSent { path: telling.path.clone(), step: telling.step, receipts };
            let mut drafts = vec![Draft::of(&id, by, engine.now(), entry)];
            if let Some(incident) = engine.find(&id).filter(|_| nobody) {
                let text = format!("nobody was reached for {id}: step {} of {}", telling.step, telling.path);
                drafts.push(engine.by_engine(&id, notice(NoticeKind::Escalation, &incident, text)));
            }
            engine.note(drafts).await;
            lock.retire();
            drop(in_flight);
        }));
    }

    /// Tells every channel, and those that did not take it again, with the same key, until it is too late.
    async fn tell_all(&self, telling: &Telling) -> Vec<Receipt> {
        let began = self.now();
        let mut receipts: BTreeMap<&String, (Receipt, bool)> = BTreeMap::new();
        loop {
            let open = telling.to.iter().filter(|name| receipts.get(name).is_none_or(|(_, again)| *again));
            let sends = open.map(|name| async move { (name, self.send_to(name, telling).await) });
            let told = futures_util::future::join_all(sends).await;
            receipts.extend(told);
            let again = receipts.values().any(|(_, again)| *again);
            if !again || self.now() - began > TOO_LATE.delta() - AGAIN_AFTER.delta() {
                return receipts.into_values().map(|(receipt, _)| receipt).collect();
            }
            tokio::time::sleep(AGAIN_AFTER.std()).await;
        }
    }

    /// What a channel says, and whether asking it again may help.
    async fn send_to(&self, name: &str, telling: &Telling) -> (Receipt, bool) {
        let answer = match self.0.adapters.channels.get(name) {
            Some(channel) => channel.tell(telling).await,
            None => Err(Fault::new(FaultKind::Local, "there is no such channel in this configuration")),
        };
        let may_help = |kind| {
            matches!(
                kind,
                FaultKind::Unreachable | FaultKind::NoAnswer | FaultKind::Throttled | FaultKind::Broken
            )
        };
        let (accepted, detail, again) = match answer {
            Ok(accepted) => (true, accepted.detail, false),
            Err(fault) => (false, fault.detail, may_help(fault.kind)),
        };
        (Receipt { channel: name.to_owned(), accepted, detail }, again)
    }
}

/// The message of one step.
pub(super) fn telling(incident: &Incident, step: u32, to: Vec<String>, packet: &Packet) -> Telling {
    let severity = incident.severity.word().to_uppercase();
    let path = &packet.path;
    Telling {
        incident: incident.id.clone(),
        path: path.clone(),
        step,
        purpose: Purpose::Page,
        to,
        key: format!("{}/{path}/{step}", incident.id),
        thread: format!("{}/{path}", incident.id),
        severity: incident.severity,
        subject: Outside::new(format!("[{severity}] {} {}", incident.id, incident.title().raw())),
        packet: packet.said(),
    }
}
