//! How paths and deadlines move an incident.

use super::{Illegal, Incident, illegal};
use crate::domain::escalation::{ArmedStep, Escalation, Step, StepState, Stopped};
use crate::domain::plan::Purpose;
use crate::domain::record::{Entry, Record};
use crate::domain::time::Time;

impl Incident {
    pub(super) fn apply_escalation(&mut self, record: &Record) -> Result<(), Illegal> {
        match &record.entry {
            Entry::PathArmed { path, steps } => self.arm(path, steps, record.at, None)?,
            Entry::PathHeld { path, steps, because } => {
                self.arm(path, steps, record.at, Some(because.clone()))?;
            }
            Entry::PathStopped { path, because } => {
                self.on(path)?.stopped.get_or_insert_with(|| because.clone());
            }
            Entry::StepStarted { .. } if !self.phase.is_open() => return illegal("it has ended"),
            Entry::StepStarted { path, step, resumes, missing } => {
                let escalation = self.on(path)?;
                let sent = matches!(step_of(escalation, *step)?.state, StepState::Sent(_));
                if record.by.person().is_none() && (escalation.stopped.is_some() || sent) {
                    return illegal("that path was stopped, or the step was sent");
                }
                let due = step_of(escalation, *step)?.due;
                if *resumes && escalation.stopped.take().is_some() {
                    escalation.shift(record.at - due);
                }
                escalation.missing = missing.clone();
                escalation.told = Some(Purpose::Page);
                let started = step_of(escalation, *step)?;
                started.state = StepState::Started(record.at);
                started.attempts += 1;
            }
            Entry::StepSent { path, step, receipts } => {
                let sent = step_of(self.on(path)?, *step)?;
                if !matches!(sent.state, StepState::Started(_)) {
                    return illegal("that step was not started");
                }
                sent.state = StepState::Sent(receipts.clone());
            }
            Entry::StepMissed { path, step } => {
                let missed = step_of(self.on(path)?, *step)?;
                if matches!(missed.state, StepState::Sent(_) | StepState::Missed) {
                    return illegal("that step is over already");
                }
                missed.state = StepState::Missed;
            }
            Entry::Told { path, purpose, items, .. } => {
                let escalation = self.on(path)?;
                escalation.missing.retain(|item| !items.contains(item));
                escalation.told = Some(purpose.clone());
            }
            _ => {}
        }
        Ok(())
    }

    /// Nothing more is sent by itself, on no path.
    pub(super) fn stop_paths(&mut self, because: &Stopped) {
        for escalation in &mut self.escalations {
            if escalation.stopped.is_none() || *because == Stopped::Ended {
                escalation.stopped = Some(because.clone());
            }
        }
    }

    /// When an acknowledgement expires, or what ended comes back, the next step is due at once and the rest keep
    /// their spacing.
    pub(super) fn resume_paths(&mut self, now: Time) {
        for escalation in &mut self.escalations {
            if !matches!(
                escalation.stopped,
                Some(Stopped::Acknowledged(_) | Stopped::Ended | Stopped::Cleared)
            ) {
                continue;
            }
            if let Some(due) = escalation.next_unsent().map(|(_, step)| step.due) {
                escalation.shift(now - due);
                escalation.stopped = None;
            }
        }
    }

    fn arm(&mut self, path: &str, steps: &[Step], at: Time, stopped: Option<Stopped>) -> Result<(), Illegal> {
        if !self.phase.is_open() {
            return illegal("it has ended");
        }
        let covered = |e: &Escalation| matches!(e.stopped, Some(Stopped::CoveredBy(_)));
        match self.escalations.iter().position(|e| e.path == path) {
            Some(place) if self.escalations.get(place).is_some_and(covered) => {
                drop(self.escalations.remove(place));
            }
            Some(_) => return illegal("that path is armed already"),
            None => {}
        }
        let steps = steps
            .iter()
            .map(|step| ArmedStep {
                to: step.to.clone(),
                due: at + step.after.delta(),
                state: StepState::Waiting,
                attempts: 0,
            })
            .collect();
        self.escalations.push(Escalation {
            path: path.to_owned(),
            armed_at: at,
            steps,
            stopped,
            missing: Vec::new(),
            told: None,
        });
        Ok(())
    }

    fn on(&mut self, path: &str) -> Result<&mut Escalation, Illegal> {
        let escalation = self.escalations.iter_mut().find(|escalation| escalation.path == path);
        escalation.ok_or_else(|| Illegal("that path is not armed".to_owned()))
    }
}

fn step_of(escalation: &mut Escalation, number: u32) -> Result<&mut ArmedStep, Illegal> {
    let index = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
    escalation.steps.get_mut(index).ok_or_else(|| Illegal(format!("it has no step {number}")))
}
