//! What the engine tells of when it is asked.

use quell::console::message::Message;
use quell::domain::id::IncidentId;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::operator::Actor;
use quell::domain::record::{CloseReason, Entry};
use quell::domain::text::Outside;

use super::play::Play;
use super::steps::Change;
use crate::support::board::{id, person};

impl Play {
    pub fn poll(&mut self, change: Change, nth: usize) {
        let numbers: Vec<u64> = self.engine.incidents.keys().map(IncidentId::number).collect();
        let number = numbers.get(nth % numbers.len().max(1)).copied().unwrap_or(0);
        let incident = self.engine.incidents.get(&id(number)).cloned();
        let (by, entry) = match change {
            Change::Closes => {
                (Actor::Engine, Some(Entry::Closed { reason: CloseReason::Cleared, note: None }))
            }
            Change::Resolves => {
                (person("bo"), Some(Entry::Closed { reason: CloseReason::Resolved, note: None }))
            }
            Change::Turns(severity) => {
                let because = Some(Outside::new("we looked"));
                (person("bo"), Some(Entry::SeveritySet { severity, because }))
            }
            Change::IsTaken => {
                let from = incident.and_then(|it| it.owner.clone()).map(|owner| owner.name);
                (person("bo"), Some(Entry::Acknowledged { lasts_s: 1800, from }))
            }
            Change::IsLetGo => {
                let owner = incident.and_then(|it| it.owner.clone());
                (Actor::Engine, owner.map(|owner| Entry::AckExpired { owner: owner.name }))
            }
            Change::Answers(outcome) => {
                let action = incident.and_then(|it| it.actions.keys().next_back().copied());
                let detail = Outside::new("504");
                (Actor::Engine, action.map(|action| Entry::answered(action, outcome, detail)))
            }
            _ => (Actor::Engine, None),
        };
        if let Some(entry) = entry {
            // What the transition table refuses does not happen.
            self.engine.apply(number, self.now, by, entry).ok();
        }
        if let Change::Opens(severity) = change
            && numbers.len() < 9
        {
            self.next += 1;
            self.engine.open(self.next, severity, self.now, "Login failures");
        }
        let vanishes =
            matches!(change, Change::Vanishes) && self.engine.incidents.remove(&id(number)).is_some();
        let mut changes = self.engine.changes(self.now);
        changes.removed.extend(vanishes.then(|| id(number)));
        if matches!(change, Change::Notice) {
            let text = Outside::new("Order gateway");
            let notice = Notice::new(NoticeKind::NewCritical, Some(id(number)), text);
            changes.notices = vec![(self.model.told + 1, self.now, notice)];
        }
        self.tell(Message::Changed(Box::new(changes)));
    }
}
