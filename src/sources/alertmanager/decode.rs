//! From the bytes of an answer to alerts that borrow from them, and on to signals where one is new; each element by
//! itself: one that is poisoned hides no other.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::domain::fault::{Fault, FaultKind};
use crate::domain::plan::hex;
use crate::domain::signal::{Labels, Signal, SignalKey, Standing};
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::domain::upstream::{Silence, Upstream};
use crate::sources::elements::Elements;
use crate::sources::poisoned;

const ID_BYTES: usize = 128;
const TITLE_BYTES: usize = 1024;
const KEY_BYTES: usize = 256;
const VALUE_BYTES: usize = 1024;
const MAX_LABELS: usize = 128;
const DESCRIPTION_BYTES: usize = 64 * 1024;
const LINK_BYTES: usize = 2048;
/// What each answer says anew of an alert.
const MOVING: &[&str] = &["updatedAt", "endsAt"];
/// Of an element that cannot be decoded, what is kept to look at.
const RAW_BYTES: usize = 4096;

/// Text that stands in the body, copied only where it is escaped there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Labels or annotations, in the order they stand in.
#[derive(Debug, Default, Hash)]
struct Pairs<'a>(Vec<(Text<'a>, Text<'a>)>);

/// What counts of an alert: when it was last heard of, and until when that holds, does not.
#[derive(Debug, Hash, Deserialize)]
pub(super) struct Alert<'a> {
    #[serde(borrow)]
    labels: Pairs<'a>,
    #[serde(borrow, default)]
    annotations: Pairs<'a>,
    #[serde(rename = "startsAt")]
    starts_at: Time,
    #[serde(borrow)]
    fingerprint: Text<'a>,
    #[serde(borrow, default)]
    status: Status<'a>,
    #[serde(borrow, default, rename = "generatorURL")]
    generator_url: Option<Text<'a>>,
}

/// What keeps an alert quiet. Fields that an older release leaves out are empty: `mutedBy` came with 0.28.
#[derive(Debug, Default, Hash, Deserialize)]
#[serde(default)]
struct Status<'a> {
    #[serde(borrow, rename = "silencedBy")]
    silenced_by: Vec<Text<'a>>,
    #[serde(borrow, rename = "inhibitedBy")]
    inhibited_by: Vec<Text<'a>>,
    #[serde(borrow, rename = "mutedBy")]
    muted_by: Vec<Text<'a>>,
}

/// The one field that gives a placeholder the identity of the alert it stands for.
#[derive(Deserialize)]
struct Named {
    fingerprint: String,
}

/// One element of an answer.
pub(super) enum Element<'a> {
    /// An alert.
    Alert(Box<Alert<'a>>),
    /// What is none, as it came.
    Poisoned(&'a str),
}

/// Over everything of an element that counts.
pub(super) type ElementDigest = [u8; 32];

/// The elements of an answer.
///
/// # Errors
/// A [`FaultKind::Malformed`] fault: the answer is no list, so absence from it means nothing.
pub(super) fn elements(body: &str) -> Result<Vec<&RawValue>, Fault> {
    #[cfg(test)]
    super::tests::PARSED.set(super::tests::PARSED.get() + 1);
    let none = "the answer is no list of alerts; check that the URL is Alertmanager's own";
    let none = || Fault::new(FaultKind::Malformed, none);
    Elements::read::<Elements<'_>>(body, none).map(|all| all.0)
}

/// Reads one of them; copies nothing that need not be.
pub(super) fn element(raw: &RawValue) -> Element<'_> {
    match serde_json::from_str::<Alert<'_>>(raw.get()) {
        Ok(alert) if !alert.fingerprint.0.is_empty() => Element::Alert(Box::new(alert)),
        _ => Element::Poisoned(raw.get()),
    }
}

impl Element<'_> {
    /// The identity it has, if it says one.
    pub(super) fn fingerprint(&self) -> Option<&str> {
        match self {
            Self::Alert(alert) => Some(&alert.fingerprint.0),
            Self::Poisoned(_) => None,
        }
    }

    pub(super) fn digest(&self) -> ElementDigest {
        let mut hasher = Sha(Sha256::new());
        match self {
            Self::Alert(alert) => alert.hash(&mut hasher),
            Self::Poisoned(raw) => hasher.write(raw.as_bytes()),
        }
        hasher.0.finalize().into()
    }

    /// What is made of it when it is new or has changed.
    pub(super) fn signal(self, source: &str, now: Time) -> Signal {
        match self {
            Self::Alert(alert) => decoded(*alert, source),
            Self::Poisoned(raw) => placeholder(raw, source, now),
        }
    }
}

