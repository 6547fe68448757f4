//! The safety file: while it exists, every change is off.

use std::path::Path;
use std::time::Duration;

use super::Engine;
use crate::backend::{ActionsNow, Refusal, RefusalKind};
use crate::domain::action::Verb;
use crate::domain::operator::Actor;
use crate::domain::playbook::Class;
use crate::domain::record::Entry;
use crate::ledger::Draft;
use crate::os::files;

/// How often the file is looked for: what a console shows is never a second old.
const LOOK: Duration = Duration::from_millis(250);

impl Engine {
    /// Whether changes are on at this moment. A file that cannot be looked for counts as there.
    pub(super) fn actions_now(&self) -> ActionsNow {
        match &self.0.setup.safety_file {
            _ if !self.0.setup.actions_enabled => ActionsNow::Off,
            Some(file) if files::may_exist(file) => ActionsNow::SafetyOff(shown(file)),
            _ => ActionsNow::On,
        }
    }

    /// Refuses unless changes are on.
    pub(super) fn actions_on(&self) -> Result<(), Refusal> {
        let why = why_not(&self.actions_now());
        why.map_or(Ok(()), |why| Err(Refusal::new(RefusalKind::ReadOnly, why)))
    }

    /// Refuses what changes the world unless changes are on; what only tells is as its source permits.
    pub(super) fn permitted(&self, verb: &Verb) -> Result<(), Refusal> {
        match verb {
            Verb::Upstream { .. } if self.playbook(verb).is_some_and(|it| it.class == Class::Tell) => Ok(()),
            _ => self.actions_on(),
        }
    }

    /// Shows it when the file comes or goes; who holds the lease writes it down.
    pub(super) async fn watch_safety_for_ever(self) {
        loop {
            let now = self.actions_now();
            if self.0.mirror.read().actions != now {
                self.0.mirror.write(|view| view.actions = now.clone());
            }
            if *self.0.held.borrow() {
                self.record_safety(&now).await;
            }
            if self.0.setup.safety_file.is_none() {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Writes down that the file came or went since that was written down last, by what was seen of it: however soon
    /// it goes again, that it was there is a record.
    pub(super) async fn record_safety(&self, seen: &ActionsNow) {
        let Some(file) = &self.0.setup.safety_file else { return };
        let off = matches!(seen, ActionsNow::SafetyOff(_));
        let known = self.0.mirror.read().safety_off == off;
        if known || !self.0.setup.actions_enabled || self.0.ledger.trouble().is_some() {
            return;
        }
        let entry = Entry::SafetyTurned { off, file: shown(file) };
        self.note(vec![Draft::console(Actor::Engine, self.now(), entry)]).await;
    }
}

/// Why changes are off, and how they are turned on.
pub(super) fn why_not(actions: &ActionsNow) -> Option<String> {
    match actions {
        ActionsNow::On => None,
        ActionsNow::Off => {
            Some("actions are off: [actions] enabled = true in the configuration turns them on".to_owned())
        }
        ActionsNow::SafetyOff(file) => {
            Some(format!("SAFETY OFF: every change is off while {file} exists; remove it to go on"))
        }
    }
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}
