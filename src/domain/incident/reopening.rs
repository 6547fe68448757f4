//! How an end is taken back. An incident that was ended by mistake and goes on stands as if it had not been ended, except
//! that time in which nobody could act on it is never counted as late.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Illegal, Incident, illegal};
use crate::domain::deadline::{Deadline, DeadlineKind};
use crate::domain::escalation::{Escalation, StepState, Stopped};
use crate::domain::phase::Phase;
use crate::domain::record::{CloseReason, Record};
use crate::domain::severity::Severity;
use crate::domain::snooze::Snooze;
use crate::domain::time::Time;

/// What its end cut short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutShort {
    /// What was due, and was not any more.
    deadlines: Vec<Deadline>,
    /// Its paths, and why each of them did not run.
    paths: Vec<(String, Option<Stopped>)>,
    /// That it was put off, and how bad it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    snooze: Option<(Box<Snooze>, Severity)>,
}

impl CutShort {
    pub(super) const NOTHING: Self = Self { deadlines: Vec::new(), paths: Vec::new(), snooze: None };

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::NOTHING
    }

    pub(super) fn into_deadlines(self) -> Vec<Deadline> {
        self.deadlines
    }
}

impl Incident {
    /// The phase it was closed in: so far back it may be opened again.
    ///
    /// # Errors
    /// Why it is not opened again.
    pub fn closed_in(&self) -> Result<Phase, Illegal> {
        if let Some(merged) = &self.merged {
            return illegal(format!("it goes on in {}; take it out of there instead", merged.into));
        }
        match self.phases.as_ref() {
            [.., (before, _), (Phase::Closed, _)] => Ok(*before),
            _ => illegal("it is not closed"),
        }
    }

    /// What is said of one that is closed and was asked for more than a note, where `back` opens it again.
    pub fn takes_no_more(&self, back: &str) -> String {
        match self.closed_in() {
            Ok(_) => format!("is closed; only notes can be added, or {back}"),
            Err(why) => format!("is closed; only notes can be added: {why}"),
        }
    }

    /// A closed one takes no more.
    pub(super) fn is_over<T>(&self) -> Result<T, Illegal> {
        illegal(format!("it {}", self.takes_no_more("its phase moved back")))
    }

    /// Since when it was closed, and when a person opened it again, where that was how it came back last.
    pub fn opened_again(&self) -> Option<(Time, Time)> {
        let again = self.phases.windows(2).rev().find_map(|moved| match moved {
            [(Phase::Closed, from), (_, until)] => Some((*from, *until)),
            _ => None,
        });
        again.filter(|(_, until)| self.returned_at.is_none_or(|back| back < *until))
    }

    /// How it would stand, were it opened again now.
    ///
    /// # Errors
    /// Why it is not opened again.
    pub fn if_opened_again(&self, to: Phase, at: Time) -> Result<Self, Illegal> {
        let mut again = self.clone();
        again.open_again(to, at)?;
        again.phases = again.phases.iter().copied().chain([(to, at)]).collect();
        Ok(again)
    }

    /// Stops its paths and drops what ends with the response; what that cuts short.
    pub(super) fn cut_short(&mut self, because: &Stopped, at: Time) -> CutShort {
        let before = self.deadlines.to_vec();
        let ran = self.escalations.iter().filter(|it| it.stopped != Some(Stopped::Ended));
        let paths = ran.map(|it| (it.path.clone(), it.stopped.clone())).collect();
        let snooze = self.snooze.clone().map(|snooze| (snooze, self.severity));
        self.stop_paths(because);
        self.drop_deadlines(at);
        CutShort { deadlines: self.gone_of(before), paths, snooze }
    }

    /// Keeps what the end that was just written down cut short.
    pub(super) fn keep_cut_short(&mut self, cut: CutShort) {
        if cut != self.milestones.cut_short {
            self.milestones.cut_short = cut;
        }
    }

    /// What its end cut short; of one that goes on, nothing.
    pub(super) fn take_cut_short(&mut self) -> CutShort {
        if self.milestones.cut_short.is_empty() {
            return CutShort::NOTHING;
        }
        std::mem::take(&mut self.milestones.cut_short)
    }

    /// Those of these deadlines that it has no more.
    pub(super) fn gone_of(&self, deadlines: Vec<Deadline>) -> Vec<Deadline> {
        let gone = |set: &Deadline| self.deadline(set.kind, &set.name).is_none();
        deadlines.into_iter().filter(gone).collect()
    }

    /// A person opens it again, in the phase it was closed in or an earlier one.
    pub(super) fn reopen(&mut self, to: Phase, record: &Record) -> Result<(), Illegal> {
        if record.by.person().is_none() {
            return illegal("only a person opens again what is closed");
        }
        self.open_again(to, record.at)
    }

