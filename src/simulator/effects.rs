//! What operators asked of the exchange: which effects happened, how often, and under which key.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::time::Time;

/// Calls that are remembered one by one; counts and keys are kept for good.
const CALLS: usize = 1000;

/// A kind of change the admin API makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// An account may no longer trade.
    Freeze,
    /// It may again.
    Unfreeze,
    /// All log-ins of an account end.
    RevokeSessions,
    /// A replica leaves rotation.
    Isolate,
    /// It comes back.
    Restore,
    /// An API key opens nothing any more; the target is `account/key`.
    RevokeKey,
    /// A service goes back to the version before; the target is `service/version`.
    RollBack,
}

/// What the admin API answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Value,
}

impl Answer {
    /// Nothing was done, for this reason.
    pub fn refusal(status: u16, reason: &str) -> Self {
        Self { status, body: json!({ "error": reason }) }
    }
}

/// One call as it came in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Call {
    /// When.
    pub at: Time,
    /// What was asked.
    pub verb: Verb,
    /// Of what.
    pub target: String,
    /// The `Idempotency-Key`, if it had one.
    pub key: Option<String>,
    /// The `reason` of its body, if it had one: quell sends the incident's id.
    pub reason: Option<String>,
    /// Whether the answer was a stored one, and nothing was done.
    pub replayed: bool,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    counts: BTreeMap<(Verb, String), u64>,
    answers: BTreeMap<String, (Verb, String, Answer)>,
    calls: VecDeque<Call>,
}

impl Effects {
    /// Takes a call; a key that was seen gets its stored answer, and `apply` does not run.
    pub fn take(&mut self, call: Call, apply: impl FnOnce() -> Answer) -> Answer {
        let stored = call.key.as_ref().and_then(|key| self.answers.get(key));
        let answer = match stored {
            Some((verb, target, answer)) if (*verb, target) == (call.verb, &call.target) => answer.clone(),
            Some(_) => Answer::refusal(422, "this key was used for something else"),
            None => apply(),
        };
        let replayed = stored.is_some();
        if !replayed && answer.status == 200 {
            *self.counts.entry((call.verb, call.target.clone())).or_default() += 1;
        }
        if let Some(key) = call.key.clone().filter(|_| !replayed) {
            self.answers.insert(key, (call.verb, call.target.clone(), answer.clone()));
        }
        if self.calls.len() == CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back(Call { replayed, ..call });
        answer
    }

    /// How often this was done to this target.
    pub fn count(&self, verb: Verb, target: &str) -> u64 {
        self.counts.get(&(verb, target.to_owned())).copied().unwrap_or(0)
    }

    /// As `GET /admin/effects` shows them.
    pub fn json(&self) -> Value {
        let counts = self.counts.iter();
        let counts: Vec<Value> = counts
            .map(|((verb, target), count)| json!({ "verb": verb, "target": target, "count": count }))
            .collect();
        json!({ "effects": counts, "calls": self.calls })
    }
}
