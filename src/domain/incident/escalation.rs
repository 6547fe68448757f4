//! How paths and deadlines move an incident.

use super::{Illegal, Incident, illegal};
use crate::domain::escalation::{ArmedStep, Escalation, Step, StepState, Stopped};
use crate::domain::record::{Entry, Record};
use crate::domain::time::Time;

impl Incident {
    pub(super) fn apply_escalation(&mut self, record: &Record) -> Result<(), Illegal> {
        match &record.entry {
            Entry::PathArmed { path, steps } => self.arm(path, steps, record.at, None)?,
            Entry::PathHeld { path, steps, because } => {
                self.arm(path, steps, record.at, Some(because.clone()))?;
            }
            Entry::PathStopped { because } => self.stop_path(because.clone()),
            Entry::StepStarted { step } => {
                let started = self.step(*step)?;
                if matches!(started.state, StepState::Sent(_)) {
                    return illegal("that step was sent already");
                }
                started.state = StepState::Started(record.at);
            }
            Entry::StepSent { step, receipts } => {
                let sent = self.step(*step)?;
                if !matches!(sent.state, StepState::Started(_)) {
                    return illegal("that step was not started");
                }
                sent.state = StepState::Sent(receipts.clone());
            }
            Entry::StepMissed { step } => {
                let missed = self.step(*step)?;
                if matches!(missed.state, StepState::Sent(_) | StepState::Missed) {
                    return illegal("that step is over already");
                }
                missed.state = StepState::Missed;
            }
            Entry::DeadlinePassed { deadline, due } => {
                self.passed.insert(*deadline, *due);
            }
            _ => {}
        }
        Ok(())
    }

    /// Nothing more is sent by itself.
    pub(super) fn stop_path(&mut self, because: Stopped) {
        if let Some(escalation) = self.escalation.as_mut().filter(|e| e.stopped.is_none()) {
            escalation.stopped = Some(because);
        }
    }

    /// When an acknowledgement expires the next step is due at once and the rest keep their spacing.
    pub(super) fn resume_path(&mut self, now: Time) {
        let Some(escalation) = &mut self.escalation else { return };
        if !matches!(escalation.stopped, Some(Stopped::Acknowledged(_))) {
            return;
        }
        if let Some(shift) = escalation.next_unsent().map(|(_, step)| now - step.due) {
            for step in escalation.steps.iter_mut().filter(|s| s.state == StepState::Waiting) {
                step.due += shift;
            }
        }
        escalation.stopped = None;
    }

    fn arm(&mut self, path: &str, steps: &[Step], at: Time, stopped: Option<Stopped>) -> Result<(), Illegal> {
        if !self.phase.is_open() {
            return illegal("it has ended");
        }
        if self
            .escalation
            .as_ref()
            .is_some_and(|e| e.path == path && (e.stopped.is_none() && e.next().is_some()))
        {
            return illegal("that path is armed already");
        }
        let steps = steps
            .iter()
            .map(|step| ArmedStep {
                to: step.to.clone(),
                due: at + step.after.delta(),
                state: StepState::Waiting,
            })
            .collect();
        self.escalation = Some(Escalation { path: path.to_owned(), armed_at: at, steps, stopped });
        Ok(())
    }

    fn step(&mut self, number: u32) -> Result<&mut ArmedStep, Illegal> {
        let index = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
        let step = self.escalation.as_mut().and_then(|e| e.steps.get_mut(index));
        step.ok_or_else(|| Illegal(format!("it has no step {number}")))
    }
}
