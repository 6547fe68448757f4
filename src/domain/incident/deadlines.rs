//! How deadlines are set, met and missed.

use super::{Illegal, Incident, illegal};
use crate::domain::bulletin::Audience;
use crate::domain::deadline::{Deadline, DeadlineKind};
use crate::domain::record::{
    DeadlineMet, DeadlineNear, DeadlinePassed, DeadlineSet, DeadlineWithdrawn, Entry, Record,
};
use crate::domain::time::Time;

impl Incident {
    pub(super) fn apply_deadline(&mut self, record: &Record) -> Result<(), Illegal> {
        match &record.entry {
            Entry::DeadlineSet(DeadlineSet { deadline: kind, name, title, due }) => {
                if title.is_blank() {
                    return illegal("a deadline needs words");
                }
                // A report may follow another when all else is over.
                let owed = matches!(kind, DeadlineKind::Regulator | DeadlineKind::Partner);
                if self.is_closed() && !owed {
                    return self.is_over();
                }
                if *kind == DeadlineKind::Ack {
                    self.ack_due = Some(*due);
                    return Ok(());
                }
                if *kind == DeadlineKind::Bulletin && self.begins_series(name) {
                    self.milestones.bulletins_due = Some(record.at);
                }
                let numbered = *kind == DeadlineKind::Timer && name.is_empty();
                let name = if numbered { self.next_timer().to_string() } else { name.clone() };
                let deadline = Deadline {
                    kind: *kind,
                    name,
                    title: title.clone(),
                    due: *due,
                    set_at: record.at,
                    announced: false,
                    missed: false,
                    met: None,
                };
                match self.deadlines.iter_mut().find(|set| set.kind == *kind && set.name == deadline.name) {
                    Some(set) => *set = deadline,
                    None => self.deadlines.push(deadline),
                }
            }
            Entry::DeadlineMet(DeadlineMet { deadline: kind, name, .. }) => {
                let Some(set) = self.deadline_mut(*kind, name) else {
                    return illegal(format!("it has no {} deadline {name:?}", kind.word()));
                };
                if set.met.is_some() {
                    return illegal("that deadline was met already");
                }
                set.met = Some((record.at, record.by.name().to_owned()));
            }
            Entry::DeadlineNear(DeadlineNear { deadline: kind, name, .. }) => {
                match self.deadline_mut(*kind, name) {
                    Some(set) if set.is_open() && !set.announced => set.announced = true,
                    _ => return illegal("that deadline was met, or was announced"),
                }
            }
            Entry::DeadlinePassed(DeadlinePassed {
                deadline: kind @ (DeadlineKind::Ack | DeadlineKind::Step),
                due,
                ..
            }) => {
                let known = self.passed.insert(*kind, *due);
                // Steps of two paths may be due at one time.
                if *kind == DeadlineKind::Ack && known == Some(*due) {
                    return illegal("that deadline is known to have passed");
                }
            }
            Entry::DeadlinePassed(DeadlinePassed { deadline: kind, name, .. }) => {
                match self.deadline_mut(*kind, name) {
                    Some(set) if set.is_open() && !set.missed => set.missed = true,
                    _ => return illegal("that deadline was met, or is known to have passed"),
                }
                self.keep_missed(record.at);
            }
            Entry::DeadlineWithdrawn(DeadlineWithdrawn { deadline: kind, name, .. }) => {
                if !self.deadline(*kind, name).is_some_and(Deadline::is_open) {
                    return illegal("that deadline was met, or there is none");
                }
                self.keep_missed(record.at);
                self.deadlines.retain(|set| set.kind != *kind || set.name != *name);
            }
            _ => {}
        }
        Ok(())
    }

    fn next_timer(&self) -> u32 {
        let timers = self.deadlines.iter().filter(|set| set.kind == DeadlineKind::Timer);
        let last = timers.filter_map(|timer| timer.name.parse::<u32>().ok()).max();
        last.unwrap_or(0).saturating_add(1)
    }

    /// A deadline by its kind and name.
    pub fn deadline(&self, kind: DeadlineKind, name: &str) -> Option<&Deadline> {
        self.deadlines.iter().find(|deadline| deadline.kind == kind && deadline.name == name)
    }

    pub(super) fn deadline_mut(&mut self, kind: DeadlineKind, name: &str) -> Option<&mut Deadline> {
        self.deadlines.iter_mut().find(|deadline| deadline.kind == kind && deadline.name == name)
    }

    /// Meets a deadline that what happened fulfils; nothing happens when there is none.
    pub(super) fn meet(&mut self, kind: DeadlineKind, name: &str, at: Time, by: &str) {
        if let Some(set) = self.deadline_mut(kind, name).filter(|set| set.is_open()) {
            set.met = Some((at, by.to_owned()));
        }
    }

    /// Bulletins that should have been out by then: that stays so, whatever becomes of their deadlines.
    pub(super) fn keep_missed(&mut self, at: Time) {
        let late = |set: &&Deadline| {
            set.kind == DeadlineKind::Bulletin && set.is_open() && (set.missed || set.due < at)
        };
        let missed: Vec<_> =
            self.deadlines.iter().filter(late).map(|set| (set.name.clone(), set.due)).collect();
        if !missed.is_empty() {
            self.milestones.bulletins_missed.extend(missed);
        }
    }

    /// What ends with the response is not due any more.
    pub(super) fn drop_deadlines(&mut self, at: Time) {
        self.keep_missed(at);
        let owed: Vec<Audience> = self.open_series().into_iter().map(|(_, audience)| audience).collect();
        self.deadlines.retain(|set| match set.kind {
            DeadlineKind::Bulletin => {
                !set.is_open() || owed.iter().any(|audience| audience.word() == set.name)
            }
            kind => !set.is_open() || kind.outlives_response(),
        });
    }

    /// Whether something was not done when it was due: an acknowledgement or a step that came too late counts for good,
    /// what else is due until it is done.
    pub fn is_late(&self) -> bool {
        !self.passed.is_empty() || self.deadlines.iter().any(Deadline::is_overdue)
    }

    /// The deadlines that still run or are overdue, the next one first.
    pub fn open_deadlines(&self) -> Vec<&Deadline> {
        let mut open: Vec<&Deadline> = self.deadlines.iter().filter(|set| set.is_open()).collect();
        open.sort_by_key(|set| set.due);
        open
    }

    /// The open ones that a person's word meets, the next first.
    pub fn met_by_word(&self) -> Vec<&Deadline> {
        self.open_deadlines().into_iter().filter(|open| open.kind.is_met_by_word()).collect()
    }
}
