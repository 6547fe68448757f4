//! What attackers inside an account do with an API key they made: it pays out until it is revoked.

use serde_json::json;

use crate::domain::time::{Span, Time};
use crate::simulator::alert::{Alert, EVALUATION};
use crate::simulator::chance::Chance;
use crate::simulator::floor::Account;
use crate::simulator::growth::{Growth, Stopwatch};
use crate::simulator::keys::ApiKey;
use crate::simulator::world::STEP;

/// A key is in use for so long before a rule sees it.
const NOTICED: Span = Span::secs(6);
/// Attackers who lost a key need so long inside the account to make another one.
const ANOTHER: Span = Span::secs(75);
/// How often the key withdraws.
const WITHDRAWALS: Growth = Growth { from: 5, to: 24, over: Span::mins(4) };

/// The keys of one attack, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct StolenKeys {
    seed: u64,
    /// The number of the attack.
    attack: u64,
    made: u64,
    /// How long the attackers are inside when they make the next one.
    next: Span,
    current: Option<Stolen>,
}

/// One key they made.
#[derive(Clone, Debug, PartialEq)]
struct Stolen {
    id: String,
    used: Stopwatch,
    noticed: Option<Time>,
    /// How long after its revocation the alert still fires.
    lingers: Span,
}

impl StolenKeys {
    /// None yet.
    pub fn new(seed: u64, attack: u64) -> Self {
        let next = Span::secs(Chance::new(seed, "first key", attack).between(20, 26));
        Self { seed, attack, made: 0, next, current: None }
    }

    /// One more step in which the account is open; `inside` is how long the attackers were inside so far.
    pub fn step(&mut self, account: &mut Account, address: &str, inside: Span, at: Time) {
        let Some(stolen) = &mut self.current else {
            if inside.as_millis() >= self.next.as_millis() {
                self.current = Some(self.make(account, address, at));
                self.made += 1;
            }
            return;
        };
        let Some(key) = account.keys.get_mut(&stolen.id) else { return };
        match key.revoked {
            None => {
                stolen.used.run(STEP);
                key.withdrawals = WITHDRAWALS.count(stolen.used.shown());
                if stolen.used.shown().as_millis() >= NOTICED.as_millis() {
                    stolen.noticed.get_or_insert(at);
                }
            }
            Some(since) if at - since >= stolen.lingers.delta() => {
                self.next = Span::millis(inside.as_millis() + ANOTHER.as_millis());
                self.current = None;
            }
            Some(_) => {}
        }
    }

    fn make(&self, account: &mut Account, address: &str, at: Time) -> Stolen {
        let mut chance = Chance::new(self.seed, "stolen key", self.attack * 1000 + self.made);
        let id = format!("key-{}", chance.hex(8));
        account.keys.insert(id.clone(), ApiKey::new("sync", "read trade withdraw", at, address));
        let lingers = Span::secs(chance.between(11, 16));
        Stolen { id, used: Stopwatch::ZERO, noticed: None, lingers }
    }

    /// The alert about the key in use.
    pub fn alert(&self, account: &str, region: &str, addresses: &[String]) -> Option<Alert> {
        let stolen = self.current.as_ref()?;
        let since = stolen.noticed?;
        let (name, title) = match self.attack % 3 {
            0 => ("WithdrawalsByNewKey", format!("New key drains account {account}")),
            1 => ("WithdrawalVelocity", format!("Key over limit, account {account}")),
            _ => ("KeyFromNewNetwork", format!("Far-off key, account {account}")),
        };
        let count = 1 + WITHDRAWALS.count(stolen.used.seen(EVALUATION));
        let mut chance = Chance::new(self.seed, "stolen key ids", self.attack * 1000 + self.made);
        let requests: Vec<String> = (0..3).map(|_| format!("req_{}", chance.hex(12))).collect();
        let first = chance.between(77_000_000, 78_000_000);
        let withdrawals: Vec<String> = (0..count.min(4)).map(|n| format!("wd_{}", first + n * 7)).collect();
        let id = &stolen.id;
        let description = format!(
            "{id} of account {account} was made and used within a minute from {}; {count} withdrawals, about \
             {} EUR, to an address that is not on its list. Ended sessions do not end a key.",
            addresses.first().map_or("an unknown address", String::as_str),
            count * chance.between(310, 690),
        );
        let alert = Alert::new(name, "withdrawals", since)
            .label("severity", "high")
            .label("category", "unauthorized-access")
            .label("account_id", account)
            .label("api_key", id.as_str())
            .label("region", region)
            .says(title, description)
            .details(json!({
                "account": { "id": account, "api_key": { "id": id, "scopes": ["read", "trade", "withdraw"] } },
                "user": { "mapping_id": mapping_id(self.seed, self.attack) },
                "request": { "ids": requests, "source_ips": addresses },
                "withdrawal": { "ids": withdrawals, "count": count },
                "endpoint": "/v1/withdrawals",
            }));
        Some(alert)
    }
}

/// The id under which the attacked account is known to partners.
pub fn mapping_id(seed: u64, attack: u64) -> String {
    format!("um_{}", Chance::new(seed, "user mapping", attack).hex(10))
}
