//! Incidents, sources and monitors as the tests of the console look at them.

use quell::domain::action::Outcome;
use quell::domain::category::Category;
use quell::domain::freshness::SourceStatus;
use quell::domain::incident::{Incident, Joined};
use quell::domain::monitor::{Health, MonitorStatus};
use quell::domain::opening::{Joining, Opening};
use quell::domain::operator::Actor;
use quell::domain::record::Entry;
use quell::domain::severity::Severity;
use quell::domain::signal::{Labels, SignalKey};
use quell::domain::text::Outside;
use quell::domain::time::Span;

use crate::support::board::{at, record};

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(key, value)| (Outside::new(*key), Outside::new(*value))).collect()
}
/// An incident that prod-am opened.
pub fn incident(number: u64, severity: Severity, opened: &str, title: &str) -> Incident {
    with_labels(
        number,
        severity,
        opened,
        title,
        &[("service", "trading"), ("pod", "gw-2"), ("account_id", "88213")],
    )
}

pub fn with_labels(
    number: u64,
    severity: Severity,
    opened: &str,
    title: &str,
    pairs: &[(&str, &str)],
) -> Incident {
    let mut all = labels(pairs);
    all.insert(Outside::new("alertname"), Outside::new("OrderGatewayDown"));
    let joining = Joining {
        sensitive: quell::domain::sensitive::Said::new(),
        key: SignalKey { source: "prod-am".into(), fingerprint: Outside::new(format!("5f3c{number}")) },
        title: Outside::new(title),
        severity,
        unmapped: false,
        labels: all.into(),
        since: at(opened),
        policy: None,
        held_by: None,
        watched: false,
    };
    let opening = Opening {
        title: Outside::new(title),
        severity,
        unmapped: false,
        category: Category::Outage,
        service: Outside::new("trading"),
        group: None,
        signal: Some(Box::new(joining)),
        because: Outside::new("rule: severity=page"),
        labels: Labels::new().into(),
        ack_due: None,
        recurrence_of: None,
        reported: None,
    };
    Incident::open(&record(number, at(opened), Actor::Engine, Entry::Opened(Box::new(opening)))).unwrap()
}

/// How it was opened, as the record says it: the incident has its first signal among the others.
pub fn opening(incident: &Incident) -> Opening {
    let first = incident.signals.iter().next().map(|(key, joined)| Box::new(joining(key, joined)));
    Opening { signal: first, ..incident.opening.clone() }
}

/// As the record says it with which it joined.
pub fn joining(key: &str, joined: &Joined) -> Joining {
    let (source, fingerprint) = key.split_once('\0').unwrap();
    Joining {
        key: SignalKey { source: source.into(), fingerprint: Outside::new(fingerprint) },
        title: joined.title.clone(),
        severity: joined.severity,
        unmapped: joined.unmapped,
        labels: joined.labels.clone(),
        sensitive: (*joined.sensitive).clone(),
        since: joined.since,
        policy: None,
        held_by: None,
        watched: false,
    }
}

pub fn source(name: &str, as_of: Option<&str>) -> SourceStatus {
    SourceStatus { as_of: as_of.map(at), ..SourceStatus::never(name, Span::secs(15)) }
}

pub fn monitor(name: &str, health: Health, as_of: &str) -> MonitorStatus {
    MonitorStatus {
        source: source(name, Some(as_of)),
        kind: "http".into(),
        service: "auth".into(),
        target: format!("https://{name}.example.com/health"),
        severity: Severity::Critical,
        health,
        since: Some(at("13:00:00")),
        streak: if health == Health::Up { 40 } else { -3 },
        wrong: (health == Health::Down).then(|| Outside::new("connection refused")),
        says: (health == Health::Up).then(|| Outside::new("status 200, 1.2 KiB")),
        samples: [Some(40), Some(42), None, Some(120), Some(80)].into_iter().collect(),
        ..MonitorStatus::never(name, Span::secs(15))
    }
}
/// An answer of the other side.
pub fn answered(action: u32, outcome: Outcome, detail: &str) -> Entry {
    Entry::answered(action, outcome, Outside::new(detail))
}
