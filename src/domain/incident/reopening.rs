//! How a person takes back that an incident is closed: it goes on where it stood, and needs somebody as if it had come
//! back.

use serde::{Deserialize, Serialize};

use super::{Illegal, Incident, illegal};
use crate::domain::deadline::{Deadline, DeadlineKind};
use crate::domain::escalation::{Escalation, Stopped};
use crate::domain::phase::Phase;
use crate::domain::record::{CloseReason, Record};
use crate::domain::time::Time;

/// What its end cut short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutShort {
    /// What was due, and was not any more.
    deadlines: Vec<Deadline>,
    /// The paths that counted.
    paths: Vec<String>,
}

impl CutShort {
    pub(super) const NOTHING: Self = Self { deadlines: Vec::new(), paths: Vec::new() };

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::NOTHING
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

    /// The paths that run, or go on once nobody holds it.
    pub(super) fn counting_paths(&self) -> Vec<String> {
        self.escalations.iter().filter(|it| it.counts()).map(|it| it.path.clone()).collect()
    }

    /// Keeps what the end that was just written down cut short, given what was due and counted before it.
    pub(super) fn keep_cut_short(&mut self, due: Vec<Deadline>, paths: Vec<String>) {
        let deadlines = self.gone_of(due);
        let cut = CutShort { deadlines, paths };
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

    /// Opens it again, in the phase it was closed in or an earlier one.
    pub(super) fn reopen(&mut self, to: Phase, record: &Record) -> Result<(), Illegal> {
        if record.by.person().is_none() {
            return illegal("only a person opens again what is closed");
        }
        let before = self.closed_in()?;
        if to > before {
            let before = before.title();
            return illegal(format!("it was closed in {before}: move it back there first"));
        }
        let CutShort { deadlines, paths } = self.take_cut_short();
        self.phase = to;
        let deadlines = self.gone_of(deadlines);
        self.deadlines.extend(deadlines);
        if to == Phase::Review {
            self.is_reviewed_on();
            return Ok(());
        }
        self.closed = None;
        self.is_not_over();
        self.owner.take_if(|owner| owner.until <= record.at);
        // What was opened by hand has no signals, and needs somebody all the same.
        if self.firing() > 0 || self.signals.is_empty() {
            self.needs_somebody(&paths, record.at);
        } else {
            for ended in self.escalations.iter_mut().filter(|it| it.stopped == Some(Stopped::Ended)) {
                ended.stopped = None;
            }
        }
        self.count_down(true);
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

    /// As when it comes back; but whoever holds it, here or at its source, goes on, nobody gets longer to acknowledge
    /// what is not late yet, and a path that was to page soon is not forgotten.
    fn needs_somebody(&mut self, counted: &[String], at: Time) {
        let is_late = self.ack_due.is_some_and(|due| due <= at);
        if is_late {
            self.ack_due = self.ack_due_from(at);
            self.passed.remove(&DeadlineKind::Ack);
        }
        let unpaged = |it: &&Escalation| it.steps.iter().all(|step| step.attempts == 0);
        let waiting: Vec<Escalation> = self
            .escalations
            .iter()
            .filter(unpaged)
            .filter(|it| counted.contains(&it.path))
            .cloned()
            .collect();
        self.is_news_again(true, at);
        for mut path in waiting {
            path.begin_again(at);
            self.escalations.push(path);
        }
        let holder = self.owner.as_ref().map(|owner| owner.name.clone());
        let there = || self.held_upstream().map(|by| by.raw().to_owned());
        if let Some(by) = holder.or_else(there) {
            self.stop_paths(&Stopped::Acknowledged(by));
        }
    }
}
