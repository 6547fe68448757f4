//! Where an incident's links lead: its runbook, and itself at its source.

use serde::{Deserialize, Serialize};

use super::guard::Guard;
use super::model::Model;
use crate::backend::Detail;
use crate::domain::id::IncidentId;
use crate::domain::incident::{Incident, Joined};
use crate::domain::link::Link;
use crate::domain::record::Entry;
use crate::domain::signal::{Signal, SignalKey};
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

    /// Where it leads, of a signal that says so.
    pub fn of(self, signal: &Signal) -> Option<&Outside> {
        let text = match self {
            Self::Runbook => &signal.runbook,
            Self::Source => &signal.link,
        };
        text.as_ref().filter(|text| !text.is_blank())
    }

    /// Where it leads, of the signal that stands for all, or of the first that says so; and of which.
    pub fn shown(self, detail: &Detail) -> Option<(&Signal, &Outside)> {
        let of = |signal| Some((signal, self.of(signal)?));
        let all = || detail.signals.iter().filter_map(of);
        let firing = || all().find(|(signal, _)| fires(detail, signal));
        leading(detail).and_then(of).or_else(firing).or_else(|| all().next())
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
    /// The signal whose it is, and of how many, where others say another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whose: Option<(Outside, usize)>,
    /// When the Enter counts.
    pub guard: Guard,
}

/// The signal that stands for all of an incident: of those that fire the one that its title is of, else one that says something.
pub fn leading(detail: &Detail) -> Option<&Signal> {
    let opened = detail.records.first().and_then(|record| match &record.entry {
        Entry::Opened(opening) => opening.signal.as_ref().map(|signal| &signal.key),
        _ => None,
    });
    let says = |signal: &Signal| !signal.description.is_blank() || signal.runbook.is_some();
    let worth = |signal: &Signal| {
        let is_named = signal.title == *detail.incident.title();
        (Some(&signal.key) != opened, !is_named, !says(signal))
    };
    let mut best = None;
    for signal in &detail.signals {
        let worth = worth(signal);
        // Of thousands only those are looked up that would stand before the best so far.
        if best.is_none_or(|(other, _)| worth < other) && fires(detail, signal) {
            best = Some((worth, signal));
            if worth == (false, false, false) {
                break;
            }
        }
    }
    best.map(|(_, signal)| signal).or_else(|| detail.signals.iter().min_by_key(|signal| worth(signal)))
}

fn fires(detail: &Detail, signal: &Signal) -> bool {
    joined(&detail.incident, &signal.key).is_some_and(|joined| joined.cleared.is_none())
}

/// A signal as its incident remembers it. No text is made of its key: of thousands each is looked up.
pub fn joined<'a>(incident: &'a Incident, key: &SignalKey) -> Option<&'a Joined> {
    incident.signals.get_by(|text| key.compared(text)).map(|joined| &**joined)
}

/// The link of the selected incident, as its detail shows it.
///
/// # Errors
/// Why there is none that is opened.
pub fn shown(model: &Model, aim: Aim) -> Result<ShownLink, String> {
    let incident = model.selected().ok_or_else(|| "nothing is selected".to_owned())?;
    let detail = read(model, incident);
    let detail = detail.ok_or_else(|| format!("what {} says is being read: press again", incident.id))?;
    let (signal, text) =
        aim.shown(detail).ok_or_else(|| format!("{} names no {}", incident.id, aim.word()))?;
    let link = Link::read(text).map_err(|why| format!("the {} is not opened: {why}", aim.word()))?;
    let differs = detail.signals.iter().filter_map(|other| aim.of(other)).any(|other| other != text);
    let whose = differs.then(|| (signal.title.clone(), detail.signals.len()));
    Ok(ShownLink { id: incident.id.clone(), aim, link, whose, guard: Guard::default() })
}

/// Whether there is one that is opened.
pub fn leads(model: &Model, aim: Aim) -> bool {
    let detail = model.selected().and_then(|incident| read(model, incident));
    detail.and_then(|detail| aim.shown(detail)).is_some_and(|(_, text)| Link::read(text).is_ok())
}

fn read<'a>(model: &'a Model, incident: &Incident) -> Option<&'a Detail> {
    model.detail.as_deref().filter(|detail| detail.incident.id == incident.id)
}
