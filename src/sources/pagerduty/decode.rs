//! From PagerDuty's JSON to what quell knows of an incident there, each element by itself.

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::domain::elements::Elements;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::plan::hex;
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::domain::upstream::{Coming, Turn};
use crate::sources::limits::{LINK_BYTES, RAW_BYTES, TITLE_BYTES};

pub(super) const NAME_BYTES: usize = 256;
const ID_BYTES: usize = 64;
/// People, actions and teams of one incident that are kept.
const MANY: usize = 16;
/// What comes when the next level is paged.
const ESCALATES: &str = "escalate";

/// Anything that has an id and a name there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) id: String,
    pub(super) name: Outside,
}

/// Where an incident stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Triggered,
    Acknowledged,
    Resolved,
}

/// An incident as PagerDuty says it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ticket {
    pub(super) id: String,
    pub(super) number: u64,
    pub(super) title: Outside,
    pub(super) status: Status,
    pub(super) urgency: Option<Outside>,
    pub(super) created: Time,
    /// When anything about it changed last.
    pub(super) changed: Time,
    /// When somebody was last made to answer: it began, was assigned, or was given back.
    pub(super) paged: Time,
    pub(super) link: Option<Outside>,
    pub(super) service: Option<Named>,
    pub(super) policy: Option<Named>,
    pub(super) priority: Option<Named>,
    pub(super) teams: Vec<Named>,
    pub(super) assigned: Vec<Named>,
    pub(super) held_by: Option<Outside>,
    pub(super) coming: Vec<Coming>,
    /// Whether its policy pages somebody further; none where it does not say what comes.
    pub(super) pages: Option<bool>,
    /// It was assigned to a person: its policy goes no further.
    pub(super) direct: bool,
    /// How many alerts it has, and how many of them fire.
    pub(super) alerts: (u32, u32),
}

/// An element of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Element {
    Ticket(Box<Ticket>),
    /// It could not be decoded.
    Unread(Unread),
}

impl Element {
    /// What tells it from others.
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Ticket(ticket) => &ticket.id,
            Self::Unread(unread) => &unread.id,
        }
    }
}

/// An element that could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    /// What tells it from others.
    pub(super) id: String,
    /// The number people say, where it can be read.
    pub(super) number: Option<u64>,
    /// The start of it.
    pub(super) raw: Outside,
}

/// Something that happened to an incident there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LogEntry {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) at: Time,
    pub(super) incident: String,
    /// The incident as it is now; none where only its name was given.
    pub(super) ticket: Option<Box<Ticket>>,
}

#[derive(Deserialize)]
struct WireTicket {
    id: String,
    incident_number: u64,
    title: Option<String>,
    summary: Option<String>,
    status: Status,
    urgency: Option<String>,
    created_at: Time,
    updated_at: Option<Time>,
    last_status_change_at: Option<Time>,
    html_url: Option<String>,
    service: Option<Reference>,
    escalation_policy: Option<Reference>,
    priority: Option<Reference>,
    teams: Option<Vec<Reference>>,
    assignments: Option<Vec<Assignment>>,
    acknowledgements: Option<Vec<Acknowledgement>>,
    pending_actions: Option<Vec<Pending>>,
    assigned_via: Option<String>,
    alert_counts: Option<Counts>,
}

/// A reference to anything.
#[derive(Deserialize)]
pub(super) struct Reference {
    id: String,
    summary: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Assignment {
    at: Option<Time>,
    assignee: Reference,
}

#[derive(Deserialize)]
struct Acknowledgement {
    acknowledger: Reference,
}

#[derive(Deserialize)]
struct Pending {
    r#type: String,
    at: Option<Time>,
    to: Option<serde_json::Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Counts {
    all: u32,
    triggered: u32,
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

/// What can still be read of an element that is poisoned elsewhere.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Remains {
    id: serde_json::Value,
    incident_number: serde_json::Value,
}

#[derive(Deserialize)]
struct WireEntry<'a> {
    id: String,
    r#type: String,
    created_at: Time,
    #[serde(borrow)]
    incident: &'a RawValue,
}

/// A page of a list whose elements stand under a name.
pub(super) struct Page<'a> {
    pub(super) elements: Vec<&'a RawValue>,
    pub(super) more: bool,
    pub(super) total: Option<u32>,
}

/// A page of a list.
///
/// # Errors
/// A [`FaultKind::Malformed`] fault: it is none, so absence from it means nothing.
pub(super) fn page<'a>(body: &'a str, under: &str) -> Result<Page<'a>, Fault> {
    let none = || {
        let why = format!("the answer holds no {under}; check that the url is PagerDuty's own");
        Fault::new(FaultKind::Malformed, why)
    };
    let members: std::collections::BTreeMap<String, &RawValue> =
        serde_json::from_str(body).map_err(|_| none())?;
    let list = members.get(under).ok_or_else(none)?;
    let elements = Elements::read::<Elements<'_>>(list.get(), none)?.0;
    let more = members.get("more").is_some_and(|more| more.get() == "true");
    let total = members.get("total").and_then(|total| total.get().parse().ok());
    Ok(Page { elements, more, total })
}

