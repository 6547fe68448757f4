//! What is known of the open incidents there, from pages and changes that may arrive in any order.

use std::collections::{BTreeMap, BTreeSet};

use super::decode::{Element, LogEntry, Status, Ticket, Unread};
use super::details::Details;
use crate::domain::time::{Span, Time};

/// How long what was resolved is remembered, so that an older page does not bring it back.
const BURIED_FOR: Span = Span::mins(60);

/// How long alerts that could not be read wait before they are asked for again.
const AGAIN_AFTER: Span = Span::mins(1);

/// An open incident there, and the round of questions that read it last.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Open {
    /// As it could be decoded last.
    pub(super) ticket: Ticket,
    round: u64,
    /// What was read of it since could not be decoded.
    unread: bool,
}

/// The last that was heard of an incident that is over.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Buried {
    changed: Time,
    round: u64,
}

/// What is known of the open incidents there.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Known {
    open: BTreeMap<String, Open>,
    buried: BTreeMap<String, Buried>,
    /// Elements of the last whole reading that could not be decoded, of which nothing else is known.
    unread: BTreeMap<String, (Unread, u64)>,
    /// Log entries that were taken in, with their time.
    heard: BTreeMap<String, Time>,
    /// Incidents of which the log says that nobody answered at any level.
    exhausted: BTreeSet<String>,
    /// What their alerts say.
    details: BTreeMap<String, Details>,
    /// When that was asked for last in vain.
    put_off: BTreeMap<String, Time>,
    round: u64,
    changed: bool,
}

impl Known {
    /// A new round of questions begins.
    pub(super) fn begin(&mut self) {
        self.round += 1;
    }

    /// The round of questions that is on its way.
    pub(super) fn round(&self) -> u64 {
        self.round
    }

    /// Takes in an element of a list.
    pub(super) fn take(&mut self, element: Element) {
        match element {
            Element::Ticket(ticket) => self.take_ticket(*ticket),
            Element::Unread(unread) => self.take_unread(unread),
        }
    }

    /// What cannot be decoded is listed, so it is open: what was known of it holds.
    fn take_unread(&mut self, unread: Unread) {
        if let Some(open) = self.open.get_mut(&unread.id) {
            open.round = self.round;
            self.changed |= !std::mem::replace(&mut open.unread, true);
            return;
        }
        self.changed |= self.unread.get(&unread.id).map(|(known, _)| known) != Some(&unread);
        self.unread.insert(unread.id.clone(), (unread, self.round));
    }

    /// Takes in what the log says, oldest first: what happened counts once.
    pub(super) fn hear(&mut self, entry: LogEntry) {
        // What came with an entry the first time may have been older than it; the same entry later brings the rest.
        if let Some(ticket) = entry.ticket {
            self.take_ticket(*ticket);
        }
        if self.heard.insert(entry.id, entry.at).is_some() {
            return;
        }
        self.changed |= match entry.kind.as_str() {
            "exhaust_escalation_path_log_entry" => self.exhausted.insert(entry.incident),
            "acknowledge_log_entry"
            | "resolve_log_entry"
            | "escalate_log_entry"
            | "assign_log_entry"
            | "repeat_escalation_path_log_entry" => self.exhausted.remove(&entry.incident),
            _ => false,
        };
    }

    fn take_ticket(&mut self, ticket: Ticket) {
        let round = self.round;
        self.changed |= self.unread.remove(&ticket.id).is_some();
        let newer =
            |changed: Time, read: u64| ticket.changed > changed || ticket.changed == changed && round > read;
        if ticket.status == Status::Resolved {
            let changed =
                self.buried.get(&ticket.id).map_or(ticket.changed, |it| it.changed.max(ticket.changed));
            if self.open.get(&ticket.id).is_none_or(|open| open.ticket.changed <= ticket.changed) {
                self.changed |= self.open.remove(&ticket.id).is_some();
                self.details.remove(&ticket.id);
                self.put_off.remove(&ticket.id);
                self.buried.insert(ticket.id, Buried { changed, round });
            }
            return;
        }
        if self.buried.get(&ticket.id).is_some_and(|it| !newer(it.changed, it.round)) {
            return;
        }
        self.buried.remove(&ticket.id);
        match self.open.get_mut(&ticket.id) {
            Some(open) if ticket.changed < open.ticket.changed => open.round = round,
            Some(open) => {
                self.changed |= open.ticket != ticket || open.unread;
                *open = Open { ticket, round, unread: false };
            }
            None => {
                self.changed = true;
                self.open.insert(ticket.id.clone(), Open { ticket, round, unread: false });
            }
        }
    }

