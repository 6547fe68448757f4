//! Who and what there is at PagerDuty: priorities, people on call, and whose key it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::decode::{self, NAME_BYTES, Named, Reference};
use super::wire::Asking;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// How long what was read holds: asking who is on call is limited more than anything else.
const HOLDS: Span = Span::mins(5);
/// Policies of one question, so that its address stays short.
const POLICIES: usize = 50;
/// Pages of people on call.
const PAGES: usize = 20;

/// Somebody on call at a level of a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OnCall {
    pub(super) level: u32,
    pub(super) user: Named,
}

/// The user a key belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Me {
    pub(super) id: String,
    pub(super) email: String,
}

/// Who and what there is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Directory {
    /// The priorities, the most severe first.
    pub(super) priorities: Vec<Named>,
    /// Who is on call, by policy, level by level.
    pub(super) on_call: BTreeMap<String, Vec<OnCall>>,
    /// Whose key it is, where it is a person's.
    pub(super) me: Option<Me>,
    /// What could not be read, and why.
    pub(super) missing: BTreeMap<&'static str, String>,
    basics_at: Option<Time>,
    on_call_at: Option<Time>,
}

#[derive(Deserialize)]
struct MePage {
    user: User,
}

#[derive(Deserialize)]
struct User {
    id: String,
    email: String,
}

#[derive(Deserialize)]
struct WireOnCall {
    escalation_policy: Reference,
    escalation_level: u32,
    user: Reference,
}

impl Directory {
    /// Reads priorities and whose key it is, unless that was done lately. Whether anything is different now.
    ///
    /// # Errors
    /// Nothing can be asked at the moment. What this key may not read is no error.
    pub(super) async fn read_basics(&mut self, asking: &mut Asking<'_>, now: Time) -> Result<bool, Fault> {
        if fresh(self.basics_at, now) {
            return Ok(false);
        }
        let before = (self.priorities.clone(), self.me.clone());
        if let Some(body) =
            self.allowed("priorities", asking.get("/priorities", &[("limit", "100")]).await)?
        {
            let page = decode::page(&body, "priorities")?;
            let named =
                |raw: &&serde_json::value::RawValue| serde_json::from_str::<Reference>(raw.get()).ok();
            self.priorities = page.elements.iter().filter_map(named).map(Reference::named).collect();
        }
        if self.me.is_none()
            && let Some(body) = self.allowed("whose key it is", asking.get("/users/me", &[]).await)?
        {
            self.me = serde_json::from_str::<MePage>(&body).ok().and_then(|page| {
                // What goes into a header of every write is looked at first.
                let plain =
                    |text: &str| text.len() <= NAME_BYTES && text.bytes().all(|b| b.is_ascii_graphic());
                let user = page.user;
                (plain(&user.id) && plain(&user.email)).then_some(Me { id: user.id, email: user.email })
            });
        }
        self.basics_at = Some(now);
        Ok(before != (self.priorities.clone(), self.me.clone()))
    }

    /// Reads who is on call for these policies, unless that was done lately. Whether anything is different now.
    ///
    /// # Errors
    /// Nothing can be asked at the moment.
    pub(super) async fn read_on_call(
        &mut self,
        asking: &mut Asking<'_>,
        policies: &BTreeSet<&str>,
        now: Time,
    ) -> Result<bool, Fault> {
        let all_known = policies.iter().all(|policy| self.on_call.contains_key(*policy));
        if fresh(self.on_call_at, now) && all_known {
            return Ok(false);
        }
        let mut on_call: BTreeMap<String, Vec<OnCall>> =
            policies.iter().map(|policy| ((*policy).to_owned(), Vec::new())).collect();
        let policies: Vec<&str> = policies.iter().copied().collect();
        for some in policies.chunks(POLICIES) {
            for number in 0..PAGES {
                let offset = (number * 100).to_string();
                let mut query = vec![("limit", "100"), ("offset", offset.as_str())];
                query.extend(some.iter().map(|policy| ("escalation_policy_ids[]", *policy)));
                let answer = asking.get("/oncalls", &query).await;
                let Some(body) = self.allowed("who is on call", answer)? else { break };
                let page = decode::page(&body, "oncalls")?;
                for raw in &page.elements {
                    let Ok(one) = serde_json::from_str::<WireOnCall>(raw.get()) else { continue };
                    let policy = on_call.entry(one.escalation_policy.named().id).or_default();
                    policy.push(OnCall { level: one.escalation_level, user: one.user.named() });
                }
                if !page.more {
                    break;
                }
            }
        }
        for people in on_call.values_mut() {
            people.sort();
            people.dedup();
        }
        self.on_call_at = Some(now);
        let changed = self.on_call != on_call;
        self.on_call = on_call;
        Ok(changed)
    }

    /// An answer, unless this key or account may not have it: that is remembered and said.
    fn allowed(
        &mut self,
        what: &'static str,
        answer: Result<String, Fault>,
    ) -> Result<Option<String>, Fault> {
        match answer {
            Ok(body) => {
                self.missing.remove(what);
                Ok(Some(body))
            }
            Err(fault) if matches!(fault.status, Some(400 | 402 | 403 | 404)) => {
                self.missing.insert(what, fault.detail.safe().to_string());
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// The place of a priority among all, from 1 for the most severe.
    pub(super) fn rank(&self, priority: &Named) -> Option<usize> {
        self.priorities.iter().position(|it| it.id == priority.id).map(|place| place + 1)
    }

    /// Who is on call for a policy, level by level.
    pub(super) fn on_call_for(&self, policy: &Named) -> &[OnCall] {
        self.on_call.get(&policy.id).map(Vec::as_slice).unwrap_or_default()
    }

    /// Everybody who is on call, each once, as a form offers them.
    pub(super) fn people(&self) -> Vec<String> {
        let all: BTreeSet<&Named> = self.on_call.values().flatten().map(|it| &it.user).collect();
        all.into_iter().filter_map(|user| choice(&user.name, &user.id)).collect()
    }
}

/// What can be chosen: a name and, in parentheses, the id that is meant by it.
fn choice(name: &Outside, id: &str) -> Option<String> {
    let sound = !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    let name: String = name.capped_safe(60).to_string();
    sound.then(|| format!("{} ({id})", name.trim()).trim().to_owned())
}

fn fresh(read_at: Option<Time>, now: Time) -> bool {
    read_at.is_some_and(|at| (now - at).abs() < HOLDS.delta())
}

/// A fault that ends a round of questions, as one that a person could do nothing about does not.
pub(super) fn ends(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::Throttled | FaultKind::Unauthorised | FaultKind::Unreachable | FaultKind::NoAnswer
    )
}
