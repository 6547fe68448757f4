//! Which incidents a filter lets through, found out a bounded number at a time: however many there are, the next key
//! is never waited for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::board::Board;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::query::{Asker, Query};
use crate::domain::time::{Span, Time};

/// So many incidents are looked into at once…
pub const AT_ONCE: usize = 1000;
/// …and fewer where they say much: no more than so many bytes, one incident at least.
pub const BYTES_AT_ONCE: usize = 512 * 1024;
/// What time alone lets through is looked for so often.
const AGAIN_AFTER: Span = Span::secs(5);

/// Which incidents a filter lets through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sieve {
    query: Query,
    /// Of those that were looked into.
    through: BTreeSet<IncidentId>,
    /// Those that were not yet, the first one last.
    left: Vec<IncidentId>,
    /// Since when they are looked into.
    since: Time,
    /// A person waits for it: rows that come are shown at once.
    awaited: bool,
}

impl Sieve {
    /// A sieve that has looked into nothing yet. What an earlier one has kept back is left out where this one cannot let
    /// it through either.
    pub fn new(query: Query, earlier: Option<&Self>, board: &Board, now: Time) -> Self {
        let earlier = earlier.filter(|earlier| query.narrows(&earlier.query));
        let left: Vec<IncidentId> = match earlier {
            None => of_board(board),
            Some(earlier) => {
                // What was let through comes first.
                let through = board.ids().rev().filter(|id| earlier.lets_through(id));
                earlier.left.iter().chain(through).cloned().collect()
            }
        };
        Self { query, through: BTreeSet::new(), left, since: now, awaited: true }
    }

    /// What it asks.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// How many are not looked into yet. All were before whoever waits for nothing.
    pub fn left(&self) -> usize {
        if self.awaited { self.left.len() } else { 0 }
    }

    /// Whether some are to be looked into, for the first time or once more.
    pub fn goes_on(&self) -> bool {
        !self.left.is_empty()
    }

    /// Whether a person waits for what it finds.
    pub fn is_awaited(&self) -> bool {
        self.awaited
    }

    /// How many it lets through so far.
    pub fn found(&self) -> usize {
        self.through.len()
    }

    /// Whether it lets an incident through, as far as that was looked into.
    pub fn lets_through(&self, id: &IncidentId) -> bool {
        self.through.contains(id)
    }

    /// Looks into one that has changed; whether it lets it through.
    pub fn look(
        &mut self,
        id: &IncidentId,
        incident: Option<&Incident>,
        board: &Board,
        asker: &Asker<'_>,
    ) -> bool {
        let found = |it: &Incident| it.is_found(&self.query, asker, board.is_stale(it, asker.now));
        let found = incident.is_some_and(found);
        if found {
            self.through.insert(id.clone());
        } else {
            self.through.remove(id);
        }
        found
    }

    /// Looks into all of them once more, where time or a source may have changed the answer.
    pub fn look_again(&mut self, board: &Board, now: Time) {
        if self.left.is_empty() {
            (self.left, self.since, self.awaited) = (of_board(board), now, false);
        }
    }

    /// Whether it is time to look into all of them once more.
    pub fn is_old(&self, now: Time) -> bool {
        self.left.is_empty() && !(self.since..self.since + AGAIN_AFTER.delta()).contains(&now)
    }

    /// Looks into the next few; whether the answer for any of them is another one.
    pub fn step(&mut self, board: &Board, asker: &Asker<'_>) -> bool {
        let mut bytes = 0;
        let fits = |id: &&IncidentId| {
            let before = bytes;
            bytes += board.get(id).map_or(0, |it| it.said_bytes());
            before == 0 || bytes <= BYTES_AT_ONCE
        };
        let count = self.left.iter().rev().take(AT_ONCE).take_while(fits).count();
        let next = self.left.split_off(self.left.len() - count);
        let mut changed = false;
        for id in next.iter().rev() {
            let was = self.lets_through(id);
            let is = self.look(id, board.get(id).map(AsRef::as_ref), board, asker);
            changed |= was != is;
        }
        changed
    }
}

/// Every incident, what burns hardest last.
fn of_board(board: &Board) -> Vec<IncidentId> {
    board.ids().rev().cloned().collect()
}
