//! Carrying a plan out: checked once more, written down, sent, written down, read back.

mod escalation;

use super::Engine;
use crate::backend::{Confirmation, Receipt, Refusal, RefusalKind};
use crate::domain::action::{ActionId, Answer, Outcome, Stage, Verb};
use crate::domain::approval::Confirmed;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::{Basis, Invocation, LookUp, Plan, PlanHash, Request};
use crate::domain::record::Entry;
use crate::domain::text::{Outside, SafeText};
use crate::ledger::lock::Lock;
use crate::ledger::{Draft, LedgerError};
use crate::os::{crash, spawn};
use crate::playbooks::carry;
use crate::playbooks::render;

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
        check_confirmation(&plan, &confirmation)?;
        match plan.request.clone() {
            Request::Http(request) => self.change(who, plan, request.into(), &confirmation).await,
            Request::Exec(program) => self.change(who, plan, Invocation::Exec(program), &confirmation).await,
            Request::Tell(telling) => self.tell(who, plan, telling).await,
            Request::Publish(publication) => self.publish(who, plan, publication).await,
        }
    }

    /// A containment or its undo.
    async fn change(
        &self,
        who: &Operator,
        plan: Plan,
        request: Invocation,
        confirmation: &Confirmation,
    ) -> Result<Receipt, Refusal> {
        self.actions_on()?;
        let id = plan.basis.incident.clone();
        let incident = self.incident_now(&id).await?;
        let look_up = self.look_again(&plan, &incident).await?;
        same_basis(&plan, &incident, look_up.as_ref())?;
        let repeats_unknown = incident.actions.values().any(|action| {
            action.stage == Stage::Unknown
                && action.plan.verb.of() == plan.verb.of()
                && action.plan.target == plan.target
        });
        let undo = matches!(plan.verb, Verb::Undo { .. });
        if repeats_unknown && !undo && !confirmation.twice {
            return Err(Refusal::new(
                RefusalKind::Refused,
                "an earlier one on this target is UNKNOWN: this may happen twice; confirm that too",
            ));
        }
        let lock = self.lock_plan(&plan.hash).ok_or_else(|| {
            Refusal::new(RefusalKind::Refused, "this plan is being carried out by another quell")
        })?;
        crash::point("before-intent");
        let takes_over = undo || confirmation.twice;
        let confirmed = Confirmed {
            typed: confirmation.typed.clone(),
            signature: confirmation.signature.clone(),
            ..Confirmed::default()
        };
        let action = self.intend(who, &plan, &confirmed, look_up.as_ref(), takes_over).await?;
        crash::point("after-intent");
        let sent = Draft::of(&id, Actor::Person(who.clone()), self.now(), Entry::Sent { action });
        let incident = self.one(vec![sent]).await?;
        self.0.live.plan_became(&plan.hash, action.to_string()).await;
        crash::point("after-sent");
        self.execute_in_background(who.clone(), id, action, request, lock);
        Ok(Receipt { incident, action: Some(action), repeated: false, waits: None })
    }

    /// Writes the intent down on exactly the version its basis was compared with; whoever comes in between makes it
    /// compare again.
    async fn intend(
        &self,
        who: &Operator,
        plan: &Plan,
        confirmed: &Confirmed,
        look_up: Option<&LookUp>,
        takes_over: bool,
    ) -> Result<ActionId, Refusal> {
        for _attempt in 0..8 {
            let incident = self.incident_now(&plan.basis.incident).await?;
            same_basis(plan, &incident, look_up)?;
            let next = incident.next_action();
            let (plan_kept, confirmed) = (Box::new(plan.clone()), Box::new(confirmed.clone()));
            let entry = Entry::Intended { action: next, plan: plan_kept, confirmed };
            let draft = Draft::of(&incident.id, Actor::Person(who.clone()), self.now(), entry);
            let draft = Draft { takes_over, version: Some(incident.version), ..draft };
            match self.append(vec![draft]).await {
                Ok(_) => return Ok(next),
                Err(LedgerError::Moved) => self.catch_up().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::new(RefusalKind::Refused, "others act on this incident at the same moment; look again"))
    }

    /// The look-up once more, as it is now.
    async fn look_again(&self, plan: &Plan, incident: &Incident) -> Result<Option<LookUp>, Refusal> {
        match self.0.setup.playbook(plan.verb.of()) {
            Some(playbook) if plan.look_up.is_some() => {
                self.look_up(playbook, &self.setting(incident, &[], &plan.parameters)).await
            }
            _ => Ok(None),
        }
    }

    /// The lock that says somebody is at this plan.
    pub(super) fn lock_plan(&self, hash: &PlanHash) -> Option<Lock> {
        let name = format!("action-{}.lock", hash.0.get(..32).unwrap_or(&hash.0));
        self.try_lock(&name)
    }

    /// A lock between processes by its name; one that cannot even be tried is taken for another's, and logged.
    pub(super) fn try_lock(&self, name: &str) -> Option<Lock> {
        let taken = Lock::try_take(&self.0.setup.state.join("locks").join(name));
        taken.inspect_err(|error| tracing::warn!(%error, name, "a lock cannot be tried")).ok().flatten()
    }

    fn execute_in_background(
        &self,
        who: Operator,
        id: IncidentId,
        action: ActionId,
        request: Invocation,
        lock: Lock,
    ) {
        let engine = self.clone();
        let in_flight = self.take_off();
        // Nobody waits for this task: its records are its answer.
        drop(spawn::task("action", async move {
            let carried = carry::carry_out(&engine.0.adapters.apis, &request).await;
            crash::point("after-answer");
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
            drop(in_flight);
            engine.read_back_until_settled(&id, action).await;
            lock.retire();
        }));
    }

    pub(super) fn unknown_notice(&self, id: &IncidentId, action: ActionId) -> Draft {
        let text = format!("{id}: it is unknown whether action #{action} was done");
        let (kind, incident) = (NoticeKind::UnknownOutcome, Some(id.clone()));
        let notice = Notice { kind, incident, text: Outside::new(text) };
        self.by_engine(id, Entry::NoticeRaised(notice))
    }

    /// An outcome is worth more than one attempt: a ledger that is busy now may not be in a moment.
    pub(super) async fn note_until_written(&self, drafts: Vec<Draft>) {
        for wait_s in [0, 1, 2, 4] {
            tokio::time::sleep(std::time::Duration::from_secs(wait_s)).await;
            if self.note(drafts.clone()).await {
                return;
            }
        }
    }
}

