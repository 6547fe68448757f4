//! What the exchange has: its accounts and the replicas of its services.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::chance::Chance;
use super::effects::{Answer, Verb};
use crate::domain::time::{Span, Time};

/// The account nobody may freeze: without it the order books are empty.
pub const MARKET_MAKER: &str = "70001";

/// How long a replica that left rotation still answers what it had begun.
const DRAIN: Span = Span::secs(3);
/// How long nobody logs in again after sessions were revoked.
const LOGGED_OUT: Span = Span::secs(20);
/// What an account orders when nothing is wrong.
const USUAL_PACE: u64 = 12;
/// A replica's share of failed requests when nothing is wrong.
const USUAL_ERRORS: f64 = 0.001;

/// A customer's account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    owner: String,
    tier: &'static str,
    protected: bool,
    /// Open log-ins.
    pub sessions: u64,
    /// Orders a minute, as long as it may trade.
    pub pace: u64,
    /// Since when it may not trade.
    pub frozen: Option<Time>,
    /// Until when nobody logs in again.
    pub logged_out: Option<Time>,
}

impl Account {
    /// A customer's account on a quiet day.
    pub fn customer(owner: String, tier: &'static str) -> Self {
        Self { owner, tier, protected: false, sessions: 2, pace: USUAL_PACE, frozen: None, logged_out: None }
    }

    /// Its customer is alone with it again.
    pub fn calm(&mut self) {
        self.pace = USUAL_PACE;
        self.sessions = self.sessions.min(2);
    }

    fn json(&self, id: &str) -> Value {
        json!({
            "id": id,
            "owner": self.owner,
            "tier": self.tier,
            "status": if self.frozen.is_some() { "frozen" } else { "active" },
            "protected": self.protected,
            "sessions": self.sessions,
            "orders_per_min": if self.frozen.is_some() { 0 } else { self.pace },
        })
    }
}

/// One running copy of the token service.
#[derive(Clone, Debug, PartialEq)]
pub struct Replica {
    /// The share of its requests that fail.
    pub error_rate: f64,
    /// Since when it is out of rotation.
    pub isolated: Option<Time>,
}

impl Replica {
    /// It works as it should.
    pub fn mend(&mut self) {
        self.error_rate = USUAL_ERRORS;
    }
}

/// Accounts and replicas, by id.
#[derive(Clone, Debug, PartialEq)]
pub struct Floor {
    /// Customers and the market maker.
    pub accounts: BTreeMap<String, Account>,
    /// The token service's replicas.
    pub replicas: BTreeMap<String, Replica>,
}

impl Floor {
    /// The exchange at opening.
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed, "floor", 0);
        let market_maker = Account {
            owner: "liquidity desk 07".to_owned(),
            tier: "market-maker",
            protected: true,
            sessions: 6,
            pace: 5400,
            frozen: None,
            logged_out: None,
        };
        let count = chance.between(4, 6);
        let replica = Replica { error_rate: USUAL_ERRORS, isolated: None };
        Self {
            accounts: BTreeMap::from([(MARKET_MAKER.to_owned(), market_maker)]),
            replicas: (1..=count).map(|n| (format!("tok-{n}"), replica.clone())).collect(),
        }
    }

    /// An account as the admin API shows it.
    pub fn account(&self, id: &str) -> Option<Value> {
        self.accounts.get(id).map(|account| account.json(id))
    }

    /// A replica as the admin API shows it. Taking the last one out would stop the service.
    pub fn replica(&self, id: &str) -> Option<Value> {
        self.replicas.get(id).map(|replica| {
            json!({
                "id": id,
                "service": "tokens",
                "rotation": if replica.isolated.is_some() { "out" } else { "in" },
                "last_in_rotation": replica.isolated.is_none() && self.in_rotation().count() == 1,
                "error_rate": replica.error_rate,
            })
        })
    }

    /// The replicas that take new requests.
    pub fn in_rotation(&self) -> impl Iterator<Item = &str> {
        self.replicas.iter().filter(|(_, replica)| replica.isolated.is_none()).map(|(id, _)| id.as_str())
    }

    /// The share of token requests that fail now; `None` when no replica answers.
    pub fn failing(&self, at: Time) -> Option<f64> {
        let answers = |replica: &&Replica| replica.isolated.is_none_or(|since| at - since < DRAIN.delta());
        let rates: Vec<f64> =
            self.replicas.values().filter(answers).map(|replica| replica.error_rate).collect();
        (!rates.is_empty()).then(|| rates.iter().sum::<f64>() / rates.len() as f64)
    }

    /// Orders a minute over all accounts.
    pub fn orders_per_min(&self) -> u64 {
        self.accounts.values().filter(|account| account.frozen.is_none()).map(|account| account.pace).sum()
    }

    /// Does what an operator asked.
    pub fn apply(&mut self, verb: Verb, target: &str, at: Time) -> Answer {
        match verb {
            Verb::Freeze => self.change_account(target, |account| {
                account.frozen.get_or_insert(at);
            }),
            Verb::Unfreeze => self.change_account(target, |account| account.frozen = None),
            Verb::RevokeSessions => self.change_account(target, |account| {
                account.sessions = 0;
                account.logged_out = Some(at + LOGGED_OUT.delta());
            }),
            Verb::Isolate => self.change_replica(target, |replica| {
                replica.isolated.get_or_insert(at);
            }),
            Verb::Restore => self.change_replica(target, |replica| replica.isolated = None),
        }
    }

    fn change_account(&mut self, id: &str, change: impl FnOnce(&mut Account)) -> Answer {
        match self.accounts.get_mut(id) {
            Some(account) if account.protected => Answer::refusal(409, "this account is protected"),
            Some(account) => {
                change(account);
                Answer { status: 200, body: account.json(id) }
            }
            None => Answer::refusal(404, "no account has this id"),
        }
    }

    fn change_replica(&mut self, id: &str, change: impl FnOnce(&mut Replica)) -> Answer {
        let Some(replica) = self.replicas.get_mut(id) else {
            return Answer::refusal(404, "no replica has this id");
        };
        change(replica);
        Answer { status: 200, body: self.replica(id).unwrap_or_default() }
    }
}
