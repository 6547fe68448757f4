//! The final Enter: it counts only for what was shown, unchanged, long enough, and after a pause.

use std::collections::BTreeMap;

use super::{glass, prompts};
use crate::backend::Confirmation;
use crate::console::approvals;
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::guard::Guard;
use crate::console::model::Model;
use crate::console::prompt::{Confirm, Facts, Prompt, Twice, Way};
use crate::domain::action::Verb;
use crate::domain::incident::Incident;
use crate::domain::plan::{Basis, Plan};
use crate::domain::text::Outside;
use crate::domain::time::Time;

impl Facts {
    /// What of an incident a plan depends on.
    pub fn of(incident: &Incident, plan: &Plan) -> Self {
        let earlier = incident.actions.values().filter(|action| action.plan.slot() == plan.slot());
        Self {
            open: !incident.is_closed(),
            severity: incident.severity,
            owner: incident.owner.as_ref().map(|owner| owner.name.clone()),
            earlier: earlier.map(|action| (action.id, action.stage)).collect(),
        }
    }

    /// What of a plan's basis has changed since. A fact that the plan was already made on is no change, even if this
    /// console learns of it only now.
    pub fn differences(&self, incident: &Incident, plan: &Plan) -> Vec<String> {
        let now = Self::of(incident, plan);
        let basis = &plan.basis;
        let changed = Basis {
            open: if now.open == self.open { basis.open } else { now.open },
            severity: if now.severity == self.severity { basis.severity } else { now.severity },
            owner: if now.owner == self.owner { basis.owner.clone() } else { now.owner },
            earlier: if now.earlier == self.earlier { basis.earlier.clone() } else { now.earlier },
            ..basis.clone()
        };
        basis.differences(&changed)
    }
}

impl Confirm {
    /// A plan that waits for its final Enter.
    pub(super) fn new(incident: &Incident, plan: Plan, back: Option<Box<Prompt>>) -> Self {
        Self {
            id: incident.id.clone(),
            when_planned: Facts::of(incident, &plan),
            way: Way::Submit,
            target: plan.typed_target().map(|_| Field::default()),
            guard: Guard::default(),
            twice: if plan.may_repeat(incident) { Twice::Due } else { Twice::No },
            differences: Vec::new(),
            back,
            plan,
        }
    }

    /// Disarms it when what it rests on has changed.
    pub(super) fn compare(&mut self, incident: &Incident) {
        let differences = self.when_planned.differences(incident, &self.plan);
        if !self.guard.sent && !differences.is_empty() {
            self.disarm(differences);
        }
    }

    /// It can no longer be confirmed.
    pub(super) fn disarm(&mut self, differences: Vec<String>) {
        self.differences = differences;
        (self.guard.sent, self.guard.nudge, self.guard.top) = (false, None, 0);
        self.target = self.target.as_ref().map(|_| Field::default());
    }

    /// Why the Enter pressed at `at` does not count.
    fn objection(&self, at: Time) -> Option<String> {
        let wanted = if self.twice == Twice::Asked { None } else { self.plan.named_by() };
        if let (Some((named, wanted)), Some(field)) = (wanted, &self.target)
            && field.outside() != wanted
        {
            let (what, wanted) = (named.words(), wanted.exact());
            return Some(match field.is_blank() {
                true => format!("type {what} first: {wanted}"),
                false => format!("what you typed is not {what}, {wanted}"),
            });
        }
        // Page first: nobody scrolls through a long packet before somebody is called.
        let objection = match self.plan.verb {
            Verb::Escalate { .. } => self.guard.is_early(at).then(|| self.guard.too_soon()),
            _ => self.guard.objection(at),
        };
        objection.map(str::to_owned)
    }

    fn parameters(&self) -> BTreeMap<String, Outside> {
        self.plan.parameters.iter().map(|(name, value)| (name.clone(), value.value.clone())).collect()
    }
}

