//! How a second person's consent comes about.

use super::{Illegal, Incident, illegal};
use crate::domain::approval::{Ask, AskState};
use crate::domain::operator::Actor;
use crate::domain::plan::Plan;
use crate::domain::record::{Entry, Record};

impl Incident {
    pub(super) fn apply_approval(&mut self, record: &Record) -> Result<(), Illegal> {
        let Actor::Person(who) = &record.by else { return illegal("only a person approves, or asks for it") };
        match &record.entry {
            Entry::ApprovalAsked { plan, until, typed, signature } => {
                self.may_intend(plan)?;
                if plan.approvals == 0 {
                    return illegal("this plan needs no second person");
                }
                if who.key.as_ref() != Some(&signature.key.id()) {
                    return illegal("it is not signed with the key of whoever asks");
                }
                if self.asks.get(&plan.hash).is_some_and(|ask| ask.is_open(record.at)) {
                    return illegal("it waits for a second person already");
                }
                let ask = Ask {
                    seq: record.seq,
                    plan: (**plan).clone(),
                    by: who.clone(),
                    at: record.at,
                    until: *until,
                    typed: typed.clone(),
                    signature: signature.clone(),
                    state: AskState::Waiting,
                };
                self.asks.insert(plan.hash.clone(), ask);
            }
            Entry::Approved { plan, ask, signature } => {
                let Some(asked) = self.asks.get_mut(plan).filter(|asked| asked.seq == *ask) else {
                    return illegal("nobody asked for that");
                };
                let key = signature.key.id();
                if asked.by.key.as_ref() == Some(&key) || asked.by.name == who.name {
                    return illegal("whoever asks cannot be the second person");
                }
                if who.key.as_ref() != Some(&key) {
                    return illegal("it is not signed with the key of whoever approves");
                }
                match &asked.state {
                    AskState::Waiting if record.at <= asked.until => {}
                    AskState::Waiting => return illegal("the time for approving it is over"),
                    AskState::Approved { by, .. } => return illegal(format!("{by} approved it already")),
                    AskState::Used { action } => {
                        return illegal(format!("it was carried out already, as action #{action}"));
                    }
                }
                asked.state = AskState::Approved { by: who.name.clone(), key, at: record.at };
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether this intent has the consent it needs; it is used up with that.
    pub(super) fn use_approval(&mut self, plan: &Plan, record: &Record) -> Result<(), Illegal> {
        let Entry::Intended { action, confirmed, .. } = &record.entry else { return Ok(()) };
        if plan.approvals == 0 {
            return Ok(());
        }
        if let Some(why) = &confirmed.break_glass {
            return if why.is_blank() { illegal("breaking the glass needs a reason") } else { Ok(()) };
        }
        let Some(ask) = self.asks.get_mut(&plan.hash) else {
            return illegal("a second person must approve it first");
        };
        match ask.approved_by(record.at) {
            Some(by) if confirmed.approved_by.as_deref() == Some(by) => {
                ask.state = AskState::Used { action: *action };
                Ok(())
            }
            _ => illegal("no second person's approval stands for it"),
        }
    }
}
