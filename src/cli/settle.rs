//! Waiting for an action until it is known what came of it.

use std::time::Duration;

use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::backend::Backend;
use crate::domain::action::{Action, ActionId, Stage};
use crate::domain::id::{Cursor, IncidentId};
use crate::domain::plan::{Plan, Request};
use crate::domain::story;
use crate::domain::time::Span;
use crate::engine::Engine;
use crate::os::clock;

/// How long one look for changes waits.
const LOOK: Duration = Duration::from_secs(1);
/// So many looks in a row at a ledger that cannot be written are enough.
const TROUBLED: u32 = 5;
/// What an exchange and the writing down may take beside the read-back.
const MARGIN: Duration = Duration::from_secs(30);
/// How long an exchange may still take to end after nothing more was heard of it for so many looks.
const FINISH: Duration = Duration::from_secs(5);
/// How long what came back may take to be kept.
const KEEPING: Duration = Duration::from_secs(2);

/// Waits until the action is settled, or nothing more will become known of it.
async fn wait(
    boot: &Boot,
    engine: &Engine,
    id: &IncidentId,
    number: ActionId,
    plan: &Plan,
) -> Result<Action, Failure> {
    // A repeated submit is carried out by another process.
    engine.follow();
    let verifying = plan.verify.as_ref().map_or(Span::millis(0), |verify| verify.within);
    let running = if let Request::Exec(program) = &plan.request { program.within } else { Span::millis(0) };
    // What is idempotent may run three times.
    let until = clock::monotonic() + 3 * running.std() + verifying.std() + MARGIN;
    let mut cursor = Cursor::default();
    let mut known = None;
    let mut troubled = 0;
    loop {
        let looked = engine.changes(&boot.operator, &cursor, LOOK).await;
        // Where nothing can be read or written down, nothing more becomes known.
        let trouble =
            looked.as_ref().map_or_else(|fault| Some(fault.clone()), |changes| changes.ledger.clone());
        troubled = if trouble.is_some() { troubled + 1 } else { 0 };
        match looked {
            Ok(changes) => {
                cursor = changes.cursor;
                let incident = changes.incidents.into_iter().find(|incident| incident.id == *id);
                known = incident.and_then(|incident| incident.actions.get(&number).cloned()).or(known);
            }
            // It fails at once, perhaps for ever: do not spin.
            Err(_) => tokio::time::sleep(LOOK).await,
        }
        let over = troubled > TROUBLED || clock::monotonic() >= until;
        match (known, trouble) {
            (Some(action), _) if over || is_over(&action) => return Ok(action),
            (None, trouble) if over => {
                let why = trouble.map_or(String::new(), |fault| format!(": {}", fault.detail.safe()));
                let message = format!("nothing is known of action #{number} of {id}{why}");
                return Err(Failure::new(Exit::Unknown, message));
            }
            (still, _) => known = still,
        }
    }
}

/// Waits for it, and says how it ended.
pub(super) async fn finish(
    boot: &Boot,
    engine: &Engine,
    out: &Out,
    plan: &Plan,
    number: ActionId,
) -> Result<Exit, Failure> {
    let waited = wait(boot, engine, &plan.basis.incident, number, plan).await;
    // What came back is kept once its outcome is written down. What is on the wire is not cut off, whatever became of
    // looking at it.
    let over = waited.as_ref().is_ok_and(is_over);
    engine.drain(if over { KEEPING } else { FINISH }).await;
    let action = waited?;
    out.either(&action, || vec![said(&action)]);
    Ok(exit(&action))
}

fn is_over(action: &Action) -> bool {
    !matches!(action.stage, Stage::Intended | Stage::Sent) && !action.is_verifying()
}

/// What an action amounts to: done and proven, or accepted with nothing to read back; refused; or not known.
pub(super) fn exit(action: &Action) -> Exit {
    match action.stage {
        Stage::Verified | Stage::Undone | Stage::SettledByHand => Exit::Ok,
        Stage::Accepted if action.plan.verify.is_none() => Exit::Ok,
        Stage::Refused | Stage::NotDone => Exit::Refused,
        Stage::NotSent => Exit::Unreachable,
        Stage::Intended | Stage::Sent | Stage::Accepted | Stage::Unknown => Exit::Unknown,
    }
}

/// One line about how it ended.
pub(super) fn said(action: &Action) -> String {
    let words = match action.stage {
        Stage::Accepted if action.plan.verify.is_none() => "accepted; nothing reads it back".to_owned(),
        Stage::Accepted => "accepted, NOT VERIFIED".to_owned(),
        stage => stage.word().to_owned(),
    };
    let (id, number) = (&action.plan.basis.incident, action.id);
    format!("{id} #{number} {}: {words}: {}", story::what(&action.plan), action.detail.safe())
}