    fn open_again(&mut self, to: Phase, at: Time) -> Result<(), Illegal> {
        let before = self.closed_in()?;
        if to > before {
            let before = before.title();
            return illegal(format!("it was closed in {before}: move it back there first"));
        }
        let ended = self.phases.last().map_or(at, |(_, since)| *since);
        let cut = self.take_cut_short();
        self.phase = to;
        if to == Phase::Review {
            self.are_due_again(cut.deadlines, ended, at);
            self.is_reviewed_on();
            return Ok(());
        }
        self.closed = None;
        self.is_not_over();
        if before == Phase::Review {
            self.are_due_again(cut.deadlines, ended, at);
            self.comes_back(at);
        } else {
            self.stands_again(cut, ended, at);
        }
        Ok(())
    }

    /// It is resolved as it was, and its review is due again.
    fn is_reviewed_on(&mut self) {
        let resolved = self.phases.windows(2).rev().find_map(|moved| match moved {
            [(before, _), (Phase::Review, at)] if before.is_open() => Some(*at),
            _ => None,
        });
        self.closed = resolved.map(|at| (CloseReason::Resolved, at));
        if let Some(review) = self.deadline_mut(DeadlineKind::Review, "") {
            review.met = None;
        }
    }

    /// Its response was over, and not by mistake: as when a signal comes back, but whoever holds it goes on.
    fn comes_back(&mut self, at: Time) {
        self.owner.take_if(|owner| owner.until <= at);
        let needs_somebody = self.firing() > 0 || self.signals.is_empty();
        if needs_somebody && self.ack_due.is_some_and(|due| due <= at) {
            self.ack_due = self.ack_due_from(at);
            self.passed.remove(&DeadlineKind::Ack);
        }
        self.is_news_again(needs_somebody, at);
        self.count_down(true);
        if let Some(by) = self.holder() {
            self.stop_paths(&Stopped::Acknowledged(by));
        }
    }

    /// What had ended, and goes on, stands as before: steps keep their times, and what fell due meanwhile goes out at once.
    /// What became late meanwhile has the time that was left.
    pub(super) fn stands_again(&mut self, cut: CutShort, ended: Time, at: Time) {
        let CutShort { deadlines, paths, snooze } = cut;
        self.are_due_again(deadlines, ended, at);
        let ran_out = self.owner.take_if(|owner| owner.until <= at).is_some();
        for (path, stopped) in paths {
            if let Some(it) = self.escalations.iter_mut().find(|it| it.path == path && it.has_ended()) {
                it.goes_on(stopped, at);
            }
        }
        self.count_down(true);
        let holder = self.holder();
        match &holder {
            Some(by) => self.stop_paths(&Stopped::Acknowledged(by.clone())),
            None if self.cleared_at.is_none() => self.resume_paths(at),
            None => {}
        }
        let late: Option<TimeDelta> =
            self.ack_due.filter(|due| ended < *due && *due <= at).map(|due| due - ended);
        if let Some(left) = late {
            self.ack_due = Some(at + left);
        }
        let lasts = |(snooze, severity): &(Box<Snooze>, Severity)| {
            at < snooze.until && !ran_out && self.severity <= *severity
        };
        self.snooze = snooze.filter(lasts).map(|(snooze, _)| snooze);
        if holder.is_none() && self.cleared_at.is_none() && !self.is_put_off() {
            self.becomes_news();
        }
    }

    /// Who holds it, here or at its source.
    pub fn holder(&self) -> Option<String> {
        let here = self.owner.as_ref().map(|owner| owner.name.clone());
        here.or_else(|| self.held_upstream().map(|by| by.raw().to_owned()))
    }

    /// What was due is due again, what fell due meanwhile now. Bulletins and callouts are not: what sets them knows how long
    /// it was over.
    fn are_due_again(&mut self, deadlines: Vec<Deadline>, ended: Time, at: Time) {
        let is_set_anew = |kind| matches!(kind, DeadlineKind::Bulletin | DeadlineKind::Callout);
        for mut set in self.gone_of(deadlines) {
            if is_set_anew(set.kind) {
                continue;
            }
            if set.due > ended {
                set.due = set.due.max(at);
            }
            self.deadlines.push(set);
        }
    }
}

impl Escalation {
    /// Whether it was stopped because its incident ended.
    fn has_ended(&self) -> bool {
        matches!(self.stopped, Some(Stopped::Ended | Stopped::Merged(_)))
    }

    /// It runs, or does not, as before its incident ended.
    fn goes_on(&mut self, stopped: Option<Stopped>, at: Time) {
        self.stopped = stopped;
        self.forget_how_it_stood();
        let unsent = |state: &StepState| matches!(state, StepState::Waiting | StepState::Started(_));
        if self.stopped.is_none() {
            for step in self.steps.iter_mut().filter(|step| unsent(&step.state)) {
                step.due = step.due.max(at);
            }
        }
    }
}
