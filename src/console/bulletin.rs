//! A bulletin being written: begun from the template, linted as it is typed, compared with the last one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fields::{Fields, Slot};
use super::model::Model;
use crate::backend::Catalogue;
use crate::domain::bulletin::difference::{Difference, difference};
use crate::domain::bulletin::lint::{Context, Finding, lint};
use crate::domain::bulletin::render::{Letter, render};
use crate::domain::bulletin::template::Known;
use crate::domain::bulletin::{Audience, Bulletin, Part, Reach, Status, VerificationCode, until_next};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time, whole_minute};

/// A bulletin being written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulletinForm {
    /// About which incident.
    pub id: IncidentId,
    /// To whom.
    pub audience: Audience,
    /// What is typed.
    pub fields: Fields,
    /// What is shown of it.
    pub face: Face,
    /// Lines of the preview or the difference scrolled away.
    pub top: u16,
    /// Why it was not planned.
    pub error: Option<Outside>,
}

/// What is shown of a bulletin being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Face {
    /// The form.
    Form,
    /// What leaves, to the letter.
    Preview,
    /// What changed since the last one.
    Difference,
}

/// The field that is only for the template; the others are called as plans call the parts.
const PRODUCT: &str = "product";
const STATUS: &str = Part::Status.key();
const NEXT: &str = Part::Next.key();

impl BulletinForm {
    /// A form begun from what is known of the incident.
    pub fn new(incident: &Incident, catalogue: &Catalogue, audience: Audience, now: Time) -> Self {
        Self::saying(incident.fitting_status(audience), incident, catalogue, audience, now)
    }

    /// The same, for a bulletin with this status.
    pub fn saying(
        status: Status,
        incident: &Incident,
        catalogue: &Catalogue,
        audience: Audience,
        now: Time,
    ) -> Self {
        let area = || incident.classification.area.as_ref().map(|area| area.raw().to_owned());
        let area = named_before(incident, catalogue, audience, now).or_else(area).unwrap_or_default();
        let place = Status::ALL.iter().position(|one| *one == status).unwrap_or(0);
        let next = catalogue.bulletins.cadence.wait(incident.bulletins_due_since(), now);
        let slots = vec![
            Slot::choice(STATUS, "Status", Status::ALL.map(Status::word), place),
            Slot::line(PRODUCT, "What is affected", "as readers call it, like: withdrawals", &area),
            Slot::line(NEXT, "Next update in", "20m, 1h", &next.to_string()),
            Slot::line(Part::Headline.key(), "Headline", "one line", ""),
            Slot::lines(Part::Happened.key(), "What happened", "since when, and what", ""),
            Slot::lines(Part::Impact.key(), "What it means", "for the reader", ""),
            Slot::lines(Part::Todo.key(), "What to do", "what the reader should do, or that nothing is", ""),
        ];
        let fields = Fields::new(slots);
        let mut form =
            Self { id: incident.id.clone(), audience, fields, face: Face::Form, top: 0, error: None };
        form.begin_again(incident, catalogue, now);
        if !area.is_empty() {
            form.fields.go_to(Part::Headline.key());
        }
        form
    }

    /// The status chosen.
    pub fn status(&self) -> Status {
        Status::parse(&self.fields.text(STATUS)).unwrap_or(Status::Investigating)
    }

    /// Until the next one, where it can be read; nothing follows the last.
    fn next(&self) -> Option<Span> {
        (self.status() != Status::Resolved).then(|| until_next(&self.fields.text(NEXT)).ok()).flatten()
    }

    /// Why what is typed for the next update is none.
    pub fn wrong_next(&self) -> Option<String> {
        let asked = self.status() != Status::Resolved && !self.fields.get(NEXT).is_some_and(Slot::is_blank);
        asked.then(|| until_next(&self.fields.text(NEXT)).err()).flatten()
    }

    /// What to say of a promise that comes later than readers are used to.
    pub fn late(&self, model: &Model, now: Time) -> Option<String> {
        let (incident, catalogue) = (model.board.get(&self.id)?, model.board.catalogue.as_ref()?);
        let promised = self.bulletin(now).next_at.filter(|_| self.audience != Audience::Regulator)?;
        catalogue.bulletins.cadence.late(incident.bulletins_due_since(), now, promised)
    }

    /// Fills the parts nobody has changed from the template, as it reads now.
    pub fn begin_again(&mut self, incident: &Incident, catalogue: &Catalogue, now: Time) {
        let status = self.status();
        if let Some(next) = self.fields.get_mut(NEXT) {
            next.hidden = status == Status::Resolved;
        }
        let product = Outside::new(self.fields.text(PRODUCT));
        let known =
            Known::of(incident, product, self.next().map(|next| whole_minute(now + next.delta())), now);
        let template = catalogue.bulletins.template(self.audience, status, &known);
        // Without a product there is nothing to begin with: the form says so.
        let Ok(begun) = template.fill(self.audience, status, &known) else { return };
        for (part, text) in begun.written() {
            if let Some(slot) = self.fields.get_mut(part.key()).filter(|slot| !slot.is_changed()) {
                slot.begin_with(text.raw());
            }
        }
    }

