//! Approving: the screen's keys, the plan that is read, and what became of it.

use super::{answers, keys};
use crate::backend::{Receipt, Refusal};
use crate::console::approvals::{self, Sought};
use crate::console::effect::Effect;
use crate::console::layout::Regions;
use crate::console::model::{Model, Screen, ToastState};
use crate::console::page;
use crate::console::prompt::{Confirm, Consent, Facts, Prompt, Way};
use crate::domain::incident::Incident;
use crate::domain::plan::PlanHash;
use crate::domain::story;
use crate::domain::time::Time;

impl Confirm {
    /// What somebody asked for, as the person reads it who may agree.
    fn approving(incident: &Incident, sought: Sought<'_>) -> Self {
        let (ask, basis) = (sought.ask, &sought.ask.plan.basis);
        // It is measured by what it was made on, not by what this person has seen of it.
        let when_planned = Facts {
            open: basis.open,
            severity: basis.severity,
            owner: basis.owner.clone(),
            earlier: basis.earlier.clone(),
        };
        let consent = Consent { ask: ask.seq, by: ask.by.clone(), at: ask.at, until: ask.until };
        let plain = Self::new(incident, ask.plan.clone(), None);
        let mut confirm = Self { when_planned, way: Way::Approve(Box::new(consent)), ..plain };
        confirm.compare(incident);
        confirm
    }
}

/// Shows what waits; at once the plan, where it is the only one of the selected incident that this person may approve.
pub(super) fn open(model: &mut Model, at: Time) {
    let own = |model: &Model| {
        let incident = model.selected()?;
        let mut own = approvals::of(incident, at);
        own.retain(|it| approvals::is_for_me(model, *it, at));
        let [only] = own.as_slice() else { return None };
        Some(Confirm::approving(incident, *only))
    };
    match own(model) {
        Some(confirm) => model.prompt = Some(Prompt::Confirm(Box::new(confirm))),
        None => keys::go(model, Screen::Approvals),
    }
}

/// Shows the plan under the cursor.
pub(super) fn read(model: &mut Model, at: Time) {
    let all = approvals::all(&model.board, at);
    if let Some(it) = all.get(model.approvals.place(&all)) {
        let confirm = Confirm::approving(it.incident, *it);
        // The cursor stays on it, whatever comes meanwhile.
        model.approvals.selected = Some(confirm.plan.hash.clone());
        model.prompt = Some(Prompt::Confirm(Box::new(confirm)));
    }
}

/// Moves the cursor.
pub(super) fn travel(model: &mut Model, at: Time, to: impl FnOnce(usize) -> usize) {
    let all = approvals::all(&model.board, at);
    let place = to(model.approvals.place(&all));
    model.approvals.go_to(place, &all);
}

pub(super) fn scroll(model: &mut Model, regions: &Regions, at: Time) {
    if model.screen == Screen::Approvals {
        let all = approvals::all(&model.board, at);
        model.approvals.scroll_into(page::table_rows(regions.body.rows), &all);
    }
}

/// What became of an approval.
pub(super) fn approved(
    model: &mut Model,
    at: Time,
    hash: &PlanHash,
    answer: Result<Box<Receipt>, Refusal>,
) -> Vec<Effect> {
    match answer {
        Ok(receipt) => {
            answers::learn(model, at, &receipt.incident);
            let action = receipt.action.and_then(|id| receipt.incident.actions.get(&id));
            let what = action.map(|action| story::what(&action.plan)).unwrap_or_default();
            let text = format!("{} {what} approved and confirmed; see its row", receipt.incident.id);
            model.say(at, ToastState::Done, text);
            model.prompt.take_if(|prompt| answers::asks_for(prompt, hash));
        }
        Err(refusal) => answers::refused(model, at, hash, refusal),
    }
    Vec::new()
}
