//! How a merge or a link moves an incident: each of the two by its own record, written down together.

mod paths;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{CutShort, Illegal, Incident, Joined, SentBulletin, SignalKeyText, illegal};
use crate::domain::deadline::DeadlineKind;
use crate::domain::escalation::Stopped;
use crate::domain::id::IncidentId;
use crate::domain::phase::Phase;
use crate::domain::record::{CloseReason, Moving, Record, Tied};
use crate::domain::sensitive::{Said, began_with, joined_with};
use crate::domain::text::Outside;
use crate::domain::time::{Time, clock_minute};

/// Records of earlier formats did not say which paths a merge brought.
const SAYS_PATHS_SINCE: u32 = 3;
/// With records of earlier formats nobody got more time to acknowledge what came to a quiet incident.
const DUE_ANEW_SINCE: u32 = 3;
/// With records of earlier formats what came out of another one was paged for anew, from the first step on.
const GOES_ON_SINCE: u32 = 7;

/// Where an incident that was merged goes on, and what it comes back to when the merge is taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merged {
    /// The one it goes on in.
    pub into: IncidentId,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Time,
    phase: Phase,
    cut_short: CutShort,
}

/// An incident that goes on in another one, as that one keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakenIn {
    /// Which.
    pub id: IncidentId,
    /// Its title.
    pub title: Outside,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Time,
    groups: Vec<String>,
    /// Its signals that stand here now.
    stands: BTreeSet<SignalKeyText>,
    /// Of signals that both had, what the older firing period left.
    aside: Moving,
    /// Its labels that none of its signals had.
    #[serde(default, skip_serializing_if = "Said::is_empty")]
    said: Said,
    /// The paths that page here because of it; none where an earlier format did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paths: Option<Vec<String>>,
}

impl TakenIn {
    /// Of signals that both had, what the older firing period left.
    pub(in crate::domain) fn aside(&self) -> &Moving {
        &self.aside
    }

    /// Its labels that none of its signals had.
    pub(in crate::domain) fn said(&self) -> &Said {
        &self.said
    }

    /// What it keeps of what sources have said.
    pub(in crate::domain) fn kept_mut(&mut self) -> (&mut Outside, &mut Vec<String>, &mut Moving, &mut Said) {
        let Self { title, groups, aside, said, id: _, by: _, at: _, stands: _, paths: _ } = self;
        (title, groups, aside, said)
    }

    /// Whether that path pages here because of it, as far as that was written down.
    fn brought(&self, path: &str) -> bool {
        self.paths.iter().flatten().any(|it| it == path)
    }

    fn has(&self, key: &SignalKeyText) -> bool {
        self.stands.contains(key) || self.aside.contains_key(key)
    }
}

impl Incident {
    pub(super) fn apply_tie(&mut self, tied: &Tied, record: &Record) -> Result<(), Illegal> {
        let Some(by) = record.by.person() else { return illegal("only a person merges or links") };
        if *tied.other() == self.id {
            return illegal("an incident is tied to another one, not to itself");
        }
        let alone = self.said_alone.is_empty().then(|| self.said_by_signals());
        let worst = self.worst_firing();
        match tied {
            Tied::MergedInto { into } => self.go_on_in(into, by, record.at)?,
            Tied::TookIn { from, title, groups, signals, said, paths } => {
                self.may_take_in()?;
                if self.taken_in.iter().any(|taken| taken.id == *from) {
                    return illegal(format!("{from} goes on in it already"));
                }
                let quiet = self.cleared_at.is_some();
                let (id, title, by) = (from.clone(), title.clone(), by.to_owned());
                let (stands, aside) = self.take(signals);
                let (groups, said) = (groups.clone(), said.clone());
                self.count_again(quiet, record);
                let brought = paths.iter().filter(|path| !self.pages_by_itself(path)).cloned().collect();
                let says = record.v >= SAYS_PATHS_SINCE || !paths.is_empty();
                let paths = says.then_some(brought);
                self.taken_in.push(TakenIn {
                    id,
                    title,
                    by,
                    at: record.at,
                    groups,
                    stands,
                    aside,
                    said,
                    paths,
                });
            }
            Tied::CameOut { of, signals } => self.come_out(of, signals, record)?,
            Tied::LetGo { of } => {
                self.may_let_go(of)?;
                let fired = self.firing() > 0;
                let paths: Vec<String> = self.paths_of(of).map(str::to_owned).collect();
                for taken in self.taken_in.extract_if(.., |taken| taken.id == *of) {
                    self.signals.retain(|key, _| !taken.stands.contains(key));
                    let back = taken.aside.into_iter().filter(|(key, _)| taken.stands.contains(key));
                    self.signals.extend(back);
                }
                for escalation in self.escalations.iter_mut().filter(|it| paths.contains(&it.path)) {
                    // It pages there from now on.
                    escalation.stopped = Some(Stopped::LetGo(of.clone()));
                }
                self.count_down(fired);
                self.is_as_bad_as_what_is_left();
            }
            Tied::Linked { with, came, went } => self.link(with, came, went, record)?,
            Tied::Unlinked { from } => {
                if !self.links.remove(from) {
                    return illegal(format!("it is not linked with {from}"));
                }
            }
        }
        if let Some(said) = alone {
            self.said_alone = said.into();
        }
        self.take_worst();
        let now = self.worst_firing();
        self.rose |= now > worst && self.severity_set && now > Some(self.severity);
        Ok(())
    }

