//! What a person did at the confirmation of a plan, and whether that confirms it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Refusal, RefusalKind};
use crate::domain::identity::{Signature, Signing};
use crate::domain::plan::{Plan, PlanHash, Request};
use crate::domain::playbook::together;
use crate::domain::text::Outside;

/// What the person did at the confirmation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The target as typed, where that was asked for; of several at once, the playbook and how many there are.
    pub typed: Option<Outside>,
    /// The plans that are confirmed at once, this one among them; none where it is confirmed by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<PlanHash>,
    /// The extra prompt "this may happen twice" was answered.
    pub twice: bool,
    /// Why it cannot wait for the second person it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<Outside>,
    /// The person's, over the [`Statement`](crate::domain::identity::Statement) of what is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

impl Confirmation {
    /// Whether this confirms that plan: what is typed is its target, whether or not it had to be typed; of several
    /// plans at once, their playbook and how many they are.
    ///
    /// # Errors
    /// What was typed instead, or what must be typed.
    pub fn confirms(&self, plan: &Plan) -> Result<(), Refusal> {
        let refused = |what: String| Err(Refusal::new(RefusalKind::Refused, what));
        if !self.together.is_empty() {
            return match self.confirms_together(plan) {
                true => Ok(()),
                false => refused(format!("several {} at once were not confirmed", plan.verb.of())),
            };
        }
        let target = plan.target.as_ref().map(|(_, value)| value);
        match (&self.typed, target) {
            (None, _) => match plan.typed_target() {
                None => Ok(()),
                Some(target) => {
                    let what = format!("this needs its target typed: --confirm-target {}", target.exact());
                    Err(Refusal::new(RefusalKind::Usage, what))
                }
            },
            (Some(typed), Some(target)) if typed == target => Ok(()),
            (Some(typed), Some(target)) => {
                refused(format!("typed {}, but the target is {}", typed.exact(), target.exact()))
            }
            (Some(typed), None) => refused(format!("typed {}, but this names no target", typed.exact())),
        }
    }
    /// Whether a request for that plan is signed.
    pub fn signing(&self, plan: &Plan) -> Signing {
        match plan.request {
            Request::Tell(_) | Request::Publish(_) => Signing::Never,
            Request::Http(_) | Request::Exec(_) if plan.approvals == 0 || self.break_glass.is_some() => {
                Signing::IfSoon
            }
            Request::Http(_) | Request::Exec(_) => Signing::Needed,
        }
    }

    fn confirms_together(&self, plan: &Plan) -> bool {
        let count = self.together.iter().collect::<BTreeSet<_>>().len();
        let wanted = together(plan.verb.of(), count);
        count == self.together.len()
            && count > 1
            && self.together.contains(&plan.hash)
            && self.typed.as_ref().is_some_and(|typed| typed.raw() == wanted)
    }
}
