//! How fast the response is and what it leaves undone, counted over many incidents.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::deadline::DeadlineKind;
use super::incident::Incident;
use super::severity::Severity;
use super::text::Outside;
use super::time::Time;

/// Weeks that are counted, the last one included.
const WEEKS: usize = 53;

/// How long something took, over the incidents in which it happened. Times are in whole seconds from the opening.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// In how many it happened: only these are counted in the times.
    pub count: usize,
    /// In how many it has not happened and still can.
    pub pending: usize,
    /// In how many it did not happen before they ended.
    pub never: usize,
    /// The middle one; of an even number the mean of the two in the middle.
    pub median_s: Option<u64>,
    /// The shortest time that nine in ten did not exceed (nearest rank).
    pub p90_s: Option<u64>,
}

/// What is counted over a group of incidents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// How many there are.
    pub incidents: usize,
    /// How many of them have not ended: those before Review.
    pub open: usize,
    /// From the opening to the first acknowledgement.
    pub acknowledge: Spread,
    /// From the opening to the first containment that was verified. Where somebody said that nothing needs to be
    /// contained it is never, not pending.
    pub contain: Spread,
    /// From the opening to the resolution that stands.
    pub recover: Spread,
    /// Gates that were passed unmet, each time counted.
    pub waived_gates: usize,
    /// Reviews whose deadline has passed and that are not done.
    pub overdue_reviews: usize,
    /// Action items whose day has passed and that are not proved done.
    pub overdue_items: usize,
    /// Steps of escalations that were too late to send, also those that somebody sent by hand since.
    pub steps_missed: usize,
    /// Bulletins that left after the time the one before had promised to the same audience, and those that are
    /// due and did not leave.
    pub bulletins_late: usize,
}

/// The incidents that were opened in one week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// Its Monday, UTC.
    pub monday: NaiveDate,
    /// All of them.
    pub opened: usize,
    /// The critical ones.
    pub critical: usize,
}

/// How fast the response is and what it leaves undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics {
    /// When it was counted.
    pub as_of: Time,
    /// Over all incidents.
    pub all: Group,
    /// By severity, worst first; those that occur.
    pub severities: Vec<(Severity, Group)>,
    /// By service, in order of name; incidents without one stand under an empty name.
    pub services: Vec<(Outside, Group)>,
    /// Week by week without gaps, oldest first, up to this one; at most 53.
    pub weeks: Vec<Week>,
}

impl Metrics {
    /// Counts over these incidents as they stand at `now`.
    pub fn of<'a>(incidents: impl IntoIterator<Item = &'a Incident>, now: Time) -> Self {
        // What was merged into another one was no incident of its own.
        let incidents: Vec<&Incident> = incidents.into_iter().filter(|it| it.merged.is_none()).collect();
        let mut services: BTreeMap<&Outside, Vec<&Incident>> = BTreeMap::new();
        for incident in &incidents {
            services.entry(&incident.opening.service).or_default().push(incident);
        }
        let of_severity = |severity: Severity| {
            let some: Vec<&Incident> = incidents.iter().copied().filter(|i| i.severity == severity).collect();
            (!some.is_empty()).then(|| (severity, Group::of(&some, now)))
        };
        Self {
            as_of: now,
            all: Group::of(&incidents, now),
            severities: Severity::ALL.into_iter().filter_map(of_severity).collect(),
            services: services
                .into_iter()
                .map(|(name, some)| (name.clone(), Group::of(&some, now)))
                .collect(),
            weeks: weeks(&incidents, now),
        }
    }
}

impl Group {
    fn of(incidents: &[&Incident], now: Time) -> Self {
        let spread = |happened: fn(&Incident) -> Option<Time>, can: fn(&Incident) -> bool| {
            Spread::of(incidents.iter().map(|incident| {
                let took = happened(incident)
                    .map(|at| u64::try_from((at - incident.opened_at).num_seconds()).unwrap_or(0));
                (took, can(incident))
            }))
        };
        let open = |incident: &Incident| incident.phase.is_open();
        let sum = |count: &dyn Fn(&Incident) -> usize| incidents.iter().map(|incident| count(incident)).sum();
        Self {
            incidents: incidents.len(),
            open: incidents.iter().filter(|incident| open(incident)).count(),
            acknowledge: spread(|i| i.milestones.acknowledged, open),
            contain: spread(
                |i| i.milestones.contained,
                |i| i.phase.is_open() && i.nothing_to_contain.is_none(),
            ),
            recover: spread(|i| i.milestones.recovered, open),
            waived_gates: sum(&|incident| incident.waived.iter().map(|waiver| waiver.gates.len()).sum()),
            overdue_reviews: sum(&|incident| overdue(incident, DeadlineKind::Review, now)),
            overdue_items: sum(&|incident| {
                incident.review.items.iter().filter(|item| item.done.is_none() && item.due < now).count()
            }),
            steps_missed: sum(&|incident| incident.milestones.steps_missed),
            bulletins_late: sum(&|incident| late_bulletins(incident, now)),
        }
    }
}

