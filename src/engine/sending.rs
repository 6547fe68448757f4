//! Sending a change: once, or again with the same key where the other side is said to recognise it.

use std::time::Duration;

use super::Engine;
use crate::domain::action::{ActionId, Outcome};
use crate::domain::id::IncidentId;
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::Plan;
use crate::domain::record::Entry;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::ledger::Draft;
use crate::os::crash::{self, Point};
use crate::playbooks::carry::{self, Carried};

/// How long to wait before each further attempt.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// How long the target's record may take to say what changed: the outcome is not written down before.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

impl Engine {
    /// Sends what a plan says, and gives back what is known of it in the end. Each further attempt is durable before
    /// its first byte.
    pub(super) async fn transmit(
        &self,
        who: &Operator,
        id: &IncidentId,
        action: ActionId,
        plan: &Plan,
    ) -> Option<Carried> {
        let request = plan.request.invocation()?;
        let began = self.now();
        let mut carried = carry::carry_out(&self.0.adapters.apis, &request).await;
        crash::point(Point::AfterAnswer);
        for (attempt, pause) in (2..).zip(PAUSES) {
            let then = self.now() + Span::millis(pause.as_millis() as u64).delta();
            if carried.outcome != Outcome::Unknown || !may_repeat(plan, began, then) {
                break;
            }
            tokio::time::sleep(pause).await;
            let because = carried.detail.clone();
            let entry = Entry::SentAgain { action, attempt, because };
            let draft = Draft::of(id, Actor::Person(who.clone()), self.now(), entry);
            // What cannot be written down is not done; and whoever turned changes off meant this one too.
            if self.permitted(&plan.verb).is_err() || !self.note(vec![draft]).await {
                break;
            }
            crash::point(Point::AfterSent);
            let again = carry::carry_out(&self.0.adapters.apis, &request).await;
            crash::point(Point::AfterAnswer);
            carried = after_unknown(&carried, again);
        }
        Some(carried)
    }

    /// What came of it; where that is a no because the target is not as it was shown, with what its record says now.
    pub(super) async fn looked_at_again(
        &self,
        who: &Operator,
        id: &IncidentId,
        plan: &Plan,
        carried: Carried,
    ) -> Carried {
        let (true, Some(shown), Some(incident)) = (carried.is_outdated(), &plan.look_up, self.find(id))
        else {
            return carried;
        };
        let now = match tokio::time::timeout(LOOK_AGAIN, self.look_again(who, plan, &incident)).await {
            Ok(Ok(Some(now))) => shown.words_since(&now),
            Ok(Ok(None)) => return carried,
            Ok(Err(refusal)) => format!("looked at again: {}", refusal.message.raw()),
            Err(_) => "its own record did not answer again".to_owned(),
        };
        Carried { detail: Outside::new(format!("{}; {now}", carried.detail.raw())), ..carried }
    }
}

/// Whether the other side still recognises the key by then.
pub(super) fn may_repeat(plan: &Plan, began: Time, then: Time) -> bool {
    plan.idempotent && plan.key_lifetime.is_none_or(|lifetime| then - began < lifetime.delta())
}

/// What is known after a further attempt: only a yes makes an unknown one certain, since a no to this one says nothing
/// about the one before.
fn after_unknown(before: &Carried, again: Carried) -> Carried {
    if again.outcome == Outcome::Accepted {
        return again;
    }
    let detail = Outside::new(format!("{}; then {}", before.detail.raw(), again.detail.raw()));
    Carried { outcome: Outcome::Unknown, detail, ..again }
}
