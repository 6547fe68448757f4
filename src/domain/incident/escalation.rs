//! How paths and deadlines move an incident.

use super::{Illegal, Incident, illegal};
use crate::domain::escalation::{ArmedStep, Escalation, Step, StepState, Stopped};
use crate::domain::plan::Purpose;
use crate::domain::record::{
    Entry, PathArmed, PathHeld, PathStopped, Record, StepMissed, StepSent, StepStarted,
};
use crate::domain::time::Time;

/// With records of earlier formats a path that a merge brought went with it, also where a person had begun it anew.
const STAYS_SINCE: u32 = 4;

impl Incident {
    /// Every step of its path was sent and nobody answered: nobody is paged any more.
    pub fn is_exhausted(&self) -> bool {
        let stopped = self.escalation().and_then(|path| path.stopped.as_ref());
        self.phase.is_open() && !self.is_acked() && stopped == Some(&Stopped::Exhausted)
    }

    pub(super) fn apply_escalation(&mut self, record: &Record) -> Result<(), Illegal> {
        match &record.entry {
            Entry::PathArmed(PathArmed { path, steps }) => self.arm(path, steps, record, None)?,
            Entry::PathHeld(PathHeld { path, steps, because }) => {
                self.arm(path, steps, record, Some(because.clone()))?;
            }
            Entry::PathStopped(PathStopped { path, because }) => {
                self.on(path)?.stopped.get_or_insert_with(|| because.clone());
            }
            Entry::StepStarted { .. } if !self.phase.is_open() => return illegal("it has ended"),
            Entry::StepStarted(StepStarted { path, step, resumes, missing }) => {
                let owner = self.owner.as_ref().map(|owner| owner.name.clone());
                let escalation = self.on(path)?;
                let too_soon = escalation.was_told_too_soon() && record.by.person().is_none();
                escalation.start(*step, *resumes, record)?;
                for item in
                    missing.iter().filter(|item| !escalation.missing.contains(item)).collect::<Vec<_>>()
                {
                    escalation.missing.push(item.clone());
                }
                // Who heard that it is over, and was paged by an earlier step, does not hear otherwise by this one. Whoever is
                // called while somebody holds it is called to help, not to take it.
                if !too_soon {
                    escalation.told = Some(owner.map_or(Purpose::Page, Purpose::Acknowledged));
                }
                if escalation.told == Some(Purpose::Page) {
                    escalation.forget_how_it_stood();
                }
                if record.by.person().is_some() && record.v >= STAYS_SINCE {
                    self.makes_its_own(path);
                }
            }
            Entry::StepSent(StepSent { path, step, receipts }) => {
                let escalation = self.on(path)?;
                let sent = step_of(escalation, *step)?;
                if !matches!(sent.state, StepState::Started(_)) {
                    return illegal("that step was not started");
                }
                sent.state = StepState::Sent(receipts.clone());
                for receipt in receipts.iter().filter(|receipt| receipt.accepted) {
                    if !escalation.paged.contains(&receipt.channel) {
                        escalation.paged.push(receipt.channel.clone());
                    }
                }
            }
            Entry::StepMissed(StepMissed { path, step }) => {
                let missed = step_of(self.on(path)?, *step)?;
                if matches!(missed.state, StepState::Sent(_) | StepState::Missed) {
                    return illegal("that step is over already");
                }
                missed.state = StepState::Missed;
                self.milestones.steps_missed += 1;
            }
            Entry::Told(told) => self.on(&told.path)?.hear(told, record.v, record.at),
            _ => {}
        }
        Ok(())
    }

    /// Nothing more is sent by itself, on no path.
    pub(super) fn stop_paths(&mut self, because: &Stopped) {
        for escalation in &mut self.escalations {
            // What ended, or went away, needs nobody any more, whoever held it.
            let stops = match &escalation.stopped {
                None => true,
                Some(Stopped::Acknowledged(_)) => *because == Stopped::Cleared,
                Some(_) => false,
            };
            if stops || matches!(because, Stopped::Ended | Stopped::Merged(_)) {
                escalation.stopped = Some(because.clone());
            }
        }
    }

    /// When an acknowledgement expires, the next step is due at once and the rest keep their spacing. A path without
    /// one counts as running, so that it can be exhausted.
    pub(super) fn resume_paths(&mut self, now: Time) {
        for escalation in &mut self.escalations {
            if !matches!(escalation.stopped, Some(Stopped::Acknowledged(_))) {
                continue;
            }
            if let Some((next, _)) = escalation.next_unsent() {
                escalation.count_from(next, now);
            }
            escalation.stopped = None;
            escalation.forget_how_it_stood();
        }
    }