/// An element of a list of incidents.
pub(super) fn element(raw: &str) -> Element {
    match ticket(raw) {
        Some(ticket) => Element::Ticket(Box::new(ticket)),
        None => {
            let remains = serde_json::from_str::<Remains>(raw).unwrap_or_default();
            let named = remains.id.as_str().filter(|id| !id.is_empty()).map(str::to_owned);
            let id = named.unwrap_or_else(|| format!("sha256:{}", hex(&Sha256::digest(raw))));
            Element::Unread(Unread {
                id: Outside::capped(id, NAME_BYTES).raw().to_owned(),
                number: remains.incident_number.as_u64(),
                raw: Outside::capped(raw, RAW_BYTES),
            })
        }
    }
}

/// An entry of the log; none where it cannot be decoded, which the next whole reading makes good.
pub(super) fn entry(raw: &str) -> Option<LogEntry> {
    let wire: WireEntry<'_> = serde_json::from_str(raw).ok()?;
    let incident: Identified = serde_json::from_str(wire.incident.get()).ok()?;
    Some(LogEntry {
        id: wire.id,
        kind: wire.r#type,
        at: wire.created_at,
        incident: incident.id,
        ticket: ticket(wire.incident.get()).map(Box::new),
    })
}

fn ticket(raw: &str) -> Option<Ticket> {
    let wire: WireTicket = serde_json::from_str(raw).ok()?;
    // An id becomes a part of paths, and of what people type.
    let sound = wire.id.len() <= ID_BYTES && wire.id.bytes().all(|b| b.is_ascii_alphanumeric());
    if !sound || wire.id.is_empty() {
        return None;
    }
    let title = [wire.title, wire.summary].into_iter().flatten().find(|text| !text.trim().is_empty());
    let times = [wire.updated_at, wire.last_status_change_at].into_iter().flatten();
    let assigned = wire.assignments.iter().flatten().filter_map(|assignment| assignment.at);
    let paged = assigned.chain(wire.last_status_change_at).fold(wire.created_at, Time::max);
    let pages = wire.pending_actions.as_ref().map(|all| all.iter().any(|it| it.r#type == ESCALATES));
    let mut coming: Vec<Coming> = some(wire.pending_actions).filter_map(|it| coming(&it)).collect();
    coming.sort_by_key(|coming| coming.at);
    let counts = wire.alert_counts.unwrap_or_default();
    Some(Ticket {
        number: wire.incident_number,
        title: Outside::capped(
            title.unwrap_or_else(|| format!("incident {}", wire.incident_number)),
            TITLE_BYTES,
        ),
        status: wire.status,
        urgency: wire.urgency.map(|urgency| Outside::capped(urgency, NAME_BYTES)),
        created: wire.created_at,
        changed: times.max().unwrap_or(wire.created_at),
        paged,
        link: wire.html_url.filter(|url| !url.is_empty()).map(|url| Outside::capped(url, LINK_BYTES)),
        service: wire.service.map(Reference::named),
        policy: wire.escalation_policy.map(Reference::named),
        priority: wire.priority.map(Reference::named),
        teams: some(wire.teams).map(Reference::named).collect(),
        assigned: some(wire.assignments).map(|it| it.assignee.named()).collect(),
        held_by: some(wire.acknowledgements).last().map(|it| it.acknowledger.named().name),
        coming,
        pages,
        direct: wire.assigned_via.as_deref() == Some("direct_assignment"),
        alerts: (counts.all, counts.triggered),
        id: wire.id,
    })
}

fn some<T>(list: Option<Vec<T>>) -> impl Iterator<Item = T> {
    list.unwrap_or_default().into_iter().take(MANY)
}

fn coming(pending: &Pending) -> Option<Coming> {
    let turn = match pending.r#type.as_str() {
        ESCALATES => Turn::Escalates,
        "unacknowledge" => Turn::Unacknowledges,
        "resolve" => Turn::Resolves,
        "urgency_change" => Turn::ChangesUrgency,
        _ => return None,
    };
    let to = pending.to.as_ref().and_then(|to| to.as_str().or_else(|| to.pointer("/summary")?.as_str()));
    let to = to.map(|to| Outside::capped(to, NAME_BYTES));
    Some(Coming { turn, at: pending.at?, to })
}

impl Reference {
    pub(super) fn named(self) -> Named {
        let name = self.summary.or(self.name).filter(|name| !name.trim().is_empty());
        Named { name: Outside::capped(name.unwrap_or_else(|| self.id.clone()), NAME_BYTES), id: self.id }
    }
}
