//! What a containment holds already: a target that needs no second one is offered last, and says so; and what of that is
//! over with one undo.

use std::sync::Arc;

use crate::backend::Applicable;
use crate::domain::action::{Action, Verb};
use crate::domain::incident::Incident;
use crate::domain::parameter::Holding;
use crate::domain::plan::{Ended, Plan};
use crate::domain::record::{Entry, UndoneWith};
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::engine::Engine;
use crate::ledger::{Draft, Subject};

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

    /// What an undo ends as well.
    pub(super) fn ended_with(&self, incident: &Incident, plan: &Plan) -> Vec<Ended> {
        let Verb::Undo { action, .. } = &plan.verb else { return Vec::new() };
        let Some(reversed) = incident.actions.get(action) else { return Vec::new() };
        self.held_as(incident, reversed, plan.verify.is_some(), self.now())
    }

    /// What an undo would end now and its plan does not say: what was contained since, and what was kept since.
    pub(in crate::engine) fn unsaid(&self, incident: &Incident, plan: &Plan) -> Vec<String> {
        let what = plan.target.as_ref().map_or("target", |(name, _)| name);
        let now = self.ended_with(incident, plan).into_iter();
        now.filter(|ended| !plan.basis.ends.contains(ended)).map(|it| it.words(&incident.id, what)).collect()
    }

    /// These drafts, and with those that prove an undo done what else is undone by it: that is true of the target,
    /// whoever had contained it, and all of it is written down or none.
    pub(in crate::engine) async fn with_all_undone(&self, drafts: &[Draft]) -> Vec<Draft> {
        let mut out = drafts.to_vec();
        // Nearly every record proves nothing undone, and waits for nothing.
        if !drafts.iter().any(|draft| matches!(draft.entry, Entry::Settled { .. } | Entry::Answered { .. })) {
            return out;
        }
        // What another process contained meanwhile may not be read yet.
        drop(self.catch_up().await);
        for draft in drafts {
            let Subject::Incident(id) = &draft.subject else { continue };
            let Some(incident) = self.find(id) else { continue };
            let Some((undo, reversed)) = incident.reversed_by(&draft.entry) else { continue };
            let held = self.held_as(&incident, reversed, undo.plan.verify.is_some(), undo.at);
            out.extend(held.into_iter().map(|other| {
                let (incident, undo) = (id.clone(), undo.id);
                let entry = UndoneWith { action: other.action, incident, undo };
                self.by_engine(&other.incident, Entry::UndoneWith(entry))
            }));
        }
        out
    }

    /// The other containments from until then that hold what this one does, here and on other incidents.
    fn held_as(&self, incident: &Incident, reversed: &Action, is_read: bool, until: Time) -> Vec<Ended> {
        let all = self.0.mirror.all();
        let held = first(incident, &all).flat_map(|it| {
            let same = |action: &&Action| {
                let itself = it.id == incident.id && action.id == reversed.id;
                !itself && action.at <= until && action.ends_with(reversed, is_read)
            };
            it.actions.values().filter(same).map(|action| Ended::of(&it.id, action))
        });
        held.collect()
    }

    /// The containment that holds this target, on whichever incident.
    fn holding(&self, incident: &Incident, verb: &Verb, target: &Outside) -> Option<Holding> {
        let all = self.0.mirror.all();
        first(incident, &all).find_map(|it| {
            let held = it.actions.values().rev().find(|action| holds(action, verb, target))?;
            let incident = (it.id != incident.id).then(|| it.id.clone());
            Some(Holding { since: held.at, incident, action: held.id })
        })
    }
}

/// An incident as it is known here, then all others.
fn first<'a>(incident: &'a Incident, all: &'a [Arc<Incident>]) -> impl Iterator<Item = &'a Incident> {
    let others = all.iter().map(|other| &**other).filter(|other| other.id != incident.id);
    std::iter::once(incident).chain(others)
}

fn holds(action: &Action, verb: &Verb, value: &Outside) -> bool {
    let hits = action.plan.target.as_ref().is_some_and(|(_, target)| target == value);
    hits && action.plan.verb == *verb && action.is_in_force()
}
