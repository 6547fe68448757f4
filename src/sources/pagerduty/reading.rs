//! One round of questions after the other: all of it now and then, in between only what changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::decode::Named;
use super::details;
use super::directory::{Directory, OnCalls, Shelf, Whose};
use super::known::Known;
use super::lists::{self, CAP, Walk};
use super::signal;
use super::wire::{Asking, Wire, is_unwelcome, throttled};
use super::{BESIDE, Settings};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::{Countdown, Remark, SourceStatus, Vitals};
use crate::domain::signal::Answer;
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::{Span, Time};
use crate::sources::Polled;

/// Changes are asked for from so much before the last time, since the log may be late.
const OVERLAP: Span = Span::secs(60);
/// How far back the log is read at first: who was not reached by then is known by other means.
const LOOK_BACK: Span = Span::mins(60);
/// Incidents of one round whose alerts are read.
const EXPLAINED: usize = 20;
/// Requests that are left to others while alerts are read.
const SPARED: u32 = 100;
/// How long what stands beside the list may take while the priorities are unknown, on which severities hang.
const AT_FIRST: Span = Span::secs(3);
/// Countdowns that are told.
const COUNTDOWNS: usize = 500;

/// What is remembered between two rounds.
#[derive(Debug, Default)]
pub(super) struct Reader {
    known: Known,
    /// When everything was read last.
    whole_at: Option<Time>,
    /// A reading of everything that is on its way.
    walk: Option<Walk>,
    /// Since when changes are to be read, by its clock.
    since: Option<Time>,
    /// Before that nothing is granted.
    spent_until: Option<Time>,
    /// What the last whole reading left out, and why.
    gap: Gap,
    /// What was said last.
    said: Option<Said>,
}

/// What a whole reading left out.
#[derive(Clone, Debug, Default, PartialEq)]
struct Gap {
    beyond: u32,
    why: Option<String>,
}

/// What was said last, beside the signals.
#[derive(Debug, PartialEq)]
struct Said {
    gap: Gap,
    countdowns: Vec<Countdown>,
    exhausted: BTreeSet<String>,
    /// Names and ranks stand in every signal.
    priorities: Vec<Named>,
    on_call: OnCalls,
}

impl Reader {
    /// Nothing that was read counts any more.
    pub(super) fn forget(&mut self) {
        *self = Self { spent_until: self.spent_until, ..Self::default() };
    }

    /// Asks once.
    pub(super) async fn poll(
        &mut self,
        settings: &Settings,
        wire: &Wire,
        shelf: &Shelf,
        now: Time,
    ) -> Result<Polled, Fault> {
        // What lies further ahead than anybody grants nothing was said before the clock was set back.
        let spent = |until: &Time| *until > now && *until - now <= SourceStatus::ALONE_AT_MOST.delta();
        if let Some(until) = self.spent_until.filter(spent) {
            return Err(throttled(until, now));
        }
        let mut asking = wire.asking(now);
        let read = self.read(settings, &mut asking, now).await;
        if read.is_ok() {
            self.read_beside(&mut asking, shelf, now).await;
        }
        let directory = &shelf.read();
        self.spent_until = asking.spent();
        let after = match read {
            Ok(after) => after,
            Err(fault) => {
                // What was missed meanwhile is not known, unless it is asked for later from where this ended.
                if fault.kind != FaultKind::Throttled {
                    (self.whole_at, self.walk) = (None, None);
                }
                return Err(fault);
            }
        };
        let vitals = self.vitals(settings, &asking, directory);
        let changed = self.known.take_changed();
        let said = Said {
            gap: self.gap.clone(),
            countdowns: vitals.countdowns.clone(),
            exhausted: self.exhausted(now),
            priorities: directory.priorities.clone(),
            on_call: directory.on_call.clone(),
        };
        let news = changed || self.said.as_ref() != Some(&said);
        self.said = Some(said);
        Ok(Polled { answer: news.then(|| self.answer(settings, directory, now)), vitals, after })
    }

