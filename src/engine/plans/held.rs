//! What a containment holds already: a target that needs no second one is offered last, and says so; and what of that is
//! over with one undo.

use std::sync::Arc;

use crate::backend::Applicable;
use crate::domain::action::{Action, Settlement, Verb};
use crate::domain::incident::Incident;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::operator::Operator;
use crate::domain::parameter::Holding;
use crate::domain::plan::{Ended, Plan};
use crate::domain::record::{Entry, UndoneWith};
use crate::domain::text::Outside;
use crate::engine::Engine;
use crate::ledger::{Draft, LedgerError, Subject};
use crate::playbooks::render::{self, Setting};

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

    /// What this person's undo ends as well: what its read-back is true of, and what its very request would reverse. In
    /// doubt the other one holds on, and somebody looks once more.
    pub(super) fn ended_with(&self, who: &Operator, incident: &Incident, plan: &Plan) -> Vec<Ended> {
        let Verb::Undo { action, .. } = &plan.verb else { return Vec::new() };
        let Some(reversed) = incident.actions.get(action) else { return Vec::new() };
        let Some(playbook) = self.playbook(&plan.verb) else { return Vec::new() };
        let ends = |it: &Incident, other: &Action| {
            let read = plan.verify.as_ref().zip(other.plan.verify.as_ref()).is_some_and(|(a, b)| a.is_at(b));
            let setting = self.setting(who, it, &[], &other.plan.parameters);
            let setting = Setting { at: plan.made_at, ..setting };
            let alike =
                other.plan.undone_by == reversed.plan.undone_by && other.plan.gives_as(&reversed.plan);
            let asked = alike && render::reverses(&playbook, &setting, plan, other);
            (read || asked).then(|| Ended::of(&it.id, other, !asked))
        };
        let all = self.0.mirror.all();
        let same = beside(incident, reversed, &all).filter(|(_, other)| other.holds_as(reversed));
        same.filter_map(|(it, other)| ends(it, other)).collect()
    }

    /// What holds the target of this undo as well and is not known to end with it: whoever confirms it knows.
    pub(super) fn in_doubt(&self, incident: &Incident, plan: &Plan) -> Vec<String> {
        let (Verb::Undo { action, .. }, Some((name, target))) = (&plan.verb, &plan.target) else {
            return Vec::new();
        };
        let Some(reversed) = incident.actions.get(action) else { return Vec::new() };
        let all = self.0.mirror.all();
        let held = beside(incident, reversed, &all)
            .filter(|(_, other)| holds(other, &reversed.plan.verb, target))
            .map(|(it, other)| Ended::of(&it.id, other, false));
        let ends = |it: &Ended| plan.basis.ends.iter().any(|other| other.is_like(it));
        let place = |it: Ended| it.place(&incident.id);
        let doubt = |place| {
            format!(
                "{place} holds the same {name}: whether this ends it is not known, and it stays in force here"
            )
        };
        held.filter(|it| !ends(it)).map(place).map(doubt).collect()
    }

    /// What an undo would end now and its plan does not say: what was contained since, and what was kept since.
    pub(in crate::engine) fn unsaid(&self, who: &Operator, incident: &Incident, plan: &Plan) -> Vec<String> {
        let said = &plan.basis.ends;
        let mut now = self.ended_with(who, incident, plan);
        for it in said.iter().filter_map(|it| self.in_force(it)) {
            if !now.iter().any(|other| other.is_like(&it)) {
                now.push(it);
            }
        }
        let what = plan.target.as_ref().map_or("target", |(name, _)| name);
        now.retain(|it| !said.iter().any(|other| other.is_like(it)));
        now.iter().map(|it| it.words(&incident.id, what)).collect()
    }

    /// What an undo was said to end, as it is now, where it still holds.
    fn in_force(&self, said: &Ended) -> Option<Ended> {
        let incident = self.find(&said.incident)?;
        let action = incident.actions.get(&said.action).filter(|action| action.is_in_force())?;
        Some(Ended::of(&incident.id, action, said.once_read))
    }

    /// What these drafts prove undone beside what it reverses: what the undo's plan said, as whoever confirmed it read it.
    fn undone_with(&self, drafts: &[Draft]) -> Vec<(Ended, UndoneWith)> {
        let proved = drafts.iter().filter_map(|draft| {
            let Subject::Incident(id) = &draft.subject else { return None };
            let incident = self.find(id)?;
            let (undo, _) = incident.reversed_by(&draft.entry)?;
            let with = |it: &Ended| UndoneWith { action: it.action, incident: id.clone(), undo: undo.id };
            let by_hand = matches!(draft.entry, Entry::Settled { settlement: Settlement::ByHand, .. });
            let ends = undo.plan.ends_by(by_hand);
            Some(ends.map(|it| (it.clone(), with(it))).collect::<Vec<_>>())
        });
        proved.flatten().collect()
    }

    /// These drafts, and with those that prove an undo done what else its plan said that it ends, where that holds still: all of it
    /// is written down or none. Of what somebody kept since it is as true.
    pub(in crate::engine) async fn with_all_undone(
        &self,
        drafts: &[Draft],
    ) -> Result<Vec<Draft>, LedgerError> {
        let ends = self.undone_with(drafts);
        if !ends.is_empty() {
            // What somebody else did about these meanwhile may not be read yet.
            self.catch_up().await?;
        }
        let held = ends.into_iter().filter(|(said, _)| self.in_force(said).is_some());
        let with = held.map(|(said, with)| self.by_engine(&said.incident, Entry::UndoneWith(with)));
        Ok(drafts.iter().cloned().chain(with).collect())
    }

    /// These drafts alone, and a notice for each containment that could not be marked with them.
    pub(in crate::engine) fn with_unmarked(&self, drafts: &[Draft]) -> Vec<Draft> {
        let held = self.undone_with(drafts).into_iter().filter(|(said, _)| self.in_force(said).is_some());
        let notices = held.map(|(said, with)| {
            let (id, action) = (&said.incident, said.action);
            let by = format!("{} action {}", with.incident, with.undo);
            let text = Outside::new(format!(
                "{id}: action {action} still counts as in force, and may not be: look. The same was undone with {by}"
            ));
            let (kind, incident) = (NoticeKind::UnknownOutcome, Some(id.clone()));
            let notice = Notice { unmarked: Some(action), ..Notice::new(kind, incident, text) };
            self.by_engine(id, Entry::NoticeRaised(notice))
        });
        drafts.iter().cloned().chain(notices).collect()
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

/// What was done beside this, about its incident and about all others.
fn beside<'a>(
    incident: &'a Incident,
    this: &'a Action,
    all: &'a [Arc<Incident>],
) -> impl Iterator<Item = (&'a Incident, &'a Action)> {
    let done = first(incident, all).flat_map(|it| it.actions.values().map(move |other| (it, other)));
    done.filter(move |(it, other)| !(it.id == incident.id && other.id == this.id))
}

fn holds(action: &Action, verb: &Verb, value: &Outside) -> bool {
    let hits = action.plan.target.as_ref().is_some_and(|(_, target)| target == value);
    hits && action.plan.verb == *verb && action.is_in_force()
}
