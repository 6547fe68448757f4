//! From the bytes of an answer to signals, each element by itself: one that is poisoned hides no other.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::domain::fault::{Fault, FaultKind};
use crate::domain::plan::hex;
use crate::domain::signal::{Labels, Signal, SignalKey, Standing};
use crate::domain::text::Outside;
use crate::domain::time::Time;

const ID_BYTES: usize = 128;
const TITLE_BYTES: usize = 1024;
const KEY_BYTES: usize = 256;
const VALUE_BYTES: usize = 1024;
const MAX_LABELS: usize = 128;
const DESCRIPTION_BYTES: usize = 64 * 1024;
const LINK_BYTES: usize = 2048;
/// Of an element that cannot be decoded, what is kept to look at.
const RAW_BYTES: usize = 4096;

#[derive(Deserialize)]
struct Alert {
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(rename = "startsAt")]
    starts_at: Time,
    fingerprint: String,
    #[serde(default)]
    status: Status,
    #[serde(default, rename = "generatorURL")]
    generator_url: Option<String>,
}

/// What keeps an alert quiet. Fields that an older release leaves out are empty.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    #[serde(rename = "silencedBy")]
    silenced_by: Vec<String>,
    #[serde(rename = "inhibitedBy")]
    inhibited_by: Vec<String>,
    #[serde(rename = "mutedBy")]
    muted_by: Vec<String>,
}

/// The one field that gives a placeholder the identity of the alert it stands for.
#[derive(Deserialize)]
struct Named {
    fingerprint: String,
}

/// The signals of an answer.
///
/// # Errors
/// A [`FaultKind::Malformed`] fault: the answer is no list, so absence from it means nothing.
pub(super) fn page(body: &[u8], source: &str, now: Time) -> Result<Vec<Signal>, Fault> {
    let body = String::from_utf8_lossy(body);
    let elements: Vec<&RawValue> = serde_json::from_str(&body).map_err(|_| {
        Fault::new(
            FaultKind::Malformed,
            "the answer is no list of alerts; check that the URL is Alertmanager's own",
        )
    })?;
    Ok(elements.into_iter().map(|element| signal(element.get(), source, now)).collect())
}

fn signal(element: &str, source: &str, now: Time) -> Signal {
    match serde_json::from_str::<Alert>(element) {
        Ok(alert) if !alert.fingerprint.is_empty() => decoded(alert, source),
        _ => placeholder(element, source, now),
    }
}

fn decoded(alert: Alert, source: &str) -> Signal {
    let Alert { labels, mut annotations, starts_at, fingerprint, status, generator_url } = alert;
    let mut take = |names: [&str; 2]| names.into_iter().find_map(|name| annotations.remove(name));
    let title = take(["summary", "title"]);
    let description = take(["description", "message"]);
    let runbook = take(["runbook_url", "runbook"]);
    let alertname = labels.get("alertname").cloned().unwrap_or_default();
    let title = title.filter(|title| !title.trim().is_empty()).unwrap_or_else(|| alertname.clone());
    Signal {
        key: key(source, fingerprint),
        title: Outside::capped(title, TITLE_BYTES),
        alertname: Outside::capped(alertname, VALUE_BYTES),
        description: Outside::capped(description.unwrap_or_default(), DESCRIPTION_BYTES),
        labels: capped(labels),
        annotations: capped(annotations),
        runbook: link(runbook),
        link: link(generator_url),
        since: starts_at,
        standing: standing(status),
        upstream: None,
        undecodable: false,
    }
}

fn placeholder(element: &str, source: &str, now: Time) -> Signal {
    let named = serde_json::from_str::<Named>(element).ok().map(|named| named.fingerprint);
    let hash = || format!("sha256:{}", hex(&Sha256::digest(element)));
    Signal {
        key: key(source, named.filter(|name| !name.is_empty()).unwrap_or_else(hash)),
        title: Outside::new("an alert that could not be decoded"),
        alertname: Outside::new("undecodable"),
        description: Outside::capped(element, RAW_BYTES),
        labels: Labels::new(),
        annotations: Labels::new(),
        runbook: None,
        link: None,
        since: now,
        standing: Standing::Firing,
        upstream: None,
        undecodable: true,
    }
}

fn key(source: &str, fingerprint: String) -> SignalKey {
    SignalKey { source: source.to_owned(), fingerprint: Outside::capped(fingerprint, ID_BYTES) }
}

fn standing(status: Status) -> Standing {
    if !status.silenced_by.is_empty() || !status.muted_by.is_empty() {
        Standing::Silenced
    } else if status.inhibited_by.is_empty() {
        Standing::Firing
    } else {
        let by = status.inhibited_by.into_iter().take(MAX_LABELS).map(|id| Outside::capped(id, ID_BYTES));
        Standing::Inhibited { by: by.collect() }
    }
}

fn link(url: Option<String>) -> Option<Outside> {
    url.filter(|url| !url.is_empty()).map(|url| Outside::capped(url, LINK_BYTES))
}

/// Pairs within their limits. Of too many, a last pair says how many are missing.
fn capped(pairs: BTreeMap<String, String>) -> Labels {
    let missing = pairs.len().saturating_sub(MAX_LABELS);
    let kept = pairs
        .into_iter()
        .take(MAX_LABELS)
        .map(|(key, value)| (Outside::capped(key, KEY_BYTES), Outside::capped(value, VALUE_BYTES)));
    let note = (missing > 0).then(|| (Outside::new("…"), Outside::new(format!("{missing} more left out"))));
    kept.chain(note).collect()
}
