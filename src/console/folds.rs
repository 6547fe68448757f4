//! Storms as they are drawn: many incidents of one severity and service that came at once stand as one row.
//!
//! Nothing but the drawing changes: what is hidden is counted, and what somebody does something about, or what will
//! page somebody by itself, is never hidden.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use unicode_width::UnicodeWidthStr;

use crate::domain::escalation::Escalation;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// More than so many new ones of a severity and service…
const MANY: usize = 10;
/// …within this are a storm.
const WITHIN: Span = Span::mins(1);
/// Titles that a fold names.
const NAMED: usize = 20;

/// What the incidents of a storm share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Storm {
    /// How bad they are.
    pub severity: Severity,
    /// Of which service; may be empty.
    pub service: Outside,
}

/// The incidents of a storm that stand as one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// Which storm.
    pub storm: Storm,
    /// Those, what burns hardest first.
    pub members: Vec<IncidentId>,
    /// They stand below it one by one.
    pub open: bool,
    /// When the first of them began.
    pub from: Time,
    /// When the last of them began.
    pub to: Time,
    /// How many of them were not acknowledged in time, or are late otherwise.
    pub late: usize,
    /// How many of them have a severity that is not known to be theirs.
    pub unmapped: usize,
    /// How many of them are worse at their source.
    pub worse: usize,
    /// One for each set of sources they come from: whether they are stale is asked of these.
    pub samples: Vec<IncidentId>,
    /// What they are called and how many are, the most frequent first; the rarest are left out.
    pub titles: Vec<(Outside, usize)>,
    /// How many different titles they have.
    pub distinct: usize,
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Row {
    /// One incident.
    Incident(IncidentId),
    /// Those of a storm.
    Fold(Box<Fold>),
}

/// What a row is, whatever place it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// One incident.
    Incident(IncidentId),
    /// Those of a storm.
    Storm(Storm),
}

impl Row {
    /// What it is.
    pub fn on(&self) -> On {
        match self {
            Self::Incident(id) => On::Incident(id.clone()),
            Self::Fold(fold) => On::Storm(fold.storm.clone()),
        }
    }

    /// Whether it is this.
    pub fn is(&self, on: &On) -> bool {
        match (self, on) {
            (Self::Incident(id), On::Incident(it)) => id == it,
            (Self::Fold(fold), On::Storm(storm)) => fold.storm == *storm,
            _ => false,
        }
    }

    /// The incident it is, if it is one.
    pub fn incident(&self) -> Option<&IncidentId> {
        match self {
            Self::Incident(id) => Some(id),
            Self::Fold(_) => None,
        }
    }

    /// How many incidents it hides.
    pub fn hides(&self) -> usize {
        match self {
            Self::Fold(fold) if !fold.open => fold.members.len(),
            Self::Fold(_) | Self::Incident(_) => 0,
        }
    }
}

/// The rows of these incidents, which come as they rank. What `stays` is never hidden; the storms in `open` are shown
/// one by one below their row, each of them.
pub fn rows(shown: &[&Arc<Incident>], stays: impl Fn(&Incident) -> bool, open: &BTreeSet<Storm>) -> Vec<Row> {
    let folded: BTreeSet<&IncidentId> = stormy(shown)
        .into_iter()
        .filter(|incident| {
            may_be_hidden(incident) && (open.contains(&Storm::of(incident)) || !stays(incident))
        })
        .map(|incident| &incident.id)
        .collect();
    let mut storms: BTreeMap<Storm, Vec<&Arc<Incident>>> = BTreeMap::new();
    for incident in shown.iter().filter(|incident| folded.contains(&incident.id)) {
        storms.entry(Storm::of(incident)).or_default().push(incident);
    }
    let mut out = Vec::with_capacity(shown.len() - folded.len() + storms.len());
    for incident in shown {
        let one = || Row::Incident(incident.id.clone());
        if !folded.contains(&incident.id) {
            out.push(one());
            continue;
        }
        // The first of them has its place; the others stand with it, or nowhere.
        let storm = Storm::of(incident);
        match storms.remove(&storm) {
            Some(members) if members.len() > 1 => {
                let open = open.contains(&storm);
                out.push(Row::Fold(Box::new(Fold::of(storm, &members, open))));
                let below = members.iter().filter(|_| open);
                out.extend(below.map(|member| Row::Incident(member.id.clone())));
            }
            Some(_) => out.push(one()),
            None => {}
        }
    }
    out
}

