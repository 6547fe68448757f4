//! Carrying a plan out: checked once more, written down, sent, written down, read back.

mod escalation;

use std::sync::Arc;
use std::time::Duration;

use super::Engine;
use crate::backend::{Confirmation, Receipt, Refusal, RefusalKind};
use crate::domain::action::{Action, ActionId, Answer, Outcome, Stage, Verb};
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
        self.can_write()?;
        match plan.request.clone() {
            Request::Http(_) | Request::Exec(_) => self.change(who, plan, &confirmation).await,
            Request::Tell(telling) => self.tell(who, plan, telling).await,
            Request::Publish(publication) => self.publish(who, plan, publication).await,
        }
    }

    /// A containment or its undo.
    async fn change(
        &self,
        who: &Operator,
        plan: Plan,
        confirmation: &Confirmation,
    ) -> Result<Receipt, Refusal> {
        self.actions_on()?;
        self.record_configuration().await?;
        let id = plan.basis.incident.clone();
        let incident = self.incident_now(&id).await?;
        let look_up = self.look_again(&plan, &incident).await?;
        same_basis(&plan, &incident, look_up.as_ref())?;
        let repeats_unknown = incident
            .actions
            .values()
            .any(|action| action.stage == Stage::Unknown && hits_the_same(action, &plan));
        let undo = matches!(plan.verb, Verb::Undo { .. });
        if repeats_unknown && !undo && !confirmation.twice {
            return Err(Refusal::new(
                RefusalKind::Refused,
                "an earlier one on this target is UNKNOWN: this may happen twice; confirm that too",
            ));
        }
        let lock = match self.lock_plan(&plan.hash) {
            Some(lock) => lock,
            None => return Err(self.taken(&plan).await),
        };
        crash::point(Point::BeforeIntent);
        let takes_over = undo || confirmation.twice;
        let confirmed = Confirmed {
            typed: confirmation.typed.clone(),
            signature: confirmation.signature.clone(),
            ..Confirmed::default()
        };
        let action = self.intend(who, &plan, &confirmed, look_up.as_ref(), takes_over).await?;
        crash::point(Point::AfterIntent);
        if !plan.before.is_empty() {
            self.capture_before(who, &id, action, &plan.before).await;
            self.still_on(&id, action).await?;
        }
        let sent = Draft::of(&id, Actor::Person(who.clone()), self.now(), Entry::Sent { action });
        let incident = self.one(vec![sent]).await?;
        self.0.live.plan_became(&plan.hash, action.to_string()).await;
        crash::point(Point::AfterSent);
        self.execute_in_background(who.clone(), id, action, plan, lock);
        Ok(Receipt { incident, action: Some(action), repeated: false, waits: None })
    }

    /// Refuses, and says that nothing was sent, when changes were turned off since the intent.
    async fn still_on(&self, id: &IncidentId, action: ActionId) -> Result<(), Refusal> {
        let Err(refusal) = self.actions_on() else { return Ok(()) };
        let (outcome, detail, answer) = (Outcome::NotSent, refusal.message.clone(), Answer::default());
        let entry = Entry::Answered { action, outcome, detail, answer };
        self.note(vec![self.by_engine(id, entry)]).await;
        Err(refusal)
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
        let _turn = match plan.verb {
            Verb::Contain { .. } => Some(self.turn_to_contain().await?),
            _ => None,
        };
        self.still_guarded(&who.name, plan)?;
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
                Err(LedgerError::SlotTaken { .. }) => return Err(self.taken(plan).await),
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::new(RefusalKind::Refused, "others act on this incident at the same moment; look again"))
    }

    /// Somebody else is at this target: who, and since when.
    async fn taken(&self, plan: &Plan) -> Refusal {
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

    fn execute_in_background(&self, who: Operator, id: IncidentId, action: ActionId, plan: Plan, lock: Lock) {
        let engine = self.clone();
        let in_flight = self.take_off();
        // Nobody waits for this task: its records are its answer.
        drop(spawn::task("action", async move {
            let Some(carried) = engine.send(&who, &id, action, &plan).await else { return };
            let skew_ms = carried.date.map(|date| (date - engine.now()).num_milliseconds());
            let entry = Entry::Answered {
                action,
                outcome: carried.outcome,
                detail: carried.detail,
                answer: Answer { skew_ms, ..carried.answer },
            };
            let mut drafts = vec![Draft::of(&id, Actor::Person(who.clone()), engine.now(), entry)];
            if carried.outcome == Outcome::Unknown {
                drafts.push(engine.unknown_notice(&id, action));
            }
            engine.note_until_written(drafts).await;
            crash::point(Point::AfterOutcome);
            engine.keep_answer(&who, &id, action, &plan.request, carried.body).await;
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

    /// An outcome is worth waiting for, as long as this process lives: a disk that is full now may have room later.
    pub(super) async fn note_until_written(&self, drafts: Vec<Draft>) {
        while let Err(error) = self.write_down(drafts.clone()).await {
            tracing::warn!(%error, "an outcome was not written");
            if !matches!(error, LedgerError::Broken { .. }) {
                return;
            }
            tokio::time::sleep(AGAIN).await;
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

/// Whether an action is of the same playbook, on the same target.
fn hits_the_same(action: &Action, plan: &Plan) -> bool {
    action.plan.verb.of() == plan.verb.of() && action.plan.target == plan.target
}

/// Who began an action, and when.
fn began(incident: &Incident, action: &Action) -> String {
    let (id, number, by) = (&incident.id, action.id, SafeText::exact(&action.by));
    format!("{by} began {id} #{number} at {}, it is {}", clock_time(action.at), action.stage.word())
}

/// What the plan was made on still holds.
fn same_basis(plan: &Plan, incident: &Incident, look_up: Option<&LookUp>) -> Result<(), Refusal> {
    let now = render::basis(incident, &plan.verb, plan.target.as_ref(), &plan.parameters, look_up);
    same(plan, incident, &now).map_err(|mut refusal| {
        let newer = |action: &&Action| !plan.basis.earlier.iter().any(|(id, _)| *id == action.id);
        let others = incident.actions.values().filter(|action| hits_the_same(action, plan));
        refusal.differences.extend(others.filter(newer).map(|action| began(incident, action)));
        refusal
    })
}

pub(super) fn same(plan: &Plan, incident: &Incident, now: &Basis) -> Result<(), Refusal> {
    let differences = plan.basis.differences(now);
    if differences.is_empty() {
        return Ok(());
    }
    Err(Refusal {
        differences,
        current: Some(Arc::new(incident.clone())),
        ..Refusal::new(RefusalKind::Changed, "something changed since this plan was shown; nothing was sent")
    })
}