    /// Whether it may go on in another one: nothing of it that somebody still has to see to may get out of sight.
    ///
    /// # Errors
    /// Why not.
    pub fn may_be_merged(&self, now: Time) -> Result<(), Illegal> {
        if let Some(merged) = &self.merged {
            let (into, by, at) = (&merged.into, Outside::new(merged.by.as_str()), clock_minute(merged.at));
            return illegal(format!("{} merged it into {into} at {at}", by.safe()));
        }
        if !self.phase.is_open() {
            return illegal(format!("it is in {}; only what is open is merged", self.phase.title()));
        }
        if let Some(open) = self.actions.values().find(|action| action.stage.is_open()) {
            let word = open.stage.word();
            return illegal(format!("action #{} is {word}; it must be settled first", open.id));
        }
        if let Some(holds) = self.undecided().first() {
            return illegal(format!(
                "containment #{} is in force; undo it, keep it on purpose, or merge the other one into this",
                holds.id
            ));
        }
        if self.asks.values().any(|ask| ask.is_open(now)) {
            return illegal("a change of it waits for a second person; that must be decided first");
        }
        let is_leaving = |sent: &SentBulletin| sent.channels.values().any(|posted| posted.outcome.is_none());
        let owed = !self.open_series().is_empty() || self.unknown_postings().next().is_some();
        if owed || self.bulletins.iter().any(is_leaving) {
            return illegal(
                "readers wait for its next bulletin; send the last one first, or merge the other one into this",
            );
        }
        Ok(())
    }

    /// Whether another one may go on in it.
    ///
    /// # Errors
    /// Why not.
    pub fn may_take_in(&self) -> Result<(), Illegal> {
        match (&self.merged, self.phase.is_open()) {
            (_, true) => Ok(()),
            (Some(merged), _) => illegal(format!("it goes on in {} itself; merge into that", merged.into)),
            (None, false) => {
                illegal(format!("it is in {}; another goes on in an open one only", self.phase.title()))
            }
        }
    }

    /// Whether one that went on in it may stand by itself again.
    ///
    /// # Errors
    /// Why not.
    pub fn may_let_go(&self, of: &IncidentId) -> Result<(), Illegal> {
        let Some(place) = self.taken_in.iter().position(|taken| taken.id == *of) else {
            return illegal(format!("{of} does not go on in it"));
        };
        match &self.merged {
            Some(merged) => return illegal(format!("it goes on in {}; take that back first", merged.into)),
            None if self.is_closed() => return illegal("it is closed; what went on in it stays there"),
            None => {}
        }
        let mut from_here = self.taken_in.iter().skip(place);
        let taken = from_here.next();
        let shares = |later: &&TakenIn| {
            let mut keys = later.stands.iter().chain(later.aside.keys());
            keys.any(|key| taken.is_some_and(|taken| taken.has(key)))
        };
        match from_here.find(shares) {
            Some(later) => {
                illegal(format!("{} shares a signal with it and came later; take that out first", later.id))
            }
            None => Ok(()),
        }
    }

