//! How a bulletin leaves: written down, posted once on each channel, looked at until readers see it.

use std::sync::Arc;
use std::time::Duration;

use super::written::basis;
use crate::backend::{Receipt, Refusal, RefusalKind};
use crate::channels::Channel;
use crate::domain::action::Outcome;
use crate::domain::bulletin::Posting;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::id::IncidentId;
use crate::domain::incident::{Incident, Posted, SentBulletin};
use crate::domain::notice::NoticeKind;
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::{Plan, Publication};
use crate::domain::record::{BulletinAnswered, BulletinSeen, BulletinStarted, Entry};
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::plans::refused;
use crate::engine::{Engine, actions, due};
use crate::ledger::Draft;
use crate::ledger::lock::Lock;
use crate::os::crash::{self, Point};
use crate::os::spawn;

/// Between two looks at whether readers see a posting.
const PAUSE: Duration = Duration::from_secs(5);
/// How long readers may wait for what was accepted.
const VISIBLE_WITHIN: Span = Span::mins(2);

impl Engine {
    /// Posts it on every channel, once.
    pub(in crate::engine) async fn publish(
        &self,
        who: &Operator,
        plan: Plan,
        publication: Publication,
    ) -> Result<Receipt, Refusal> {
        let id = plan.basis.incident.clone();
        let incident = self.incident_now(&id).await?;
        actions::same(&plan, &incident, &basis(&incident, &plan.verb, &plan.parameters))?;
        if let Some(finding) = self.findings(&incident, &publication, self.now()).first() {
            let why = format!("it may not leave any more: {}; {}", finding.message, finding.remedy);
            return Err(Refusal::new(RefusalKind::Changed, why));
        }
        let number = u32::try_from(incident.bulletins.len() + 1).unwrap_or(u32::MAX);
        let busy = || refused("a bulletin of this incident is being sent at this moment");
        let lock = self.lock_bulletin(&id, number).ok_or_else(busy)?;
        let entry = Entry::BulletinStarted(BulletinStarted {
            number,
            bulletin: Box::new(publication.bulletin.clone()),
            code: publication.code.clone(),
            to: publication.postings.iter().map(|posting| posting.channel.clone()).collect(),
        });
        let draft = Draft::of(&id, Actor::Person(who.clone()), self.now(), entry);
        let incident = self.one(vec![draft]).await?;
        self.0.live.plan_became(&plan.hash, "sent".to_owned()).await;
        crash::point(Point::AfterBulletinStarted);
        let (engine, by, in_flight) = (self.clone(), Actor::Person(who.clone()), self.take_off());
        // Nobody waits for this task: its records are its answer.
        drop(spawn::task("bulletin", async move {
            let posts = publication.postings.iter().map(|posting| engine.post(&by, posting));
            let accepted = futures_util::future::join_all(posts).await;
            drop(in_flight);
            let looks = publication
                .postings
                .iter()
                .zip(accepted)
                .filter_map(|(posting, reference)| Some(engine.look_until_visible(posting, reference?)));
            futures_util::future::join_all(looks).await;
            drop(lock);
        }));
        Ok(Receipt { incident, action: None, repeated: false, waits: None })
    }

    /// Posts on one channel and writes down what came of it; what the other side calls it, once it was accepted.
    async fn post(&self, by: &Actor, posting: &Posting) -> Option<Outside> {
        let answer = match self.0.adapters.channels.get(&posting.channel) {
            Some(channel) => channel.post(posting).await,
            None => Err(Fault::new(FaultKind::Local, "there is no such channel in this configuration")),
        };
        crash::point(Point::AfterBulletinPosted);
        let (outcome, detail, reference) = match answer {
            Ok(accepted) => (Outcome::Accepted, accepted.detail, accepted.reference),
            Err(fault) => (fault.outcome(), fault.detail, None),
        };
        let (number, channel) = (posting.number, posting.channel.clone());
        let id = &posting.incident;
        let answered = Entry::BulletinAnswered(BulletinAnswered {
            number,
            channel,
            outcome,
            detail,
            reference: reference.clone(),
        });
        let mut drafts = vec![Draft::of(id, by.clone(), self.now(), answered)];
        if outcome != Outcome::Accepted
            && let Some(incident) = self.find(id)
        {
            drafts.push(self.by_engine(id, not_posted(&incident, posting.number, &posting.channel, outcome)));
        }
        self.note_until_written(drafts).await;
        crash::point(Point::AfterBulletinAnswered);
        (outcome == Outcome::Accepted).then(|| reference.unwrap_or_default())
    }

