//! A second person's consent: asked for, given, refused, used once.
//!
//! The ledger's table has the last word; what is checked here is what the table cannot know: keys, signatures, who is
//! listed, and what the target is like now.

use std::sync::Arc;

use super::Engine;
use super::actions::Ready;
use super::plans::refused;
use crate::backend::{Confirmation, Receipt, Refusal, RefusalKind};
use crate::domain::approval::{self, Ask, AskState, Confirmed, STANDS_FOR};
use crate::domain::id::IncidentId;
use crate::domain::identity::{Person, Signature, Standing, Statement};
use crate::domain::incident::Incident;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::{Plan, PlanHash};
use crate::domain::record::Entry;
use crate::domain::story;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time, clock_minute, clock_time};
use crate::identity;
use crate::ledger::{Draft, LedgerError};

/// How far from now something may have been signed: a person at another machine, with a clock of its own.
const FRESH: Span = Span::mins(2);

/// Whether a plan may be carried out.
pub(super) enum Consent {
    /// It may.
    Given(Confirmed),
    /// A second person was asked already, and has until then.
    Asked(Time),
    /// A second person must be asked first; this is the requester's signature.
    Wanted(Signature),
}

impl Engine {
    /// Whether this person may carry the plan out now.
    pub(super) fn consent(
        &self,
        who: &Operator,
        plan: &Plan,
        confirmation: &Confirmation,
        incident: &Incident,
    ) -> Result<Consent, Refusal> {
        let confirmed = Confirmed {
            typed: confirmation.typed.clone(),
            together: confirmation.together.clone(),
            signature: confirmation.signature.clone(),
            ..Confirmed::default()
        };
        let request = Statement::Request { plan: &plan.hash };
        if let Some(signature) = &confirmation.signature
            && !(identity::holds(signature, &request) && who.key == Some(signature.key.id()))
        {
            return Err(refused("the signature is not yours, or not over this plan; nothing was sent"));
        }
        self.is_fresh(confirmation.signature.as_ref())?;
        self.may_ask(who)?;
        match &confirmation.break_glass {
            Some(_) if plan.approvals == 0 => {
                let why = "this plan needs no second person; confirm it without breaking the glass";
                return Err(Refusal::new(RefusalKind::Usage, why));
            }
            Some(why) => {
                approval::reason(why).map_err(|wanted| Refusal::new(RefusalKind::Usage, wanted))?;
                return Ok(Consent::Given(Confirmed { break_glass: Some(why.clone()), ..confirmed }));
            }
            None if plan.approvals == 0 => return Ok(Consent::Given(confirmed)),
            None => {}
        }
        let person = self.listed(who, confirmation.signature.as_ref(), &request)?;
        let signature = confirmation.signature.clone().ok_or_else(not_signed)?;
        let now = self.now();
        match incident.asks.get(&plan.hash).filter(|ask| ask.is_open(now)) {
            Some(ask) if ask.by.name != who.name => Err(refused(format!(
                "{} asked for exactly this at {}; approve it: quell approve {}",
                ask.by.name,
                clock_time(ask.at),
                plan.hash.short()
            ))),
            Some(ask) => Ok(match ask.approved_by(now) {
                Some(by) => Consent::Given(Confirmed { approved_by: Some(by.to_owned()), ..confirmed }),
                None => Consent::Asked(ask.until),
            }),
            None if !self.0.setup.people.iter().any(|other| is_second(other, person)) => {
                Err(refused("nobody else may approve it: add a [[person]] with roles = [\"approver\"]"))
            }
            None => Ok(Consent::Wanted(signature)),
        }
    }

    /// Writes down that a second person is asked, on exactly the version the basis was compared with.
    pub(super) async fn ask(
        &self,
        who: &Operator,
        plan: &Plan,
        typed: Option<&Outside>,
        signature: &Signature,
        ready: &Ready,
    ) -> Result<Receipt, Refusal> {
        let until = until(signature);
        let incident = self
            .on_this_basis(plan, ready, |incident| {
                let entry = Entry::ApprovalAsked {
                    plan: Box::new(plan.clone()),
                    until,
                    typed: typed.cloned(),
                    signature: signature.clone(),
                };
                let asked = Draft::of(&incident.id, Actor::Person(who.clone()), self.now(), entry);
                vec![asked, self.ask_notice(who, plan, until)]
            })
            .await?;
        self.0.live.keep_plan(&plan.hash, until).await;
        Ok(Receipt { incident, action: None, waits: Some(until), repeated: false })
    }

