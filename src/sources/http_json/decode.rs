//! From the pages of a list to signals, each element by itself: one that is poisoned hides no other.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Settings;
use crate::domain::listing::{State, text_at, value_at};
use crate::domain::plan::hex;
use crate::domain::signal::{Answer, Labels, Packed, Signal, SignalKey, Standing};
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::domain::upstream::Upstream;
use crate::sources::limits::{
    self, DESCRIPTION_BYTES, KEY_BYTES, LINK_BYTES, RAW_BYTES, TITLE_BYTES, VALUE_BYTES,
};

/// Digits of the digest over an element that has no id.
const IDENTITY: usize = 16;
/// So many with one id are looked at; of more, nobody learns more.
const ALIKE: usize = 16;
/// The fingerprint of what has no identity at all: an id is never blank.
pub(super) const NAMELESS: &str = " ";
/// From here on a number counts milliseconds, not seconds: as seconds it would be in the year 5138.
const MILLISECONDS: i64 = 100_000_000_000;

/// What a reading amounts to.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    signals: Vec<Arc<Signal>>,
    /// The ids of those that have another one's.
    pub(super) twins: Vec<Outside>,
    /// How many more have one that several others have.
    pub(super) crowded: usize,
    /// The states of those that are in one that is not named.
    pub(super) unnamed: Vec<Outside>,
    /// How many say a time that is none.
    pub(super) untimed: usize,
    /// How many have neither an id nor anything else to tell them by; one signal stands for them all.
    pub(super) nameless: usize,
    /// Since when those that say no time are there.
    pub(super) seen: BTreeMap<String, Time>,
}

/// An element as it stands in a page.
struct Placed<'a> {
    page: usize,
    raw: &'a str,
    element: Element,
}

/// What an element is.
enum Element {
    /// It burns.
    Burning(Box<Burning>),
    /// It is over.
    Over,
    /// It is none, and why.
    Poisoned(String),
}

/// What an element says that burns.
struct Burning {
    title: String,
    description: String,
    labels: Labels,
    link: Option<String>,
    since: Option<Time>,
    untimed: bool,
    state: State,
    held_by: Option<String>,
}

impl Decoded {
    /// Decodes these pages. What was seen without a time before is there since then.
    pub(super) fn of(
        pages: &[String],
        settings: &Settings,
        seen: &BTreeMap<String, Time>,
        now: Time,
    ) -> Self {
        let mut decoded = Self::default();
        let (mut places, mut order) = (BTreeMap::<String, Placed<'_>>::new(), Vec::new());
        for (page, body) in pages.iter().enumerate() {
            for raw in settings.listing.elements(body).unwrap_or_default() {
                let raw = raw.get();
                let (id, element) = element(raw, settings);
                let Some(id) = id.or_else(|| identified(raw, settings)) else {
                    decoded.nameless(element, raw, settings, now);
                    continue;
                };
                if let Some(name) = decoded.place(id, Placed { page, raw, element }, &mut places) {
                    order.push(name);
                }
            }
        }
        for name in order {
            let signal = match places.remove(&name).map(|placed| (placed.element, placed.raw)) {
                Some((Element::Burning(burning), _)) => decoded.signal(&name, *burning, settings, seen, now),
                Some((Element::Poisoned(why), raw)) => placeholder(settings, &name, &why, raw, now),
                Some((Element::Over, _)) | None => continue,
            };
            decoded.signals.push(Arc::new(signal));
        }
        decoded
    }

    /// Counts an element that nothing tells from others of its kind; the first stands for all of them.
    fn nameless(&mut self, element: Element, raw: &str, settings: &Settings, now: Time) {
        if let (0, Element::Poisoned(why)) = (self.nameless, element) {
            self.signals.push(Arc::new(placeholder(settings, NAMELESS, &why, raw, now)));
        }
        self.nameless += 1;
    }

    /// Takes an element in under its id; says under which name it stands, where that is new. A page that was read later
    /// is right about what an earlier one said; of those that differ within a page, nobody knows which one is meant.
    fn place<'a>(
        &mut self,
        id: String,
        placed: Placed<'a>,
        places: &mut BTreeMap<String, Placed<'a>>,
    ) -> Option<String> {
        let (mut name, mut times) = (id.clone(), 1);
        while let Some(known) = places.get_mut(&name) {
            if known.raw == placed.raw {
                return None;
            }
            if known.page < placed.page {
                *known = placed;
                return None;
            }
            if times == ALIKE {
                self.crowded += 1;
                return None;
            }
            times += 1;
            name = format!("{id}#{times}");
        }
        let element = match times {
            1 => placed.element,
            _ => {
                self.twins.push(Outside::new(id));
                Element::Poisoned("another one has its id".to_owned())
            }
        };
        places.insert(name.clone(), Placed { element, ..placed });
        Some(name)
    }

