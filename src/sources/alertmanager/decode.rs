//! From the bytes of an answer to its elements, and on to alerts that borrow from them and to signals where one is new;
//! each element by itself: one that is poisoned hides no other.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::domain::fault::{Fault, FaultKind};
use crate::domain::plan::hex;
use crate::domain::signal::{Labels, Signal, SignalKey, Standing};
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::domain::upstream::{Silence, Upstream};
use crate::sources::limits::{
    self, DESCRIPTION_BYTES, LINK_BYTES, MAX_LABELS, RAW_BYTES, TITLE_BYTES, VALUE_BYTES,
};
use crate::sources::poisoned;

const ID_BYTES: usize = 128;
/// What each answer says anew of an alert.
const MOVING: &[&str] = &["updatedAt", "endsAt"];

/// Text that stands in the body, copied only where it is escaped there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Labels or annotations, in the order they stand in.
#[derive(Debug, Default)]
struct Pairs<'a>(Vec<(Text<'a>, Text<'a>)>);

/// An alert.
#[derive(Debug, Deserialize)]
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
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status<'a> {
    #[serde(borrow, rename = "silencedBy")]
    silenced_by: Vec<Text<'a>>,
    #[serde(borrow, rename = "inhibitedBy")]
    inhibited_by: Vec<Text<'a>>,
    #[serde(borrow, rename = "mutedBy")]
    muted_by: Vec<Text<'a>>,
}

/// What counts of an alert, as it came: when it was last heard of, and until when that holds, does not.
#[derive(Deserialize)]
struct Counted<'a> {
    #[serde(borrow)]
    labels: &'a RawValue,
    #[serde(borrow)]
    annotations: Option<&'a RawValue>,
    #[serde(borrow, rename = "startsAt")]
    starts_at: &'a RawValue,
    #[serde(borrow)]
    fingerprint: &'a RawValue,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow, rename = "generatorURL")]
    generator_url: Option<&'a RawValue>,
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

/// What comes next in an answer.
pub(super) enum Next<'a> {
    /// An element as it came, and after how many bytes it ends.
    Element { raw: &'a [u8], digest: ElementDigest, end: usize },
    /// The end of the list, with nothing behind it.
    End,
    /// What comes next is not all there.
    More,
}

/// What comes next at the beginning of an answer, or after one of its elements.
///
/// # Errors
/// A [`FaultKind::Malformed`] fault: the answer is no list, so absence from it means nothing.
pub(super) fn next(text: &[u8], is_first: bool) -> Result<Next<'_>, Fault> {
    let opens = if is_first { b'[' } else { b',' };
    let element = match text.trim_ascii_start() {
        [] => return Ok(Next::More),
        [b']', behind @ ..] if !is_first => return end(behind),
        [sign, behind @ ..] if *sign == opens => behind.trim_ascii_start(),
        _ => return Err(no_list()),
    };
    match element {
        [b']', behind @ ..] if is_first => end(behind),
        _ => Ok(match extent(element)? {
            Some((digest, length)) => Next::Element {
                raw: element.get(..length).unwrap_or_default(),
                digest,
                end: text.len() - element.len() + length,
            },
            None => Next::More,
        }),
    }
}

/// That an answer is no list.
pub(super) fn no_list() -> Fault {
    Fault::new(
        FaultKind::Malformed,
        "the answer is no list of alerts; check that the URL is Alertmanager's own",
    )
}

fn end(behind: &[u8]) -> Result<Next<'static>, Fault> {
    if behind.trim_ascii_start().is_empty() { Ok(Next::End) } else { Err(no_list()) }
}

/// The digest and the length of the element that a text begins with, once something follows it: a number may go on.
fn extent(text: &[u8]) -> Result<Option<(ElementDigest, usize)>, Fault> {
    let followed = |length: usize| length < text.len();
    let mut alerts = serde_json::Deserializer::from_slice(text).into_iter::<Counted<'_>>();
    if let Some(Ok(counted)) = alerts.next() {
        return Ok(Some((counted.digest(), alerts.byte_offset())).filter(|(_, length)| followed(*length)));
    }
    let mut any = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    match any.next() {
        Some(Ok(_)) => {
            let raw = text.get(..any.byte_offset()).filter(|raw| followed(raw.len()));
            Ok(raw.map(|raw| (Sha256::digest(raw).into(), raw.len())))
        }
        Some(Err(error)) if !error.is_eof() => Err(no_list()),
        _ => Ok(None),
    }
}

impl Counted<'_> {
    fn digest(&self) -> ElementDigest {
        let Self { labels, annotations, starts_at, fingerprint, status, generator_url } = self;
        let mut digest = Sha256::new();
        for part in
            [Some(*labels), *annotations, Some(*starts_at), Some(*fingerprint), *status, *generator_url]
        {
            let part = part.map_or("", RawValue::get);
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }
}

/// Reads an element; copies nothing that need not be.
pub(super) fn element(raw: &str) -> Element<'_> {
    match serde_json::from_str::<Alert<'_>>(raw) {
        Ok(alert) if !alert.fingerprint.0.is_empty() => Element::Alert(Box::new(alert)),
        _ => Element::Poisoned(raw),
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

    /// What is made of it when it is new or has changed.
    pub(super) fn signal(self, source: &str, now: Time) -> Signal {
        match self {
            Self::Alert(alert) => decoded(*alert, source),
            Self::Poisoned(raw) => placeholder(raw, source, now),
        }
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
        labels: capped(labels).into(),
        annotations: capped(annotations).into(),
        runbook: link(runbook),
        link: link(generator_url),
        since: starts_at,
        standing: standing(status),
        upstream,
        undecodable: false,
        watched: false,
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

/// Which silences and time intervals keep it quiet; what silences say is read beside the alerts.
fn upstream(status: &Status<'_>) -> Option<Box<Upstream>> {
    let silence = |text: &Text<'_>| Silence { id: id(text.clone()), ..Silence::default() };
    let silences: Vec<_> = status.silenced_by.iter().take(MAX_LABELS).map(silence).collect();
    let muted_by: Vec<_> = status.muted_by.iter().take(MAX_LABELS).cloned().map(id).collect();
    let is_quiet = !silences.is_empty() || !muted_by.is_empty();
    is_quiet.then(|| Box::new(Upstream { silences, muted_by, ..Upstream::default() }))
}

fn id(text: Text<'_>) -> Outside {
    Outside::capped(text.0, ID_BYTES)
}

fn link(url: Option<Text<'_>>) -> Option<Outside> {
    url.filter(|url| !url.0.is_empty()).map(|url| Outside::capped(url.0, LINK_BYTES))
}

/// The first of them, by name.
fn capped(Pairs(mut pairs): Pairs<'_>) -> Labels {
    pairs.sort_by(|(one, _), (other, _)| one.0.cmp(&other.0));
    limits::labels(pairs.into_iter().map(|(name, value)| (name.0, value.0)))
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
