//! Where an incident's links lead: its runbook, and itself at its source.

use serde::{Deserialize, Serialize};

use super::guard::Guard;
use super::model::Model;
use crate::backend::Detail;
use crate::domain::id::IncidentId;
use crate::domain::incident::{Incident, key_text};
use crate::domain::link::Link;
use crate::domain::signal::Signal;
use crate::domain::text::Outside;

/// What a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aim {
    /// What to do about it.
    Runbook,
    /// What its source shows of it.
    Source,
}

impl Aim {
    /// A word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Runbook => "runbook",
            Self::Source => "source",
        }
    }

    fn of(self, signal: &Signal) -> Option<&Outside> {
        let text = match self {
            Self::Runbook => &signal.runbook,
            Self::Source => &signal.link,
        };
        text.as_ref().filter(|text| !text.is_blank())
    }
}

/// A link that is read before it is opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownLink {
    /// Of which incident.
    pub id: IncidentId,
    /// To what.
    pub aim: Aim,
    /// As it is opened, to the letter.
    pub link: Link,
    /// When the Enter counts.
    pub guard: Guard,
}

/// The link of the selected incident: of what fires first, as its detail shows it.
///
/// # Errors
/// Why there is none that is opened.
pub fn shown(model: &Model, aim: Aim) -> Result<ShownLink, String> {
    let incident = model.selected().ok_or_else(|| "nothing is selected".to_owned())?;
    let detail = read(model, incident);
    let detail = detail.ok_or_else(|| format!("what {} says is being read: press again", incident.id))?;
    let text = named(detail, aim).ok_or_else(|| format!("{} names no {}", incident.id, aim.word()))?;
    let link = Link::read(text).map_err(|why| format!("the {} is not opened: {why}", aim.word()))?;
    Ok(ShownLink { id: incident.id.clone(), aim, link, guard: Guard::default() })
}

/// Whether there is one that is opened.
pub fn leads(model: &Model, aim: Aim) -> bool {
    let detail = model.selected().and_then(|incident| read(model, incident));
    detail.and_then(|detail| named(detail, aim)).is_some_and(|text| Link::read(text).is_ok())
}

fn read<'a>(model: &'a Model, incident: &Incident) -> Option<&'a Detail> {
    model.detail.as_deref().filter(|detail| detail.incident.id == incident.id)
}

fn named(detail: &Detail, aim: Aim) -> Option<&Outside> {
    let all = || detail.signals.iter().filter_map(|signal| Some((signal, aim.of(signal)?)));
    let fires = |(signal, _): &(&Signal, &Outside)| {
        let joined = detail.incident.signals.get(&key_text(&signal.key));
        joined.is_some_and(|joined| joined.cleared.is_none())
    };
    let (_, text) = all().find(fires).or_else(|| all().next())?;
    Some(text)
}