    /// Reads what is open: all of it where that is due, else what changed. While what was known before holds, a long list
    /// is read over several rounds, each of which ends with what changed. Says after how long what is known was true.
    async fn read(&mut self, settings: &Settings, asking: &mut Asking<'_>, now: Time) -> Result<Span, Fault> {
        let due = |at: Time| now - at >= settings.whole_every.delta() || at > now;
        self.known.begin();
        let round = self.known.round();
        if self.walk.is_some() || self.whole_at.is_none_or(due) {
            let walk = self.walk.get_or_insert_with(|| Walk::begin(round));
            let may_pause = self.whole_at.is_some();
            lists::incidents(asking, &settings.teams, &mut self.known, walk, may_pause).await?;
        }
        let after = asking.elapsed();
        let from = self.since.unwrap_or_else(|| asking.theirs() - LOOK_BACK.delta());
        let log = lists::changes(asking, &settings.teams, from).await;
        let theirs = asking.theirs();
        let listed = self.walk.as_ref().filter(|walk| walk.listed.is_some()).map(|walk| walk.began);
        let mut gap = Gap::default();
        match (log, listed) {
            (Ok(Some(entries)), _) => {
                for entry in entries {
                    self.known.hear(entry);
                }
                self.since = Some(theirs - OVERLAP.delta());
            }
            // Whoever has just read all of it need not know what happened before.
            (Ok(None), Some(began)) if began == round => self.since = Some(theirs - OVERLAP.delta()),
            (Ok(None), _) => {
                // More happened than can be read: all of it again, at once.
                (self.since, self.whole_at, self.walk) = (None, None, None);
                return Box::pin(self.read(settings, asking, now)).await;
            }
            (Err(fault), Some(_)) if !is_unwelcome(&fault) => {
                let why = fault.detail.safe();
                gap.why = Some(format!("what changed while the list was read is not known: {why}"));
            }
            (Err(fault), _) => return Err(fault),
        }
        if let Some(Walk { began, listed: Some(listed), .. }) = self.walk.take_if(|it| it.listed.is_some()) {
            gap.beyond = listed.beyond;
            gap.why = listed
                .fault
                .map(|fault| format!("the list was read in part: {}", fault.detail.safe()))
                .or(gap.why);
            self.whole_at = gap.why.is_none().then_some(now);
            if gap == Gap::default() {
                self.known.settle(began);
            }
            self.gap = gap;
        }
        self.known.prune(self.since.unwrap_or(theirs) - OVERLAP.delta(), theirs);
        Ok(after)
    }

    /// Reads what makes the incidents worth more, as far as nobody has to wait for it.
    async fn read_beside(&mut self, asking: &mut Asking<'_>, shelf: &Shelf, now: Time) {
        let first = self.said.is_none();
        let within = if shelf.read().priorities.is_empty() { AT_FIRST } else { BESIDE };
        let beside = async {
            shelf.read_basics(asking, now).await;
            shelf.read_on_call(asking, &self.known.policies(), now).await;
            // What burns is said before what its alerts say is read.
            if !first {
                self.explain(asking, now).await;
            }
            shelf.read_policies(asking, now).await;
        };
        tokio::time::timeout(within.std(), beside).await.ok();
    }

    /// Reads what the alerts of some incidents say, as far as that takes nothing from others.
    async fn explain(&mut self, asking: &mut Asking<'_>, now: Time) {
        let mut unexplained = self.known.unexplained();
        unexplained.retain(|(id, _)| !self.known.is_put_off(id, now));
        for (id, counts) in unexplained.into_iter().take(EXPLAINED) {
            if asking.budget.is_some_and(|budget| budget.left < SPARED) {
                return;
            }
            let asked = asking.get(&format!("/incidents/{id}/alerts"), &[("limit", "100")]).await;
            match asked.and_then(|body| details::read(&body, counts)) {
                Ok(details) => self.known.explain(id, details),
                Err(fault) if ends(&fault) => {
                    self.known.put_off(id, now);
                    return;
                }
                Err(fault) if lasts(&fault) => self.known.leave_unexplained(id, counts),
                Err(_) => self.known.put_off(id, now),
            }
        }
    }

