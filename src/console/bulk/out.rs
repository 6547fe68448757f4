//! What is taken out before all are confirmed: what is over meanwhile, and what is no longer as it was planned.

use std::collections::BTreeSet;

use super::{Bulk, State, Step};
use crate::console::board::Board;
use crate::console::field::Field;
use crate::console::guard::Guard;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;

/// Why nothing is asked or planned for one any more.
fn over(incident: Option<&Incident>, marked: bool) -> Option<String> {
    let Some(incident) = incident else { return Some("it is gone".to_owned()) };
    if marked && !incident.is_closed() {
        return None;
    }
    Some(match (&incident.merged, incident.closed) {
        (Some(merged), _) => format!("merged into {}", merged.into),
        (None, Some((reason, _))) => format!("closed as {}", reason.word()),
        // One that stays on Triage loses its mark by its own containment alone.
        (None, None) => "contained by itself".to_owned(),
    })
}

impl Bulk {
    /// Leaves out what is over or not marked any more: nothing is asked, planned or sent for it. Whether any was.
    pub fn leave_out(&mut self, board: &Board, marked: &BTreeSet<IncidentId>) -> bool {
        if self.is_confirmed() {
            return false;
        }
        let (mut any, mut ready) = (false, false);
        for target in self.targets.iter_mut().filter(|target| !target.is_out()) {
            if let Some(why) = over(board.get(&target.id).map(AsRef::as_ref), marked.contains(&target.id)) {
                ready |= target.state == State::Ready;
                target.state = State::Out(why);
                any = true;
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
