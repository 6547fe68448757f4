//! Telling people: one step of a path, or what those who were paged do not know yet; and what the channels answered.

use sha2::{Digest, Sha256};

use super::due::notice;
use super::escalations::follow_ups;
use super::{Engine, InFlight};
use crate::channels::Channel;
use crate::domain::escalation::{ArmedStep, FollowUp, Receipt, StepState};
use crate::domain::fault::FaultKind;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::NoticeKind;
use crate::domain::operator::Actor;
use crate::domain::plan::{Purpose, Telling, hex};
use crate::domain::record::{Entry, FORMAT, StepSent, StepStarted, Told};
use crate::domain::story;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::ledger::Draft;
use crate::ledger::lock::Lock;
use crate::os::crash::{self, Point};
use crate::os::spawn;

/// A step this late is not sent any more.
pub(super) const TOO_LATE: Span = Span::secs(60);
/// A telling has ended by then, whatever its channels do.
pub const ENDS_WITHIN: Span = Span::secs(50);
/// Between two attempts at a channel that did not take a message.
const AGAIN_AFTER: Span = Span::secs(5);

/// What came of telling more to those who were paged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FollowedUp {
    /// They are told now.
    Begun,
    /// They know everything that is known, or wait until then for what they did not take.
    NothingToSay { until: Option<Time> },
    /// Somebody is at it, or the ledger cannot be read.
    NotNow,
}

/// The items of a packet, with what is known of each.
type Items = Vec<(String, Option<Outside>)>;

impl Engine {
    /// Sends a due step, unless somebody is at it.
    pub(super) async fn send_step_in_background(&self, id: IncidentId, path: String, step: u32) {
        let Some(lock) = self.lock_step(&id, &path, step) else { return };
        let Some(incident) = self.find(&id) else { return };
        let Some(telling) = self.step(&incident, &path, step).await else { return };
        let started =
            Entry::StepStarted(StepStarted { path, step, resumes: false, missing: telling.missing() });
        if self.note(vec![self.by_engine(&id, started)]).await {
            crash::point(Point::AfterStepStarted);
            self.tell_in_background(Actor::Engine, telling, lock);
        }
    }

    /// Tells those whom a path paged what they do not know yet, unless somebody is at it.
    pub(super) async fn follow_up_in_background(&self, id: &IncidentId, path: &str) -> FollowedUp {
        let Some(lock) = self.lock_telling(id, path, "told") else { return FollowedUp::NotNow };
        // They may have been told before the lock was free: what the ledger says now counts.
        if self.catch_up().await.is_err() {
            return FollowedUp::NotNow;
        }
        let Some(incident) = self.find(id) else { return FollowedUp::NotNow };
        let now = self.now();
        match self.follow_up(&incident, path, now).await {
            Some(telling) => self.tell_in_background(Actor::Engine, telling, lock),
            None => {
                let until = incident.escalation_on(path).and_then(|escalation| escalation.told_again_at(now));
                return FollowedUp::NothingToSay { until };
            }
        }
        FollowedUp::Begun
    }

    /// The lock on one step of an incident's path.
    pub(super) fn lock_step(&self, id: &IncidentId, path: &str, step: u32) -> Option<Lock> {
        self.lock_telling(id, path, &step.to_string())
    }

    fn lock_telling(&self, id: &IncidentId, path: &str, what: &str) -> Option<Lock> {
        self.try_lock(&format!("{id}-{path}-{what}.lock"))
    }

    /// What a step of an armed path says, with what is known now.
    async fn step(&self, incident: &Incident, path: &str, number: u32) -> Option<Telling> {
        let step = incident.escalation_on(path)?.step(number)?;
        // Nobody reads it before it leaves.
        let veil = self.veil_now(None, incident).await;
        let mut packet = self.packet_on(incident, path).await.ok()?;
        veil.packet(&mut packet);
        Some(page(&veil.incident(incident), path, (number, step), packet.said()))
    }

