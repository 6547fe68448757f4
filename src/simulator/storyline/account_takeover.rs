//! Somebody else's hands on a customer's account: it grows worse until the account is frozen.

use std::collections::BTreeMap;

use serde_json::json;

use super::stolen_key::{StolenKeys, mapping_id};
use crate::domain::time::{Span, Time};
use crate::simulator::alert::{Alert, EVALUATION};
use crate::simulator::chance::Chance;
use crate::simulator::floor::{Account, Floor, LONG_AGO, USUAL_PACE};
use crate::simulator::growth::{Growth, Stopwatch};
use crate::simulator::keys::ApiKey;
use crate::simulator::world::STEP;

/// The attackers open one session more in each such time.
const LOG_IN: Span = Span::secs(3);
/// So many sessions an account may have.
const SESSIONS: u64 = 40;
/// Orders they place from inside.
const ORDERS: Growth = Growth { from: 20, to: 400, over: Span::secs(200) };

/// The story: one attack after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountTakeover {
    seed: u64,
    attack: Attack,
}

/// One attack on one account.
#[derive(Clone, Debug, PartialEq)]
struct Attack {
    number: u64,
    begins: Time,
    account: String,
    region: &'static str,
    addresses: Vec<String>,
    /// Failed log-ins.
    failing: Growth,
    /// How long they go on trying on a frozen account.
    gives_up: Span,
    /// How long the account was open to them so far.
    open: Stopwatch,
    /// How long they had sessions on it so far.
    inside: Stopwatch,
    keys: StolenKeys,
}

impl AccountTakeover {
    /// The story from the opening on.
    pub fn new(seed: u64, opened: Time) -> Self {
        let first = Span::millis(Chance::new(seed, "first takeover", 0).between(3500, 4500));
        Self { seed, attack: Attack::nth(seed, 0, opened + first.delta()) }
    }

    /// Moves the story on by one step.
    pub fn step(&mut self, at: Time, floor: &mut Floor) {
        let attack = &mut self.attack;
        if at < attack.begins {
            return;
        }
        let customer = || attack.customer(self.seed);
        let account = floor.accounts.entry(attack.account.clone()).or_insert_with(customer);
        match account.frozen {
            None => attack.press(account, at),
            Some(since) if at - since < attack.gives_up.delta() => {}
            Some(_) => {
                account.calm();
                let number = attack.number + 1;
                let pause = Span::secs(Chance::new(self.seed, "takeover pause", number).between(75, 150));
                self.attack = Attack::nth(self.seed, number, at + pause.delta());
            }
        }
    }

    /// The alerts of the running attack: about the account, and about a key its attackers made.
    pub fn alerts(&self, at: Time) -> impl Iterator<Item = Alert> {
        let attack = &self.attack;
        let taken = (at >= attack.begins).then(|| attack.alert(self.seed));
        taken.into_iter().chain(attack.keys.alert(&attack.account, attack.region, &attack.addresses))
    }
}

impl Attack {
    fn nth(seed: u64, number: u64, begins: Time) -> Self {
        let mut chance = Chance::new(seed, "takeover", number);
        let smallest = chance.pick(10_000, &[100_000, 1_000_000]);
        let account = chance.between(smallest, smallest * 10 - 1).to_string();
        let region = chance.pick("eu-1", &["ap-2", "us-3"]);
        let addresses = (0..chance.between(3, 5))
            .map(|_| {
                let network = chance.pick("192.0.2", &["198.51.100", "203.0.113"]);
                format!("{network}.{}", chance.between(1, 254))
            })
            .collect();
        Self {
            number,
            begins,
            account,
            region,
            addresses,
            failing: {
                let pace = chance.between(1200, 2700);
                Growth { from: pace, to: pace * 2, over: Span::mins(4) }
            },
            gives_up: Span::secs(chance.between(17, 22)),
            open: Stopwatch::ZERO,
            inside: Stopwatch::ZERO,
            keys: StolenKeys::new(seed, number),
        }
    }

    fn customer(&self, seed: u64) -> Account {
        let mut chance = Chance::new(seed, "customer", self.number);
        let owner = format!("customer C-{}", chance.hex(6));
        let tier = chance.pick("retail", &["retail-plus", "professional"]);
        let own = ApiKey::new("tax report", "read", self.begins - LONG_AGO.delta(), "198.51.100.23");
        Account::customer(owner, tier, BTreeMap::from([(format!("key-{}", chance.hex(8)), own)]))
    }

    /// One more step with the account open.
    fn press(&mut self, account: &mut Account, at: Time) {
        self.open.run(STEP);
        let locked_out = account.logged_out.is_some_and(|until| at < until);
        if self.open.shown().as_millis().is_multiple_of(LOG_IN.as_millis()) && !locked_out {
            account.sessions = (account.sessions + 1).min(SESSIONS);
        }
        account.pace = USUAL_PACE;
        if account.sessions > 0 {
            self.inside.run(STEP);
            account.pace += ORDERS.rate(self.inside.shown());
        }
        let address = self.addresses.first().map_or("", String::as_str);
        self.keys.step(account, address, self.inside.shown(), at);
    }

    fn alert(&self, seed: u64) -> Alert {
        let account = &self.account;
        let (name, title) = match self.number % 3 {
            0 => ("CredentialStuffing", format!("Credential stuffing on account {account}")),
            1 => ("PasswordSpray", format!("Password spray broke account {account}")),
            _ => ("SessionTokenReplay", format!("Stolen sessions trade on account {account}")),
        };
        let open = self.open.seen(EVALUATION);
        let failed = 180 + self.failing.count(open);
        let placed = 1 + ORDERS.count(self.inside.seen(EVALUATION));
        let mut chance = Chance::new(seed, "takeover ids", self.number);
        let requests: Vec<String> = (0..3).map(|_| format!("req_{}", chance.hex(12))).collect();
        let first_order = chance.between(40_000_000, 89_000_000);
        let orders: Vec<String> =
            (0..placed.min(4)).map(|n| format!("ord_{}", first_order + n * 17)).collect();
        let details = json!({
            "account": { "id": account, "region": self.region },
            "user": { "mapping_id": mapping_id(seed, self.number) },
            "request": { "ids": requests, "endpoint": "/v1/sessions" },
            "order": { "ids": orders, "placed": placed, "endpoint": "/v1/orders" },
            "logins": { "failed": failed, "succeeded": 1 + open.as_millis() / 3000 },
        });
        let description = format!(
            "{failed} failed log-ins from {} addresses on account {account} in {}; \
             {placed} {} from sessions opened since {}.",
            self.addresses.len(),
            self.region,
            if placed == 1 { "order" } else { "orders" },
            self.begins.format("%Y-%m-%d %H:%M:%SZ"),
        );
        Alert::new(name, "auth", self.begins)
            .label("severity", "critical")
            .label("category", "unauthorized-access")
            .label("account_id", account.as_str())
            .label("region", self.region)
            .label("source_ips", self.addresses.join(","))
            .says(title, description)
            .details(details)
    }
}
