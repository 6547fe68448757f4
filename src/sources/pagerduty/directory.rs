//! Who and what there is at PagerDuty: priorities, people on call, and whose key it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::Mutex;

use super::decode::{self, NAME_BYTES, Named, Reference};
use super::policies::{self, Policies, Progress};
use super::wire::Asking;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::time::{Span, Time};

/// How long what was read holds: asking who is on call is limited more than anything else.
const HOLDS: Span = Span::mins(5);
/// How soon what could not be read is asked for again.
const AGAIN: Span = Span::mins(1);
/// Policies of one question, so that its address stays short.
const POLICIES: usize = 25;
/// Pages of people on call.
const PAGES: usize = 20;

const PRIORITIES: &str = "priorities";
const WHOSE: &str = "whose key it is";
const ABILITIES: &str = "what its plan includes";
const ON_CALL: &str = "who is on call";
const WHICH_POLICIES: &str = "which policies there are";

/// Who is on call, by policy, level by level.
pub(super) type OnCalls = BTreeMap<String, Vec<OnCall>>;

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

/// Whose key it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Whose {
    /// It was not said yet.
    #[default]
    Unknown,
    /// The account's: no person's.
    Account,
    /// A person's.
    Person(Me),
}

/// Who and what there is, for whoever reads it and whoever has it read at the same time: what is answered to one question
/// is written down by itself, so that nobody writes over what another one learnt meanwhile.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    directory: RwLock<Directory>,
    /// Who asks for the same waits, and finds it answered.
    turn: Mutex<()>,
}

/// Who and what there is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Directory {
    /// The priorities, the most severe first.
    pub(super) priorities: Vec<Named>,
    /// Who is on call.
    pub(super) on_call: OnCalls,
    policies: Policies,
    /// The policies of which that is still to be asked, while it is read.
    unasked: Vec<String>,
    /// Whose key it is.
    pub(super) whose: Whose,
    /// What the account's plan includes, once that is known.
    abilities: Option<BTreeSet<String>>,
    /// The account's plan includes no priorities.
    without_priorities: bool,
    /// The last time each of them was asked for.
    attempts: BTreeMap<&'static str, Attempt>,
}

/// The last time something was asked for.
#[derive(Clone, Debug, PartialEq)]
struct Attempt {
    at: Time,
    holds: Span,
    /// Why it was not answered.
    missing: Option<String>,
}

#[derive(Deserialize)]
struct MePage {
    user: User,
}

#[derive(Deserialize)]
struct Abilities {
    abilities: BTreeSet<String>,
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

impl Shelf {
    /// As it is now.
    pub(super) fn read(&self) -> Directory {
        self.directory.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self) -> RwLockWriteGuard<'_, Directory> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads whose key it is, what priorities there are and what the plan includes, as far as that is due. What cannot be
    /// read is remembered, also when this is given up before it ends.
    pub(super) async fn read_basics(&self, asking: &mut Asking<'_>, now: Time) {
        let _turn = self.turn.lock().await;
        if self.begins(PRIORITIES, now) {
            let read =
                asking.get("/priorities", &[("limit", "100")]).await.and_then(|body| priorities(&body));
            let mut known = self.write();
            known.without_priorities = read.as_ref().is_err_and(|fault| fault.status == Some(402));
            if let Some(priorities) = known.ended(PRIORITIES, read) {
                known.priorities = priorities;
            }
        }
        if !matches!(self.read().whose, Whose::Person(_)) && self.begins(WHOSE, now) {
            let read = asking.get("/users/me", &[]).await.and_then(|body| me(&body));
            let of_account = read.as_ref().is_err_and(lasts);
            let mut known = self.write();
            match known.ended(WHOSE, read) {
                Some(me) => known.whose = Whose::Person(me),
                None if of_account => known.whose = Whose::Account,
                None => {}
            }
        }
        if self.begins(ABILITIES, now) {
            let read = asking.get("/abilities", &[]).await.and_then(|body| abilities(&body));
            let mut known = self.write();
            if let Some(abilities) = known.ended(ABILITIES, read) {
                known.abilities = Some(abilities);
            }
        }
    }