    /// Everything was read since this round: what did not appear is over.
    pub(super) fn settle(&mut self, since: u64) {
        let before = self.open.len() + self.unread.len();
        self.open.retain(|_, open| open.round >= since);
        self.unread.retain(|_, (_, read)| *read >= since);
        self.changed |= before != self.open.len() + self.unread.len();
        let open = &self.open;
        self.details.retain(|id, _| open.contains_key(id));
        self.put_off.retain(|id, _| open.contains_key(id));
        self.exhausted.retain(|id| open.contains_key(id));
    }

    /// Forgets what no answer can bring up any more.
    pub(super) fn prune(&mut self, heard_since: Time, now: Time) {
        self.heard.retain(|_, at| *at >= heard_since);
        self.buried.retain(|_, buried| now - buried.changed < BURIED_FOR.delta());
    }

    /// The incidents whose alerts are to be read, the loudest and newest first.
    pub(super) fn unexplained(&self) -> Vec<(String, (u32, u32))> {
        let unread = |open: &&Open| {
            let counts = open.ticket.alerts;
            counts.0 > 0 && self.details.get(&open.ticket.id).is_none_or(|details| details.counts != counts)
        };
        let mut all: Vec<&Ticket> = self.open.values().filter(unread).map(|open| &open.ticket).collect();
        all.sort_by_key(|ticket| (ticket.status != Status::Triggered, std::cmp::Reverse(ticket.created)));
        all.into_iter().map(|ticket| (ticket.id.clone(), ticket.alerts)).collect()
    }

    /// Keeps what the alerts of an incident say.
    pub(super) fn explain(&mut self, id: String, details: Details) {
        self.changed = true;
        self.details.insert(id, details);
    }

    /// What the alerts of an incident say is not there for us: what was read of them before stands.
    pub(super) fn leave_unexplained(&mut self, id: String, counts: (u32, u32)) {
        let before = self.details.get(&id).cloned().unwrap_or_default();
        self.explain(id, Details { counts, ..before });
    }

    /// What the alerts of an incident say could not be read: others go first for a while.
    pub(super) fn put_off(&mut self, id: String, now: Time) {
        self.put_off.insert(id, now);
    }

    /// Whether that was tried a moment ago.
    pub(super) fn is_put_off(&self, id: &str, now: Time) -> bool {
        self.put_off.get(id).is_some_and(|at| (now - *at).abs() < AGAIN_AFTER.delta())
    }

    /// Every open incident, with what its alerts say and whether the log says that nobody answered.
    pub(super) fn open(&self) -> impl Iterator<Item = (&Ticket, Option<&Details>, bool)> {
        self.open.values().map(|Open { ticket, .. }| {
            (ticket, self.details.get(&ticket.id), self.exhausted.contains(&ticket.id))
        })
    }

    /// What could not be decoded, and of which nothing else is known.
    pub(super) fn unread(&self) -> impl Iterator<Item = &Unread> {
        self.unread.values().map(|(unread, _)| unread)
    }

    /// How many elements could not be decoded.
    pub(super) fn undecodable(&self) -> usize {
        self.unread.len() + self.open.values().filter(|open| open.unread).count()
    }

    /// The escalation policies of the open incidents.
    pub(super) fn policies(&self) -> BTreeSet<&str> {
        self.open.values().filter_map(|open| open.ticket.policy.as_ref()).map(|it| it.id.as_str()).collect()
    }

    /// Whether anything is different since this was asked last.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }
}
