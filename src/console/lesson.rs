//! The forms of a review: why it happened, what is done about it, and what proves that done.

use serde::{Deserialize, Serialize};

use super::fields::{Fields, Slot};
use crate::domain::calendar::Calendar;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::record::Entry;
use crate::domain::review::{Item, until};
use crate::domain::text::Outside;
use crate::domain::time::{Time, day};

/// What is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lesson {
    /// Why it happened.
    Cause,
    /// An action item.
    Item,
    /// What proves an action item done.
    Done,
}

/// A form of a review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LessonForm {
    /// Of which incident.
    pub id: IncidentId,
    /// The version that was shown.
    pub seen: u64,
    /// For what.
    pub lesson: Lesson,
    /// What is typed.
    pub fields: Fields,
    /// Why it will not do.
    pub error: Option<Outside>,
}

impl LessonForm {
    /// An empty form; what is known already stands in it.
    pub fn new(incident: &Incident, lesson: Lesson) -> Self {
        let slots = match lesson {
            Lesson::Cause => {
                let cause = incident.review.root_cause.as_ref().map(Outside::raw).unwrap_or_default();
                vec![Slot::lines(
                    "cause",
                    "Root cause",
                    "why it happened, in as many lines as it needs",
                    cause,
                )]
            }
            Lesson::Item => vec![
                Slot::line("text", "What", "what is done so that it does not happen again", ""),
                Slot::line("owner", "Owner", "who does it", ""),
                Slot::line("due", "Due", "until when, like: 2026-12-01, 14d, 5 business days", ""),
                Slot::line("check", "Proved by", "what will show that it is done", ""),
            ],
            Lesson::Done => {
                let first = incident.review.items.iter().position(|item| item.done.is_none());
                let first = first.map(|place| (place + 1).to_string()).unwrap_or_default();
                vec![
                    Slot::line("item", "Item", "its number", &first),
                    Slot::line("proof", "Proof", "what shows that it is done", ""),
                ]
            }
        };
        let mut fields = Fields::new(slots);
        if lesson == Lesson::Cause {
            fields.at = 0;
        }
        Self { id: incident.id.clone(), seen: incident.version, lesson, fields, error: None }
    }

    /// What is written down, and what is said once it is; else which field is wrong, and why.
    ///
    /// # Errors
    /// The field, and what to write there.
    pub fn entry(
        &self,
        incident: &Incident,
        now: Time,
        calendar: &Calendar,
    ) -> Result<(Entry, String), (&'static str, String)> {
        let needed = |key: &'static str, what: &str| {
            let text = Outside::new(self.fields.text(key).trim());
            if text.is_blank() { Err((key, what.to_owned())) } else { Ok(text) }
        };
        let id = &self.id;
        Ok(match self.lesson {
            Lesson::Cause => {
                let text = needed("cause", "say why it happened")?;
                (Entry::RootCauseFound { text }, format!("{id}: the root cause is written down"))
            }
            Lesson::Item => {
                let text = needed("text", "say what is done")?;
                let owner = needed("owner", "say who does it")?;
                let due = needed("due", "say until when, like: 2026-12-01, 14d, 5 business days")?;
                let due = until(due.raw(), now, calendar).map_err(|why| ("due", why))?;
                let check = needed("check", "say what will show that it is done")?;
                let number = incident.review.items.len() + 1;
                let done = format!("{id}: item {number} for {}, due {}", owner.safe(), day(due));
                (Entry::ItemAdded { item: Item { text, owner, due, check, done: None } }, done)
            }
            Lesson::Done => {
                let item = self.number(incident).ok_or_else(|| ("item", open_items(incident)))?;
                let proof = needed("proof", "say what shows that it is done")?;
                (Entry::ItemDone { item, proof }, format!("{id}: item {item} is done"))
            }
        })
    }

    /// The item that is typed, if it is one that is not done.
    pub fn number(&self, incident: &Incident) -> Option<u32> {
        let number: u32 = self.fields.text("item").trim().parse().ok()?;
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        incident.review.items.get(place).is_some_and(|item| item.done.is_none()).then_some(number)
    }
}

/// Which numbers can be typed.
fn open_items(incident: &Incident) -> String {
    let open = (1..).zip(&incident.review.items).filter(|(_, item)| item.done.is_none());
    let numbers: Vec<String> = open.map(|(number, _): (u32, _)| number.to_string()).collect();
    format!("write the number of an item that is not done: {}", numbers.join(", "))
}
