//! What the exchange has: its accounts, the replicas of its token service and the versions of all services.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::chance::Chance;
use super::effects::{Answer, Verb};
use super::health::Service;
use super::keys::ApiKey;
use super::releases::Releases;
use crate::domain::time::{Span, Time};

/// The account nobody may freeze: without it the order books are empty.
pub const MARKET_MAKER: &str = "70001";

/// How long a replica or a version that takes no new requests still answers what it had begun.
pub const DRAIN: Span = Span::secs(3);
/// How long nobody logs in again after sessions were revoked.
const LOGGED_OUT: Span = Span::secs(20);
/// What an account orders a minute when nothing is wrong.
pub const USUAL_PACE: u64 = 12;
/// How old the keys of quiet days are.
pub const LONG_AGO: Span = Span::mins(60 * 24 * 211);
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
    /// Its API keys, by id.
    pub keys: BTreeMap<String, ApiKey>,
}

impl Account {
    /// A customer's account on a quiet day, with the keys it had before.
    pub fn customer(owner: String, tier: &'static str, keys: BTreeMap<String, ApiKey>) -> Self {
        Self {
            owner,
            tier,
            protected: false,
            sessions: 2,
            pace: USUAL_PACE,
            frozen: None,
            logged_out: None,
            keys,
        }
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
            "api_keys": self.keys.values().filter(|key| key.revoked.is_none()).count(),
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

/// Accounts and replicas by id, and the versions of each service.
#[derive(Clone, Debug, PartialEq)]
pub struct Floor {
    /// Customers and the market maker.
    pub accounts: BTreeMap<String, Account>,
    /// The token service's replicas.
    pub replicas: BTreeMap<String, Replica>,
    /// The versions of each service.
    pub releases: BTreeMap<Service, Releases>,
}

impl Floor {
    /// The exchange at opening.
    pub fn new(seed: u64, opened: Time) -> Self {
        let mut chance = Chance::new(seed, "floor", 0);
        let quoting = ApiKey::new("quoting engine", "read trade", opened - LONG_AGO.delta(), "203.0.113.70");
        let market_maker = Account {
            owner: "liquidity desk 07".to_owned(),
            tier: "market-maker",
            protected: true,
            sessions: 6,
            pace: 5400,
            frozen: None,
            logged_out: None,
            keys: BTreeMap::from([("key-70001a5c".to_owned(), quoting)]),
        };
        let count = chance.between(4, 6);
        let replica = Replica { error_rate: USUAL_ERRORS, isolated: None };
        Self {
            accounts: BTreeMap::from([(MARKET_MAKER.to_owned(), market_maker)]),
            replicas: (1..=count).map(|n| (format!("tok-{n}"), replica.clone())).collect(),
            releases: Service::ALL
                .into_iter()
                .map(|service| (service, Releases::new(service, seed, opened)))
                .collect(),
        }
    }

    /// An account as the admin API shows it.
    pub fn account(&self, id: &str) -> Option<Value> {
        self.accounts.get(id).map(|account| account.json(id))
    }

    /// Opens a customer's account, unless there is one of that id.
    pub fn open_account(&mut self, id: &str) {
        let customer = || Account::customer(format!("customer {id}"), "retail", BTreeMap::new());
        self.accounts.entry(id.to_owned()).or_insert_with(customer);
    }

    /// An account's keys as the admin API shows them.
    pub fn keys(&self, account: &str) -> Option<Vec<Value>> {
        let keys = self.accounts.get(account)?.keys.keys();
        Some(keys.filter_map(|key| self.key(account, key)).collect())
    }

    /// One key of an account.
    pub fn key(&self, account: &str, key: &str) -> Option<Value> {
        let owner = self.accounts.get(account)?;
        Some(owner.keys.get(key)?.json(key, account, owner.protected))
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

    /// The share of a service's requests that fail because of its version.
    pub fn faulty(&self, service: Service, at: Time) -> f64 {
        self.releases.get(&service).map_or(0.0, |releases| releases.failing(at))
    }

    /// Orders a minute over all accounts, as far as the gateway takes them.
    pub fn orders_per_min(&self, at: Time) -> u64 {
        let trading = self.accounts.values().filter(|account| account.frozen.is_none());
        let sent: u64 = trading.map(|account| account.pace).sum();
        (sent as f64 * (1.0 - self.faulty(Service::Gateway, at))) as u64
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
            Verb::RevokeKey => {
                let (account, key) = target.split_once('/').unwrap_or((target, ""));
                self.revoke_key(account, key, at)
            }
            Verb::RollBack => {
                let (service, version) = target.split_once('/').unwrap_or((target, ""));
                let releases = Service::named(service).and_then(|service| self.releases.get_mut(&service));
                let unknown = || Answer::refusal(404, "no service has this name");
                releases.map_or_else(unknown, |releases| releases.roll_back(version, at))
            }
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

    fn revoke_key(&mut self, account: &str, id: &str, at: Time) -> Answer {
        match self
            .accounts
            .get_mut(account)
            .and_then(|owner| Some((owner.protected, owner.keys.get_mut(id)?)))
        {
            Some((true, _)) => Answer::refusal(409, "this account is protected, and so are its keys"),
            Some((false, key)) => {
                key.revoked.get_or_insert(at);
                Answer { status: 200, body: key.json(id, account, false) }
            }
            None => Answer::refusal(404, "this account has no such key"),
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