    /// Reads who is on call for these policies, as far as that is due; the same holds. Of many policies some are asked
    /// about at a time, and what is answered counts: who gives up goes on there the next time.
    pub(super) async fn read_on_call(&self, asking: &mut Asking<'_>, policies: &BTreeSet<&str>, now: Time) {
        if policies.is_empty() || !self.write().begins_on_call(policies, now) {
            return;
        }
        loop {
            let some: Vec<String> = self.write().unasked.iter().take(POLICIES).cloned().collect();
            if some.is_empty() {
                break;
            }
            let read = on_call(asking, &some).await;
            let mut known = self.write();
            match read {
                Ok(found) => known.learns_on_call(&some, found, policies),
                Err(fault) => {
                    known.unasked.clear();
                    known.ended::<()>(ON_CALL, Err(fault));
                    return;
                }
            }
        }
        self.write().ended(ON_CALL, Ok(()));
    }

    /// Reads which policies there are, as far as that is due; the same holds, and who gives up goes on there the next time.
    pub(super) async fn read_policies(&self, asking: &mut Asking<'_>, now: Time) {
        let _turn = self.turn.lock().await;
        if !self.begins(WHICH_POLICIES, now) {
            return;
        }
        loop {
            let offset = self.write().policies.offset();
            let page = policies::page(asking, offset).await;
            if self.write().learns_policies(page) {
                return;
            }
        }
    }

    fn begins(&self, what: &'static str, now: Time) -> bool {
        self.write().begins(what, now)
    }
}

impl Directory {
    /// Whether it is time to ask who is on call: also for a policy that is new, which was not asked about yet.
    fn begins_on_call(&mut self, policies: &BTreeSet<&str>, now: Time) -> bool {
        let new = policies.iter().any(|policy| !self.on_call.contains_key(*policy));
        if new && self.attempts.get(ON_CALL).is_some_and(|last| last.missing.is_none()) {
            self.attempts.remove(ON_CALL);
        }
        let begins = self.begins(ON_CALL, now);
        if begins && self.unasked.is_empty() {
            self.unasked = policies.iter().map(|policy| (*policy).to_owned()).collect();
            // Of what nobody knows anything, it is asked first.
            self.unasked.sort_by_key(|policy| self.on_call.contains_key(policy));
            let policies = &self.unasked;
            self.on_call.retain(|policy, _| policies.contains(policy));
        }
        begins
    }

    /// Who is on call for some of these policies; what remains is due at once.
    fn learns_on_call(&mut self, some: &[String], found: OnCalls, policies: &BTreeSet<&str>) {
        self.on_call.extend(found);
        self.unasked.retain(|policy| !some.contains(policy));
        if let Some(attempt) = self.attempts.get_mut(ON_CALL) {
            let (left, all) = (self.unasked.len(), policies.len());
            attempt.missing = Some(format!("not yet for {left} of {all} policies"));
            attempt.holds = Span::default();
        }
    }

    /// Takes in a page of policies; what remains is due at once. Whether nothing more is to be asked now.
    fn learns_policies(&mut self, page: Result<policies::Page, Fault>) -> bool {
        if page.as_ref().is_err_and(lasts) {
            self.policies.forget();
        }
        let progress = page.and_then(|page| self.policies.take(page));
        let unread = match progress {
            Ok(Progress::Read(known)) => Some((format!("only {known} of them so far"), Span::default())),
            Ok(Progress::Capped) => Some(("there are more than it lets anybody read".to_owned(), HOLDS)),
            Ok(Progress::Whole) | Err(_) => None,
        };
        let goes_on = matches!(progress, Ok(Progress::Read(_)));
        self.ended(WHICH_POLICIES, progress);
        if let (Some(attempt), Some((why, holds))) = (self.attempts.get_mut(WHICH_POLICIES), unread) {
            (attempt.missing, attempt.holds) = (Some(why), holds);
        }
        !goes_on
    }

    /// Whether it is time to ask for something; it counts as missing until it is answered.
    fn begins(&mut self, what: &'static str, now: Time) -> bool {
        let due = |last: &Attempt| (now - last.at).abs() >= last.holds.delta();
        let is_due = self.attempts.get(what).is_none_or(due);
        if is_due {
            let missing = Some("no answer in time".to_owned());
            self.attempts.insert(what, Attempt { at: now, holds: AGAIN, missing });
        }
        is_due
    }

