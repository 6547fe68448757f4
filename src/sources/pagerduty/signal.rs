//! From an incident there to a signal here.

use super::decode::{Named, Status, Ticket, Unread};
use super::details::Details;
use super::directory::Directory;
use crate::domain::freshness::Countdown;
use crate::domain::signal::{Labels, Packed, Signal, SignalKey, Standing};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::domain::upstream::{Coming, Upstream};

/// How long somebody has to answer where a policy has paged all it pages, and its log does not say when they had.
const ANSWERED_WITHIN: Span = Span::mins(5);

/// The signal that stands for an incident there. Its fingerprint is the number people say.
pub(super) fn signal(
    source: &str,
    ticket: &Ticket,
    directory: &Directory,
    details: Option<&Details>,
    exhausted: bool,
) -> Signal {
    Signal {
        key: key(source, ticket),
        title: ticket.title.clone(),
        alertname: ticket.title.clone(),
        description: details.map(|it| it.description.clone()).unwrap_or_default(),
        labels: labels(ticket, directory).into(),
        annotations: details.map(|it| Packed::from(&it.annotations)).unwrap_or_default(),
        runbook: None,
        link: ticket.link.clone(),
        since: ticket.created,
        standing: Standing::Firing,
        upstream: Some(Box::new(upstream(ticket, directory, exhausted))),
        undecodable: false,
        watched: false,
    }
}

/// What stands for an element that could not be decoded: under the same key as if it could be, where that is known.
pub(super) fn placeholder(source: &str, unread: &Unread, now: Time) -> Signal {
    let fingerprint = unread.number.map_or_else(|| unread.id.clone(), |number| number.to_string());
    let key = SignalKey { source: source.to_owned(), fingerprint: Outside::new(fingerprint) };
    Signal::undecodable(key, "an incident", unread.raw.clone(), now)
}

fn key(source: &str, ticket: &Ticket) -> SignalKey {
    SignalKey { source: source.to_owned(), fingerprint: Outside::new(ticket.number.to_string()) }
}

fn labels(ticket: &Ticket, directory: &Directory) -> Labels {
    let name = |named: &Option<Named>| named.as_ref().map(|it| it.name.clone());
    let rank = ticket.priority.as_ref().and_then(|priority| directory.rank(priority));
    let teams: Vec<&str> = ticket.teams.iter().map(|team| team.name.raw()).collect();
    let pairs = [
        ("pd_id", Some(Outside::new(ticket.id.clone()))),
        ("pd_number", Some(Outside::new(ticket.number.to_string()))),
        ("pd_priority", rank.map(|rank| Outside::new(rank.to_string()))),
        ("priority", name(&ticket.priority)),
        ("urgency", ticket.urgency.clone()),
        ("service", name(&ticket.service)),
        ("policy", name(&ticket.policy)),
        ("team", Some(Outside::new(teams.join(", "))).filter(|team| !team.is_blank())),
    ];
    pairs.into_iter().filter_map(|(key, value)| Some((Outside::new(key), value?))).collect()
}

fn upstream(ticket: &Ticket, directory: &Directory, exhausted: bool) -> Upstream {
    let on_call = ticket.policy.as_ref().map(|policy| directory.on_call_for(policy)).unwrap_or_default();
    let pages = |level: u32, user: &str| on_call.iter().any(|it| it.level == level && it.user.id == user);
    // Everybody at a level is paged at once, so the level is one at which all of them are on call.
    let all =
        |level: &u32| !ticket.assigned.is_empty() && ticket.assigned.iter().all(|it| pages(*level, &it.id));
    let level = on_call.iter().map(|it| it.level).find(all);
    let held = ticket.status == Status::Acknowledged;
    Upstream {
        id: Outside::new(ticket.number.to_string()),
        held_by: held.then(|| ticket.held_by.clone().unwrap_or_else(|| Outside::new("somebody"))),
        policy: ticket.policy.as_ref().map(|policy| policy.name.clone()),
        level: level.filter(|_| !ticket.direct),
        assigned: ticket.assigned.iter().map(|assigned| assigned.name.clone()).collect(),
        on_call: on_call
            .iter()
            .map(|it| Outside::new(format!("{} {}", it.level, it.user.name.raw())))
            .collect(),
        coming: ticket.coming.clone(),
        disarmed: disarmed(ticket),
        exhausted,
        ..Upstream::default()
    }
}

/// Its policy pages nobody any more, since it was given to a person.
fn disarmed(ticket: &Ticket) -> bool {
    ticket.direct && ticket.pages != Some(true)
}

/// Nobody answered, and its policy pages nobody any more. The log says so when it happens; whoever did not read it then
/// sees that nothing comes, a while after somebody was paged last.
pub(super) fn is_exhausted(ticket: &Ticket, in_log: bool, now: Time) -> bool {
    if ticket.status != Status::Triggered || ticket.direct || ticket.policy.is_none() {
        return false;
    }
    // What is not urgent there is escalated by no policy.
    let urgent = ticket.urgency.as_ref().is_none_or(|urgency| urgency.raw() != "low");
    let silent = urgent && now - ticket.paged >= ANSWERED_WITHIN.delta();
    match ticket.pages {
        Some(true) => false,
        Some(false) => in_log || silent,
        None => in_log,
    }
}

/// What it does next by itself to an incident that nobody holds.
pub(super) fn countdown(source: &str, ticket: &Ticket) -> Option<Countdown> {
    let next: Option<&Coming> = ticket.coming.first();
    let coming = match next {
        _ if ticket.status != Status::Triggered => return None,
        Some(next) => Some(next.clone()),
        None if disarmed(ticket) => None,
        None => return None,
    };
    Some(Countdown { key: key(source, ticket), coming })
}
