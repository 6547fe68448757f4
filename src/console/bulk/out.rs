//! What is taken out: what is over before its turn, and what is no longer as it was planned.

use std::collections::BTreeSet;

use super::{Bulk, State, Step};
use crate::console::board::Board;
use crate::console::field::Field;
use crate::console::guard::Guard;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;

/// How it was over, if it is: what is closed takes no new containment, also where it stays on Triage for what may have been
/// done about it.
pub fn over(incident: Option<&Incident>) -> Option<String> {
    let Some(incident) = incident else { return Some("it is gone".to_owned()) };
    match (&incident.merged, incident.closed) {
        (Some(merged), _) => Some(format!("merged into {}", merged.into)),
        (None, Some((reason, _))) => Some(format!("closed as {}", reason.word())),
        (None, None) => None,
    }
}

impl Bulk {
    /// Leaves out what is over: nothing more is asked, planned or sent for it. Before they are confirmed, what is not marked
    /// any more as well. Whether any was.
    pub fn leave_out(&mut self, board: &Board, marked: &BTreeSet<IncidentId>) -> bool {
        let confirmed = self.is_confirmed();
        let (mut any, mut ready) = (false, false);
        for target in &mut self.targets {
            let is_ready = target.state == State::Ready;
            // What was begun, or ended, is told as what became of it.
            if target.is_out() || confirmed && !is_ready {
                continue;
            }
            // One that is still open loses its mark by its own containment alone.
            let unmarked = !confirmed && !marked.contains(&target.id);
            let by_itself = unmarked.then(|| "contained by itself".to_owned());
            if let Some(why) = over(board.get(&target.id).map(AsRef::as_ref)).or(by_itself) {
                (any, ready) = (true, ready || is_ready);
                target.state = State::Out(why);
            }
        }
        if any {
            let playbooks = &board.can().playbooks;
            match &self.step {
                Step::Finding => self.offered(playbooks, None),
                Step::Choosing { offers, at, .. } => {
                    let chosen = offers.get(*at).map(|it| it.playbook.id.clone());
                    self.offered(playbooks, chosen.as_deref());
                }
                Step::Planning(_) => self.listed(),
                Step::Confirming { .. } if ready => self.ask_again(),
                Step::Confirming { .. } | Step::Running { .. } | Step::Ended(_) => {}
            }
        }
        any
    }

    /// Those that are left out, each with why.
    pub fn out(&self) -> Option<String> {
        let why = |target: &super::Target| match &target.state {
            State::Out(why) => Some(format!("{} {why}", target.id)),
            _ => None,
        };
        let all: Vec<String> = self.targets.iter().filter_map(why).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Takes out what can no longer be carried out as it was planned; the rest must be read and confirmed again.
    pub fn compare(&mut self, board: &Board) {
        let Step::Confirming { .. } = &self.step else { return };
        let mut changed = false;
        for target in self.targets.iter_mut().filter(|target| target.state == State::Ready) {
            let (Some(planned), Some(incident)) = (&target.plan, board.get(&target.id)) else { continue };
            let (plan, facts) = &**planned;
            let differences = facts.differences(incident, plan);
            if !differences.is_empty() {
                target.state = State::Cannot(format!("it has changed: {}", differences.join("; ")));
                changed = true;
            }
        }
        if changed {
            self.ask_again();
        }
    }

    /// What was typed and read is void.
    fn ask_again(&mut self) {
        if let Step::Confirming { typed, .. } = &mut self.step {
            *typed = Field::default();
            self.guard = Guard { last_key: self.guard.last_key, ..Guard::default() };
        }
    }
}