    fn answer(&self, settings: &Settings, directory: &Directory, now: Time) -> Answer {
        let name = &settings.name;
        let signals = self.known.open().map(|(ticket, details, in_log)| {
            let exhausted = signal::is_exhausted(ticket, in_log, now);
            signal::signal(name, ticket, directory, details, exhausted)
        });
        let unread = self.known.unread().map(|unread| signal::placeholder(name, unread, now));
        let answer = Answer::whole(signals.chain(unread).map(Arc::new).collect());
        let whole = self.gap == Gap::default();
        // Of one that was read before, the last good account stands.
        let undecodable = u32::try_from(self.known.undecodable()).unwrap_or(u32::MAX);
        let left_out = undecodable.saturating_add(self.gap.beyond);
        // How many a page holds that could not be read, nobody knows.
        Answer { left_out: left_out.max(u32::from(!whole)), complete: answer.complete && whole, ..answer }
    }

    /// The ids of what nobody answered: with time, that changes without a word from there.
    fn exhausted(&self, now: Time) -> BTreeSet<String> {
        let all = self.known.open().filter(|(ticket, _, in_log)| signal::is_exhausted(ticket, *in_log, now));
        all.map(|(ticket, ..)| ticket.id.clone()).collect()
    }

    fn vitals(&self, settings: &Settings, asking: &Asking<'_>, directory: &Directory) -> Vitals {
        let countdown = |ticket| signal::countdown(&settings.name, ticket);
        let mut countdowns: Vec<Countdown> =
            self.known.open().filter_map(|(ticket, ..)| countdown(ticket)).collect();
        countdowns.sort_by_key(|it| it.coming.as_ref().map_or(Time::MAX_UTC, |coming| coming.at));
        countdowns.truncate(COUNTDOWNS);
        Vitals {
            budget: asking.budget,
            skew_ms: asking.skew_ms,
            remarks: self.remarks(settings, directory),
            countdowns,
            ..Vitals::default()
        }
    }

    fn remarks(&self, settings: &Settings, directory: &Directory) -> Vec<Remark> {
        let mut out = Vec::new();
        if settings.acknowledge && settings.from.is_none() && directory.whose == Whose::Account {
            let text = "an acknowledgement here is none there, the key is no person's: say on whose behalf with `from`";
            out.push(Remark { text: Outside::new(text), warns: true, ..Remark::default() });
        }
        let mut say = |partial, text: String| {
            let text = Outside::new(SafeText::display(&text).to_string());
            out.push(Remark { text, partial, ..Remark::default() });
        };
        if self.gap.beyond > 0 {
            let (beyond, cap) = (self.gap.beyond, CAP / 1000);
            say(
                true,
                format!(
                    "only the first {cap} 000 are read: {beyond} more are open, the oldest and least urgent; what is resolved stays until there are fewer"
                ),
            );
        }
        if let Some(why) = &self.gap.why {
            say(true, why.clone());
        }
        for (what, why) in directory.missing() {
            say(false, format!("{what} cannot be read: {why}"));
        }
        let waiting = self.known.unexplained().len();
        if waiting > 0 {
            say(false, format!("the alerts of {waiting} are not read yet"));
        }
        out
    }
}

/// It is not there for us: the same question brings the same answer.
fn lasts(fault: &Fault) -> bool {
    matches!(fault.status, Some(400 | 402 | 404 | 413))
}

/// A fault that ends a round of questions, as one that a person could do nothing about does not.
fn ends(fault: &Fault) -> bool {
    use FaultKind::{Local, NoAnswer, Throttled, Unreachable};
    fault.is_of_credentials() || matches!(fault.kind, Throttled | Unreachable | NoAnswer | Local)
}