    /// Its signals as they leave it: wherever they go, they were seen when this one opened.
    pub(in crate::domain) fn leaving(&self, which: impl Fn(&SignalKeyText) -> bool) -> Moving {
        let leaving = self.signals.iter().filter(|(key, _)| which(key));
        let seen = |joined: &Joined| Joined { seen: joined.seen.or(Some(self.opened_at)), ..joined.clone() };
        leaving.map(|(key, joined)| (key.clone(), Box::new(seen(joined)))).collect()
    }

    /// The signals of one that went on in it, as they stand now.
    pub fn signals_of(&self, of: &IncidentId) -> Moving {
        let Some(taken) = self.taken_in.iter().find(|taken| taken.id == *of) else { return Moving::new() };
        let here = self.signals.iter().filter(|(key, _)| taken.stands.contains(*key));
        let aside = taken.aside.iter().filter(|(key, _)| !taken.stands.contains(*key));
        here.chain(aside).map(|(key, joined)| (key.clone(), joined.clone())).collect()
    }

    /// What signals share that join it: what its first one had, and what those had that go on in it.
    pub fn groups(&self) -> impl Iterator<Item = &String> {
        self.opening.group.iter().chain(self.taken_in.iter().flat_map(|taken| &taken.groups))
    }

    /// The labels that it, and what goes on in it, began with, and none of its signals has: its title was made of them.
    pub(in crate::domain) fn said_beside_signals(&self) -> Said {
        let has = |name: &Outside, value: &Outside| {
            self.signals.values().any(|it| it.labels.raw_value(name.raw()) == Some(value.raw()))
        };
        let began = began_with(self).map(|(name, value)| (Outside::new(name), Outside::new(value)));
        let came = self.taken_in.iter().flat_map(|taken| taken.said.iter().cloned());
        began.chain(came).filter(|(name, value)| !has(name, value)).collect()
    }

    fn said_by_signals(&self) -> Said {
        let said = self.signals.values().flat_map(|joined| joined_with(joined));
        said.map(|(name, value)| (Outside::new(name), Outside::new(value))).collect()
    }

    /// It closes as a duplicate. Its acknowledgement and its roles stay with it, and what of it pages stops.
    fn go_on_in(&mut self, into: &IncidentId, by: &str, at: Time) -> Result<(), Illegal> {
        self.may_be_merged(at)?;
        let phase = self.phase;
        self.signals.clear();
        self.cleared_at = None;
        self.phase = Phase::Closed;
        self.closed = Some((CloseReason::Duplicate, at));
        let cut_short = self.cut_short(&Stopped::Merged(into.clone()), at);
        self.merged = Some(Box::new(Merged { into: into.clone(), by: by.to_owned(), at, phase, cut_short }));
        Ok(())
    }

    /// It goes on as what was closed by mistake does.
    fn come_out(&mut self, of: &IncidentId, signals: &Moving, record: &Record) -> Result<(), Illegal> {
        let at = record.at;
        let Some(merged) = self.merged.take_if(|merged| merged.into == *of) else {
            return illegal(format!("it does not go on in {of}"));
        };
        self.phase = merged.phase;
        self.closed = None;
        self.is_not_over();
        self.signals.clone_from(signals);
        let back = self.signals.values().filter_map(|signal| signal.returned).max();
        self.returned_at = self.returned_at.max(back.filter(|back| *back > merged.at));
        if record.v >= GOES_ON_SINCE {
            self.stands_again(merged.cut_short, merged.at, at);
            return Ok(());
        }
        let dropped = self.gone_of(merged.cut_short.into_deadlines());
        self.deadlines.extend(dropped);
        self.owner.take_if(|owner| owner.until <= at);
        // What was opened by hand has no signals, and needs somebody all the same.
        self.is_news_again(self.firing() > 0 || self.signals.is_empty(), at);
        self.count_down(true);
        Ok(())
    }