fn check_confirmation(plan: &Plan, confirmation: &Confirmation) -> Result<(), Refusal> {
    let Some(target) = plan.typed_target() else { return Ok(()) };
    match &confirmation.typed {
        Some(typed) if typed == target => Ok(()),
        Some(typed) => Err(Refusal::new(
            RefusalKind::Refused,
            format!("typed {}, but the target is {}", SafeText::exact(typed.raw()), target.exact()),
        )),
        None => Err(Refusal::new(
            RefusalKind::Usage,
            format!("this needs its target typed: --confirm-target {}", target.exact()),
        )),
    }
}

/// What the plan was made on still holds.
fn same_basis(plan: &Plan, incident: &Incident, look_up: Option<&LookUp>) -> Result<(), Refusal> {
    same(
        plan,
        incident,
        &render::basis(incident, &plan.verb, plan.target.as_ref(), &plan.parameters, look_up),
    )
}

pub(super) fn same(plan: &Plan, incident: &Incident, now: &Basis) -> Result<(), Refusal> {
    let differences = plan.basis.differences(now);
    if differences.is_empty() {
        return Ok(());
    }
    Err(Refusal {
        differences,
        current: Some(std::sync::Arc::new(incident.clone())),
        ..Refusal::new(RefusalKind::Changed, "something changed since this plan was shown; nothing was sent")
    })
}
