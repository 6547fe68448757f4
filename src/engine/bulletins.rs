//! Saying to those outside what goes on: planned to the letter, written down, posted once, looked at.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Engine;
use super::plans::refused;
use crate::backend::{Applicable, Receipt, Refusal, RefusalKind};
use crate::domain::action::{Outcome, Stage, Verb};
use crate::domain::bulletin::lint::{self, Context, Finding};
use crate::domain::bulletin::render::render;
use crate::domain::bulletin::{Audience, Bulletin, Outlet, Posting, Reach, Status, VerificationCode};
use crate::domain::incident::{Incident, Posted, SentBulletin};
use crate::domain::notice::NoticeKind;
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::{Basis, Plan, PlanHash, Publication, Request, Value};
use crate::domain::playbook::{Confirm, Origin};
use crate::domain::record::{BulletinAnswered, BulletinSeen, BulletinStarted, Entry};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time, clock_minute};
use crate::ledger::Draft;
use crate::ledger::lock::Lock;
use crate::os::{crash, random, spawn};
use crate::playbooks::render as plans;

/// Between two looks at whether readers see a posting.
const PAUSE: Duration = Duration::from_secs(5);
/// How long readers may wait for what was accepted.
const VISIBLE_WITHIN: Span = Span::mins(2);

impl Engine {
    /// A bulletin for each audience that reads somewhere.
    pub(super) fn bulletins(&self, incident: &Incident) -> Vec<Applicable> {
        let offer = |outlet: &Outlet| Applicable {
            verb: Verb::Publish { audience: outlet.audience },
            title: format!("Bulletin to {}", outlet.audience.word()),
            blast: format!("posts to {}", outlet.to.join(", ")),
            asked: Vec::new(),
            steps: Vec::new(),
            barred: is_over(incident, outlet.audience).then(|| OVER.to_owned()),
            suggested: false,
        };
        self.0.setup.bulletins.outlets.iter().map(offer).collect()
    }

    pub(super) fn plan_bulletin(
        &self,
        incident: &Incident,
        audience: Audience,
        given: &BTreeMap<String, Outside>,
    ) -> Result<Plan, Refusal> {
        let settings = &self.0.setup.bulletins;
        let outlet = settings.outlet(audience).ok_or_else(|| {
            let word = audience.word();
            Refusal::new(
                RefusalKind::Usage,
                format!("nothing says where {word} read; add a [[bulletin]] with audience = \"{word}\""),
            )
        })?;
        if is_over(incident, audience) {
            return Err(refused(OVER));
        }
        let now = self.now();
        let bulletin = written(incident, audience, given, now)?;
        let code = match &incident.code {
            Some(code) => code.clone(),
            None => {
                VerificationCode::from_random(random::bytes().map_err(|fault| refused(fault.detail.raw()))?)
            }
        };
        let publication = self.publication(incident, outlet, bulletin, code)?;
        let findings = self.findings(incident, &publication, now);
        if !findings.is_empty() {
            let differences = findings
                .iter()
                .map(|it| format!("{}, {}: {}; {}", it.part.word(), it.rule.word(), it.message, it.remedy))
                .collect();
            return Err(Refusal { differences, ..refused("the bulletin may not leave like this") });
        }
        let parameters: BTreeMap<String, Value> = given
            .iter()
            .map(|(name, value)| (name.clone(), Value { value: value.clone(), origin: Origin::Person }))
            .collect();
        let verb = Verb::Publish { audience };
        let number = incident.bulletins.len() + 1;
        let plan = Plan {
            hash: PlanHash::default(),
            title: format!("Bulletin {number} to {}", audience.word()),
            basis: basis(incident, &verb, &parameters),
            verb,
            target: None,
            parameters,
            key: format!("{}/bulletin/{number}", incident.id),
            warnings: warnings(incident, &publication),
            request: Request::Publish(publication),
            look_up: None,
            before: Vec::new(),
            verify: None,
            undone_by: None,
            blast: format!("{} read it on {}", audience.word(), outlet.to.join(", ")),
            confirm: Confirm::Enter,
            approvals: 0,
            approval_because: Vec::new(),
            idempotent: false,
            key_lifetime: None,
            made_at: now,
        };
        Ok(plan.seal())
    }

    /// What each channel of the outlet would post.
    fn publication(
        &self,
        incident: &Incident,
        outlet: &Outlet,
        bulletin: Bulletin,
        code: VerificationCode,
    ) -> Result<Publication, Refusal> {
        let number = u32::try_from(incident.bulletins.len() + 1).unwrap_or(u32::MAX);
        let posting = |channel: &String| self.posting(incident, number, &bulletin, &code, channel);
        let postings = outlet.to.iter().map(posting).collect::<Result<_, Refusal>>()?;
        Ok(Publication { bulletin, code, postings })
    }

