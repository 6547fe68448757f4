//! A list of incidents in rank order whose cursor is the identity of a row, and whose rows hold still while a person
//! chooses.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::board::{Board, Change};
use super::choosing::scrolled;
use super::folds::{self, Fold, On, Row, Storm};
use super::sieve::{AT_ONCE, Sieve};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::query::{Asker, Query};
use crate::domain::rank;
use crate::domain::time::Time;

/// More rows than these are not put in order by the key that asks for all of them again.
const MANY: usize = 10_000;

/// Which incidents a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// Those that need a response.
    Triage,
    /// Those whose lessons are being written.
    Review,
}

/// A list of incidents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct List {
    /// Which incidents it is of.
    pub of: Of,
    /// Shows only what matches.
    sieve: Option<Sieve>,
    /// The saved view that is.
    pub view: Option<u8>,
    /// What is shown, top first. While rows are held this is not the order of the board.
    pub rows: Vec<Row>,
    /// What is under the cursor.
    pub on: Option<On>,
    /// The storms whose incidents are shown one by one.
    open: BTreeSet<Storm>,
    /// How many incidents it shows, and how many of them stand in folds only.
    counted: (usize, usize),
    /// The place of the cursor, as last known.
    at: usize,
    /// An incident that goes on in another one: where the cursor goes when it leaves the list.
    heir: Option<(IncidentId, IncidentId)>,
    /// An incident that was put off from under the cursor: once it is, the cursor stays where it stands.
    #[serde(default)]
    left: Option<IncidentId>,
    /// The place of the first row on the screen.
    pub top: usize,
    /// Until the person's first key the cursor follows the first row.
    pub touched: bool,
    /// When the cursor last came to stand on another row by itself.
    pub slid_at: Option<Time>,
    /// New incidents that are not among the rows yet.
    pub waiting: BTreeSet<IncidentId>,
    /// The rows are not what the board says.
    behind: bool,
    /// All rows, while a filter shows some of them.
    #[serde(default)]
    all: Option<All>,
}

/// The rows a list has without its filter, as they stood when that began: more than a key can put in order at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct All {
    rows: Vec<Row>,
    counted: (usize, usize),
    waiting: BTreeSet<IncidentId>,
    behind: bool,
}

impl List {
    /// An empty list.
    pub fn new(of: Of) -> Self {
        Self {
            of,
            sieve: None,
            view: None,
            rows: Vec::new(),
            on: None,
            open: BTreeSet::new(),
            counted: (0, 0),
            at: 0,
            heir: None,
            left: None,
            top: 0,
            touched: false,
            slid_at: None,
            waiting: BTreeSet::new(),
            behind: false,
            all: None,
        }
    }

    /// The incident under the cursor, if it is one.
    pub fn selected(&self) -> Option<&IncidentId> {
        match &self.on {
            Some(On::Incident(id)) => Some(id),
            Some(On::Storm(_)) | None => None,
        }
    }

    /// The fold under the cursor, if it is one.
    pub fn fold(&self) -> Option<&Fold> {
        match self.rows.get(self.at) {
            Some(Row::Fold(fold)) if self.on.as_ref() == Some(&On::Storm(fold.storm.clone())) => Some(fold),
            _ => None,
        }
    }

    /// The incidents that have a row of their own.
    pub fn incidents(&self) -> impl Iterator<Item = &IncidentId> {
        self.rows.iter().filter_map(Row::incident)
    }

    /// How many incidents it shows, those in folds included.
    pub fn shown(&self) -> usize {
        self.counted.0
    }

    /// How many of them stand in folds only.
    pub fn folded(&self) -> usize {
        self.counted.1
    }

    /// Whether an incident belongs on it, whatever the filter.
    pub fn is_of(&self, incident: &Incident) -> bool {
        match self.of {
            Of::Triage => incident.is_on_triage(),
            Of::Review => incident.phase == Phase::Review && !incident.is_on_triage(),
        }
    }

    fn shows(&self, incident: &Incident) -> bool {
        self.is_of(incident) && self.sieve.as_ref().is_none_or(|sieve| sieve.lets_through(&incident.id))
    }

    /// What it shows only.
    pub fn filter(&self) -> Option<&Query> {
        self.sieve.as_ref().map(Sieve::query)
    }

