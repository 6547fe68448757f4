//! Carrying a plan out: checked once more, written down, sent, written down, read back.

mod escalation;

use std::sync::Arc;
use std::time::Duration;

use super::Engine;
use super::approvals::Consent;
use super::plans::refused;
use crate::backend::{Confirmation, Receipt, Refusal, RefusalKind};
use crate::domain::action::{Action, ActionId, Answer, Outcome, Verb};
use crate::domain::approval::Confirmed;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::{Basis, LookUp, Plan, PlanHash, Request};
use crate::domain::record::Entry;
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::clock_time;
use crate::ledger::lock::Lock;
use crate::ledger::{Draft, LedgerError};
use crate::os::crash::{self, Point};
use crate::os::spawn;
use crate::playbooks::render;

/// Between two attempts to write an outcome down.
const AGAIN: Duration = Duration::from_secs(1);
/// So often it may be refused for what is to be written with it.
const TOGETHER: usize = 5;

/// A plan that may be sent as it is.
pub(super) struct Ready {
    /// What the target's own record says now.
    look_up: Option<LookUp>,
    /// It may follow one whose outcome is unknown.
    takes_over: bool,
}

impl Ready {
    /// Whether what the plan was made on still holds for this incident.
    pub(super) fn same_basis(&self, plan: &Plan, incident: &Incident) -> Result<(), Refusal> {
        let (target, look_up) = (plan.target.as_ref(), self.look_up.as_ref());
        let now = render::basis(incident, &plan.verb, target, &plan.parameters, look_up);
        same(plan, incident, &now).map_err(|mut refusal| {
            let newer = |action: &&Action| !plan.basis.earlier.iter().any(|(id, _)| *id == action.id);
            let others = incident.actions.values().filter(|action| hits_the_same(action, plan));
            refusal.differences.extend(others.filter(newer).map(|action| began(incident, action)));
            refusal
        })
    }
}

impl Engine {
    pub(super) async fn carry_out(
        &self,
        who: &Operator,
        hash: &PlanHash,
        confirmation: Confirmation,
    ) -> Result<Receipt, Refusal> {
        let (plan, became) = self.kept_plan(hash).await?;
        let id = plan.basis.incident.clone();
        if let Some(action) = became {
            let incident = self.incident_now(&id).await?;
            return Ok(Receipt { incident, action: action.parse().ok(), repeated: true, waits: None });
        }
        confirmation.confirms(&plan)?;
        self.confirmed_together(&plan, &confirmation.together).await?;
        self.can_write()?;
        match plan.request.clone() {
            Request::Http(_) | Request::Exec(_) => self.change(who, &plan, &confirmation).await,
            Request::Tell(telling) => self.tell(who, plan, telling).await,
            Request::Publish(publication) => self.publish(who, plan, publication).await,
        }
    }

    /// Whether all that were confirmed at once are containments with one playbook, and no more than it takes.
    async fn confirmed_together(&self, plan: &Plan, together: &[PlanHash]) -> Result<(), Refusal> {
        if together.is_empty() {
            return Ok(());
        }
        if !matches!(plan.verb, Verb::Contain { .. }) {
            return Err(refused("only containments are confirmed together"));
        }
        self.configured(&plan.verb)?.takes(together.len()).map_err(refused)?;
        for hash in together {
            if self.kept_plan(hash).await?.0.verb != plan.verb {
                return Err(refused("only containments with one playbook are confirmed together"));
            }
        }
        Ok(())
    }

    /// A containment or its undo: carried out, unless a second person must agree first.
    async fn change(
        &self,
        who: &Operator,
        plan: &Plan,
        confirmation: &Confirmation,
    ) -> Result<Receipt, Refusal> {
        let ready = self.ready(who, plan, confirmation.twice).await?;
        let incident = self.incident_now(&plan.basis.incident).await?;
        let consent = self.consent(who, plan, confirmation, &incident)?;
        // The signature was theirs.
        let who = &if confirmation.signature.is_some() { who.proven() } else { who.clone() };
        match consent {
            Consent::Given(confirmed) => {
                let lock = self.lock_to_send(plan).await?;
                self.send(who, plan, confirmed, ready, lock).await
            }
            Consent::Asked(until) => {
                Ok(Receipt { incident, action: None, waits: Some(until), repeated: true })
            }
            Consent::Wanted(signature) => {
                self.ask(who, plan, confirmation.typed.as_ref(), &signature, &ready).await
            }
        }
    }