    fn ask_notice(&self, who: &Operator, plan: &Plan, until: Time) -> Draft {
        let id = &plan.basis.incident;
        let (what, until) = (story::what(plan), clock_minute(until));
        let text = Outside::new(format!("{id}: {} asks until {until} to approve {what}", who.name));
        let (kind, incident) = (NoticeKind::Approval, Some(id.clone()));
        self.by_engine(id, Entry::NoticeRaised(Notice::new(kind, incident, text)))
    }

    /// Approves what somebody else asked for, and carries it out. What is refused is written down.
    pub(super) async fn approve_plan(
        &self,
        who: &Operator,
        hash: &PlanHash,
        confirmation: &Confirmation,
    ) -> Result<Receipt, Refusal> {
        self.can_write()?;
        // What another console asked for a moment ago may not be read yet.
        self.catch_up().await?;
        let asked = self.0.mirror.all().into_iter().find(|incident| incident.asks.contains_key(hash));
        let Some((incident, ask)) = asked.and_then(|it| it.asks.get(hash).cloned().map(|ask| (it, ask)))
        else {
            return Err(Refusal::new(RefusalKind::NotFound, "nobody asked for the approval of such a plan"));
        };
        let approved = self.approve_ask(who, &incident, &ask, confirmation).await;
        if let Err(refusal) = &approved
            && refusal.kind != RefusalKind::Unreachable
        {
            self.note(vec![refusal_of(who, &incident.id, hash, refusal, self.now())]).await;
        }
        approved
    }

    async fn approve_ask(
        &self,
        who: &Operator,
        incident: &Incident,
        ask: &Ask,
        confirmation: &Confirmation,
    ) -> Result<Receipt, Refusal> {
        let plan = &ask.plan;
        if !plan.is_sealed() {
            return Err(refused(
                "the plan that was asked for is not what its hash says; it must be asked anew",
            ));
        }
        self.may_be_second(who, ask, confirmation.signature.as_ref())?;
        if !confirmation.together.is_empty() {
            return Err(refused("each plan is approved by itself"));
        }
        confirmation.confirms(plan)?;
        let ready = self.ready(&ask.by, plan, confirmation.twice).await?;
        let lock = self.lock_to_send(plan).await?;
        let signature = confirmation.signature.clone().ok_or_else(not_signed)?;
        self.on_this_basis(plan, &ready, |_| {
            let entry =
                Entry::Approved { plan: plan.hash.clone(), ask: ask.seq, signature: signature.clone() };
            vec![Draft::of(&incident.id, Actor::Person(who.proven()), self.now(), entry)]
        })
        .await?;
        let confirmed = Confirmed {
            typed: ask.typed.clone(),
            approved_by: Some(who.name.clone()),
            signature: Some(ask.signature.clone()),
            ..Confirmed::default()
        };
        self.send(&ask.by, plan, confirmed, ready, lock).await
    }

    /// Whether this person may approve that, now.
    fn may_be_second(&self, who: &Operator, ask: &Ask, signature: Option<&Signature>) -> Result<(), Refusal> {
        let (plan, until) = (&ask.plan.hash, ask.until);
        match &ask.state {
            AskState::Used { action } => {
                return Err(refused(format!("this approval was used already, for action #{action}")));
            }
            AskState::Approved { by, .. } => return Err(refused(format!("{by} approved it already"))),
            AskState::Waiting if ask.waits(self.now()) => {}
            AskState::Waiting => {
                let over = clock_minute(until);
                return Err(refused(format!("its time was over at {over}; {} must ask again", ask.by.name)));
            }
        }
        let statement = Statement::Approval { plan, ask: ask.seq, until };
        let approver = self.listed(who, signature, &statement)?;
        self.is_fresh(signature)?;
        if until != self::until(&ask.signature) {
            return Err(refused(format!(
                "its time is not what {} signed; it must be asked anew",
                ask.by.name
            )));
        }
        let requester = self.listed(&ask.by, Some(&ask.signature), &Statement::Request { plan })?;
        if approver.key == requester.key || approver.name == requester.name {
            return Err(refused("whoever asks cannot be the second person"));
        }
        if !approver.may(Standing::Approver) {
            return Err(refused(format!("{} has not the role approver", approver.name)));
        }
        Ok(())
    }

