//! What we say among ourselves, and what readers understand; configuration adds to both.

/// A word of ours, in small letters.
pub(super) struct Jargon {
    pub(super) jargon: &'static str,
    /// What to say instead.
    pub(super) plain: &'static str,
    /// Who builds on the platform knows it.
    pub(super) is_known_to_partners: bool,
}

const fn ours(jargon: &'static str, plain: &'static str) -> Jargon {
    Jargon { jargon, plain, is_known_to_partners: false }
}

const fn technical(jargon: &'static str, plain: &'static str) -> Jargon {
    Jargon { jargon, plain, is_known_to_partners: true }
}

const SYSTEM: &str = "\"one of our systems\"";

pub(super) const JARGON: &[Jargon] = &[
    ours("alertmanager", SYSTEM),
    ours("backend", "\"our systems\""),
    ours("back-end", "\"our systems\""),
    ours("blast radius", "who is affected"),
    ours("canary", "that a change reached a few customers first"),
    ours("config push", "\"a change\""),
    ours("container", SYSTEM),
    ours("crash loop", "that it keeps stopping"),
    ours("crashloop", "that it keeps stopping"),
    ours("crashloopbackoff", "that it keeps stopping"),
    ours("credential stuffing", "that somebody tried passwords stolen elsewhere"),
    ours("deadlock", "that it stopped"),
    ours("degraded performance", "\"slower than usual\""),
    ours("degraded state", "what does not work"),
    ours("deployed", "\"changed\""),
    ours("deployment", "\"a change\""),
    ours("downstream", "who or what depends on it"),
    ours("egress", "\"connections to the outside\""),
    ours("error budget", "how long it did not work"),
    ours("exfiltrated", "\"copied\""),
    ours("exfiltration", "that data was copied"),
    ours("failover", "\"the switch to our standby system\""),
    ours("fail over", "\"switch to our standby system\""),
    ours("failed over", "\"switched to our standby system\""),
    ours("feature flag", "\"a setting\""),
    ours("front-end", "\"the website\" or \"the app\""),
    ours("frontend", "\"the website\" or \"the app\""),
    ours("garbage collection", "\"a fault\""),
    ours("grafana", SYSTEM),
    ours("heap", SYSTEM),
    ours("hotfix", "\"a correction\""),
    ours("hypervisor", SYSTEM),
    ours("ingress", "\"connections to us\""),
    ours("k8s", SYSTEM),
    ours("kafka", SYSTEM),
    ours("kubernetes", SYSTEM),
    ours("load balancer", SYSTEM),
    ours("memory leak", "\"a fault\""),
    ours("microservice", SYSTEM),
    ours("mtta", "how long it took"),
    ours("mttr", "how long it took"),
    ours("nginx", SYSTEM),
    ours("node", SYSTEM),
    ours("null pointer", "\"a fault\""),
    ours("on-call", "\"our team\""),
    ours("oom", "that it stopped"),
    ours("oomkilled", "that it stopped"),
    ours("out of memory", "that it stopped"),
    ours("p50", "how slow it is"),
    ours("p95", "how slow it is"),
    ours("p99", "how slow it is"),
    ours("percentile", "how slow it is"),
    ours("playbook", "what is being done"),
    ours("pod", SYSTEM),
    ours("postgres", SYSTEM),
    ours("privilege escalation", "what somebody could do that they may not"),
    ours("prometheus", SYSTEM),
    ours("queue depth", "how many are waiting"),
    ours("race condition", "\"a fault\""),
    ours("redis", SYSTEM),
    ours("regression", "\"a fault in a recent change\""),
    ours("remediated", "\"corrected\""),
    ours("remediation", "\"a correction\""),
    ours("replica", SYSTEM),
    ours("replication lag", "\"a delay\""),
    ours("rollback", "that a change was undone"),
    ours("runbook", "what is being done"),
    ours("segfault", "\"a fault\""),
    ours("sev1", "how bad it is for readers"),
    ours("sev2", "how bad it is for readers"),
    ours("shard", SYSTEM),
    ours("sidecar", SYSTEM),
    ours("split brain", "\"a fault\""),
    ours("stack trace", "\"a fault\""),
    ours("threat actor", "\"an attacker\" or \"somebody\""),
    ours("token issuance", "\"signing in\""),
    ours("token issuer", "\"signing in\""),
    ours("upstream", "\"a provider\""),
    ours("war room", "that our team works on it"),
    technical("4xx", "that requests fail"),
    technical("5xx", "that requests fail"),
    technical("api error", "that requests fail"),
    technical("endpoint", "what does not work"),
    technical("error rate", "how many requests fail"),
    technical("http 500", "that requests fail"),
    technical("http 502", "that requests fail"),
    technical("http 503", "that requests fail"),
    technical("idempotent", "that repeating does no harm"),
    technical("latencies", "\"delays\""),
    technical("latency", "\"delay\""),
    technical("packet loss", "\"lost connections\""),
    technical("rate limit", "\"a limit\""),
    technical("rate limiting", "\"a limit\""),
    technical("throttled", "\"limited\""),
    technical("throttling", "\"a limit\""),
    technical("throughput", "how much we can handle"),
    technical("timeout", "\"requests that take too long\""),
    technical("webhook", "\"automatic messages\""),
];

