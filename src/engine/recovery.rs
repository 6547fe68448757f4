//! Finding actions whose executor died: intended alone was not sent, sent without outcome is unknown.

use std::sync::Arc;

use super::Engine;
use crate::domain::action::{Action, Outcome, Stage};
use crate::domain::incident::{Incident, SentBulletin};
use crate::domain::record::Entry;
use crate::domain::text::Outside;
use crate::os::crash::{self, Point};
use crate::os::spawn;

/// Whether somebody must be at it, or have died at it.
pub(super) fn is_unfinished(action: &Action) -> bool {
    matches!(action.stage, Stage::Intended | Stage::Sent) || action.is_verifying()
}

impl Engine {
    /// Whether there is anything to [`recover`](Self::recover).
    pub(super) fn has_unfinished(&self) -> bool {
        self.0.mirror.all().iter().any(|incident| {
            incident.actions.values().any(is_unfinished)
                || incident.bulletins.iter().any(SentBulletin::is_unanswered)
        })
    }

    /// Tries the lock of each unfinished action of these; a free one means a dead executor.
    pub(super) async fn recover(&self, among: Vec<Arc<Incident>>) {
        for incident in among {
            self.recover_bulletins(&incident).await;
            self.resume_looks(&incident);
            for action in incident.actions.values().filter(|action| is_unfinished(action)) {
                let Some(lock) = self.lock_plan(&action.plan.hash) else { continue };
                // It may have moved on before the lock was free: what the ledger says now counts.
                if self.catch_up().await.is_err() {
                    continue;
                }
                let same = self
                    .find(&incident.id)
                    .and_then(|now| Some(now.actions.get(&action.id)?.stage == action.stage));
                if same != Some(true) {
                    continue;
                }
                let (outcome, detail) = match action.stage {
                    Stage::Intended => {
                        (Some(Outcome::NotSent), "the quell that intended it died before sending")
                    }
                    Stage::Sent => {
                        (Some(Outcome::Unknown), "the quell that sent it died before an answer came")
                    }
                    _ => (None, ""),
                };
                if let Some(outcome) = outcome {
                    let entry = Entry::answered(action.id, outcome, Outside::new(detail));
                    let mut drafts = vec![self.by_engine(&incident.id, entry)];
                    if outcome == Outcome::Unknown {
                        drafts.push(self.unknown_notice(&incident.id, action.id));
                    }
                    crash::point(Point::BeforeRecovered);
                    self.note(drafts).await;
                }
                let (engine, id, action) = (self.clone(), incident.id.clone(), action.id);
                // Its records are its answer.
                drop(spawn::task("read-back", async move {
                    engine.read_back_until_settled(&id, action).await;
                    drop(lock);
                }));
            }
        }
    }
}
