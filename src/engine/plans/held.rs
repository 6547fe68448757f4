//! What a containment holds already: a target that needs no second one is offered last, and says so.

use crate::backend::Applicable;
use crate::domain::action::{Action, Verb};
use crate::domain::incident::Incident;
use crate::domain::parameter::Holding;
use crate::domain::text::Outside;
use crate::engine::Engine;

impl Engine {
    /// Marks the targets that the same playbook holds already, on whichever incident, and puts them last.
    pub(super) fn mark_held(&self, incident: &Incident, offered: &mut Applicable) {
        let Some(target) = &offered.target else { return };
        let Some(asked) = offered.asked.iter_mut().find(|asked| asked.name == *target) else { return };
        let all = self.0.mirror.all();
        let others = all.iter().map(|other| &**other).filter(|other| other.id != incident.id);
        let incidents: Vec<&Incident> = std::iter::once(incident).chain(others).collect();
        for offer in &mut asked.offers {
            let on = |it: &&Incident| {
                let held =
                    it.actions.values().rev().find(|action| holds(action, &offered.verb, &offer.value))?;
                let incident = (it.id != incident.id).then(|| it.id.clone());
                Some(Holding { since: held.at, incident, action: held.id })
            };
            offer.held = incidents.iter().find_map(on);
        }
        asked.offers.sort_by_key(|offer| offer.held.is_some());
    }
}

fn holds(action: &Action, verb: &Verb, value: &Outside) -> bool {
    let hits = action.plan.target.as_ref().is_some_and(|(_, target)| target == value);
    hits && action.plan.verb == *verb && action.is_in_force()
}