    /// What those whom a path paged are told now.
    async fn follow_up(&self, incident: &Incident, path: &str, now: Time) -> Option<Telling> {
        let escalation = incident.escalation_on(path)?;
        let purpose = follow_ups::due(incident, escalation, now)?;
        let veil = self.veil_now(None, incident).await;
        let mut packet = Items::new();
        if purpose == Purpose::Filled {
            let mut known = self.packet_on(incident, path).await.ok()?;
            veil.packet(&mut known);
            packet = known.said();
            packet.retain(|(_, value)| value.is_some());
        }
        let known: Vec<String> = packet.iter().map(|(item, _)| item.clone()).collect();
        let FollowUp { items, to, number } = escalation.follow_up(&purpose, &known, now)?;
        packet.retain(|(item, _)| items.contains(item));
        let sent = |step: &ArmedStep| matches!(step.state, StepState::Sent(_));
        let last =
            (1..).zip(&escalation.steps).filter(|(_, step)| sent(step)).map(|(number, _)| number).last();
        let word = purpose.word();
        // Another message under the same key would be taken for this one, and dropped.
        let said = hex(&Sha256::digest(serde_json::to_vec(&(&purpose, &packet)).unwrap_or_default()));
        let said = said.get(..8).unwrap_or_default();
        let key = format!("{}/{path}/{word}/{number}-{said}", incident.id);
        Some(Telling {
            key,
            ..telling(&veil.incident(incident), path, last.unwrap_or(1), purpose, to, packet)
        })
    }

    /// Sends what is written down as begun, or is written down only once it was sent, and writes down what the channels
    /// answered.
    pub(super) fn tell_in_background(&self, by: Actor, telling: Telling, lock: Lock) {
        let engine = self.clone();
        let in_flight: InFlight = self.take_off();
        // Nobody waits for this task: its records are its answer.
        drop(spawn::task("telling", async move {
            let (receipts, printed): (Vec<_>, Vec<_>) = engine.tell_all(&telling).await.into_iter().unzip();
            crash::point(Point::AfterTelling);
            let (id, purpose) = (telling.incident.clone(), telling.purpose.word());
            let channels: Vec<String> = receipts.iter().map(|receipt| receipt.channel.clone()).collect();
            let drafts = engine.told(by, telling, receipts);
            engine.note_until_written(drafts).await;
            for (channel, printed) in channels.iter().zip(printed) {
                engine.keep_told(&id, &format!("{channel}: {purpose}"), printed.unwrap_or_default()).await;
            }
            drop(lock);
            drop(in_flight);
        }));
    }

    /// What is written down of a telling.
    fn told(&self, by: Actor, telling: Telling, receipts: Vec<Receipt>) -> Vec<Draft> {
        let Telling { incident: id, path, step, purpose, packet, .. } = telling;
        let nobody = !receipts.iter().any(|receipt| receipt.accepted);
        let text = format!("nobody was reached for {id}: step {step} of {path}");
        if purpose != Purpose::Page {
            let items = packet.into_iter().map(|(item, _)| item).collect();
            let entry = Entry::Told(Told { path: path.clone(), purpose, items, receipts });
            let told = Draft::of(&id, by, self.now(), entry);
            let untold = self.find(&id).and_then(|incident| untold(&incident, &path, &told.entry));
            return [told].into_iter().chain(untold.map(|notice| self.by_engine(&id, notice))).collect();
        }
        let mut drafts =
            vec![Draft::of(&id, by, self.now(), Entry::StepSent(StepSent { path, step, receipts }))];
        if let Some(incident) = self.find(&id).filter(|_| nobody) {
            drafts.push(self.by_engine(&id, notice(NoticeKind::Escalation, &incident, text)));
        }
        drafts
    }

    /// Tells every channel at once, with what a program printed that is one; no channel waits for another.
    async fn tell_all(&self, telling: &Telling) -> Vec<(Receipt, Option<String>)> {
        let tell = |name: &String| {
            let channel = self.0.adapters.channels.get(name).cloned();
            let name = name.clone();
            async move {
                let ((accepted, detail), printed) = match channel {
                    Some(channel) => tell_until(channel.as_ref(), telling, ENDS_WITHIN).await,
                    None => ((false, Outside::new("there is no such channel in this configuration")), None),
                };
                (Receipt { channel: name, accepted, detail }, printed)
            }
        };
        futures_util::future::join_all(telling.to.iter().map(tell)).await
    }
}

/// Tells a channel, and again with the same key while that may help and there is time; whether it took the message,
/// and what it said, or printed, last.
async fn tell_until(
    channel: &dyn Channel,
    telling: &Telling,
    within: Span,
) -> ((bool, Outside), Option<String>) {
    let mut last = (false, Outside::new(format!("no answer in {within}")));
    let mut printed = None;
    let attempts = async {
        for attempt in 1.. {
            let (answer, now) = channel.tell_and_hear(telling).await;
            printed = now.or(printed.take());
            match answer {
                Ok(accepted) => {
                    last = (true, accepted.detail);
                    return;
                }
                Err(fault) => {
                    // A secret that is just being replaced is whole again in a moment.
                    let is_first = attempt == 1 && fault.kind == FaultKind::Local;
                    let ends = !fault.may_pass() && !is_first;
                    last = (false, fault.detail);
                    if ends {
                        return;
                    }
                }
            }
            tokio::time::sleep(AGAIN_AFTER.std()).await;
        }
    };
    // When time is up, its last answer counts.
    drop(tokio::time::timeout(within.std(), attempts).await);
    (last, printed)
}

