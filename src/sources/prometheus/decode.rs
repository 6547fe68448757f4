//! From the bytes of an answer to signals, each alert by itself: one that is poisoned hides no other.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::unlike;
use crate::domain::elements::Elements;
use crate::domain::fault::Fault;
use crate::domain::plan::hex;
use crate::domain::signal::{Answer, Signal, SignalKey, Standing};
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::net;
use crate::sources::limits::{self, DESCRIPTION_BYTES, LINK_BYTES, RAW_BYTES, TITLE_BYTES, VALUE_BYTES};
use crate::sources::poisoned;

/// Digits of the digest over an alert's labels that make its identity here: Prometheus gives it none.
const IDENTITY: usize = 16;

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    data: Alerts<'a>,
}

#[derive(Deserialize)]
struct Alerts<'a> {
    #[serde(borrow)]
    alerts: Elements<'a>,
}

#[derive(Deserialize)]
struct Alert {
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    state: State,
    #[serde(rename = "activeAt")]
    active_at: Time,
    #[serde(default)]
    value: Option<String>,
}

/// What gives a placeholder the identity of the alert it stands for.
#[derive(Deserialize)]
struct Named {
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Pending,
    Firing,
}

#[derive(Deserialize)]
struct Trouble {
    #[serde(rename = "errorType")]
    kind: String,
    error: String,
}

/// The answer, if it is a success; what Prometheus says is wrong stands in the fault.
pub(super) fn success(answer: net::Answer) -> Result<net::Answer, Fault> {
    answer.success_or(|answer| {
        let Trouble { kind, error } = serde_json::from_slice(&answer.body).ok()?;
        Some(format!("{kind}: {error}"))
    })
}

/// The alerts of an answer.
///
/// # Errors
/// A [malformed](crate::domain::fault::FaultKind::Malformed) fault: it is no list, so absence from it means nothing.
pub(super) fn page(body: &[u8], source: &str, now: Time) -> Result<Answer, Fault> {
    let text = String::from_utf8_lossy(body);
    let page: Page<'_> = Elements::read(&text, || unlike("list of alerts"))?;
    let signals = page.data.alerts.0.into_iter().map(|raw| signal(raw.get(), source, now).into());
    Ok(Answer::whole(signals.collect()))
}

fn signal(raw: &str, source: &str, now: Time) -> Signal {
    match serde_json::from_str::<Alert>(raw) {
        Ok(alert) if !alert.labels.is_empty() => decoded(alert, source),
        _ => placeholder(raw, source, now),
    }
}

fn decoded(alert: Alert, source: &str) -> Signal {
    let Alert { labels, mut annotations, state, active_at, value } = alert;
    let mut take = |names: [&str; 2]| names.into_iter().find_map(|name| annotations.remove(name));
    let title = take(["summary", "title"]);
    let description = take(["description", "message"]);
    let runbook = take(["runbook_url", "runbook"]);
    let alertname = labels.get("alertname").cloned().unwrap_or_default();
    let title = title.filter(|title| !title.trim().is_empty()).unwrap_or_else(|| alertname.clone());
    // The value is no label: it differs each time, and says how bad it is.
    annotations.extend(value.map(|value| ("value".to_owned(), value)));
    Signal {
        key: key(source, &identity(&labels)),
        title: Outside::capped(title, TITLE_BYTES),
        alertname: Outside::capped(alertname, VALUE_BYTES),
        description: Outside::capped(description.unwrap_or_default(), DESCRIPTION_BYTES),
        labels: limits::labels(labels.into_iter()).into(),
        annotations: limits::labels(annotations.into_iter()).into(),
        runbook: runbook.filter(|url| !url.is_empty()).map(|url| Outside::capped(url, LINK_BYTES)),
        link: None,
        since: active_at,
        standing: match state {
            State::Pending => Standing::Pending,
            State::Firing => Standing::Firing,
        },
        upstream: None,
        undecodable: false,
        watched: false,
    }
}

fn placeholder(raw: &str, source: &str, now: Time) -> Signal {
    // Where only something else is poisoned, it is the alert that its labels make it.
    let known = serde_json::from_str::<Named>(raw).ok().filter(|named| !named.labels.is_empty());
    let identity = known.map_or_else(|| poisoned::steady(raw, &["value"]), |named| identity(&named.labels));
    Signal::undecodable(key(source, &identity), "an alert", Outside::capped(raw, RAW_BYTES), now)
}

fn identity(labels: &BTreeMap<String, String>) -> String {
    labels.iter().map(|(name, value)| format!("{name}={value:?}\n")).collect()
}

fn key(source: &str, identity: &str) -> SignalKey {
    let digest = hex(&Sha256::digest(identity));
    let fingerprint = Outside::new(digest.get(..IDENTITY).unwrap_or(&digest));
    SignalKey { source: source.to_owned(), fingerprint }
}