    /// Accepted is not visible: looks until readers can see it, or too much time has gone by.
    async fn look_until_visible(&self, posting: &Posting, reference: Outside) {
        let Some(channel) = self.readable(&posting.channel) else { return };
        let began = self.now();
        loop {
            let (visible, detail) = match channel.visible(posting, &reference).await {
                Ok(None) => return,
                Ok(Some(true)) => (true, Outside::new("read back")),
                Ok(Some(false)) => (false, Outside::new("readers do not see it yet")),
                Err(fault) => (false, fault.detail),
            };
            if visible || self.now() - began >= VISIBLE_WITHIN.delta() {
                let (number, channel) = (posting.number, posting.channel.clone());
                let entry = Entry::BulletinSeen(BulletinSeen { number, channel, visible, detail });
                self.note_until_written(vec![self.by_engine(&posting.incident, entry)]).await;
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// A channel that can be asked what readers see.
    fn readable(&self, channel: &str) -> Option<&Arc<dyn Channel>> {
        self.0.adapters.channels.get(channel).filter(|channel| channel.can_be_read())
    }

    /// Goes on looking at what was accepted, where the quell that sent it ended before readers saw it.
    pub(in crate::engine) fn resume_looks(&self, incident: &Incident) {
        let recent = |sent: &SentBulletin| self.now() - sent.at < VISIBLE_WITHIN.delta();
        for (number, sent) in (1..).zip(&incident.bulletins).filter(|(_, sent)| recent(sent)) {
            let unseen = self.unseen(incident, number, sent);
            if unseen.is_empty() {
                continue;
            }
            let Some(lock) = self.lock_bulletin(&incident.id, number) else { continue };
            let engine = self.clone();
            // Nobody waits for this task: its records are its answer.
            drop(spawn::task("read-back", async move {
                let looks = unseen
                    .iter()
                    .map(|(posting, reference)| engine.look_until_visible(posting, reference.clone()));
                futures_util::future::join_all(looks).await;
                drop(lock);
            }));
        }
    }

    /// The postings of a bulletin that were accepted, and that nobody has looked at although one can.
    fn unseen(&self, incident: &Incident, number: u32, sent: &SentBulletin) -> Vec<(Posting, Outside)> {
        let Some(code) = &incident.code else { return Vec::new() };
        let accepted = sent.channels.iter().filter(|(channel, posted)| {
            posted.outcome == Some(Outcome::Accepted)
                && posted.visible.is_none()
                && self.readable(channel).is_some()
        });
        let posting = |(channel, posted): (&String, &Posted)| {
            let posting = self.posting(incident, number, &sent.bulletin, code, channel).ok()?;
            Some((posting, posted.reference.clone().unwrap_or_default()))
        };
        accepted.filter_map(posting).collect()
    }

    fn lock_bulletin(&self, id: &IncidentId, number: u32) -> Option<Lock> {
        let name = format!("{id}-bulletin-{number}.lock");
        self.try_lock(&name)
    }

    /// A bulletin whose sender died may have been posted; nothing is posted again by itself.
    pub(in crate::engine) async fn recover_bulletins(&self, incident: &Incident) {
        for (number, _) in (1..).zip(&incident.bulletins).filter(|(_, sent)| sent.is_unanswered()) {
            let Some(lock) = self.lock_bulletin(&incident.id, number) else { continue };
            // It may have moved on before the lock was free: what the ledger says now counts.
            if self.catch_up().await.is_err() {
                continue;
            }
            let Some(now) = self.find(&incident.id) else { continue };
            let index = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
            let channels = now.bulletins.get(index).map(|sent| &sent.channels);
            for (channel, _) in channels.into_iter().flatten().filter(|(_, posted)| posted.outcome.is_none())
            {
                let detail = Outside::new("the quell that sent it died before an answer came");
                let (outcome, channel) = (Outcome::Unknown, channel.clone());
                let notice = not_posted(&now, number, &channel, outcome);
                let answered = Entry::BulletinAnswered(BulletinAnswered {
                    number,
                    channel,
                    outcome,
                    detail,
                    reference: None,
                });
                self.note([answered, notice].map(|entry| self.by_engine(&now.id, entry)).into()).await;
            }
            drop(lock);
        }
    }
}

fn not_posted(incident: &Incident, number: u32, channel: &str, outcome: Outcome) -> Entry {
    let (kind, what) = match outcome {
        Outcome::Unknown => (NoticeKind::UnknownOutcome, "may have been posted; look there"),
        _ => (NoticeKind::Deadline, "was NOT posted"),
    };
    due::notice(kind, incident, format!("{}: bulletin {number} on {channel} {what}", incident.id))
}