    fn link(
        &mut self,
        with: &IncidentId,
        came: &Moving,
        went: &[SignalKeyText],
        record: &Record,
    ) -> Result<(), Illegal> {
        let moves = !came.is_empty() || !went.is_empty();
        if !moves && self.links.contains(with) {
            return illegal(format!("it is linked with {with} already"));
        }
        if moves {
            self.must_be_alive()?;
        }
        if went.iter().any(|key| !self.signals.contains_key(key)) {
            return illegal("that signal is not one of its");
        }
        if came.keys().any(|key| self.signals.contains_key(key)) {
            return illegal("that signal is one of its already");
        }
        if !came.is_empty() {
            self.may_take_in()?;
        }
        self.links.insert(with.clone());
        let (quiet, fired) = (self.cleared_at.is_some(), self.firing() > 0);
        self.signals.retain(|key, _| !went.contains(key));
        self.signals.extend(came.iter().map(|(key, joined)| (key.clone(), joined.clone())));
        if moves {
            self.count_down(fired);
            self.count_again(quiet, record);
        }
        if !went.is_empty() {
            self.is_as_bad_as_what_is_left();
        }
        Ok(())
    }

    /// Takes signals in. Of one that both have, the later firing period stands; the keys of those of the other that do,
    /// and what does not.
    fn take(&mut self, signals: &Moving) -> (BTreeSet<SignalKeyText>, Moving) {
        let (mut stands, mut aside) = (BTreeSet::new(), Moving::new());
        for (key, theirs) in signals {
            let later = self.signals.get(key).is_none_or(|mine| theirs.ends() > mine.ends());
            let older = if later {
                stands.insert(key.clone());
                self.signals.insert(key.clone(), theirs.clone())
            } else {
                Some(theirs.clone())
            };
            aside.extend(older.map(|older| (key.clone(), older)));
        }
        (stands, aside)
    }

    /// Where firing signals came to one that was quiet, it is news.
    fn count_again(&mut self, quiet: bool, record: &Record) {
        let news = quiet && self.firing() > 0;
        let is_over = self.ack_due.is_some_and(|due| due <= record.at);
        if news && is_over && record.v >= DUE_ANEW_SINCE {
            // The deadline that has passed was for signals that went quiet; whoever must take the new ones gets a new one.
            self.ack_due = self.ack_due_from(record.at);
            self.passed.remove(&DeadlineKind::Ack);
        }
        self.is_news_again(news, record.at);
        if news {
            self.returned_at = Some(record.at);
        }
        self.count_down(false);
    }

    /// As when a signal comes back; but whoever holds it goes on, and nobody gets longer to acknowledge it.
    pub(super) fn is_news_again(&mut self, news: bool, at: Time) {
        if !news {
            return;
        }
        let (owner, ack_due) = (self.owner.take(), self.ack_due);
        let late = self.passed.remove_entry(&DeadlineKind::Ack);
        self.fires_again(at);
        self.ack_due = ack_due;
        self.passed.extend(late);
        if let Some(owner) = owner {
            self.stop_paths(&Stopped::Acknowledged(owner.name.clone()));
            self.owner = Some(owner);
        }
    }

    /// Where nothing fires any more, what left it says nothing of how bad it is.
    fn is_as_bad_as_what_is_left(&mut self) {
        if self.firing() == 0 && !self.severity_set {
            let worst = self.signals.values().map(|signal| signal.severity).max();
            self.severity = worst.unwrap_or(self.opening.severity);
        }
    }

    /// Where the last firing signal left, nobody needs to come.
    pub(super) fn count_down(&mut self, fired: bool) {
        self.cleared_at = match self.firing() {
            0 => self.signals.values().filter_map(|signal| signal.cleared).max(),
            _ => None,
        };
        if fired && self.cleared_at.is_some() {
            self.stop_paths(&Stopped::Cleared);
        }
    }
}

impl Joined {
    /// When this firing period ended; one that goes on is later than any.
    pub(super) fn ends(&self) -> (bool, Option<Time>) {
        (self.cleared.is_none(), self.cleared)
    }
}