    /// Looks once more whether the plan may be sent as it is for whoever asked for it.
    pub(super) async fn ready(&self, who: &Operator, plan: &Plan, twice: bool) -> Result<Ready, Refusal> {
        self.permitted(&plan.verb)?;
        self.record_configuration().await?;
        if matches!(plan.verb, Verb::Undo { .. }) {
            // Who cannot read what others contained cannot say what else it ends.
            self.catch_up().await?;
        }
        let incident = self.incident_now(&plan.basis.incident).await?;
        let takes_over = twice || matches!(plan.verb, Verb::Undo { .. });
        let ready = Ready { look_up: self.look_again(who, plan, &incident).await?, takes_over };
        ready.same_basis(plan, &incident)?;
        let unsaid = self.unsaid(who, &incident, plan);
        if !unsaid.is_empty() {
            return Err(changed(unsaid, &incident));
        }
        self.still_guarded(&who.name, plan)?;
        // Of the same basis, so that nothing earlier is missing in it.
        if plan.may_repeat(&incident) && !twice {
            return Err(Refusal::new(
                RefusalKind::Refused,
                "an earlier one on this target is UNKNOWN: this may happen twice; confirm that too",
            ));
        }
        Ok(ready)
    }

    /// Writes the intent down, and that it is sent; then sends it.
    pub(super) async fn send(
        &self,
        who: &Operator,
        plan: &Plan,
        confirmed: Confirmed,
        ready: Ready,
        lock: Lock,
    ) -> Result<Receipt, Refusal> {
        let id = &plan.basis.incident;
        crash::point(Point::BeforeIntent);
        let turn = match plan.verb {
            Verb::Contain { .. } => Some(self.turn_to_contain().await?),
            _ => None,
        };
        // Once more: others may have had their turn since this was ready.
        self.still_guarded(&who.name, plan)?;
        let intended = self.on_this_basis(plan, &ready, |incident| {
            let action = incident.next_action();
            let (kept, confirmed) = (Box::new(plan.clone()), Box::new(confirmed.clone()));
            let notice = confirmed.break_glass.as_ref().map(|why| self.glass_notice(who, plan, why));
            let entry = Entry::Intended { action, plan: kept, confirmed };
            let draft = Draft::of(id, Actor::Person(who.clone()), self.now(), entry);
            [Draft { takes_over: ready.takes_over, ..draft }].into_iter().chain(notice).collect()
        });
        // As it was right after that: the last one is this one.
        let action = intended.await?.next_action() - 1;
        drop(turn);
        crash::point(Point::AfterIntent);
        if !plan.before.is_empty() {
            self.capture_before(id, action, &plan.before).await;
            crash::point(Point::AfterCaptures);
            self.still_on(plan, action).await?;
        }
        let sent = Draft::of(id, Actor::Person(who.clone()), self.now(), Entry::Sent { action });
        let incident = self.one(vec![sent]).await?;
        self.0.live.plan_became(&plan.hash, action.to_string()).await;
        crash::point(Point::AfterSent);
        self.execute_in_background(who.clone(), id.clone(), action, plan.clone(), lock);
        Ok(Receipt { incident, action: Some(action), repeated: false, waits: None })
    }

    /// Refuses, and says that nothing was sent, when changes were turned off since the intent.
    async fn still_on(&self, plan: &Plan, action: ActionId) -> Result<(), Refusal> {
        let Err(refusal) = self.permitted(&plan.verb) else { return Ok(()) };
        let id = &plan.basis.incident;
        let (outcome, detail, answer) = (Outcome::NotSent, refusal.message.clone(), Answer::default());
        let entry = Entry::Answered { action, outcome, detail, answer };
        self.note(vec![self.by_engine(id, entry)]).await;
        Err(refusal)
    }

    /// Somebody else is at this target: who, and since when.
    pub(super) async fn taken(&self, plan: &Plan) -> Refusal {
        let at_it = |incident: &Arc<Incident>| {
            let open = |action: &&Action| action.stage.is_open() && hits_the_same(action, plan);
            incident.actions.values().rev().find(open).map(|action| began(incident, action))
        };
        // What is not yet written down, or cannot be read, has no name.
        drop(self.catch_up().await);
        let began = self.0.mirror.all().iter().find_map(at_it);
        let began = began.unwrap_or_else(|| "another quell has just begun it".to_owned());
        Refusal::new(RefusalKind::Refused, format!("somebody is at this target: {began}; settle that first"))
    }

    /// The look-up once more, as it is now.
    pub(super) async fn look_again(
        &self,
        who: &Operator,
        plan: &Plan,
        incident: &Incident,
    ) -> Result<Option<LookUp>, Refusal> {
        let (Some(playbook), Some(before)) = (self.playbook(&plan.verb), &plan.look_up) else {
            return Ok(None);
        };
        let setting = self.setting(who, incident, &[], &plan.parameters);
        let look_up = match &plan.verb {
            Verb::Undo { action, .. } => match incident.actions.get(action) {
                Some(action) => {
                    self.look_up(&playbook, &render::undoing(&setting, action, None), true).await?
                }
                None => None,
            },
            _ => self.look_up(&playbook, &setting, false).await?,
        };
        Ok(look_up.map(|now| now.after(before)))
    }