    /// When its owner hands it back, somebody else must come: whoever is next, and where nobody is, the first again.
    pub(super) fn hand_paths_on(&mut self, now: Time) {
        for escalation in &mut self.escalations {
            if !matches!(escalation.stopped, Some(Stopped::Acknowledged(_) | Stopped::Cleared)) {
                continue;
            }
            if escalation.next_unsent().is_none() {
                escalation.begin_again(now);
            }
            if let Some((next, _)) = escalation.next_unsent() {
                escalation.count_from(next, now);
            }
            escalation.stopped = None;
            escalation.forget_how_it_stood();
        }
    }

    /// When it comes back, paths that paged somebody count again from the first step, as if they were armed now; those
    /// that paged nobody are armed, or held, anew.
    pub(super) fn restart_paths(&mut self, now: Time) {
        self.escalations.retain(|escalation| escalation.steps.iter().any(|step| step.attempts > 0));
        for escalation in self.escalations.iter_mut().filter(|escalation| !escalation.is_let_go()) {
            escalation.begin_again(now);
        }
    }

    /// Those who were paged may not know yet what a person just said.
    pub(super) fn learn(&mut self, at: Time) {
        for escalation in &mut self.escalations {
            escalation.learnt_at = Some(at);
        }
    }

    /// Begins to count a path. One that another incident covers or that was let go, and one that does not run and that a
    /// person arms, counts anew; it remembers whom it told.
    fn arm(
        &mut self,
        path: &str,
        steps: &[Step],
        record: &Record,
        stopped: Option<Stopped>,
    ) -> Result<(), Illegal> {
        if !self.phase.is_open() {
            return illegal("it has ended");
        }
        let by_person = record.by.person().is_some();
        let gives_way = |e: &Escalation| match &e.stopped {
            None => false,
            Some(Stopped::CoveredBy(_) | Stopped::LetGo(_)) => true,
            Some(_) => by_person,
        };
        let before = match self.escalations.iter().position(|e| e.path == path) {
            Some(place) if self.escalations.get(place).is_some_and(gives_way) => {
                self.escalations.remove(place)
            }
            Some(_) => return illegal("that path is armed already"),
            None => Escalation::new(path, record.at),
        };
        let armed = |(index, step): (usize, &Step)| ArmedStep {
            after: step.after,
            to: step.to.clone(),
            due: record.at + step.after.delta(),
            state: StepState::Waiting,
            attempts: 0,
            round: before.steps.get(index).map_or(0, |step| step.round),
        };
        let steps = steps.iter().enumerate().map(armed).collect();
        self.escalations.push(Escalation { armed_at: record.at, steps, stopped, ..before });
        Ok(())
    }

    fn on(&mut self, path: &str) -> Result<&mut Escalation, Illegal> {
        let escalation = self.escalations.iter_mut().find(|escalation| escalation.path == path);
        escalation.ok_or_else(|| Illegal("that path is not armed".to_owned()))
    }
}

impl Escalation {
    /// A step is begun. By hand on a path that does not run, those after it count from now, and those before it are
    /// passed over.
    fn start(&mut self, number: u32, resumes: bool, record: &Record) -> Result<(), Illegal> {
        let by_person = record.by.person().is_some();
        let sent = matches!(step_of(self, number)?.state, StepState::Sent(_));
        if !by_person && (self.stopped.is_some() || sent) {
            return illegal("that path was stopped, or the step was sent");
        }
        if resumes && self.stopped.take().is_some() {
            for (_, passed) in (1..number).zip(&mut self.steps) {
                if passed.state == StepState::Waiting {
                    passed.state = StepState::Missed;
                }
            }
            self.count_from(number, record.at);
        }
        let started = step_of(self, number)?;
        started.round = started.next_round();
        started.state = StepState::Started(record.at);
        started.attempts += 1;
        if by_person {
            started.due = record.at;
        }
        Ok(())
    }
}

fn step_of(escalation: &mut Escalation, number: u32) -> Result<&mut ArmedStep, Illegal> {
    let index = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
    escalation.steps.get_mut(index).ok_or_else(|| Illegal(format!("it has no step {number}")))
}
