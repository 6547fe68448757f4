//! A second person's consent to exactly one plan.

use serde::{Deserialize, Serialize};

use super::action::ActionId;
use super::identity::{KeyId, Signature};
use super::operator::Operator;
use super::plan::{Plan, PlanHash};
use super::text::Outside;
use super::time::{Span, Time};

/// How long a second person has.
pub const STANDS_FOR: Span = Span::mins(15);
/// A reason for breaking the glass is at least this long, in characters.
const REASON: usize = 10;

/// Whether that is a reason to go without the second person.
///
/// # Errors
/// What is wanted.
pub fn reason(why: &Outside) -> Result<(), String> {
    if why.raw().trim().chars().count() < REASON {
        return Err(format!("say in at least {REASON} characters why it cannot wait for a second person"));
    }
    Ok(())
}

/// A plan that waits for a second person, or did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// The sequence number of the record that asked.
    pub seq: u64,
    /// What was shown and confirmed.
    pub plan: Plan,
    /// Who asked.
    pub by: Operator,
    /// When.
    pub at: Time,
    /// Until when it may be approved and carried out.
    pub until: Time,
    /// The target as the requester typed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<Outside>,
    /// The requester's, over [`Statement::Request`](super::identity::Statement::Request).
    pub signature: Signature,
    /// Where it stands.
    pub state: AskState,
}

/// Where a request for approval stands; that its time is over is seen from the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskState {
    /// Nobody has approved it.
    Waiting,
    /// Somebody did.
    Approved {
        /// Who.
        by: String,
        /// With which key.
        key: KeyId,
        /// When.
        at: Time,
    },
    /// It was carried out, once.
    Used {
        /// The action it became.
        action: ActionId,
    },
}

impl Ask {
    /// Whether a second person can still approve it.
    pub fn waits(&self, now: Time) -> bool {
        self.state == AskState::Waiting && now <= self.until
    }

    /// Whether it waits, or was approved and not yet carried out.
    pub fn is_open(&self, now: Time) -> bool {
        now <= self.until && !matches!(self.state, AskState::Used { .. })
    }

    /// Who approved it, while that counts.
    pub fn approved_by(&self, now: Time) -> Option<&str> {
        match &self.state {
            AskState::Approved { by, .. } if now <= self.until => Some(by),
            _ => None,
        }
    }
}

/// What a person did at the confirmation of a plan that was carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// What was typed: the target, or the playbook with the number of targets it was confirmed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<Outside>,
    /// The plans that were confirmed at once, this one among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<PlanHash>,
    /// The second person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// Why it was done without the second person it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<Outside>,
    /// The requester's, over [`Statement::Request`](super::identity::Statement::Request).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}