/// Those that came with more than [`MANY`] of their severity and service within [`WITHIN`].
fn stormy<'a>(shown: &[&'a Arc<Incident>]) -> Vec<&'a Arc<Incident>> {
    let mut groups: BTreeMap<(Severity, &str), Vec<&'a Arc<Incident>>> = BTreeMap::new();
    for incident in shown {
        groups.entry((incident.severity, incident.opening.service.raw())).or_default().push(incident);
    }
    let mut out = Vec::new();
    for mut group in groups.into_values().filter(|group| group.len() > MANY) {
        group.sort_by_key(|incident| incident.opened_at);
        let mut taken = 0;
        for (first, incident) in group.iter().enumerate() {
            let within = |it: &&Arc<Incident>| it.opened_at - incident.opened_at <= WITHIN.delta();
            let end = group.partition_point(within);
            if end - first > MANY {
                out.extend(group.iter().take(end).skip(taken.max(first)).copied());
                taken = end;
            }
        }
    }
    out
}

/// Whether nobody has done anything about it, and nothing will happen about it by itself.
pub fn may_be_hidden(incident: &Incident) -> bool {
    incident.phase == Phase::Identify
        && !incident.touched
        && !incident.is_acked()
        && incident.actions.is_empty()
        && incident.escalations.iter().all(Escalation::is_idle)
        && !incident.paged_upstream()
}

impl Storm {
    fn of(incident: &Incident) -> Self {
        Self { severity: incident.severity, service: incident.opening.service.clone() }
    }
}

/// One incident for each set of sources.
fn samples(members: &[&Arc<Incident>]) -> Vec<IncidentId> {
    let mut found: BTreeMap<BTreeSet<&str>, &IncidentId> = BTreeMap::new();
    for incident in members {
        let sources = incident.signals.keys().filter_map(|key| Some(key.split_once('\0')?.0));
        found.entry(sources.collect()).or_insert(&incident.id);
    }
    found.into_values().cloned().collect()
}

impl Fold {
    fn of(storm: Storm, members: &[&Arc<Incident>], open: bool) -> Self {
        let mut counted: BTreeMap<&str, (usize, usize, &Outside)> = BTreeMap::new();
        for (place, incident) in members.iter().enumerate() {
            counted.entry(incident.title().raw()).or_insert((0, place, incident.title())).0 += 1;
        }
        let distinct = counted.len();
        let mut counted: Vec<_> = counted.into_values().collect();
        counted.sort_by_key(|(count, place, _)| (std::cmp::Reverse(*count), *place));
        let titles = counted.into_iter().take(NAMED).map(|(count, _, title)| (title.clone(), count));
        let began = || members.iter().map(|incident| incident.opened_at);
        Self {
            storm,
            members: members.iter().map(|incident| incident.id.clone()).collect(),
            open,
            from: began().min().unwrap_or_default(),
            to: began().max().unwrap_or_default(),
            late: members.iter().filter(|incident| incident.is_late()).count(),
            unmapped: members.iter().filter(|incident| incident.is_unmapped()).count(),
            worse: members.iter().filter(|incident| incident.worse_upstream().is_some()).count(),
            samples: samples(members),
            titles: titles.collect(),
            distinct,
        }
    }

    /// `trading: GatewayDown and 12 other titles`, in so many cells: what is cut is never how many there are.
    pub fn title(&self, cells: usize) -> String {
        let first = self.titles.first().map(|(title, _)| title.raw()).unwrap_or_default();
        let lead = match self.storm.service.is_blank() {
            true => Outside::new(first).safe(),
            false => Outside::new(format!("{}: {first}", self.storm.service.raw())).safe(),
        };
        let (tail, short) = match self.distinct {
            0 | 1 => (String::new(), String::new()),
            2 => (" and another title".to_owned(), " +1 title".to_owned()),
            n => (format!(" and {} other titles", n - 1), format!(" +{} titles", n - 1)),
        };
        let fits = lead.width() + tail.width() <= cells;
        let tail = if fits { tail } else { short };
        format!("{}{tail}", lead.clip(cells.saturating_sub(tail.width())))
    }
}

#[cfg(test)]
mod tests;