    /// What one channel posts, to the letter.
    fn posting(
        &self,
        incident: &Incident,
        number: u32,
        bulletin: &Bulletin,
        code: &VerificationCode,
        channel: &str,
    ) -> Result<Posting, Refusal> {
        let checked_at = self.0.setup.bulletins.rules.checked_at();
        let letter = render(bulletin, self.reach(channel)?, code, checked_at);
        Ok(Posting {
            channel: channel.to_owned(),
            incident: incident.id.clone(),
            number,
            key: format!("{}/bulletin/{number}/{channel}", incident.id),
            audience: bulletin.audience,
            status: bulletin.status,
            subject: letter.subject,
            body: letter.body,
            series: incident.series(bulletin.audience, channel).cloned(),
        })
    }

    fn reach(&self, channel: &str) -> Result<Reach, Refusal> {
        let reach = self.0.setup.reaches.get(channel).copied();
        reach.ok_or_else(|| refused(format!("the channel {channel} carries no bulletins")))
    }

    /// Everything the publication may not leave with, on whichever channel.
    fn findings(&self, incident: &Incident, publication: &Publication, now: Time) -> Vec<Finding> {
        let Publication { bulletin, code, postings } = publication;
        let context = Context::of(incident, bulletin.audience, code.clone(), now);
        let rules = &self.0.setup.bulletins.rules;
        let mut findings: Vec<Finding> = Vec::new();
        for posting in postings {
            let Ok(reach) = self.reach(&posting.channel) else { continue };
            let letter = render(bulletin, reach, code, rules.checked_at());
            for finding in lint::lint(bulletin, &letter, reach, rules, &context) {
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
        }
        findings
    }

    /// Posts it on every channel, once.
    pub(super) async fn publish(
        &self,
        who: &Operator,
        plan: Plan,
        publication: Publication,
    ) -> Result<Receipt, Refusal> {
        let id = plan.basis.incident.clone();
        let incident = self.incident_now(&id).await?;
        super::actions::same(&plan, &incident, &basis(&incident, &plan.verb, &plan.parameters))?;
        if let Some(finding) = self.findings(&incident, &publication, self.now()).first() {
            let why = format!("it may not leave any more: {}; {}", finding.message, finding.remedy);
            return Err(Refusal::new(RefusalKind::Changed, why));
        }
        let number = u32::try_from(incident.bulletins.len() + 1).unwrap_or(u32::MAX);
        let busy = || refused("a bulletin of this incident is being sent at this moment");
        let lock = self.lock_bulletin(&id.to_string(), number).ok_or_else(busy)?;
        let entry = Entry::BulletinStarted(BulletinStarted {
            number,
            bulletin: Box::new(publication.bulletin.clone()),
            code: publication.code.clone(),
            to: publication.postings.iter().map(|posting| posting.channel.clone()).collect(),
        });
        let draft = Draft::of(&id, Actor::Person(who.clone()), self.now(), entry);
        let incident = self.one(vec![draft]).await?;
        self.0.live.plan_became(&plan.hash, "sent".to_owned()).await;
        crash::point("after-bulletin-started");
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
            lock.retire();
        }));
        Ok(Receipt { incident, action: None, repeated: false, waits: None })
    }

    /// Posts on one channel and writes down what came of it; what the other side calls it, once it was accepted.
    async fn post(&self, by: &Actor, posting: &Posting) -> Option<Outside> {
        let answer = match self.0.adapters.channels.get(&posting.channel) {
            Some(channel) => channel.post(posting).await,
            None => Err(crate::domain::fault::Fault::new(
                crate::domain::fault::FaultKind::Local,
                "there is no such channel in this configuration",
            )),
        };
        crash::point("after-bulletin-posted");
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
        crash::point("after-bulletin-answered");
        (outcome == Outcome::Accepted).then(|| reference.unwrap_or_default())
    }

    /// Accepted is not visible: looks until readers can see it, or too much time has gone by.
    async fn look_until_visible(&self, posting: &Posting, reference: Outside) {
        let Some(channel) = self.0.adapters.channels.get(&posting.channel) else { return };
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

    /// Goes on looking at what was accepted, where the quell that sent it ended before readers saw it.
    pub(super) fn resume_looks(&self, incident: &Incident) {
        let recent = |sent: &SentBulletin| self.now() - sent.at < VISIBLE_WITHIN.delta();
        for (number, sent) in (1..).zip(&incident.bulletins).filter(|(_, sent)| recent(sent)) {
            let unseen = self.unseen(incident, number, sent);
            if unseen.is_empty() {
                continue;
            }
            let Some(lock) = self.lock_bulletin(&incident.id.to_string(), number) else { continue };
            let engine = self.clone();
            // Nobody waits for this task: its records are its answer.
            drop(spawn::task("read-back", async move {
                let looks = unseen
                    .iter()
                    .map(|(posting, reference)| engine.look_until_visible(posting, reference.clone()));
                futures_util::future::join_all(looks).await;
                lock.retire();
            }));
        }
    }

    /// The postings of a bulletin that were accepted, and that nobody has looked at.
    fn unseen(&self, incident: &Incident, number: u32, sent: &SentBulletin) -> Vec<(Posting, Outside)> {
        let Some(code) = &incident.code else { return Vec::new() };
        let accepted = sent
            .channels
            .iter()
            .filter(|(_, posted)| posted.outcome == Some(Outcome::Accepted) && posted.visible.is_none());
        let posting = |(channel, posted): (&String, &Posted)| {
            let posting = self.posting(incident, number, &sent.bulletin, code, channel).ok()?;
            Some((posting, posted.reference.clone()?))
        };
        accepted.filter_map(posting).collect()
    }

    fn lock_bulletin(&self, id: &str, number: u32) -> Option<Lock> {
        let name = format!("{id}-bulletin-{number}.lock");
        self.try_lock(&name)
    }

    /// A bulletin whose sender died may have been posted; nothing is posted again by itself.
    pub(super) async fn recover_bulletins(&self, incident: &Incident) {
        for (number, _) in (1..).zip(&incident.bulletins).filter(|(_, sent)| sent.is_unanswered()) {
            let Some(lock) = self.lock_bulletin(&incident.id.to_string(), number) else { continue };
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
            lock.retire();
        }
    }
}