struct Sha(Sha256);

impl Hasher for Sha {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Nobody asks: the whole digest is taken instead.
    fn finish(&self) -> u64 {
        0
    }
}

fn decoded(alert: Alert<'_>, source: &str) -> Signal {
    let Alert { labels, mut annotations, starts_at, fingerprint, status, generator_url } = alert;
    let mut take = |names: [&str; 2]| names.into_iter().find_map(|name| annotations.take(name));
    let title = take(["summary", "title"]);
    let description = take(["description", "message"]);
    let runbook = take(["runbook_url", "runbook"]);
    let alertname = labels.get("alertname").cloned().unwrap_or_default();
    let title = title.filter(|title| !title.0.trim().is_empty()).unwrap_or_else(|| alertname.clone());
    let upstream = upstream(&status);
    Signal {
        key: key(source, fingerprint.0),
        title: Outside::capped(title.0, TITLE_BYTES),
        alertname: Outside::capped(alertname.0, VALUE_BYTES),
        description: Outside::capped(description.unwrap_or_default().0, DESCRIPTION_BYTES),
        labels: capped(labels),
        annotations: capped(annotations),
        runbook: link(runbook),
        link: link(generator_url),
        since: starts_at,
        standing: standing(status),
        upstream,
        undecodable: false,
    }
}

fn placeholder(element: &str, source: &str, now: Time) -> Signal {
    let named = serde_json::from_str::<Named>(element).ok().map(|named| named.fingerprint);
    let hash = || format!("sha256:{}", hex(&Sha256::digest(poisoned::steady(element, MOVING))));
    let fingerprint = named.filter(|name| !name.is_empty()).unwrap_or_else(hash);
    let key = key(source, Cow::Owned(fingerprint));
    Signal::undecodable(key, "an alert", Outside::capped(element, RAW_BYTES), now)
}

fn key(source: &str, fingerprint: Cow<'_, str>) -> SignalKey {
    SignalKey { source: source.to_owned(), fingerprint: Outside::capped(fingerprint, ID_BYTES) }
}

fn standing(status: Status<'_>) -> Standing {
    if !status.silenced_by.is_empty() || !status.muted_by.is_empty() {
        Standing::Silenced
    } else if status.inhibited_by.is_empty() {
        Standing::Firing
    } else {
        Standing::Inhibited { by: status.inhibited_by.into_iter().take(MAX_LABELS).map(id).collect() }
    }
}

/// Which silences keep it quiet; what they say is read beside the alerts.
fn upstream(status: &Status<'_>) -> Option<Box<Upstream>> {
    let silence = |text: &Text<'_>| Silence { id: id(text.clone()), ..Silence::default() };
    let silences: Vec<_> = status.silenced_by.iter().take(MAX_LABELS).map(silence).collect();
    (!silences.is_empty()).then(|| Box::new(Upstream { silences, ..Upstream::default() }))
}

fn id(text: Text<'_>) -> Outside {
    Outside::capped(text.0, ID_BYTES)
}

fn link(url: Option<Text<'_>>) -> Option<Outside> {
    url.filter(|url| !url.0.is_empty()).map(|url| Outside::capped(url.0, LINK_BYTES))
}

/// Pairs within their limits. Of too many, a last pair says how many are missing.
fn capped(Pairs(mut pairs): Pairs<'_>) -> Labels {
    pairs.sort_by(|(one, _), (other, _)| one.0.cmp(&other.0));
    let missing = pairs.len().saturating_sub(MAX_LABELS);
    let kept = pairs
        .into_iter()
        .take(MAX_LABELS)
        .map(|(key, value)| (Outside::capped(key.0, KEY_BYTES), Outside::capped(value.0, VALUE_BYTES)));
    let note = (missing > 0).then(|| (Outside::new("…"), Outside::new(format!("{missing} more left out"))));
    kept.chain(note).collect()
}

impl<'a> Pairs<'a> {
    fn get(&self, name: &str) -> Option<&Text<'a>> {
        self.0.iter().find(|(key, _)| key.0 == name).map(|(_, value)| value)
    }

    fn take(&mut self, name: &str) -> Option<Text<'a>> {
        let place = self.0.iter().position(|(key, _)| key.0 == name)?;
        Some(self.0.swap_remove(place).1)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Pairs<'de>, M::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_map(Reader)
    }
}
