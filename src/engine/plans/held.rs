//! What a containment holds already: a target that needs no second one is offered last, and says so.

use crate::backend::Applicable;
use crate::domain::action::{Action, Verb};
use crate::domain::incident::Incident;
use crate::domain::parameter::Holding;
use crate::domain::plan::Plan;
use crate::domain::text::Outside;
use crate::engine::Engine;

impl Engine {
    /// Marks the targets that the same playbook holds already, on whichever incident, and puts them last.
    pub(super) fn mark_held(&self, incident: &Incident, offered: &mut Applicable) {
        let Some(target) = &offered.target else { return };
        let Some(asked) = offered.asked.iter_mut().find(|asked| asked.name == *target) else { return };
        for offer in &mut asked.offers {
            offer.held = self.holding(incident, &offered.verb, &offer.value);
        }
        asked.offers.sort_by_key(|offer| offer.held.is_some());
    }

    /// That the same playbook holds the plan's target already, where it does: whoever confirms it knows.
    pub(super) fn held_already(&self, incident: &Incident, plan: &Plan) -> Option<String> {
        let (_, target) = plan.target.as_ref()?;
        self.holding(incident, &plan.verb, target).map(|held| format!("already {}", held.words()))
    }

    /// The containment that holds this target, on whichever incident.
    fn holding(&self, incident: &Incident, verb: &Verb, target: &Outside) -> Option<Holding> {
        let all = self.0.mirror.all();
        let others = all.iter().map(|other| &**other).filter(|other| other.id != incident.id);
        std::iter::once(incident).chain(others).find_map(|it| {
            let held = it.actions.values().rev().find(|action| holds(action, verb, target))?;
            let incident = (it.id != incident.id).then(|| it.id.clone());
            Some(Holding { since: held.at, incident, action: held.id })
        })
    }
}

fn holds(action: &Action, verb: &Verb, value: &Outside) -> bool {
    let hits = action.plan.target.as_ref().is_some_and(|(_, target)| target == value);
    hits && action.plan.verb == *verb && action.is_in_force()
}