const OVER: &str = "the incident is closed, and these readers wait for no last word";

/// Whether there is nothing left to say: who was told of it is told of its end, however late.
fn is_over(incident: &Incident, audience: Audience) -> bool {
    incident.is_closed() && !incident.open_series().iter().any(|(_, waits)| *waits == audience)
}

fn not_posted(incident: &Incident, number: u32, channel: &str, outcome: Outcome) -> Entry {
    let (kind, what) = match outcome {
        Outcome::Unknown => (NoticeKind::UnknownOutcome, "may have been posted; look there"),
        _ => (NoticeKind::Deadline, "was NOT posted"),
    };
    super::due::notice(kind, incident, format!("{}: bulletin {number} on {channel} {what}", incident.id))
}

/// What a person wrote, as a bulletin.
fn written(
    incident: &Incident,
    audience: Audience,
    given: &BTreeMap<String, Outside>,
    now: Time,
) -> Result<Bulletin, Refusal> {
    let usage = |why: String| Refusal::new(RefusalKind::Usage, why);
    let text = |name: &str| given.get(name).cloned().unwrap_or_default();
    let known = ["status", "headline", "happened", "impact", "todo", "next"];
    if let Some(odd) = given.keys().find(|name| !known.contains(&name.as_str())) {
        let odd = Outside::new(odd.clone());
        return Err(usage(format!("a bulletin has no part {}; it has {}", odd.exact(), known.join(", "))));
    }
    let status = match given.get("status") {
        Some(word) => Status::parse(word.raw()).ok_or_else(|| {
            let words = Status::ALL.map(Status::word).join(", ");
            usage(format!("the status cannot be {}; it is one of {words}", word.exact()))
        })?,
        None => Status::fitting(incident.phase),
    };
    let next = match given.get("next").filter(|next| !next.is_blank()) {
        Some(_) if status == Status::Resolved => {
            return Err(usage("nothing follows the last bulletin; leave out `next`".to_owned()));
        }
        Some(next) => Some(Span::parse(next.raw()).map_err(usage)?),
        None => None,
    };
    Ok(Bulletin {
        audience,
        status,
        headline: text("headline"),
        happened: text("happened"),
        impact: text("impact"),
        todo: text("todo"),
        next_at: next.map(|span| now + span.delta()),
    })
}

/// What a bulletin rests on: every earlier one counts, whoever it was for, since they share their numbers.
fn basis(incident: &Incident, verb: &Verb, parameters: &BTreeMap<String, Value>) -> Basis {
    let stage = |sent: &SentBulletin| {
        let has = |outcome: Option<Outcome>| sent.channels.values().any(|posted| posted.outcome == outcome);
        match () {
            () if has(None) => Stage::Sent,
            () if has(Some(Outcome::Unknown)) => Stage::Unknown,
            () if has(Some(Outcome::Accepted)) => Stage::Accepted,
            () => Stage::NotSent,
        }
    };
    let earlier = (1..).zip(&incident.bulletins).map(|(number, sent)| (number, stage(sent))).collect();
    Basis { earlier, ..plans::basis(incident, verb, None, parameters, None) }
}

/// What a person should know before confirming.
fn warnings(incident: &Incident, publication: &Publication) -> Vec<String> {
    let mut out = Vec::new();
    let audience = publication.bulletin.audience;
    if let Some(last) = incident.last_bulletin(audience) {
        let doubtful = last.channels.iter().filter(|(_, posted)| posted.outcome == Some(Outcome::Unknown));
        let doubtful: Vec<&str> = doubtful.map(|(channel, _)| channel.as_str()).collect();
        if !doubtful.is_empty() {
            out.push(format!("the last one may or may not stand on {}", doubtful.join(", ")));
        }
    }
    if publication.bulletin.status == Status::Resolved && incident.phase.is_open() {
        out.push(format!(
            "the incident is in {}: this is the last word to {}",
            incident.phase.title(),
            audience.word()
        ));
    }
    if let Some(next) = publication.bulletin.next_at {
        out.push(format!("it promises the next one by {}", clock_minute(next)));
    }
    out
}
