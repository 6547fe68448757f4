//! An escalation being prepared: its steps, which of them is sent, and the items of its packet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::choosing::round;
use super::field::Field;
use crate::backend::Applicable;
use crate::domain::action::Verb;
use crate::domain::escalation::Step;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::packet::{Item, Packet};
use crate::domain::text::Outside;
use crate::domain::time::Span;

/// How long after the last step an added one comes.
const LATER: u64 = 5 * 60_000;

/// An escalation being prepared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EscalationForm {
    /// For which incident.
    pub id: IncidentId,
    /// What was offered.
    pub offered: Applicable,
    /// The steps as they stand in the form.
    pub steps: Vec<Step>,
    /// The steps it began with.
    pub began: Vec<Step>,
    /// The step that is sent instead of the next one, from 1.
    pub again: Option<u32>,
    /// The packet, once it was read; or why it could not be.
    pub packet: Option<Result<Box<Packet>, Outside>>,
    /// Items filled in here that the packet does not show yet.
    pub typed: BTreeMap<String, String>,
    /// The place of the cursor among [`EscalationForm::spots`].
    pub at: usize,
    /// What is being typed at the cursor, and what that began with.
    pub editing: Option<(Field, String)>,
    /// It is asked whether what was typed is thrown away.
    pub leaving: bool,
    /// Why something was not done.
    pub error: Option<Outside>,
}

/// A place of the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// A step, by its place.
    Step(usize),
    /// Where a step is added.
    Add,
    /// An item of the packet, by its name.
    Item(String),
    /// What sends it.
    Send,
}

impl EscalationForm {
    /// A form on what was offered.
    pub fn new(incident: &Incident, offered: Applicable) -> Self {
        let steps: Vec<Step> = offered.steps.iter().map(|offered| offered.step.clone()).collect();
        let mut form = Self {
            id: incident.id.clone(),
            offered,
            began: steps.clone(),
            steps,
            again: None,
            packet: None,
            typed: BTreeMap::new(),
            at: 0,
            editing: None,
            leaving: false,
            error: None,
        };
        let spots = form.spots(incident);
        let missing = |spot: &Spot| matches!(spot, Spot::Item(item) if form.said(item).is_none());
        let first =
            if form.steps.is_empty() { spots.iter().position(|spot| *spot == Spot::Add) } else { None };
        form.at = first.or_else(|| spots.iter().position(missing)).unwrap_or(spots.len().saturating_sub(1));
        form
    }

    /// The path's id.
    pub fn path(&self) -> &str {
        self.offered.verb.of()
    }

    /// Whether the path counts by itself now: then its steps stand.
    pub fn runs(&self, incident: &Incident) -> bool {
        incident.escalation_on(self.path()).is_some_and(|escalation| escalation.stopped.is_none())
    }

    /// Every place of the cursor.
    pub fn spots(&self, incident: &Incident) -> Vec<Spot> {
        let mut spots: Vec<Spot> = (0..self.steps.len()).map(Spot::Step).collect();
        if !self.runs(incident) {
            spots.push(Spot::Add);
        }
        spots.extend(self.names().into_iter().map(Spot::Item));
        spots.push(Spot::Send);
        spots
    }

    /// The names of the packet's items.
    pub fn names(&self) -> Vec<String> {
        match &self.packet {
            Some(Ok(packet)) => packet.items.iter().map(|item| item.name.clone()).collect(),
            _ => self.offered.asked.iter().map(|asked| asked.name.clone()).collect(),
        }
    }

    /// An item, once the packet was read.
    pub fn item(&self, name: &str) -> Option<&Item> {
        match &self.packet {
            Some(Ok(packet)) => packet.items.iter().find(|item| item.name == name),
            _ => None,
        }
    }

    /// What is known of an item, typed here or found.
    pub fn said(&self, name: &str) -> Option<Outside> {
        if let Some(typed) = self.typed.get(name) {
            return Some(Outside::new(typed.as_str()));
        }
        match &self.packet {
            Some(Ok(_)) => self.item(name).and_then(Item::said),
            _ => self.offered.asked.iter().find(|asked| asked.name == name)?.prefilled.clone(),
        }
    }

    /// Takes the packet in; what it shows need not be shown as typed any more.
    pub fn learn(&mut self, incident: &Incident, packet: Result<Box<Packet>, Outside>) {
        let here = self.spots(incident).into_iter().nth(self.at);
        if let Ok(packet) = &packet {
            let shown = |name: &str, typed: &str| {
                let item = packet.items.iter().find(|item| item.name == name);
                item.is_some_and(|item| item.values.iter().any(|fact| fact.value.raw() == typed))
            };
            self.typed.retain(|name, typed| !shown(name, typed));
        }
        self.packet = Some(packet);
        let spots = self.spots(incident);
        let place = spots.iter().position(|spot| Some(spot) == here.as_ref());
        self.at = place.unwrap_or(self.at.min(spots.len().saturating_sub(1)));
    }

    /// Whether somebody changed its steps.
    pub fn has_own_steps(&self) -> bool {
        self.steps != self.began
    }

    /// What it asks for.
    pub fn verb(&self) -> Verb {
        let own = self.has_own_steps();
        Verb::Escalate {
            path: self.path().to_owned(),
            step: self.again.filter(|_| !own),
            steps: own.then(|| self.steps.clone()),
        }
    }

    /// The items filled in here.
    pub fn parameters(&self) -> BTreeMap<String, Outside> {
        self.typed.iter().map(|(name, text)| (name.clone(), Outside::new(text.as_str()))).collect()
    }

    /// Whether something typed here would be lost.
    pub fn is_changed(&self) -> bool {
        self.has_own_steps() || self.editing.as_ref().is_some_and(|(field, began)| field.text() != *began)
    }

    /// Takes pasted text: into what is being typed, or behind what is known of the item under the cursor.
    pub fn paste(&mut self, text: &Outside, incident: Option<&Incident>) {
        let here = incident.and_then(|incident| self.spots(incident).into_iter().nth(self.at));
        if let (None, Some(Spot::Item(name))) = (&self.editing, here) {
            let begun = self.said(&name).map(|said| said.raw().to_owned()).unwrap_or_default();
            self.editing = Some((Field::with(begun.as_str()), begun));
        }
        if let Some((field, _)) = &mut self.editing {
            field.paste(text);
        }
    }

    /// Adds a step behind the others; the cursor stands on it.
    pub fn add(&mut self, channels: &[String]) {
        let after = self.steps.last().map_or(0, |step| step.after.as_millis() + LATER);
        let to = channels.first().cloned().into_iter().collect();
        self.steps.push(Step { after: Span::millis(after), to });
        self.at = self.steps.len() - 1;
    }

    /// Gives a step the next of the channels, or the one before; what it began with is among them.
    pub fn turn(&mut self, place: usize, by: isize, channels: &[String]) {
        let mut choices: Vec<Vec<String>> = channels.iter().map(|name| vec![name.clone()]).collect();
        let began = self.began.get(place).map(|step| step.to.clone()).filter(|to| !choices.contains(to));
        choices.extend(began);
        let Some(step) = self.steps.get_mut(place) else { return };
        let here = choices.iter().position(|to| *to == step.to);
        let next = here.map_or(0, |here| round(here, by, choices.len()));
        if let Some(to) = choices.into_iter().nth(next) {
            step.to = to;
        }
    }
}
