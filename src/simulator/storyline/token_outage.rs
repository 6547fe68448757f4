//! A replica of the token service goes bad: tokens fail until it is taken out of rotation.

use serde_json::json;

use crate::domain::time::{Span, Time};
use crate::simulator::alert::{Alert, EVALUATION};
use crate::simulator::chance::Chance;
use crate::simulator::floor::Floor;
use crate::simulator::growth::{Growth, Stopwatch};
use crate::simulator::world::STEP;

/// With fewer replicas than this, the platform brings mended ones back before anything else goes wrong.
const ENOUGH: usize = 3;
/// Grants that fail: clients try again, and back off only so far.
const FAILED: Growth = Growth { from: 1300, to: 3100, over: Span::mins(3) };
/// People whose token runs out: most of those who are there in the first minutes.
const AFFECTED: Growth = Growth { from: 620, to: 90, over: Span::mins(6) };
/// The share of all grants that fails at most, in percent.
const WORST_SHARE: u64 = 78;

/// The story: one bad replica after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenOutage {
    seed: u64,
    outage: Outage,
}

/// One outage.
#[derive(Clone, Debug, PartialEq)]
struct Outage {
    number: u64,
    begins: Time,
    /// The replica that went bad, once it has begun.
    replica: Option<String>,
    region: &'static str,
    /// How long grants failed so far.
    failing: Stopwatch,
    /// How long after its isolation the alert still fires, and the replica is replaced.
    recovers: Span,
}

impl TokenOutage {
    /// The story from the opening on.
    pub fn new(seed: u64, opened: Time) -> Self {
        let first = Span::millis(Chance::new(seed, "first outage", 0).between(11_000, 13_000));
        Self { seed, outage: Outage::nth(seed, 0, opened + first.delta()) }
    }

    /// Moves the story on by one step.
    pub fn step(&mut self, at: Time, floor: &mut Floor) {
        let outage = &mut self.outage;
        if at < outage.begins {
            return;
        }
        let Some(id) = &outage.replica else {
            outage.replica = outage.begin(self.seed, floor);
            return;
        };
        let Some(replica) = floor.replicas.get_mut(id) else { return };
        let Some(since) = replica.isolated else { return outage.failing.run(STEP) };
        if at - since >= outage.recovers.delta() {
            replica.mend();
            let number = outage.number + 1;
            let pause = Span::secs(Chance::new(self.seed, "outage pause", number).between(110, 200));
            self.outage = Outage::nth(self.seed, number, at + pause.delta());
        }
    }

    /// The alert of the running outage.
    pub fn alert(&self, floor: &Floor) -> Option<Alert> {
        let replica = self.outage.replica.as_deref()?;
        Some(self.outage.alert(self.seed, replica, floor.replicas.len() as u64))
    }
}

impl Outage {
    fn nth(seed: u64, number: u64, begins: Time) -> Self {
        let mut chance = Chance::new(seed, "outage", number);
        let region = chance.pick("eu-1", &["ap-2", "us-3"]);
        let recovers = Span::secs(chance.between(12, 18));
        Self { number, begins, replica: None, region, failing: Stopwatch::ZERO, recovers }
    }

    /// Makes one replica in rotation bad, and names it.
    fn begin(&self, seed: u64, floor: &mut Floor) -> Option<String> {
        if floor.in_rotation().count() < ENOUGH {
            floor.replicas.values_mut().for_each(|replica| replica.isolated = None);
        }
        let mut chance = Chance::new(seed, "bad replica", self.number);
        let candidates = floor.in_rotation().count();
        let at = chance.between(1, candidates as u64);
        let id = floor.in_rotation().zip(1..).find_map(|(id, n)| (n == at).then(|| id.to_owned()))?;
        floor.replicas.get_mut(&id)?.error_rate = chance.between(91, 99) as f64 / 100.0;
        Some(id)
    }

    fn alert(&self, seed: u64, replica: &str, replicas: u64) -> Alert {
        let (name, title, fault) = match self.number % 3 {
            0 => (
                "TokenIssuanceFailing",
                "Token issuance failing on",
                "signing key generation mismatch, kid unknown",
            ),
            1 => (
                "TokenSigningErrors",
                "Tokens with bad signatures from",
                "HSM session lost, CKR_SESSION_HANDLE_INVALID",
            ),
            _ => (
                "RefreshGrantTimeouts",
                "Refresh grants time out on",
                "connection pool exhausted, 64/64 in use",
            ),
        };
        let failing = self.failing.seen(EVALUATION);
        // Clients try again: what fails takes a growing share of all requests.
        let share = (100 / replicas.max(1) + failing.as_millis() / 4000).min(WORST_SHARE);
        let mut chance = Chance::new(seed, "outage ids", self.number);
        let requests: Vec<String> = (0..4).map(|_| format!("req_{}", chance.hex(12))).collect();
        let failed = chance.between(90, 180) + FAILED.count(failing);
        let last = json!({
            "request": { "id": format!("req_{}", chance.hex(12)) },
            "user": { "mapping_id": format!("um_{}", chance.hex(10)) },
            "error": fault,
        });
        let details = json!({
            "replica": replica,
            "grants": { "failed": failed, "share_percent": share, "error": fault },
            "request": { "ids": requests, "endpoint": "/oauth2/token", "sdk_version": "client-kit 4.18.2" },
            "impact": { "users": { "at_least": 400 + AFFECTED.count(failing), "counted": "distinct subjects" } },
        });
        let description = format!(
            "{share} % of token grants fail in {}; all failures end on {replica}: {fault}. \
             Log-ins and API order entry that need a new token are refused since {}. First refusal: {last}",
            self.region,
            self.begins.format("%Y-%m-%d %H:%M:%SZ"),
        );
        Alert::new(name, "tokens", self.begins)
            .label("severity", "page")
            .label("category", "outage")
            .label("replica", replica)
            .label("region", self.region)
            .says(format!("{title} {replica}"), description)
            .details(details)
    }
}
