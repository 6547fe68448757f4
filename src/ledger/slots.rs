//! The slots of actions: at most one open action per playbook and target, over all incidents.

use rusqlite::{Connection, OptionalExtension, params};

use super::trouble::Trouble;
use super::{Draft, LedgerError};
use crate::domain::action::{Action, Stage, Verb};
use crate::domain::incident::Incident;
use crate::domain::record::Entry;

/// The slot of an action: its playbook or path, and its target.
pub(super) fn slot(action: &Action) -> (String, String) {
    let (of, target) = action.plan.slot();
    (of.to_owned(), target.map(|target| target.raw().to_owned()).unwrap_or_default())
}

/// At most one open action per playbook and target, over all incidents.
pub(super) fn keep_slots(connection: &Connection, incident: &Incident, draft: &Draft) -> Result<(), Trouble> {
    let (Entry::Intended { action, .. }
    | Entry::Sent { action }
    | Entry::Answered { action, .. }
    | Entry::Settled { action, .. }) = &draft.entry
    else {
        return Ok(());
    };
    let Some(action) = incident.actions.get(action) else { return Ok(()) };
    if matches!(action.plan.verb, Verb::Escalate { .. }) {
        return Ok(());
    }
    let (of, target) = slot(action);
    let id = incident.id.to_string();
    if matches!(draft.entry, Entry::Intended { .. }) {
        let taken: Option<(String, u32, bool)> = connection
            .query_row(
                // One on the wire comes before one that is unknown.
                "SELECT incident, action, unknown FROM open_actions
                 WHERE of = ?1 AND target = ?2 ORDER BY unknown LIMIT 1",
                params![of, target],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        if let Some((incident, action, unknown)) = taken
            && !(unknown && draft.takes_over)
        {
            return Err(LedgerError::SlotTaken { incident, action }.into());
        }
        connection.execute(
            "INSERT OR REPLACE INTO open_actions VALUES (?1, ?2, ?3, ?4, 0)",
            params![of, target, id, action.id],
        )?;
    } else if action.stage.is_open() {
        connection.execute(
            "UPDATE open_actions SET unknown = ?4 WHERE of = ?1 AND target = ?2 AND incident = ?3 AND action = ?5",
            params![of, target, id, action.stage == Stage::Unknown, action.id],
        )?;
    } else {
        // What is settled now may have ended an earlier one too: an undo, what it reversed.
        for ended in incident.actions.values().filter(|action| !action.stage.is_open()) {
            connection.execute(
                "DELETE FROM open_actions WHERE of = ?1 AND target = ?2 AND incident = ?3 AND action = ?4",
                params![of, target, id, ended.id],
            )?;
        }
    }
    Ok(())
}