/// Abbreviations readers of an exchange know.
pub(super) const KNOWN: &[&str] = &[
    "ACH", "AM", "APP", "ATM", "BST", "CEO", "CET", "CEST", "COVID", "CST", "EDT", "EEA", "EST", "EU", "FAQ",
    "GMT", "HKT", "IBAN", "ID", "JST", "KYC", "NFT", "OK", "PDF", "PDT", "PIN", "PM", "PST", "QR", "SEPA",
    "SGT", "SMS", "SWIFT", "UAE", "UK", "US", "USA", "UTC", "VIP", "2FA", "24H", "B2B", "H1", "H2", "L2",
    "P2P", "Q1", "Q2", "Q3", "Q4", // Currencies and coins.
    "ADA", "ARB", "ATOM", "AUD", "AVAX", "BCH", "BNB", "BRL", "BTC", "CAD", "CHF", "CNY", "DAI", "DOGE",
    "DOT", "ETC", "ETF", "ETH", "EUR", "FDUSD", "GBP", "HKD", "INR", "JPY", "KRW", "LINK", "LTC", "MATIC",
    "MXN", "NEAR", "NGN", "PEPE", "POL", "SGD", "SHIB", "SOL", "SUI", "TON", "TRX", "TRY", "TUSD", "UNI",
    "USD", "USDC", "USDT", "WBTC", "XLM", "XMR", "XRP", "ERC20", "TRC20", "BEP20",
];

/// What pairs are quoted in: "XYZ/USDT" names a coin.
pub(super) const QUOTES: [&str; 7] = ["USDT", "USDC", "USD", "EUR", "GBP", "BTC", "ETH"];

/// Abbreviations that who builds on the platform knows.
pub(super) const KNOWN_TO_PARTNERS: &[&str] = &[
    "API", "CSV", "DNS", "FIX", "HTTP", "HTTPS", "IP", "JSON", "REST", "SDK", "SLA", "SSL", "TLS", "URL",
    "WS",
];

/// Plain words that people write in capitals.
pub(super) const EMPHASIS: &[&str] = &[
    "ALL", "AND", "ANY", "ARE", "AT", "BE", "CAN", "CANNOT", "DO", "FINAL", "FOR", "FROM", "HAS", "IF", "IN",
    "IS", "IT", "LIVE", "MAY", "MUST", "NEVER", "NEW", "NO", "NONE", "NOT", "NOTE", "NOW", "OF", "ON",
    "ONLY", "OR", "OUR", "OUT", "OVER", "PLEASE", "STILL", "THE", "THIS", "TO", "UNTIL", "UPDATE", "WE",
    "WILL", "YES", "YOU", "YOUR",
];