    /// Shows only what matches from now on, or everything, once it is refreshed.
    pub fn filter_by(&mut self, query: Option<Query>, board: &Board, now: Time) {
        let earlier = self.sieve.take();
        if earlier.is_none() && query.is_some() {
            let (rows, waiting) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.waiting));
            self.all = Some(All { rows, counted: self.counted, waiting, behind: self.behind });
        }
        self.sieve = query.map(|query| Sieve::new(query, earlier.as_ref(), board, now));
        (self.view, self.behind) = (None, true);
    }

    /// How many incidents the filter has not looked into yet.
    pub fn unsifted(&self) -> usize {
        self.sieve.as_ref().map_or(0, Sieve::left)
    }

    /// Whether the filter is to look into some, for the first time or once more.
    pub fn is_sifting(&self) -> bool {
        self.sieve.as_ref().is_some_and(Sieve::goes_on)
    }

    /// Looks into a bounded number of incidents; whether a person waits for what was found. Rows are put in order anew
    /// while there are few, then each time there are twice as many, and at the end: the more there are the longer it takes.
    pub fn sift(&mut self, board: &Board, asker: &Asker<'_>) -> bool {
        let Some(sieve) = &mut self.sieve else { return false };
        if sieve.is_old(asker.now) {
            sieve.look_again(board, asker.now);
        }
        if !sieve.goes_on() {
            return false;
        }
        self.behind |= sieve.step(board, asker);
        let grown = sieve.found() < AT_ONCE || sieve.found() >= 2 * self.counted.0;
        sieve.is_awaited() && (grown || !sieve.goes_on())
    }

    /// Takes note of a change on the board.
    pub fn note(&mut self, change: &Change, board: &Board, asker: &Asker<'_>) {
        let was = change.was.as_ref().is_some_and(|it| self.shows(it));
        let now = board.get(&change.id);
        if let Some(sieve) = &mut self.sieve {
            sieve.look(&change.id, now.map(AsRef::as_ref), board, asker);
        }
        let is = now.is_some_and(|it| self.shows(it));
        let hideable = |it: Option<&Arc<Incident>>| it.is_some_and(|it| folds::may_be_hidden(it));
        let elsewhere = change.moved || hideable(change.was.as_ref()) != hideable(now);
        follow(&mut self.waiting, &mut self.behind, &change.id, (was, is), elsewhere);
        let was = change.was.as_ref().is_some_and(|it| self.is_of(it));
        let is = now.is_some_and(|it| self.is_of(it));
        if let Some(all) = &mut self.all {
            follow(&mut all.waiting, &mut all.behind, &change.id, (was, is), elsewhere);
        }
    }

    /// How many of the new incidents will come above the cursor, and how many below.
    pub fn news(&self, board: &Board) -> (usize, usize) {
        if self.waiting.is_empty() {
            return (0, 0);
        }
        let place =
            |id: &IncidentId| board.get(id).map(|it| (rank::key(it, board.ranked_at()), it.id.clone()));
        let here = self.rows.get(self.at).and_then(|row| ranks(row, board));
        let above = self.waiting.iter().filter(|id| here.is_some() && place(id) < here).count();
        (above, self.waiting.len() - above)
    }

    /// What the filter shows may be something else now, by time or by the state of a source.
    pub fn reconsider(&mut self, board: &Board, now: Time) {
        if let Some(sieve) = &mut self.sieve {
            sieve.look_again(board, now);
        }
    }

    /// Whether the rows are not what the board says.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// Brings the rows up to the board. What is marked, and what is under the person's cursor, is folded into nothing.
    pub fn release(&mut self, board: &Board, asker: &Asker<'_>, marked: &BTreeSet<IncidentId>) {
        if !self.behind {
            return;
        }
        self.behind = false;
        self.waiting.clear();
        let through = |id: &&IncidentId| self.sieve.as_ref().is_none_or(|sieve| sieve.lets_through(id));
        let shown = board.ids().filter(through).filter_map(|id| board.get(id));
        let shown: Vec<_> = shown.filter(|it| self.is_of(it)).collect();
        let count = shown.len();
        self.rows = match self.of {
            Of::Triage => {
                let selected = self.selected().filter(|_| self.touched);
                let stays = |it: &Incident| selected == Some(&it.id) || marked.contains(&it.id);
                folds::rows(&shown, stays, &self.open)
            }
            Of::Review => shown.into_iter().map(|it| Row::Incident(it.id.clone())).collect(),
        };
        self.counted = (count, self.rows.iter().map(Row::hides).sum());
        if self.sieve.is_none() {
            self.all = None;
            // One that is over is not open when it comes again.
            let folds = self.rows.iter().filter(|row| matches!(row, Row::Fold(_)));
            let there: Vec<On> = folds.map(Row::on).collect();
            self.open.retain(|storm| there.contains(&On::Storm(storm.clone())));
        }
        self.stand(board, asker);
    }

    /// Shows all rows again as they stood before the filter. Where much has changed since they come up to the board once
    /// they need not hold still any more, as they would have without a filter; whether that can be seen.
    fn restore(&mut self, board: &Board, asker: &Asker<'_>, marked: &BTreeSet<IncidentId>) -> bool {
        let Some(mut all) = self.all.take_if(|_| self.sieve.is_none()) else { return false };
        if all.behind && all.counted.0 < MANY {
            return false;
        }
        let selected = self.selected().filter(|_| self.touched);
        let stays = |id: &IncidentId| selected == Some(id) || marked.contains(id);
        let hides = |row: &Row| match row {
            Row::Fold(fold) => !fold.open && fold.members.iter().any(stays),
            Row::Incident(_) => false,
        };
        let mut apart = Vec::new();
        if selected.is_some() || !marked.is_empty() {
            let (parted, rows): (Vec<_>, Vec<_>) = all.rows.into_iter().partition(hides);
            let folds =
                parted.iter().filter_map(|row| if let Row::Fold(fold) = row { Some(fold) } else { None });
            apart = folds.flat_map(|fold| folds::apart(fold, stays, |id| board.get(id))).collect();
            all.rows = rows;
        }
        // What stands below an open storm is in no order with the rest.
        if !apart.is_empty() && !self.open.is_empty() {
            return false;
        }
        for row in apart {
            let place = all.rows.partition_point(|other| ranks(other, board) < ranks(&row, board));
            all.rows.insert(place, row);
        }
        let on = self.on.as_ref().filter(|_| self.touched);
        if on.is_some_and(|on| !all.rows.iter().any(|row| row.is(on))) {
            return false;
        }
        all.counted.1 = all.rows.iter().map(Row::hides).sum();
        (self.rows, self.counted) = (all.rows, all.counted);
        (self.waiting, self.behind) = (all.waiting, all.behind);
        self.stand(board, asker);
        true
    }

    /// Puts the cursor where what it stood on stands now.
    fn stand(&mut self, board: &Board, asker: &Asker<'_>) {
        let put_off = |id: &mut IncidentId| board.get(id).is_some_and(|it| it.is_snoozed(asker.now));
        let left = self.left.take_if(put_off);
        let kept = self.on.as_ref().filter(|on| self.touched && left.map(On::Incident).as_ref() != Some(on));
        let place = kept.and_then(|on| self.rows.iter().position(|row| row.is(on)));
        if place.is_some() {
            // It is still here: nothing went on elsewhere.
            self.heir = None;
        }
        self.at = match place {
            Some(place) => place,
            None if self.touched => {
                self.heirs_place().unwrap_or(self.at).min(self.rows.len().saturating_sub(1))
            }
            None => 0,
        };
        let on = self.rows.get(self.at).map(Row::on);
        if on != self.on {
            self.slid_at = Some(asker.now);
            self.on = on;
        }
    }

    /// What is under the cursor goes on in this one: the cursor goes there once its row is gone, and not before.
    pub fn goes_on_in(&mut self, into: &IncidentId) {
        self.heir = self.selected().cloned().map(|gone| (gone, into.clone()));
    }

    /// What is under the cursor is put off: the cursor does not follow it to the end of the list.
    pub fn puts_off(&mut self, ids: &[IncidentId]) {
        self.left = self.selected().filter(|id| ids.contains(id)).cloned();
    }

    fn heirs_place(&self) -> Option<usize> {
        let (_, into) = self.heir.as_ref().filter(|(gone, _)| self.selected() == Some(gone))?;
        self.rows.iter().position(|row| row.incident() == Some(into))
    }

    /// Shows the incidents of the fold under the cursor one by one, or as one row again but for those marked, and those
    /// somebody has done something about since. No other row moves, and what waits goes on waiting.
    pub fn turn(&mut self, board: &Board, marked: &BTreeSet<IncidentId>) {
        let at = self.at;
        let Some(Row::Fold(fold)) = self.rows.get_mut(at) else { return };
        self.all = None;
        let below: Vec<Row> = fold.members.iter().cloned().map(Row::Incident).collect();
        if !fold.open {
            fold.open = true;
            self.open.insert(fold.storm.clone());
            self.rows.splice(at + 1..at + 1, below);
        } else {
            let idle = |id: &IncidentId| board.get(id).is_some_and(|it| folds::may_be_hidden(it));
            let hides = |id: &IncidentId| !marked.contains(id) && idle(id);
            self.open.remove(&fold.storm);
            self.behind = true;
            if fold.members.iter().filter(|id| hides(id)).count() < 2 {
                return;
            }
            fold.open = false;
            fold.members.retain(hides);
            let hidden: BTreeSet<IncidentId> = fold.members.iter().cloned().collect();
            self.rows.retain(|row| row.incident().is_none_or(|id| !hidden.contains(id)));
        }
        self.counted.1 = self.rows.iter().map(Row::hides).sum();
        self.behind = true;
    }

    /// The person asked for other rows: they come at once.
    pub fn refresh(&mut self, board: &Board, asker: &Asker<'_>, marked: &BTreeSet<IncidentId>) {
        self.sift(board, asker);
        if !self.restore(board, asker, marked) {
            self.release(board, asker, marked);
        }
        self.slid_at = None;
    }

    /// Puts the cursor on a row, if it is there.
    pub fn stand_on(&mut self, on: &On) {
        if self.on.as_ref() != Some(on)
            && let Some(place) = self.rows.iter().position(|row| row.is(on))
        {
            self.go_to(place);
        }
    }

    /// Puts the cursor on an incident, if it has a row.
    pub fn select(&mut self, id: &IncidentId) {
        if let Some(place) = self.rows.iter().position(|row| row.incident() == Some(id)) {
            self.go_to(place);
        }
    }

    /// Moves the cursor by the person's own key.
    pub fn go_to(&mut self, place: usize) {
        self.touched = true;
        self.left = None;
        self.at = place.min(self.rows.len().saturating_sub(1));
        self.on = self.rows.get(self.at).map(Row::on);
        self.slid_at = None;
    }

    /// Puts the cursor elsewhere for a moment; where it was puts it back.
    pub(super) fn put(&mut self, (at, on, top): (usize, Option<On>, usize)) -> (usize, Option<On>, usize) {
        use std::mem::replace;
        (replace(&mut self.at, at), replace(&mut self.on, on), replace(&mut self.top, top))
    }

    /// Where the cursor is, in how many rows, and when it came there by itself.
    pub fn stands(&self) -> (Option<On>, usize, Option<Time>) {
        (self.on.clone(), self.rows.len(), self.slid_at)
    }

    /// The place of the cursor.
    pub fn place(&self) -> usize {
        self.at
    }

    /// Scrolls so that the cursor is among `height` rows.
    pub fn scroll_into(&mut self, height: usize) {
        self.top = scrolled(self.top, self.at, self.rows.len(), height);
    }
}

/// Takes note of one that was shown or not, and is or is not.
fn follow(
    waiting: &mut BTreeSet<IncidentId>,
    behind: &mut bool,
    id: &IncidentId,
    (was, is): (bool, bool),
    elsewhere: bool,
) {
    *behind |= was != is || (is && elsewhere);
    match (was, is) {
        (false, true) => drop(waiting.insert(id.clone())),
        (true, false) => drop(waiting.remove(id)),
        _ => {}
    }
}

/// How a row ranks: as the first incident of it.
fn ranks(row: &Row, board: &Board) -> Option<(rank::Key, IncidentId)> {
    let first = match row {
        Row::Incident(id) => Some(id),
        Row::Fold(fold) => fold.members.first(),
    };
    let first = board.get(first?)?;
    Some((rank::key(first, board.ranked_at()), first.id.clone()))
}
