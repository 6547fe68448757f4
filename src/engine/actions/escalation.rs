//! One step of a path, by hand: what was given is written down, the path counts, the step leaves.

use super::same;
use crate::backend::{Receipt, Refusal, RefusalKind};
use crate::domain::action::Verb;
use crate::domain::escalation::Stopped;
use crate::domain::incident::Incident;
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::{Plan, Telling};
use crate::domain::record::{Entry, PathArmed, PathStopped, StepStarted};
use crate::engine::Engine;
use crate::engine::plans::escalation::{basis, from_now};
use crate::ledger::Draft;
use crate::os::crash::{self, Point};

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
        let (path, step) = (telling.path.clone(), telling.step);
        let lock = self
            .lock_step(&id, &path, step)
            .ok_or_else(|| Refusal::new(RefusalKind::Refused, "this step is being sent at this moment"))?;
        let mut entries = newly_filled(&plan, &telling, &incident);
        entries.extend(self.arming(&plan, &path, &incident)?);
        if let Some(owner) = &incident.owner {
            // It is held: this step goes out by hand, and nothing follows by itself.
            let because = Stopped::Acknowledged(owner.name.clone());
            entries.push(Entry::PathStopped(PathStopped { path: path.clone(), because }));
        }
        let (resumes, missing) = (incident.owner.is_none(), telling.missing());
        entries.push(Entry::StepStarted(StepStarted { path, step, resumes, missing }));
        let actor = Actor::Person(who.clone());
        let drafts =
            entries.into_iter().map(|entry| Draft::of(&id, actor.clone(), self.now(), entry)).collect();
        let incident = self.one(drafts).await?;
        crash::point(Point::AfterStepStarted);
        self.0.live.plan_became(&plan.hash, "sent".to_owned()).await;
        self.tell_in_background(actor, telling, lock);
        Ok(Receipt { incident, action: None, repeated: false, waits: None })
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