    /// What was answered to it.
    fn ended<T>(&mut self, what: &'static str, read: Result<T, Fault>) -> Option<T> {
        if let Some(attempt) = self.attempts.get_mut(what) {
            attempt.missing = read.as_ref().err().map(|fault| fault.detail.safe().to_string());
            attempt.holds = if read.as_ref().err().is_none_or(lasts) { HOLDS } else { AGAIN };
        }
        read.ok()
    }

    /// What could not be read, and why; that a key is no person's is an answer.
    pub(super) fn missing(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let is_known = |what: &str| what == WHOSE && self.whose == Whose::Account;
        let attempts = self.attempts.iter().filter(move |(what, _)| !is_known(what));
        attempts.filter_map(|(what, last)| Some((*what, last.missing.as_deref()?)))
    }

    /// The user whose key it is.
    pub(super) fn me(&self) -> Option<&Me> {
        match &self.whose {
            Whose::Person(me) => Some(me),
            Whose::Unknown | Whose::Account => None,
        }
    }

    /// Why nobody can be asked to help, where that is known: the plan does not include it.
    pub(super) fn why_no_responders(&self) -> Option<String> {
        let lacks = self.abilities.as_ref().is_some_and(|all| !all.contains("coordinated_responding"));
        lacks.then(|| "this account's plan does not include responder requests".to_owned())
    }

    /// Why there is no priority to set, where that is known: the plan does not include it.
    pub(super) fn why_no_priorities(&self) -> Option<String> {
        self.without_priorities.then(|| "this account's plan does not include priorities".to_owned())
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
        all.into_iter().filter_map(choice).collect()
    }

    /// Every policy that is known, as a form offers them.
    pub(super) fn policies(&self) -> Vec<String> {
        self.policies.known().iter().filter_map(choice).collect()
    }
}

/// The same question soon would bring the same answer: this key or account may not have it.
fn lasts(fault: &Fault) -> bool {
    matches!(fault.status, Some(400 | 402 | 403 | 404))
}

fn priorities(body: &str) -> Result<Vec<Named>, Fault> {
    let page = decode::page(body, "priorities")?;
    let named = |raw: &&RawValue| serde_json::from_str::<Reference>(raw.get()).ok();
    Ok(page.elements.iter().filter_map(named).map(Reference::named).collect())
}

fn me(body: &str) -> Result<Me, Fault> {
    // What goes into a header of every write is looked at first.
    let plain = |text: &str| text.len() <= NAME_BYTES && text.bytes().all(|b| b.is_ascii_graphic());
    let user = serde_json::from_str::<MePage>(body).ok().map(|page| page.user);
    let user = user.filter(|user| plain(&user.id) && plain(&user.email));
    let none = || Fault::new(FaultKind::Malformed, "the answer names no user; say who it is with `from`");
    user.map(|user| Me { id: user.id, email: user.email }).ok_or_else(none)
}

fn abilities(body: &str) -> Result<BTreeSet<String>, Fault> {
    let none = |_| Fault::new(FaultKind::Malformed, "the answer lists no abilities");
    serde_json::from_str::<Abilities>(body).map(|said| said.abilities).map_err(none)
}

async fn on_call(asking: &mut Asking<'_>, policies: &[String]) -> Result<OnCalls, Fault> {
    let mut found: OnCalls = policies.iter().map(|policy| (policy.clone(), Vec::new())).collect();
    for number in 0..PAGES {
        let offset = (number * 100).to_string();
        let mut query = vec![("limit", "100"), ("offset", offset.as_str())];
        query.extend(policies.iter().map(|policy| ("escalation_policy_ids[]", policy.as_str())));
        let body = asking.get("/oncalls", &query).await?;
        let page = decode::page(&body, "oncalls")?;
        for raw in &page.elements {
            let Ok(one) = serde_json::from_str::<WireOnCall>(raw.get()) else { continue };
            // What nobody asked about is no answer to it.
            let Some(policy) = found.get_mut(&one.escalation_policy.named().id) else { continue };
            policy.push(OnCall { level: one.escalation_level, user: one.user.named() });
        }
        if !page.more {
            break;
        }
    }
    for people in found.values_mut() {
        people.sort();
        people.dedup();
    }
    Ok(found)
}

/// What can be chosen: a name and, in parentheses, the id that is meant by it.
fn choice(Named { id, name }: &Named) -> Option<String> {
    let sound = !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    let name: String = name.capped_safe(60).to_string();
    sound.then(|| format!("{} ({id})", name.trim()).trim().to_owned())
}

#[cfg(test)]
mod tests;
