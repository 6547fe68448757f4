//! Storms as they are drawn: many incidents of one severity and service that came at once stand as one row.
//!
//! Nothing but the drawing changes: what is hidden is counted, and what somebody does something about, or what will
//! page somebody by itself, is never hidden.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::domain::text::Width;
use serde::{Deserialize, Serialize};

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
    // The fold that stands at a place, and the places where nothing stands besides.
    let mut folds: Vec<Option<Fold>> = Vec::new();
    let mut at: Vec<At> = vec![At::Itself; shown.len()];
    for (storm, came) in stormy(shown) {
        let is_open = open.contains(&storm);
        let at_place = |place: usize| shown.get(place).map(|incident| (place, *incident));
        let folded = |(_, incident): &(usize, &Arc<Incident>)| {
            may_be_hidden(incident) && (is_open || !stays(incident))
        };
        let (places, members): (Vec<_>, Vec<_>) =
            came.into_iter().filter_map(at_place).filter(folded).unzip();
        if members.len() < 2 {
            continue;
        }
        for (nth, place) in places.into_iter().enumerate() {
            // The fold stands where its first member would; the others are in it.
            let here = if nth == 0 { At::Fold(folds.len()) } else { At::Nowhere };
            at.get_mut(place).into_iter().for_each(|at| *at = here);
        }
        folds.push(Some(Fold::of(storm, &members, is_open)));
    }
    let mut out = Vec::with_capacity(shown.len());
    for (at, incident) in at.into_iter().zip(shown) {
        match at {
            At::Nowhere => {}
            At::Itself => out.push(Row::Incident(incident.id.clone())),
            At::Fold(nth) => {
                let Some(fold) = folds.get_mut(nth).and_then(Option::take) else { continue };
                let below: Vec<_> = fold.members.iter().filter(|_| fold.open).cloned().collect();
                out.push(Row::Fold(Box::new(fold)));
                out.extend(below.into_iter().map(Row::Incident));
            }
        }
    }
    out.shrink_to_fit();
    out
}

/// The rows of the incidents of a fold where some of them stand by themselves: theirs, and what is left of it.
pub fn apart<'a>(
    fold: &Fold,
    stays: impl Fn(&IncidentId) -> bool,
    get: impl Fn(&IncidentId) -> Option<&'a Arc<Incident>>,
) -> Vec<Row> {
    let (alone, left): (Vec<_>, Vec<_>) = fold.members.iter().partition(|id| stays(id));
    let mut out: Vec<Row> = alone.into_iter().cloned().map(Row::Incident).collect();
    let left: Vec<_> = left.into_iter().filter_map(get).collect();
    out.extend(match left.as_slice() {
        [] => None,
        [one] => Some(Row::Incident(one.id.clone())),
        all => Some(Row::Fold(Box::new(Fold::of(fold.storm.clone(), all, false)))),
    });
    out
}

/// Where an incident stands.
#[derive(Clone, Copy)]
enum At {
    /// In a row of its own.
    Itself,
    /// With those of a storm, whose row stands here.
    Fold(usize),
    /// In the row of a storm, which stands elsewhere.
    Nowhere,
}

/// The places of those that came with more than [`MANY`] of their severity and service within [`WITHIN`], storm by storm.
fn stormy(shown: &[&Arc<Incident>]) -> Vec<(Storm, Vec<usize>)> {
    let mut groups: HashMap<(Severity, &str), Vec<(Time, usize)>> = HashMap::new();
    for (place, incident) in shown.iter().enumerate() {
        let group = (incident.severity, incident.opening.service.raw());
        groups.entry(group).or_default().push((incident.opened_at, place));
    }
    let mut out = Vec::new();
    for ((severity, service), mut group) in groups.into_iter().filter(|(_, group)| group.len() > MANY) {
        group.sort_by_key(|(opened_at, _)| *opened_at);
        let (mut end, mut taken, mut came) = (0, 0, Vec::new());
        for (first, (opened_at, _)) in group.iter().enumerate() {
            let within = |(other, _): &&(Time, usize)| *other - *opened_at <= WITHIN.delta();
            end += group.iter().skip(end).take_while(within).count();
            if end - first > MANY {
                came.extend(group.iter().take(end).skip(taken.max(first)).map(|(_, place)| *place));
                taken = end;
            }
        }
        came.sort_unstable();
        out.push((Storm { severity, service: Outside::new(service) }, came));
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

/// One incident for each set of sources.
fn samples(members: &[&Arc<Incident>]) -> Vec<IncidentId> {
    let mut found: BTreeMap<Vec<&str>, &IncidentId> = BTreeMap::new();
    for incident in members {
        let mut sources: Vec<&str> =
            incident.signals.keys().filter_map(|key| Some(key.split_once('\0')?.0)).collect();
        sources.sort_unstable();
        sources.dedup();
        found.entry(sources).or_insert(&incident.id);
    }
    found.into_values().cloned().collect()
}

impl Fold {
    fn of(storm: Storm, members: &[&Arc<Incident>], open: bool) -> Self {
        let mut counted: HashMap<&str, (usize, usize, &Outside)> = HashMap::new();
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
