//! Reading back whether an accepted or unknown action has its effect.

use std::time::Duration;

use super::Engine;
use crate::domain::action::{ActionId, Settlement, Stage};
use crate::domain::id::IncidentId;
use crate::domain::record::Entry;
use crate::domain::text::Outside;
use crate::os::crash::{self, Point};
use crate::playbooks::carry::{self, ReadBack};

/// Between two reads.
const PAUSE: Duration = Duration::from_secs(1);

impl Engine {
    /// Reads until the effect is there or the time for it is over; writes down which.
    pub(super) async fn read_back_until_settled(&self, id: &IncidentId, action: ActionId) {
        loop {
            let Some(incident) = self.find(id) else { return };
            let Some(action_now) = incident.actions.get(&action).filter(|a| a.is_verifying()) else { return };
            let Some(verify) = action_now.plan.verify.clone() else { return };
            let unknown = action_now.stage == Stage::Unknown;
            let read = carry::read_back(&self.0.adapters.apis, &verify).await;
            let late = self.now() - action_now.moved_at >= verify.within.delta();
            let (settlement, detail) = match read {
                ReadBack::Agrees => (Settlement::Verified, Outside::new("read back as expected")),
                // What was never answered may still arrive: only its effect, or a person, settles it.
                ReadBack::Differs(what) | ReadBack::Failed(what) if late => {
                    let state = if unknown { "still unknown" } else { "not verified in time" };
                    (Settlement::NotVerified, Outside::new(format!("{state}: {}", what.raw())))
                }
                ReadBack::Differs(_) | ReadBack::Failed(_) => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            crash::point(Point::BeforeSettled);
            let entry = Entry::Settled { action, settlement, detail };
            return self.note_until_written(vec![self.by_engine(id, entry)]).await;
        }
    }
}
