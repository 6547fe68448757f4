//! How actions move an incident.

use super::{Illegal, Incident, illegal};
use crate::domain::action::{Action, ActionId, Outcome, Settlement, Stage, Verb};
use crate::domain::phase::Phase;
use crate::domain::plan::Plan;
use crate::domain::record::{Entry, Record, UndoneWith};
use crate::domain::text::Outside;
use crate::domain::time::clock_time;

/// Records of an earlier format left in force what a person said was undone.
const UNDONE_BY_HAND_SINCE: u32 = 5;

impl Incident {
    pub(super) fn apply_action(&mut self, record: &Record) -> Result<(), Illegal> {
        match &record.entry {
            Entry::Intended { action, plan, confirmed } => {
                let Some(by) = record.by.person() else { return illegal("only a person acts") };
                if *action != self.next_action() {
                    return illegal("actions are numbered without gaps");
                }
                self.may_intend(plan)?;
                self.use_approval(plan, record)?;
                let action = Action {
                    id: *action,
                    plan: (**plan).clone(),
                    by: by.to_owned(),
                    confirmed: (**confirmed).clone(),
                    attempts: 0,
                    stage: Stage::Intended,
                    at: record.at,
                    moved_at: record.at,
                    detail: Outside::default(),
                    overdue: false,
                    kept: None,
                    with_another: false,
                };
                self.actions.insert(action.id, action);
            }
            Entry::Sent { action } => {
                let action = self.action(*action)?;
                if action.stage != Stage::Intended {
                    return illegal(format!("an action that is {} cannot be sent", action.stage.word()));
                }
                action.stage = Stage::Sent;
                action.attempts = 1;
                action.moved_at = record.at;
            }
            Entry::SentAgain { action, attempt, .. } => {
                let action = self.action(*action)?;
                if action.stage != Stage::Sent || !action.plan.idempotent {
                    return illegal("only an idempotent action that is on its way is sent again");
                }
                if *attempt != action.attempts + 1 {
                    return illegal("attempts are numbered without gaps");
                }
                action.attempts = *attempt;
                action.moved_at = record.at;
            }
            Entry::Answered { action, outcome, detail, .. } => {
                let action = self.action(*action)?;
                let Some(next) = action.stage.after_outcome(*outcome) else {
                    return illegal(format!(
                        "an action that is {} has no outcome to come",
                        action.stage.word()
                    ));
                };
                action.stage = next;
                action.moved_at = record.at;
                action.detail = detail.clone();
                if next == Stage::Accepted && action.plan.verify.is_none() {
                    self.undone_by(record);
                }
            }
            Entry::Settled { action, settlement, detail } => {
                if matches!(settlement, Settlement::ByHand | Settlement::NotDone)
                    && (record.by.person().is_none() || detail.raw().trim().is_empty())
                {
                    return illegal("settling by hand needs a person and a note");
                }
                let action = self.action(*action)?;
                let Some(next) = action.stage.after_settlement(*settlement) else {
                    return illegal(format!(
                        "an action that is {} cannot be settled so",
                        action.stage.word()
                    ));
                };
                action.stage = next;
                action.moved_at = record.at;
                action.detail = detail.clone();
                action.overdue |= *settlement == Settlement::NotVerified;
                let verified = next == Stage::Verified;
                let contains = matches!(action.plan.verb, Verb::Contain { .. });
                if verified && contains {
                    self.milestones.contained.get_or_insert(record.at);
                    if self.phase == Phase::Identify {
                        self.phase = Phase::Contain;
                    }
                }
                // A person's word that an undo was done says as much of what it reverses.
                if verified || next == Stage::SettledByHand && record.v >= UNDONE_BY_HAND_SINCE {
                    self.undone_by(record);
                }
            }
            Entry::UndoneWith(UndoneWith { action, incident, undo }) => {
                let here = (*incident == self.id).then_some(*undo);
                let held = self.action(*action)?;
                if !held.is_in_force() {
                    return illegal(format!("action #{action} is not in force"));
                }
                held.stage = Stage::Undone;
                held.moved_at = record.at;
                held.with_another = true;
                held.detail = Outside::new(match here {
                    Some(undo) => format!("with action {undo}"),
                    None => format!("with {incident} action {undo}"),
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// The undo that an entry proves done, and what it reverses.
    pub fn reversed_by(&self, entry: &Entry) -> Option<(&Action, &Action)> {
        let (action, unread) = match entry {
            Entry::Settled { action, settlement: Settlement::Verified | Settlement::ByHand, .. } => {
                (action, false)
            }
            Entry::Answered { action, outcome: Outcome::Accepted, .. } => (action, true),
            _ => return None,
        };
        let undo = self.actions.get(action).filter(|undo| !unread || undo.plan.verify.is_none())?;
        let Verb::Undo { action: reversed, .. } = &undo.plan.verb else { return None };
        Some((undo, self.actions.get(reversed)?))
    }

    /// The number the next action gets.
    pub fn next_action(&self) -> ActionId {
        self.actions.keys().next_back().map_or(1, |last| last + 1)
    }

    /// Whether an intent with this plan may be written down now.
    ///
    /// # Errors
    /// Why not.
    pub fn may_intend(&self, plan: &Plan) -> Result<(), Illegal> {
        if self.phase == Phase::Closed {
            return illegal("it is closed");
        }
        for earlier in self.actions.values().filter(|a| a.stage.is_open()) {
            let same = earlier.plan.slot() == plan.slot();
            // An undo, or a repeat on Unknown, takes the slot over; what is on the wire keeps it.
            if same && earlier.stage != Stage::Unknown {
                let (id, stage, by, at) =
                    (earlier.id, earlier.stage.word(), &earlier.by, clock_time(earlier.at));
                return illegal(format!("action #{id} on this target is {stage}; {by} began it at {at}"));
            }
        }
        Ok(())
    }

    /// When this record proves an undo done, the action it reverses is undone.
    fn undone_by(&mut self, record: &Record) {
        let (Entry::Settled { action, .. } | Entry::Answered { action, .. }) = &record.entry else { return };
        let Some(Verb::Undo { action: reversed, .. }) = self.actions.get(action).map(|a| a.plan.verb.clone())
        else {
            return;
        };
        if let Some(reversed) = self.actions.get_mut(&reversed) {
            reversed.stage = Stage::Undone;
            reversed.moved_at = record.at;
        }
    }

    fn action(&mut self, id: ActionId) -> Result<&mut Action, Illegal> {
        self.actions.get_mut(&id).ok_or_else(|| Illegal(format!("it has no action #{id}")))
    }
}
