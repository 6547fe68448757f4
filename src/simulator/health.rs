//! How well a service of the exchange does.

use serde_json::{Value, json};

use super::alert::written;
use super::chance::Chance;
use super::floor::Floor;
use super::releases::Releases;
use crate::domain::time::{Span, Time};

/// From this share of failed requests on, the service calls itself degraded.
const DEGRADED: f64 = 0.02;

/// A service that has a health endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Takes orders.
    Gateway,
    /// Logs people in.
    Auth,
    /// Issues access tokens.
    Tokens,
    /// Tells partners what happened.
    Webhooks,
    /// Pays out.
    Withdrawals,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Gateway, Self::Auth, Self::Tokens, Self::Webhooks, Self::Withdrawals];

    /// Its name in paths and labels.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Auth => "auth",
            Self::Tokens => "tokens",
            Self::Webhooks => "webhooks",
            Self::Withdrawals => "withdrawals",
        }
    }

    /// The service of this name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.word() == word)
    }

    /// Its usual median latency in milliseconds.
    fn median(self) -> u64 {
        match self {
            Self::Gateway => 3,
            Self::Auth => 42,
            Self::Tokens => 14,
            Self::Webhooks => 21,
            Self::Withdrawals => 65,
        }
    }
}

/// What a health endpoint says.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// 200, or 503 when not well.
    pub status: u16,
    /// The JSON body.
    pub body: Value,
    /// How long the endpoint takes to say so.
    pub takes: Span,
}

/// Looks at a service. `backlog`: webhooks wait for delivery.
pub fn look(service: Service, seed: u64, floor: &Floor, backlog: bool, at: Time) -> Health {
    let failing = match service {
        Service::Tokens => floor.failing(at),
        _ => Some(floor.faulty(service, at)),
    };
    let word = match failing {
        None => "down",
        Some(share) if share >= DEGRADED => "degraded",
        Some(_) if backlog && service == Service::Webhooks => "degraded",
        Some(_) => "ok",
    };
    let strain = if word == "ok" { 1 } else { 9 };
    let second = u64::try_from(at.timestamp()).unwrap_or(0);
    let mut chance = Chance::new(seed, service.word(), second);
    let median = strain * chance.between(service.median() * 3 / 4, service.median() * 3 / 2);
    let slowest = median * chance.between(4, 7);
    let mut body = json!({
        "status": word,
        "service": service.word(),
        "version": floor.releases.get(&service).map(Releases::running_version),
        "failing_share": failing,
        "checked_at": written(at),
        "latency_ms": { "p50": median, "p99": slowest },
    });
    if let Some(body) = body.as_object_mut() {
        match service {
            Service::Gateway => {
                body.insert("orders_per_min".to_owned(), json!(floor.orders_per_min(at)));
            }
            Service::Tokens => {
                body.insert("replicas_in_rotation".to_owned(), json!(floor.in_rotation().count()));
                body.insert("replicas".to_owned(), json!(floor.replicas.len()));
            }
            Service::Auth | Service::Webhooks | Service::Withdrawals => {}
        }
    }
    Health { status: if word == "ok" { 200 } else { 503 }, body, takes: Span::millis(median) }
}
