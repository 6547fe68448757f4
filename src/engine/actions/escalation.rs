//! One step of a path, by hand: what was given is written down, the path counts, the step leaves.

use std::time::Duration;

use super::same;
use crate::backend::{Receipt, Refusal, RefusalKind};
use crate::domain::action::Verb;
use crate::domain::escalation::{StepState, Stopped};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::{Plan, Telling};
use crate::domain::record::{Entry, PathArmed, PathStopped, StepStarted};
use crate::engine::Engine;
use crate::engine::plans::escalation::{basis, from_now};
use crate::engine::plans::refused;
use crate::ledger::Draft;
use crate::ledger::lock::Lock;
use crate::os::crash::{self, Point};

/// Between two looks at a lock that is about to be let go.
const LETS_GO: Duration = Duration::from_millis(50);

impl Engine {
    pub(super) async fn tell(
        &self,
        who: &Operator,
        plan: Plan,
        telling: Telling,
    ) -> Result<Receipt, Refusal> {
        let id = plan.basis.incident.clone();
        let incident = self.incident_now(&id).await?;
        same(&plan, &incident, &basis(&incident, &plan.verb, &plan.parameters))?;
        let lock = self.lock_idle_step(&id, &telling.path, telling.step).await?;
        let actor = Actor::Person(who.clone());
        // The lease holder may arm the path at this very moment, or somebody take the incident.
        let begun = self.on_its_version(&plan, |incident| {
            same(&plan, incident, &basis(incident, &plan.verb, &plan.parameters))?;
            let entries = self.beginning(&plan, &telling, incident)?.into_iter();
            Ok(entries.map(|entry| Draft::of(&id, actor.clone(), self.now(), entry)).collect())
        });
        let incident = begun.await?;
        crash::point(Point::AfterStepStarted);
        self.0.live.plan_became(&plan.hash, "sent".to_owned()).await;
        self.tell_in_background(actor, telling, lock);
        Ok(Receipt { incident, action: None, repeated: false, waits: None })
    }

    /// The lock on a step that is not being sent. Whoever has just written down that it was sent, or is about to say
    /// that it is begun, is waited for.
    pub(in crate::engine) async fn lock_idle_step(
        &self,
        id: &IncidentId,
        path: &str,
        step: u32,
    ) -> Result<Lock, Refusal> {
        for _attempt in 0..20 {
            if let Some(lock) = self.lock_step(id, path, step) {
                return Ok(lock);
            }
            self.catch_up().await?;
            let incident = self.incident_now(id).await?;
            let sent = incident.escalation_on(path).and_then(|escalation| escalation.step(step));
            if sent.is_some_and(|step| matches!(step.state, StepState::Started(_))) {
                break;
            }
            tokio::time::sleep(LETS_GO).await;
        }
        Err(refused("this step is being sent at this moment"))
    }

    /// What is written down before the step leaves.
    fn beginning(&self, plan: &Plan, telling: &Telling, incident: &Incident) -> Result<Vec<Entry>, Refusal> {
        let (path, step) = (telling.path.clone(), telling.step);
        let mut entries = newly_filled(plan, telling, incident);
        entries.extend(self.arming(plan, &path, incident)?);
        let held_by = incident.owner.as_ref().map(|owner| owner.name.clone());
        let held_by = held_by.or_else(|| Some(incident.held_upstream()?.raw().to_owned()));
        let resumes = held_by.is_none();
        if let Some(holder) = held_by {
            // It is held: this step goes out by hand, and nothing follows by itself.
            let because = Stopped::Acknowledged(holder);
            entries.push(Entry::PathStopped(PathStopped { path: path.clone(), because }));
        }
        let missing = telling.missing();
        entries.push(Entry::StepStarted(StepStarted { path, step, resumes, missing }));
        Ok(entries)
    }

    /// Arms the path when it is not, or when a person gave it other steps.
    fn arming(&self, plan: &Plan, path: &str, incident: &Incident) -> Result<Option<Entry>, Refusal> {
        let own = match &plan.verb {
            Verb::Escalate { steps, .. } => steps.as_deref(),
            Verb::Contain { .. } | Verb::Undo { .. } | Verb::Publish { .. } | Verb::Upstream { .. } => None,
        };
        if own.is_none() && incident.escalation_on(path).is_some() {
            return Ok(None);
        }
        let configured = self.0.setup.path(path).ok_or_else(|| {
            Refusal::new(RefusalKind::Usage, "that path is not configured any more; look again")
        })?;
        let steps = from_now(own.unwrap_or(&configured.steps));
        Ok(Some(Entry::PathArmed(PathArmed { path: path.to_owned(), steps })))
    }
}

/// What a person gave is known from now on, also to the steps that follow.
fn newly_filled(plan: &Plan, telling: &Telling, incident: &Incident) -> Vec<Entry> {
    let is_item = |name: &str| telling.packet.iter().any(|(item, _)| item == name);
    let given = plan.parameters.iter().filter(|(name, given)| is_item(name) && !given.value.is_blank());
    let known = |name: &str| incident.filled.get(name).map(|filled| &filled.value);
    let news = given.filter(|(name, given)| known(name) != Some(&given.value));
    news.map(|(name, given)| Entry::PacketFilled { item: name.clone(), value: given.value.clone() }).collect()
}
