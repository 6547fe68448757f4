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
use crate::domain::time::{Span, Time};
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
/// Between two looks once they waited longer, and how long after it left that goes on.
const LATER: Duration = Duration::from_secs(30);
const LOOKS_FOR: Span = Span::mins(15);

/// A posting that readers may see.
struct Sought {
    posting: Posting,
    /// What the other side calls its series.
    reference: Outside,
    /// Since when they wait for it.
    since: Time,
    /// That they do not see it is on record.
    missed: bool,
}

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
        if let Some(finding) = self.findings(&incident, &publication, self.now()).await.first() {
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
            futures_util::future::join_all(posts).await;
            drop(in_flight);
            let sought = engine.find(&id).map(|incident| engine.sought(&incident, number));
            engine.look_for(sought.unwrap_or_default()).await;
            drop(lock);
        }));
        Ok(Receipt { incident, action: None, repeated: false, waits: None })
    }

    /// Posts on one channel and writes down what came of it.
    async fn post(&self, by: &Actor, posting: &Posting) {
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
        let answered =
            Entry::BulletinAnswered(BulletinAnswered { number, channel, outcome, detail, reference });
        let mut drafts = vec![Draft::of(id, by.clone(), self.now(), answered)];
        if outcome != Outcome::Accepted
            && let Some(incident) = self.find(id)
        {
            drafts.push(self.by_engine(id, not_posted(&incident, posting.number, &posting.channel, outcome)));
        }
        self.note_until_written(drafts).await;
        crash::point(Point::AfterBulletinAnswered);
    }

    async fn look_for(&self, sought: Vec<Sought>) {
        futures_util::future::join_all(sought.into_iter().map(|it| self.look_until_visible(it))).await;
    }

    /// Accepted is not visible, and what got no answer may be: looks until readers can see it, or too much time has gone
    /// by. That they do not is written down as soon as it should be otherwise.
    async fn look_until_visible(&self, sought: Sought) {
        let Sought { posting, reference, since, mut missed } = sought;
        let Some(channel) = self.readable(&posting.channel) else { return };
        let began = self.now();
        loop {
            let (visible, asked, detail) = match channel.visible(&posting, &reference).await {
                Ok(None) => return,
                Ok(Some(true)) => (true, true, Outside::new("read back")),
                Ok(Some(false)) => (false, true, Outside::new("readers do not see it yet")),
                Err(fault) => (false, false, fault.detail),
            };
            let (now, waits) = (self.now(), VISIBLE_WITHIN.delta());
            // A page that does not answer is asked for as long as readers may wait, however long ago it was posted.
            let is_over = if asked { now - since >= waits } else { now - began >= waits };
            if visible || is_over && !missed {
                self.note_until_written(self.seen_there(&posting, &reference, visible, asked, detail)).await;
            }
            missed |= is_over;
            if visible || is_over && now - since >= LOOKS_FOR.delta() {
                return;
            }
            tokio::time::sleep(if missed { LATER } else { PAUSE }).await;
        }
    }

    /// What is written down of a look: of what got no answer that it was posted, where it stands there; that nobody sees
    /// the newest one is somebody's to mend.
    fn seen_there(
        &self,
        posting: &Posting,
        reference: &Outside,
        visible: bool,
        asked: bool,
        detail: Outside,
    ) -> Vec<Draft> {
        let (id, number, channel) = (&posting.incident, posting.number, &posting.channel);
        let Some(incident) = self.find(id) else { return Vec::new() };
        let Some(sent) = sent(&incident, number) else { return Vec::new() };
        let outcome = sent.channels.get(channel).and_then(|posted| posted.outcome);
        let mut entries = Vec::new();
        if visible && outcome == Some(Outcome::Unknown) {
            entries.push(Entry::BulletinAnswered(BulletinAnswered {
                number,
                channel: channel.clone(),
                outcome: Outcome::Accepted,
                detail: Outside::new("readers see it there"),
                reference: Some(reference.clone()),
            }));
        }
        entries.push(Entry::BulletinSeen(BulletinSeen { number, channel: channel.clone(), visible, detail }));
        let to_them = |it: &&SentBulletin| it.bulletin.audience == sent.bulletin.audience;
        let is_newest = incident.bulletins.iter().rev().find(to_them).is_some_and(|it| it.at == sent.at);
        if !visible && is_newest && outcome == Some(Outcome::Accepted) {
            let what = if asked { "readers do not see it" } else { "whether readers see it is not known" };
            let text = format!(
                "{id}: bulletin {number} on {channel}: {what}; look there, then post again or tell them another way"
            );
            entries.push(due::notice(NoticeKind::Deadline, &incident, text));
        }
        entries.into_iter().map(|entry| self.by_engine(id, entry)).collect()
    }

    /// A channel that can be asked what readers see.
    fn readable(&self, channel: &str) -> Option<&Arc<dyn Channel>> {
        self.0.adapters.channels.get(channel).filter(|channel| channel.can_be_read())
    }

    /// Goes on looking where the quell that sent it ended before readers saw it; once, however long ago that was.
    pub(in crate::engine) fn resume_looks(&self, incident: &Incident) {
        for (number, _) in (1..).zip(&incident.bulletins) {
            if self.sought(incident, number).is_empty() {
                continue;
            }
            let Some(lock) = self.lock_bulletin(&incident.id, number) else { continue };
            let (engine, id) = (self.clone(), incident.id.clone());
            // Nobody waits for this task: its records are its answer.
            drop(spawn::task("read-back", async move {
                // Whoever had the lock before may have seen it meanwhile: what the ledger says now counts.
                if engine.catch_up().await.is_ok()
                    && let Some(now) = engine.find(&id)
                {
                    engine.look_for(engine.sought(&now, number)).await;
                }
                drop(lock);
            }));
        }
    }

    /// The postings of a bulletin that readers may see, and that somebody has to look for.
    fn sought(&self, incident: &Incident, number: u32) -> Vec<Sought> {
        let (Some(code), Some(sent)) = (&incident.code, sent(incident, number)) else { return Vec::new() };
        let is_fresh = self.now() - sent.at < LOOKS_FOR.delta();
        let one = |(channel, posted): (&String, &Posted)| {
            let waits = posted.visible.is_none() || posted.visible == Some(false) && is_fresh;
            if !waits || !posted.may_be_read() || self.readable(channel).is_none() {
                return None;
            }
            let posting = self.posting(incident, number, &sent.bulletin, code, channel).ok()?;
            // Without a name there is nothing to look for.
            let reference = posted.reference.clone().or(posting.series.clone())?;
            if posted.outcome == Some(Outcome::Unknown) && self.says_again(incident, &posting) {
                return None;
            }
            Some(Sought { posting, reference, since: sent.at, missed: posted.visible.is_some() })
        };
        sent.channels.iter().filter_map(one).collect()
    }

    /// Whether an earlier bulletin said the same there: whoever finds that has not found this one.
    fn says_again(&self, incident: &Incident, posting: &Posting) -> bool {
        let Some(code) = &incident.code else { return false };
        let earlier = (1..posting.number).zip(&incident.bulletins);
        earlier.filter(|(_, sent)| sent.channels.contains_key(&posting.channel)).any(|(number, sent)| {
            let said = self.posting(incident, number, &sent.bulletin, code, &posting.channel);
            said.is_ok_and(|said| (said.status, &said.body) == (posting.status, &posting.body))
        })
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
            let channels = sent(&now, number).map(|sent| &sent.channels);
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

fn sent(incident: &Incident, number: u32) -> Option<&SentBulletin> {
    incident.bulletins.get(usize::try_from(number).ok()?.checked_sub(1)?)
}

fn not_posted(incident: &Incident, number: u32, channel: &str, outcome: Outcome) -> Entry {
    let (kind, what) = match outcome {
        Outcome::Unknown => (NoticeKind::UnknownOutcome, "may have been posted; look there"),
        _ => (NoticeKind::Deadline, "was NOT posted"),
    };
    due::notice(kind, incident, format!("{}: bulletin {number} on {channel} {what}", incident.id))
}
