//! What is always a little wrong: alerts that come and go by themselves.

use serde_json::{Value, json};

use crate::domain::time::{Span, Time};
use crate::simulator::alert::{Alert, last_evaluation};
use crate::simulator::chance::Chance;
use crate::simulator::floor::MARKET_MAKER;

/// An alert that nobody has to do anything about in the demo.
struct Rule {
    name: &'static str,
    service: &'static str,
    labels: &'static [(&'static str, &'static str)],
    summary: &'static str,
    /// How long it fired before the exchange opened.
    before: Span,
    /// How long it fires, and how long it then rests; `None` fires for ever.
    rhythm: Option<(Span, Span)>,
    /// The description; `{n}` is a number that moves.
    description: &'static str,
    /// The range of that number.
    range: (u64, u64),
    /// What programs know of it, if they do.
    details: Option<fn(&mut Chance) -> Value>,
    /// Where its runbook stands, if the exchange does not serve it itself.
    runbook: Option<&'static str>,
}

const WEBHOOK_BACKLOG: &str = "WebhookBacklog";

const RULES: &[Rule] = &[
    Rule {
        name: WEBHOOK_BACKLOG,
        service: "webhooks",
        labels: &[("severity", "high"), ("category", "integration"), ("queue", "partner-out")],
        summary: "Webhook deliveries delayed, partner-out backlog",
        before: Span::mins(48),
        rhythm: Some((Span::mins(9), Span::mins(6))),
        description: "{n} deliveries wait in partner-out, the oldest for 14 min; retry budget of 3 endpoints spent (HTTP 504).",
        range: (2800, 3400),
        details: Some(waiting_events),
        runbook: None,
    },
    Rule {
        name: "ConsumerLag",
        service: "orders",
        labels: &[
            ("severity", "high"),
            ("category", "anomaly"),
            ("topic", "orders-v2"),
            ("group", "risk-engine"),
        ],
        summary: "Consumer lag on orders-v2, group risk-engine",
        before: Span::mins(23),
        rhythm: Some((Span::mins(12), Span::mins(5))),
        description: "risk-engine is {n} messages behind on orders-v2, partitions 3,7,11; rebalance loop, max.poll.interval.ms exceeded.",
        range: (41_000, 58_000),
        details: Some(unread_orders),
        runbook: None,
    },
    Rule {
        name: "LoginLatencyHigh",
        service: "auth",
        labels: &[("severity", "error"), ("category", "anomaly"), ("region", "ap-2"), ("quantile", "0.99")],
        summary: "Login p99 latency over 800 ms in ap-2",
        before: Span::mins(12),
        rhythm: Some((Span::mins(6), Span::mins(7))),
        description: "histogram_quantile(0.99, login_duration) = {n} ms in ap-2 over 10m; session-store reads miss the cache.",
        range: (830, 1190),
        details: None,
        runbook: None,
    },
    Rule {
        name: "LedgerDrift",
        service: "withdrawals",
        labels: &[("category", "integrity"), ("asset", "XQD"), ("job", "reconcile-15m")],
        summary: "Reconcile-15m: hot wallet and ledger differ",
        before: Span::mins(31),
        rhythm: Some((Span::mins(14), Span::mins(9))),
        description: "hot wallet minus ledger = {n} minor units XQD after two runs; first unmatched entry wd-77120934.",
        range: (1200, 1900),
        details: None,
        runbook: None,
    },
    Rule {
        name: "CertExpiry",
        service: "gateway",
        labels: &[("severity", "normal"), ("category", "outage"), ("cn", "api-eu.exchange.example")],
        summary: "Certificate api-eu expires in 13 days",
        before: Span::mins(190),
        rhythm: None,
        description: "x509 notAfter of api-eu.exchange.example is 13 days away; the ACME order failed (dns-01, NXDOMAIN).",
        range: (0, 0),
        details: None,
        runbook: Some("https://wiki.exchange.example/platform/certificates?renew=api-eu#dns-01"),
    },
    Rule {
        name: "OrderToTradeRatio",
        service: "surveillance",
        labels: &[
            ("severity", "normal"),
            ("category", "anomaly"),
            ("account_id", MARKET_MAKER),
            ("book", "XQD-EUR"),
        ],
        summary: "Order-to-trade ratio over limit on 70001",
        before: Span::mins(27),
        rhythm: Some((Span::mins(16), Span::mins(11))),
        description: "{n} orders per trade on XQD-EUR over 5m, limit 120; quoting account of the liquidity desk.",
        range: (124, 171),
        details: None,
        runbook: None,
    },
    Rule {
        name: "ReplicaFlapping",
        service: "gateway",
        labels: &[("severity", "normal"), ("category", "anomaly"), ("replica", "gw-3"), ("region", "eu-1")],
        summary: "Replica gw-3 flaps in and out of readiness",
        before: Span::mins(2),
        rhythm: Some((Span::secs(80), Span::secs(45))),
        description: "gw-3 changed readiness {n} times in 10 min; liveness ok, readiness probe times out after 1 s.",
        range: (5, 11),
        details: None,
        runbook: None,
    },
    Rule {
        name: "Watchdog",
        service: "monitoring",
        labels: &[("severity", "none")],
        summary: "The alert that always fires",
        before: Span::mins(1440),
        rhythm: None,
        description: "It shows that alerts get through.",
        range: (0, 0),
        details: None,
        runbook: None,
    },
];