    /// The lock that says that this process is at this plan.
    pub(super) async fn lock_to_send(&self, plan: &Plan) -> Result<Lock, Refusal> {
        match self.lock_plan(&plan.hash) {
            Some(lock) => Ok(lock),
            None => Err(self.taken(plan).await),
        }
    }

    /// The lock that says somebody is at this plan.
    pub(super) fn lock_plan(&self, hash: &PlanHash) -> Option<Lock> {
        let name = format!("action-{}.lock", hash.0.get(..32).unwrap_or(&hash.0));
        self.try_lock(&name)
    }

    /// A lock between processes by its name; one that cannot even be tried is taken for another's, and logged.
    pub(super) fn try_lock(&self, name: &str) -> Option<Lock> {
        let taken = Lock::try_take_passing(&self.0.setup.state.join("locks").join(name));
        taken.inspect_err(|error| tracing::warn!(%error, name, "a lock cannot be tried")).ok().flatten()
    }

    fn execute_in_background(&self, who: Operator, id: IncidentId, action: ActionId, plan: Plan, lock: Lock) {
        let engine = self.clone();
        let in_flight = self.take_off();
        // Nobody waits for this task: its records are its answer.
        drop(spawn::task("action", async move {
            let Some(carried) = engine.transmit(&who, &id, action, &plan).await else { return };
            let carried = engine.looked_at_again(&who, &id, &plan, carried).await;
            let skew_ms = carried.date.map(|date| (date - engine.now()).num_milliseconds());
            let entry = Entry::Answered {
                action,
                outcome: carried.outcome,
                detail: carried.detail,
                answer: Answer { skew_ms, ..carried.answer },
            };
            let mut drafts = vec![Draft::of(&id, Actor::Person(who), engine.now(), entry)];
            if carried.outcome == Outcome::Unknown {
                drafts.push(engine.unknown_notice(&id, action));
            }
            engine.note_until_written(drafts).await;
            crash::point(Point::AfterOutcome);
            engine.keep_answer(&id, action, &plan.request, carried.body).await;
            drop(in_flight);
            engine.read_back_until_settled(&id, action).await;
            drop(lock);
        }));
    }

    fn glass_notice(&self, who: &Operator, plan: &Plan, why: &Outside) -> Draft {
        let id = &plan.basis.incident;
        let text =
            format!("{id}: {} did not wait for a second person: {}: {}", who.name, plan.title, why.raw());
        let (kind, incident) = (NoticeKind::BreakGlass, Some(id.clone()));
        self.by_engine(id, Entry::NoticeRaised(Notice::new(kind, incident, Outside::new(text))))
    }

    pub(super) fn unknown_notice(&self, id: &IncidentId, action: ActionId) -> Draft {
        let text = format!("{id}: it is unknown whether action #{action} was done");
        let (kind, incident) = (NoticeKind::UnknownOutcome, Some(id.clone()));
        let notice = Notice::new(kind, incident, Outside::new(text));
        self.by_engine(id, Entry::NoticeRaised(notice))
    }

    /// An outcome is worth waiting for, as long as this process lives: a disk that is full now may have room later. Its own
    /// counts whatever else is refused: what cannot be marked with it is said then.
    pub(super) async fn note_until_written(&self, drafts: Vec<Draft>) {
        let mut refused = 0;
        loop {
            let together = refused < TOGETHER;
            // What somebody else has undone meanwhile is looked for anew.
            let all =
                if together { self.with_all_undone(&drafts).await } else { Ok(self.with_unmarked(&drafts)) };
            let unread = all.is_err();
            let more = all.as_ref().is_ok_and(|all| all.len() > drafts.len());
            let written = match all {
                Ok(all) => self.write_down(all).await.map(drop),
                Err(error) => Err(error),
            };
            let Err(error) = written else { return };
            tracing::warn!(%error, "an outcome was not written");
            let broken = !unread && matches!(error, LedgerError::Broken { .. });
            if !(broken || unread || together && more) {
                return;
            }
            refused += usize::from(!broken);
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Whether an action is of the same playbook, on the same target.
fn hits_the_same(action: &Action, plan: &Plan) -> bool {
    action.plan.slot() == plan.slot()
}

/// Who began an action, and when.
fn began(incident: &Incident, action: &Action) -> String {
    let (id, number, by) = (&incident.id, action.id, SafeText::exact(&action.by));
    format!("{by} began {id} #{number} at {}, it is {}", clock_time(action.at), action.stage.word())
}

pub(super) fn same(plan: &Plan, incident: &Incident, now: &Basis) -> Result<(), Refusal> {
    let differences = plan.basis.differences(now);
    if differences.is_empty() {
        return Ok(());
    }
    Err(changed(differences, incident))
}

fn changed(differences: Vec<String>, incident: &Incident) -> Refusal {
    Refusal {
        differences,
        current: Some(Arc::new(incident.clone())),
        ..Refusal::new(RefusalKind::Changed, "something changed since this plan was shown; nothing was sent")
    }
}