/// What people hear when some were told in vain once more, as the ledger is about to say it.
fn untold(before: &Incident, path: &str, told: &Entry) -> Option<Entry> {
    let Entry::Told(told) = told else { return None };
    let mut escalation = before.escalation_on(path)?.clone();
    escalation.hear(told, FORMAT, before.moved_at);
    let (untold, id) = (escalation.untold_of(&told.purpose)?, &before.id);
    let who = untold.channels.join(", ");
    let rest = if untold.again_at().is_some() { "quell goes on trying" } else { "tell them yourself" };
    let text = format!("{id}: {who} was NOT told: {}; {rest}", story::told(&untold.purpose, &untold.items));
    untold.is_news().then(|| notice(NoticeKind::Escalation, before, text))
}

/// The message of one step. A deliberate repeat is another message; an attempt after a crash is the same one.
pub(super) fn page(
    incident: &Incident,
    path: &str,
    (number, step): (u32, &ArmedStep),
    items: Items,
) -> Telling {
    let key = format!("{}/{path}/{number}/{}", incident.id, step.next_round());
    Telling { key, ..telling(incident, path, number, Purpose::Page, step.to.clone(), items) }
}

fn telling(
    incident: &Incident,
    path: &str,
    step: u32,
    purpose: Purpose,
    to: Vec<String>,
    packet: Items,
) -> Telling {
    let severity = incident.severity.word().to_uppercase();
    Telling {
        incident: incident.id.clone(),
        path: path.to_owned(),
        step,
        purpose,
        to,
        key: String::new(),
        thread: format!("{}/{path}", incident.id),
        severity: incident.severity,
        subject: Outside::new(format!("[{severity}] {} {}", incident.id, incident.title().raw())),
        packet,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::channels::Accepted;
    use crate::domain::fault::Fault;
    use crate::domain::severity::Severity;
    use crate::exec;
    use crate::net::SecretSource;

    /// Never answers.
    struct Hung;

    #[async_trait]
    impl Channel for Hung {
        fn name(&self) -> &str {
            "hung"
        }
        async fn tell(&self, _telling: &Telling) -> Result<Accepted, Fault> {
            std::future::pending().await
        }
    }

    /// Fails like this, as often as it is asked.
    struct Fails(Fault, AtomicUsize);

    #[async_trait]
    impl Channel for Fails {
        fn name(&self) -> &str {
            "fails"
        }
        async fn tell(&self, _telling: &Telling) -> Result<Accepted, Fault> {
            self.1.fetch_add(1, Ordering::SeqCst);
            Err(self.0.clone())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_missing_here_is_tried_once_more_and_no_further() {
        let missing = exec::ask(&["/nowhere/page".to_owned()], Span::secs(1)).await.unwrap_err();
        let empty = SecretSource::Env("NONE".to_owned()).read(|_| None).await.unwrap_err();
        let busy = Fault::passing("no file is left");
        let down = Fault::new(FaultKind::Unreachable, "connection refused");
        for (fault, once) in [(missing, true), (empty, true), (busy, false), (down, false)] {
            let detail = fault.detail.clone();
            let channel = Fails(fault, AtomicUsize::new(0));
            let told = tell_until(&channel, &telling(), ENDS_WITHIN).await;
            assert_eq!(told, ((false, detail.clone()), None));
            assert_eq!(channel.1.load(Ordering::SeqCst) == 2, once, "{detail:?}");
        }
    }

    fn telling() -> Telling {
        Telling {
            incident: IncidentId::new("ANA", 1),
            path: "incident".into(),
            step: 1,
            purpose: Purpose::Page,
            to: vec!["hung".into()],
            key: "k".into(),
            thread: "t".into(),
            severity: Severity::High,
            subject: Outside::new("gateway"),
            packet: Vec::new(),
        }
    }

    #[test]
    fn a_channel_that_never_answers_ends_with_its_time() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let told = runtime.block_on(tell_until(&Hung, &telling(), Span::millis(10)));
        assert_eq!(told, ((false, Outside::new("no answer in 10ms")), None));
    }
}
