//! An incident as `list --json` prints it. The names here are a promise to scripts.

use serde::Serialize;

use crate::backend::Changes;
use crate::console::board;
use crate::domain::category::Category;
use crate::domain::classification::Impact;
use crate::domain::deadline::DeadlineKind;
use crate::domain::fault::Fault;
use crate::domain::freshness::SourceStatus;
use crate::domain::incident::Incident;
use crate::domain::monitor::watched;
use crate::domain::phase::Phase;
use crate::domain::role::Role;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::domain::upstream::Silence;

/// One source as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct SourceRow {
    name: String,
    state: &'static str,
    as_of: Option<String>,
    fault: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    silences: Vec<SilenceRow>,
}

/// A silence that holds at its source, or will.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct SilenceRow {
    id: Outside,
    by: Outside,
    matchers: Outside,
    until: Option<String>,
    /// When this was read, where it could not be read again since.
    as_of: Option<String>,
}

/// Every source and monitor as it is now.
pub(super) fn sources(changes: &Changes) -> Vec<SourceRow> {
    statuses(changes).map(|status| source(status, changes.now)).collect()
}

/// One source or monitor as it is now.
pub(super) fn source(status: &SourceStatus, now: Time) -> SourceRow {
    SourceRow {
        name: status.name.clone(),
        state: status.state(now).word(),
        as_of: status.as_of.map(second),
        fault: status.fault.as_ref().map(|fault: &Fault| fault.detail.safe().to_string()),
        silences: status.vitals.silences.iter().map(silence).collect(),
    }
}

fn silence(silence: &Silence) -> SilenceRow {
    let Silence { id, by, matchers, comment: _, until, as_of } = silence.clone();
    SilenceRow { id, by, matchers, until: until.map(second), as_of: as_of.map(second) }
}

/// Every status; monitors count as sources.
pub(super) fn statuses(changes: &Changes) -> impl Iterator<Item = &SourceStatus> {
    watched(&changes.sources, &changes.monitors)
}

/// Whether none of an incident's sources can be trusted to be current.
pub(super) fn is_stale(incident: &Incident, changes: &Changes) -> bool {
    board::is_stale(statuses(changes), incident, changes.now)
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Users {
    min: u64,
    max: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Paging {
    path: String,
    /// How many steps were sent.
    step: usize,
    next_at: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Due {
    kind: &'static str,
    due: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Snoozed {
    by: String,
    until: String,
    because: Option<Outside>,
}

/// One incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    id: String,
    title: Outside,
    severity: Severity,
    unmapped: bool,
    category: Category,
    phase: Phase,
    service: Outside,
    sources: Vec<String>,
    upstream: Vec<Outside>,
    opened_at: String,
    acked_by: Option<Outside>,
    acked_until: Option<String>,
    /// The source at which they hold it, where nobody does here.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snoozed: Option<Snoozed>,
    lead: Option<Outside>,
    commander: Option<Outside>,
    affected_users: Option<Users>,
    affected_users_unknown: Option<Outside>,
    contained: &'static str,
    escalation: Option<Paging>,
    deadlines: Vec<Due>,
    signals: usize,
    version: u64,
    rank: usize,
    stale: bool,
}

impl Row {
    /// The incident at this place of the ranking.
    pub(super) fn of(incident: &Incident, rank: usize, changes: &Changes) -> Self {
        let (users, unknown) = match &incident.impact {
            Some(Impact::Users { min, max }) => (Some(Users { min: *min, max: *max }), None),
            Some(Impact::Unknown { because }) => (None, Some(because.clone())),
            None => (None, None),
        };
        let owner = incident.owner.as_ref().map(|owner| Outside::new(owner.name.as_str()));
        let there = incident.held_at().filter(|_| owner.is_none());
        let escalation = incident.escalation().map(|escalation| Paging {
            path: escalation.path.clone(),
            step: escalation.sent(),
            next_at: escalation.next().map(|(_, step)| second(step.due)),
        });
        Self {
            id: incident.id.to_string(),
            title: incident.title().clone(),
            severity: incident.severity,
            unmapped: incident.is_unmapped(),
            category: incident.category,
            phase: incident.phase,
            service: incident.opening.service.clone(),
            sources: incident.sources().into_iter().map(str::to_owned).collect(),
            upstream: incident.upstream().into_iter().map(Outside::new).collect(),
            opened_at: second(incident.opened_at),
            acked_by: owner.or_else(|| Some(there?.0.clone())),
            acked_until: incident.owner.as_ref().map(|owner| second(owner.until)),
            held_at: there.map(|(_, source)| source.to_owned()),
            snoozed: incident.snooze.as_ref().filter(|_| incident.is_snoozed(changes.now)).map(|it| {
                Snoozed { by: it.by.clone(), until: second(it.until), because: it.because.clone() }
            }),
            lead: incident.lead().cloned(),
            commander: incident.role(Role::Commander).cloned(),
            affected_users: users,
            affected_users_unknown: unknown,
            contained: incident.contained().word(),
            escalation,
            deadlines: deadlines(incident),
            signals: incident.firing(),
            version: incident.version,
            rank,
            stale: is_stale(incident, changes),
        }
    }
}

/// What is due, the next one first; escalation steps stand by themselves.
fn deadlines(incident: &Incident) -> Vec<Due> {
    let ack = incident.ack_due().map(|due| (due, DeadlineKind::Ack));
    let open = incident.open_deadlines().into_iter().map(|open| (open.due, open.kind));
    let mut all: Vec<(Time, DeadlineKind)> = ack.into_iter().chain(open).collect();
    all.sort();
    all.into_iter().map(|(due, kind)| Due { kind: kind.word(), due: second(due) }).collect()
}

/// `HIGH`, or `HIGH?` where no rule knows the severity and nobody has confirmed it.
pub(super) fn severity(incident: &Incident) -> String {
    format!("{}{}", incident.severity.short(), if incident.is_unmapped() { "?" } else { "" })
}

/// `2026-11-20T14:03:22Z`.
pub(super) fn second(at: Time) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
