//! An alert the exchange's own rules raise, in Alertmanager's form.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::time::{Span, Time};

/// How often the rules run; alerts change at most that often.
pub const EVALUATION: Span = Span::secs(5);
/// How long after an evaluation an alert would resolve by itself.
const RESOLVE: Span = Span::mins(4);

/// A firing alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// What it is about; its identity.
    pub labels: BTreeMap<&'static str, String>,
    /// The title, at most 60 characters.
    pub summary: String,
    /// What is known.
    pub description: String,
    /// What programs know of it: an object, written into one annotation.
    pub details: Option<Value>,
    /// Where its runbook stands, if the exchange does not serve it itself.
    pub runbook: Option<&'static str>,
    /// When it began to fire.
    pub since: Time,
}

impl Alert {
    /// An alert of a rule about a service.
    pub fn new(name: &str, service: &str, since: Time) -> Self {
        let labels = BTreeMap::from([("alertname", name.to_owned()), ("service", service.to_owned())]);
        Self {
            labels,
            summary: String::new(),
            description: String::new(),
            details: None,
            runbook: None,
            since,
        }
    }

    /// With one more label.
    #[must_use]
    pub fn label(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.labels.insert(key, value.into());
        self
    }

    /// With its texts.
    #[must_use]
    pub fn says(mut self, summary: impl Into<String>, description: impl Into<String>) -> Self {
        self.summary = summary.into();
        self.description = description.into();
        self
    }

    /// With what programs know of it.
    #[must_use]
    pub fn details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// One label's value, empty where there is none.
    pub fn value(&self, key: &str) -> &str {
        self.labels.get(key).map_or("", String::as_str)
    }

    /// The hash of its labels, computed as Prometheus does.
    pub fn fingerprint(&self) -> String {
        let mut bytes = Vec::new();
        for (key, value) in &self.labels {
            for part in [key.as_bytes(), value.as_bytes()] {
                bytes.extend_from_slice(part);
                bytes.push(0xff);
            }
        }
        format!("{:016x}", fnv(&bytes))
    }

    /// As `GET /api/v2/alerts` shows it; `base` is where runbooks and rules are served.
    pub fn json(&self, base: &str, silenced_by: &[&str], now: Time) -> Value {
        let name = self.value("alertname");
        let evaluated = last_evaluation(self.since, now);
        let runbook = self.runbook.map_or_else(|| format!("{base}/runbooks/{name}"), str::to_owned);
        let mut annotations = BTreeMap::from([
            ("description", self.description.clone()),
            ("runbook_url", runbook),
            ("summary", self.summary.clone()),
        ]);
        annotations.extend(self.details.as_ref().map(|details| ("details", details.to_string())));
        json!({
            "annotations": annotations,
            "endsAt": written(evaluated + RESOLVE.delta()),
            "fingerprint": self.fingerprint(),
            "receivers": [{ "name": "on-call" }],
            "startsAt": written(self.since),
            "status": {
                "inhibitedBy": [], "mutedBy": [], "silencedBy": silenced_by,
                "state": if silenced_by.is_empty() { "active" } else { "suppressed" },
            },
            "updatedAt": written(evaluated),
            "generatorURL": format!("{base}/rules/{name}"),
            "labels": self.labels,
        })
    }
}

/// When the rules last ran, all of them together: an alert says what was true then.
pub fn last_evaluation(since: Time, now: Time) -> Time {
    let every = EVALUATION.delta().num_milliseconds();
    let ago = now.timestamp_millis().rem_euclid(every);
    since.max(now - chrono::TimeDelta::milliseconds(ago))
}

/// An instant as Alertmanager writes it.
pub fn written(at: Time) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// FNV-1a, 64 bits.
pub fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}