pub(super) fn pressed(model: &mut Model, at: Time, chord: Chord, mut confirm: Box<Confirm>) -> Vec<Effect> {
    // Keys typed before the question could be read are no answer to it; Esc always is.
    let unread = confirm.guard.drawn_at.is_none() && chord.key != Key::Esc;
    if !unread && glass::pressed(&mut confirm, at, chord) {
        model.prompt = Some(Prompt::Confirm(confirm));
        return Vec::new();
    }
    if chord.key == Key::Esc {
        if confirm.guard.sent {
            model.kept = confirm.back.filter(|back| back.holds_text());
        } else if confirm.twice == Twice::Asked && confirm.differences.is_empty() {
            // The plan stands before that question.
            (confirm.twice, confirm.guard) = (Twice::Due, Guard { last_key: Some(at), ..Guard::default() });
            model.prompt = Some(Prompt::Confirm(confirm));
        } else {
            model.prompt = confirm.back.map(|back| *back);
        }
        return Vec::new();
    }
    if confirm.guard.sent || unread {
        confirm.guard.last_key = Some(at);
        model.prompt = Some(Prompt::Confirm(confirm));
        return Vec::new();
    }
    if chord.key == Key::Enter {
        return enter(model, at, confirm);
    }
    (confirm.guard.last_key, confirm.guard.nudge) = (Some(at), None);
    let typed = confirm.differences.is_empty()
        && confirm.twice != Twice::Asked
        && confirm.target.as_mut().is_some_and(|field| field.press(chord));
    if !typed {
        confirm.guard.scroll(chord);
    }
    model.prompt = Some(Prompt::Confirm(confirm));
    Vec::new()
}

fn enter(model: &mut Model, at: Time, mut confirm: Box<Confirm>) -> Vec<Effect> {
    if approvals::disabled(model, &confirm, at).is_some() {
        model.prompt = Some(Prompt::Confirm(confirm));
        return Vec::new();
    }
    if !confirm.differences.is_empty() {
        if let Way::Approve(_) = confirm.way {
            // Only whoever asked can make a new plan of it.
            return Vec::new();
        }
        let (id, verb) = (confirm.id.clone(), confirm.plan.verb.clone());
        let parameters =
            if matches!(verb, Verb::Undo { .. }) { BTreeMap::new() } else { confirm.parameters() };
        return prompts::plan(model, &id, verb, parameters, confirm.back.map(|back| *back));
    }
    if let Some(objection) = confirm.objection(at) {
        (confirm.guard.last_key, confirm.guard.nudge) = (Some(at), Some(objection));
        model.prompt = Some(Prompt::Confirm(confirm));
        return Vec::new();
    }
    if confirm.twice == Twice::Due {
        confirm.twice = Twice::Asked;
        // Another page: it is read from its beginning to its end.
        confirm.guard = Guard { last_key: Some(at), ..Guard::default() };
        model.prompt = Some(Prompt::Confirm(confirm));
        return Vec::new();
    }
    (confirm.guard.sent, confirm.guard.nudge) = (true, None);
    // After a refusal it can be pressed again, but not by the same stroke.
    confirm.guard.last_key = Some(at);
    let typed = confirm.target.as_ref().map(Field::outside);
    let plain = Confirmation { typed, twice: confirm.twice == Twice::Asked, ..Confirmation::default() };
    let hash = confirm.plan.hash.clone();
    let effect = match &confirm.way {
        Way::Submit => Effect::Submit { hash, confirmation: plain },
        Way::BreakGlass(glass) => {
            let break_glass = Some(glass.reason.outside());
            Effect::Submit { hash, confirmation: Confirmation { break_glass, ..plain } }
        }
        Way::Approve(shown) => {
            Effect::Approve { hash, ask: shown.ask, until: shown.until, confirmation: plain }
        }
    };
    model.prompt = Some(Prompt::Confirm(confirm));
    vec![effect]
}