    /// Whether a part waits for the name of what is affected.
    pub fn needs_product(&self) -> bool {
        self.fields.get(PRODUCT).is_some_and(Slot::is_blank)
            && Part::WRITTEN.iter().all(|part| self.fields.get(part.key()).is_some_and(Slot::is_blank))
    }

    /// What is written, as a bulletin that leaves at `now`.
    pub fn bulletin(&self, now: Time) -> Bulletin {
        let text = |part: Part| Outside::new(self.fields.text(part.key()));
        Bulletin {
            audience: self.audience,
            status: self.status(),
            headline: text(Part::Headline),
            happened: text(Part::Happened),
            impact: text(Part::Impact),
            todo: text(Part::Todo),
            next_at: self.next().map(|next| whole_minute(now + next.delta())),
        }
    }

    /// What is written, as a plan takes it.
    pub fn parameters(&self) -> BTreeMap<String, Outside> {
        let sent = |slot: &&Slot| slot.key != PRODUCT && !slot.hidden;
        self.fields
            .slots
            .iter()
            .filter(sent)
            .map(|slot| (slot.key.clone(), Outside::new(slot.text())))
            .filter(|(key, value)| key != NEXT || !value.is_blank())
            .collect()
    }

    /// What would leave, for each way in which its channels reach their readers, with the channels' names.
    pub fn letters(&self, model: &Model, now: Time) -> Vec<(Reach, Vec<String>, Letter)> {
        let (Some(incident), Some(catalogue)) = (model.board.get(&self.id), &model.board.catalogue) else {
            return Vec::new();
        };
        let to = catalogue.bulletins.outlet(self.audience).map(|outlet| outlet.to.as_slice());
        let (bulletin, code) = (self.bulletin(now), code(incident));
        let letter = |reach| {
            let reaches = |channel: &&String| catalogue.reaches.get(*channel) == Some(&reach);
            let channels: Vec<String> = to.unwrap_or_default().iter().filter(reaches).cloned().collect();
            let letter = render(&bulletin, reach, &code, catalogue.bulletins.rules.checked_at());
            (!channels.is_empty()).then_some((reach, channels, letter))
        };
        [Reach::PerRecipient, Reach::Broadcast].into_iter().filter_map(letter).collect()
    }

    /// Everything it may not leave with, on whichever channel.
    pub fn findings(&self, model: &Model, now: Time) -> Vec<Finding> {
        let (Some(incident), Some(catalogue)) = (model.board.get(&self.id), &model.board.catalogue) else {
            return Vec::new();
        };
        let bulletin = self.bulletin(now);
        let context = Context::of(incident, self.audience, code(incident), now);
        let mut out: Vec<Finding> = Vec::new();
        for (reach, _, letter) in self.letters(model, now) {
            for finding in lint(&bulletin, &letter, reach, &catalogue.bulletins.rules, &context) {
                if !out.contains(&finding) {
                    out.push(finding);
                }
            }
        }
        out
    }

    /// What changed since the last one to the same audience, and which one that was.
    pub fn difference(&self, incident: &Incident, now: Time) -> Option<(usize, Vec<Difference>)> {
        let last = incident.last_bulletin(self.audience)?;
        let number = incident.bulletins.iter().position(|sent| sent == last)? + 1;
        Some((number, difference(&last.bulletin, &self.bulletin(now))))
    }
}

/// What the last bulletin to an audience called what is affected, where its headline still reads as it was begun.
fn named_before(incident: &Incident, catalogue: &Catalogue, audience: Audience, now: Time) -> Option<String> {
    let last = &incident.last_bulletin(audience)?.bulletin;
    let known = Known::of(incident, Outside::default(), None, now);
    [false, true].into_iter().find_map(|limited| {
        let known = Known { limited, ..known.clone() };
        let template = catalogue.bulletins.template(audience, last.status, &known);
        template.product_in(last.headline.raw()).map(str::to_owned)
    })
}

/// The code its bulletins carry; until the first one is planned, one that stands in its place.
fn code(incident: &Incident) -> VerificationCode {
    incident.code.clone().unwrap_or_else(|| VerificationCode::from_random([0; 8]))
}

/// Whether the code shown is only one that stands in its place.
pub fn is_code_pending(incident: &Incident) -> bool {
    incident.code.is_none()
}
