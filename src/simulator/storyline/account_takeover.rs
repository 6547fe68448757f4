//! Somebody else's hands on a customer's account: it grows worse until the account is frozen.

use serde_json::json;

use crate::domain::time::{Span, Time};
use crate::simulator::alert::{Alert, last_evaluation};
use crate::simulator::chance::Chance;
use crate::simulator::floor::{Account, Floor};
use crate::simulator::world::STEP;

/// The attackers open one session more in each such time.
const LOG_IN: Span = Span::secs(3);

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
    /// Failed log-ins in a second.
    pace: u64,
    /// How long they go on trying on a frozen account.
    gives_up: Span,
    /// How long the account was open to them so far.
    open: Span,
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

    /// The alert of the running attack.
    pub fn alert(&self, at: Time) -> Option<Alert> {
        (at >= self.attack.begins).then(|| self.attack.alert(self.seed, at))
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
            pace: chance.between(20, 45),
            gives_up: Span::secs(chance.between(17, 22)),
            open: Span::secs(0),
        }
    }

    fn customer(&self, seed: u64) -> Account {
        let mut chance = Chance::new(seed, "customer", self.number);
        let owner = format!("customer C-{}", chance.hex(6));
        Account::customer(owner, chance.pick("retail", &["retail-plus", "professional"]))
    }

    /// One more step with the account open.
    fn press(&mut self, account: &mut Account, at: Time) {
        self.open = Span::millis(self.open.as_millis() + STEP.as_millis());
        let open = self.open.as_millis();
        account.pace = (12 + open / 500).min(400);
        let locked_out = account.logged_out.is_some_and(|until| at < until);
        if open.is_multiple_of(LOG_IN.as_millis()) && !locked_out {
            account.sessions = (account.sessions + 1).min(40);
        }
    }

    fn alert(&self, seed: u64, at: Time) -> Alert {
        let account = &self.account;
        let (name, title) = match self.number % 3 {
            0 => ("CredentialStuffing", format!("Credential stuffing on account {account}")),
            1 => ("PasswordSpray", format!("Password spray broke account {account}")),
            _ => ("SessionTokenReplay", format!("Stolen sessions trade on account {account}")),
        };
        let seen = (last_evaluation(self.begins, at) - self.begins).num_milliseconds();
        let open = self.open.as_millis().min(u64::try_from(seen).unwrap_or(0)) / 5000 * 5;
        let failed = 180 + open * self.pace + open * open / 8;
        let placed = (1 + open / 2).min(2000);
        let mut chance = Chance::new(seed, "takeover ids", self.number);
        let requests: Vec<String> = (0..3).map(|_| format!("req-{}", chance.hex(12))).collect();
        let first_order = chance.between(40_000_000, 89_000_000);
        let orders: Vec<String> =
            (0..placed.min(4)).map(|n| format!("ORD-{}", first_order + n * 17)).collect();
        let details = json!({
            "account_id": account,
            "region": self.region,
            "logins": { "failed": failed, "succeeded": 1 + open / 3, "rule": "auth_fail_ratio_5m > 0.9" },
            "trading": { "orders_placed": placed, "order_ids": orders },
            "trace": { "request_ids": requests, "user_mapping_id": format!("usr-{}", chance.hex(8)) },
        });
        let description = format!(
            "{failed} failed log-ins from {} addresses on account {account} in {}; \
             {placed} orders from sessions opened since {}. details={details}",
            self.addresses.len(),
            self.region,
            self.begins.format("%Y-%m-%d %H:%M:%SZ"),
        );
        Alert::new(name, "auth", self.begins)
            .label("severity", "critical")
            .label("category", "unauthorized-access")
            .label("account_id", account.as_str())
            .label("region", self.region)
            .label("source_ips", self.addresses.join(","))
            .says(title, description)
    }
}