/// The background alerts firing at `at`.
pub fn alerts(seed: u64, opened: Time, at: Time) -> Vec<Alert> {
    RULES.iter().filter_map(|rule| rule.alert(seed, opened, at)).collect()
}

/// Whether webhooks wait for delivery.
pub fn webhooks_wait(seed: u64, opened: Time, at: Time) -> bool {
    RULES.iter().any(|rule| rule.name == WEBHOOK_BACKLOG && rule.firing_since(seed, opened, at).is_some())
}

impl Rule {
    fn alert(&self, seed: u64, opened: Time, at: Time) -> Option<Alert> {
        let since = self.firing_since(seed, opened, at)?;
        let evaluated = u64::try_from(last_evaluation(since, at).timestamp() / 30).unwrap_or(0);
        let number = Chance::new(seed, self.name, evaluated).between(self.range.0, self.range.1);
        let mut alert = Alert::new(self.name, self.service, since)
            .says(self.summary, self.description.replace("{n}", &number.to_string()));
        alert.details = self.details.map(|details| {
            let period = u64::try_from(since.timestamp()).unwrap_or(0);
            details(&mut Chance::new(seed, self.summary, period))
        });
        alert.runbook = self.runbook;
        alert.labels.extend(self.labels.iter().map(|(key, value)| (*key, (*value).to_owned())));
        Some(alert)
    }

    /// When the firing period that `at` lies in began.
    fn firing_since(&self, seed: u64, opened: Time, at: Time) -> Option<Time> {
        let mut chance = Chance::new(seed, self.name, u64::MAX);
        let mut vary = |span: Span| Span::millis(span.as_millis() * chance.between(85, 115) / 100).delta();
        let first = opened - vary(self.before);
        let Some((fires, rests)) = self.rhythm else { return Some(first) };
        let (fires, rests) = (vary(fires), vary(rests));
        let quiet_from = opened + fires;
        if at < quiet_from {
            return Some(first);
        }
        let period = (fires + rests).num_milliseconds().max(1);
        let whole = (at - quiet_from).num_milliseconds() / period * period;
        let since = quiet_from + chrono::TimeDelta::milliseconds(whole) + rests;
        (since <= at).then_some(since)
    }
}

fn ids(chance: &mut Chance, kind: &str, count: usize) -> Vec<String> {
    (0..count).map(|_| format!("{kind}_{}", chance.hex(10))).collect()
}

fn waiting_events(chance: &mut Chance) -> Value {
    let [first, second] = [chance.between(11, 49), chance.between(50, 98)];
    json!({
        "webhook": { "queue": "partner-out", "event_ids": ids(chance, "evt", 5) },
        "user": { "mapping_ids": ids(chance, "um", 2) },
        "deliveries": [
            { "partner": format!("p-{first}"), "endpoint": "/hooks/fills", "status": 504 },
            { "partner": format!("p-{second}"), "endpoint": "/hooks/balances", "status": 504 },
        ],
    })
}

fn unread_orders(chance: &mut Chance) -> Value {
    json!({
        "topic": "orders-v2",
        "oldest_unread": { "order": { "ids": ids(chance, "ord", 3) }, "request": { "ids": ids(chance, "req", 3) } },
    })
}