impl Spread {
    /// Of times (`None` where it did not happen) and whether it still can.
    fn of(times: impl Iterator<Item = (Option<u64>, bool)>) -> Self {
        let (mut spread, mut took) = (Self::default(), Vec::new());
        for (time, can) in times {
            match time {
                Some(time) => took.push(time),
                None if can => spread.pending += 1,
                None => spread.never += 1,
            }
        }
        took.sort_unstable();
        let at = |place: usize| took.get(place).copied();
        let count = took.len();
        spread.count = count;
        spread.median_s = match (at(count / 2), (count / 2).checked_sub(1).and_then(at)) {
            (Some(upper), Some(lower)) if count.is_multiple_of(2) => Some(lower.midpoint(upper)),
            (middle, _) => middle,
        };
        spread.p90_s = (count * 9).div_ceil(10).checked_sub(1).and_then(at);
        spread
    }
}

fn overdue(incident: &Incident, kind: DeadlineKind, now: Time) -> usize {
    incident.deadlines.iter().filter(|set| set.kind == kind && set.is_open() && set.due < now).count()
}

/// How many bulletins were not out when they were due, or promised; one that came later, or never, was late as well.
fn late_bulletins(incident: &Incident, now: Time) -> usize {
    let mut late = incident.milestones.bulletins_missed.clone();
    let mut promised = BTreeMap::new();
    for sent in &incident.bulletins {
        let audience = sent.bulletin.audience;
        let before = promised.insert(audience, sent.bulletin.next_at).flatten();
        late.extend(before.filter(|due| sent.at > *due).map(|due| (audience.word().to_owned(), due)));
    }
    let open = incident.deadlines.iter().filter(|set| set.kind == DeadlineKind::Bulletin && set.is_open());
    late.extend(open.filter(|set| set.due < now).map(|set| (set.name.clone(), set.due)));
    late.len()
}

fn monday(at: Time) -> NaiveDate {
    let day = at.date_naive();
    day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))).unwrap_or(day)
}

fn weeks(incidents: &[&Incident], now: Time) -> Vec<Week> {
    let mut counted: BTreeMap<NaiveDate, (usize, usize)> = BTreeMap::new();
    for incident in incidents {
        let (opened, critical) = counted.entry(monday(incident.opened_at)).or_default();
        *opened += 1;
        *critical += usize::from(incident.severity == Severity::Critical);
    }
    let Some(first) = counted.keys().next().copied() else { return Vec::new() };
    let backwards = std::iter::successors(Some(monday(now)), |monday| monday.checked_sub_days(Days::new(7)));
    let mut weeks: Vec<Week> = backwards
        .take(WEEKS)
        .take_while(|monday| *monday >= first)
        .map(|monday| {
            let (opened, critical) = counted.get(&monday).copied().unwrap_or_default();
            Week { monday, opened, critical }
        })
        .collect();
    weeks.reverse();
    weeks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ninetieth_of_a_hundred_are_what_their_names_say() {
        let spread = |times: &[Option<u64>], can: bool| Spread::of(times.iter().map(|time| (*time, can)));
        let hundred: Vec<Option<u64>> = (1..=100).rev().map(Some).collect();
        let many = spread(&hundred, true);
        assert_eq!((many.count, many.median_s, many.p90_s), (100, Some(50), Some(90)));
        let three = spread(&[Some(7), None, Some(1), Some(4)], true);
        assert_eq!((three.count, three.pending, three.never), (3, 1, 0));
        assert_eq!((three.median_s, three.p90_s), (Some(4), Some(7)));
        let none = spread(&[None, None], false);
        assert_eq!((none.pending, none.never, none.median_s, none.p90_s), (0, 2, None, None));
        assert_eq!(spread(&[Some(3)], true).p90_s, Some(3));
    }

    #[test]
    fn a_week_begins_on_monday() {
        let day = |text: &str| monday(text.parse().unwrap()).to_string();
        assert_eq!(day("2026-11-16T00:00:00Z"), "2026-11-16");
        assert_eq!(day("2026-11-22T23:59:59Z"), "2026-11-16");
        assert_eq!(day("2027-01-01T00:00:00Z"), "2026-12-28");
    }
}