    /// Refuses what was signed at another time: a signature that stands in the ledger is none of a new request.
    fn is_fresh(&self, signature: Option<&Signature>) -> Result<(), Refusal> {
        let age = signature.map(|signature| (self.now() - signature.at).abs());
        match age.filter(|age| *age > FRESH.delta()) {
            None => Ok(()),
            Some(_) => Err(refused("it was not signed just now; confirm it again, and compare the clocks")),
        }
    }

    /// Whether somebody who is listed may ask for a change.
    fn may_ask(&self, who: &Operator) -> Result<(), Refusal> {
        // By name as well: who leaves the key at home may do no more without it.
        let listed = |person: &&Person| Some(person.key.id()) == who.key || person.name == who.name;
        let mut people = self.0.setup.people.iter().filter(listed);
        match people.find(|person| !person.may(Standing::Responder)) {
            Some(person) => Err(refused(format!(
                "{} has not the role responder and may not ask for a change: add it to roles of their [[person]]",
                person.name
            ))),
            None => Ok(()),
        }
    }

    /// The listed person who signed this; it must be the one who acts.
    fn listed(
        &self,
        who: &Operator,
        signature: Option<&Signature>,
        statement: &Statement<'_>,
    ) -> Result<&Person, Refusal> {
        let signature = signature.ok_or_else(not_signed)?;
        let mut people = self.0.setup.people.iter();
        let person = people.find(|person| person.key == signature.key).ok_or_else(|| {
            let key = signature.key.id();
            refused(format!("no [[person]] has the key {key}; `quell identity show` prints what to list"))
        })?;
        if person.name != who.name || who.key != Some(person.key.id()) {
            return Err(refused(format!("that is {}'s key, and not {}'s", person.name, who.name)));
        }
        if !identity::holds(signature, statement) {
            return Err(refused("the signature is not over this plan, this request and its time"));
        }
        Ok(person)
    }

    /// Appends on exactly the version whose basis is the plan's; whoever comes in between makes it compare again. The
    /// incident as it is right after that.
    pub(super) async fn on_this_basis(
        &self,
        plan: &Plan,
        ready: &Ready,
        drafts: impl Fn(&Incident) -> Vec<Draft>,
    ) -> Result<Arc<Incident>, Refusal> {
        let drafts = |incident: &Incident| {
            ready.same_basis(plan, incident)?;
            Ok(drafts(incident))
        };
        self.on_its_version(plan, drafts).await
    }

    /// Appends on exactly the version that the drafts were made for; whoever comes in between makes them be made anew.
    /// The incident as it is right after that.
    pub(super) async fn on_its_version(
        &self,
        plan: &Plan,
        drafts: impl Fn(&Incident) -> Result<Vec<Draft>, Refusal>,
    ) -> Result<Arc<Incident>, Refusal> {
        for _attempt in 0..8 {
            let incident = self.incident_now(&plan.basis.incident).await?;
            let mut drafts = drafts(&incident)?;
            if let Some(first) = drafts.first_mut() {
                first.version = Some(incident.version);
            }
            match self.append(drafts).await {
                Ok(appended) => {
                    let after = appended.into_iter().filter_map(|appended| appended.incident).next_back();
                    return after.ok_or_else(|| LedgerError::NotFound(incident.id.to_string()).into());
                }
                Err(LedgerError::Moved) => self.catch_up().await?,
                Err(LedgerError::SlotTaken { .. }) => return Err(self.taken(plan).await),
                Err(error) => return Err(error.into()),
            }
        }
        Err(refused("others act on this incident at the same moment; look again"))
    }
}

/// How long a request stands.
fn until(request: &Signature) -> Time {
    request.at + STANDS_FOR.delta()
}

fn is_second(other: &Person, first: &Person) -> bool {
    other.may(Standing::Approver) && other.key != first.key && other.name != first.name
}

fn not_signed() -> Refusal {
    refused(
        "a second person is needed, so this must be signed: `quell identity init` makes a key, `quell identity show` says what to list",
    )
}

fn refusal_of(who: &Operator, id: &IncidentId, plan: &PlanHash, refusal: &Refusal, at: Time) -> Draft {
    let mut because = refusal.message.raw().to_owned();
    for difference in &refusal.differences {
        because = format!("{because}; {difference}");
    }
    let entry = Entry::ApprovalRefused { plan: plan.clone(), because: Outside::new(because) };
    Draft::of(id, Actor::Person(who.clone()), at, entry)
}