    fn signal(
        &mut self,
        id: &str,
        burning: Burning,
        settings: &Settings,
        seen: &BTreeMap<String, Time>,
        now: Time,
    ) -> Signal {
        let Burning { title, description, mut labels, link, since, untimed, state, held_by } = burning;
        self.untimed += usize::from(untimed);
        let since = since.unwrap_or_else(|| {
            let since = seen.get(id).copied().unwrap_or(now);
            self.seen.insert(id.to_owned(), since);
            since
        });
        let unnamed_state = match &state {
            State::Unnamed(word) => Some(Outside::capped(word.clone(), VALUE_BYTES)),
            State::Open | State::Acknowledged | State::Resolved => None,
        };
        self.unnamed.extend(unnamed_state.clone());
        let held = state == State::Acknowledged;
        let upstream = Upstream {
            id: Outside::new(id),
            held_by: held
                .then(|| Outside::capped(held_by.unwrap_or_else(|| "somebody".to_owned()), KEY_BYTES)),
            unnamed_state,
            ..Upstream::default()
        };
        // Whatever its own labels say: what is asked about it is asked under this id.
        labels.insert(Outside::new(super::playbooks::id_label(&settings.name)), Outside::new(id));
        let title = Outside::capped(if title.trim().is_empty() { id.to_owned() } else { title }, TITLE_BYTES);
        Signal {
            key: key(settings, id),
            alertname: title.clone(),
            title,
            description: Outside::capped(description, DESCRIPTION_BYTES),
            labels: labels.into(),
            annotations: Packed::default(),
            runbook: None,
            link: link.filter(|link| !link.is_empty()).map(|link| Outside::capped(link, LINK_BYTES)),
            since,
            standing: Standing::Firing,
            upstream: Some(Box::new(upstream)),
            undecodable: false,
            watched: false,
        }
    }

    /// The answer, of which all pages were read or not.
    pub(super) fn answer(self, complete: bool) -> Answer {
        let unseen = self.nameless.saturating_sub(1) + self.crowded;
        let whole = Answer::whole(self.signals);
        let left_out = whole.left_out.saturating_add(u32::try_from(unseen).unwrap_or(u32::MAX));
        let complete = complete && whole.complete && unseen < Answer::MOST_UNDECODABLE;
        // How many a page holds that could not be read, nobody knows.
        Answer { left_out: left_out.max(u32::from(!complete)), complete, ..whole }
    }
}

/// An element and its id.
fn element(raw: &str, settings: &Settings) -> (Option<String>, Element) {
    let Ok(value) = serde_json::from_str::<Value>(raw) else {
        let id = settings.listing.identity_in(raw);
        return (id, Element::Poisoned("it is too deep, or no JSON".to_owned()));
    };
    let id = settings.listing.identity(&value);
    if id.is_none() {
        let why = format!("{} is no id: a text or a whole number", settings.listing.id);
        return (None, Element::Poisoned(why));
    }
    (id, burning(&value, settings).unwrap_or_else(Element::Poisoned))
}

fn burning(value: &Value, settings: &Settings) -> Result<Element, String> {
    let text = |pointer: &Option<String>| text_at(value, pointer.as_deref());
    let state = settings.listing.state_of(value)?;
    if state == State::Resolved {
        return Ok(Element::Over);
    }
    let since = text(&settings.since)?;
    let at = since.as_deref().and_then(moment);
    Ok(Element::Burning(Box::new(Burning {
        title: text(&settings.listing.title)?.unwrap_or_default(),
        description: text(&settings.description)?.unwrap_or_default(),
        labels: labels(value, settings)?,
        link: text(&settings.link)?,
        since: at,
        untimed: at.is_none() && since.is_some(),
        state,
        held_by: text(&settings.held_by)?.filter(|name| !name.trim().is_empty()),
    })))
}

/// Its own labels, and in their place what is pointed to by itself. Of too many, a last one says how many are missing.
fn labels(value: &Value, settings: &Settings) -> Result<Labels, String> {
    let object = settings.labels.as_deref().and_then(|at| Some((at, value.pointer(at)?)));
    let all = match object {
        None | Some((_, Value::Null)) => Vec::new(),
        Some((_, Value::Object(all))) => all.iter().filter(|(_, value)| !value.is_null()).collect(),
        Some((at, _)) => return Err(format!("{at} is no object of labels")),
    };
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut out = limits::labels(all.into_iter().map(|(name, value)| (name.as_str(), plain(value))));
    for (name, pointer) in [("severity", &settings.severity), ("service", &settings.service)] {
        out.extend(text_at(value, pointer.as_deref())?.map(|text| limits::label(name, text)));
    }
    Ok(out)
}

/// A moment as backends write it: RFC 3339, or seconds or milliseconds since 1970.
fn moment(text: &str) -> Option<Time> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Time>() {
        return Some(at);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let number: i64 = whole.parse().ok().filter(|_| fraction.bytes().all(|digit| digit.is_ascii_digit()))?;
    match number.checked_abs()? < MILLISECONDS {
        true => Time::from_timestamp(number, 0),
        false => Time::from_timestamp_millis(number),
    }
}

fn placeholder(settings: &Settings, name: &str, why: &str, raw: &str, now: Time) -> Signal {
    let came = Outside::capped(format!("{why}\n{raw}"), RAW_BYTES);
    Signal::undecodable(key(settings, name), "an incident", came, now)
}

fn key(settings: &Settings, fingerprint: &str) -> SignalKey {
    SignalKey { source: settings.name.clone(), fingerprint: Outside::new(fingerprint) }
}

/// What tells an element without an id from others, if anything does: what it is called, of what and since when. What
/// else it says may be another thing with every answer.
fn identified(raw: &str, settings: &Settings) -> Option<String> {
    let pointers = [&settings.listing.title, &settings.service, &settings.since, &settings.link];
    let said = |pointer: &Option<String>| match value_at(raw, pointer.as_deref()?)? {
        Value::String(text) if !text.trim().is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let said = pointers.map(said);
    said.iter().any(Option::is_some).then(|| {
        let digest = hex(&Sha256::digest(format!("{said:?}")));
        format!("sha256:{}", digest.get(..IDENTITY).unwrap_or(&digest))
    })
}
