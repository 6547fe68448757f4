//! The values of a containment's parameters, being filled in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::backend::{Applicable, Asked};
use crate::console::field::Field;
use crate::domain::id::IncidentId;
use crate::domain::parameter::Parameter;
use crate::domain::sensitive::HIDDEN;
use crate::domain::text::Outside;

/// The values of a plan's parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// For which incident.
    pub id: IncidentId,
    /// What would be done.
    pub offered: Applicable,
    /// What is asked, with what is typed.
    pub fields: Vec<(Asked, Field)>,
    /// The place of the field with the caret.
    pub at: usize,
    /// A plan was asked for: what will not do is said beside its field.
    pub tried: bool,
    /// Why there is no plan, where no field says it.
    pub error: Option<Outside>,
}

impl Form {
    /// A form filled with what the incident gives; the caret stands in the first field that is empty, else in the last.
    pub fn new(id: &IncidentId, offered: Applicable) -> Self {
        let filled = |asked: &Asked| {
            let text = asked.prefilled.as_ref().map(|value| value.raw().to_owned()).unwrap_or_default();
            (asked.clone(), Field::with(text))
        };
        let fields: Vec<_> = offered.asked.iter().map(filled).collect();
        let empty = fields.iter().position(|(_, field)| field.is_blank());
        let at = empty.unwrap_or(fields.len().saturating_sub(1));
        Self { id: id.clone(), offered, fields, at, tried: false, error: None }
    }

    /// What can be chosen at this place; nothing where it is typed.
    pub fn choices(&self, place: usize) -> &[String] {
        let parameter = self.fields.get(place).and_then(|(asked, _)| asked.parameter.as_ref());
        parameter.map(|parameter| parameter.choices.as_slice()).unwrap_or_default()
    }

    /// What the field at this place takes.
    pub fn takes(&self, place: usize) -> Option<String> {
        let (asked, _) = self.fields.get(place)?;
        asked.parameter.as_ref().map(Parameter::allowed)?.ok().map(|allowed| allowed.words())
    }

    /// Why what stands at this place will not do.
    pub fn flaw(&self, place: usize) -> Option<String> {
        let (asked, field) = self.fields.get(place)?;
        let allowed = asked.parameter.as_ref()?.allowed().ok()?;
        if field.is_blank() {
            return Some(format!("needs a value: {}", allowed.words()));
        }
        if field.text() == HIDDEN {
            // What is hidden from this person is filled in again as it was, where that is one value.
            let filled = asked.prefilled.as_ref().is_some_and(|value| value.raw() == HIDDEN);
            return (!filled)
                .then(|| "these are hidden from you: show what is sensitive of it, then choose".into());
        }
        allowed
            .admit(&asked.name, &field.outside())
            .err()
            .map(|_| format!("refused; it takes {}", allowed.words()))
    }

    /// What is filled in.
    ///
    /// # Errors
    /// The first place at which something will not do.
    pub fn values(&self) -> Result<BTreeMap<String, Outside>, usize> {
        if let Some(flawed) = (0..self.fields.len()).find(|place| self.flaw(*place).is_some()) {
            return Err(flawed);
        }
        let filled = self.fields.iter().filter(|(_, field)| !field.is_blank());
        Ok(filled.map(|(asked, field)| (asked.name.clone(), field.outside())).collect())
    }

    /// The flaw at this place, as far as it is said: of what is typed at once, of what is missing when a plan was asked for.
    pub fn said(&self, place: usize) -> Option<String> {
        let typed = self.fields.get(place).is_some_and(|(_, field)| !field.is_blank());
        if self.tried || typed { self.flaw(place) } else { None }
    }
}
