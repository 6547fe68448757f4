//! Looks through texts and the JSON in them, however deep within reason, and keeps what the patterns recognise.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::pairs::{Piece, pairs, pieces};
use super::pattern::Place;
use super::{Patterns, Whence};

/// Bytes of all texts together that are looked at.
const ALL_BYTES: usize = 2 << 20;
/// Texts and values that are looked at.
const LEAVES: usize = 50_000;
/// Lists, objects and texts within each other.
const DEPTH: usize = 16;
/// Bytes of a key and of the pointer to it.
const KEY_BYTES: usize = 256;
const POINTER_BYTES: usize = 1024;
/// Bytes of the marker with which a text that was cut ends.
const MARKER_BYTES: usize = 64;

/// Whose text it is.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) place: Place,
    /// Makes the provenance of a value, given the pointer to it.
    pub(super) whence: &'a dyn Fn(&str) -> Whence,
}

/// Every value that these patterns recognise in texts and what stands above them, each with its item.
pub(in crate::domain) fn values_under<'a>(
    patterns: &Patterns,
    texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    mut take: impl FnMut(&str, &str),
) {
    let whence = |_: &str| Whence::Incident;
    let found = |item: usize, value: &str, _: &dyn Fn() -> Whence| {
        if let Some(item) = patterns.items().get(item) {
            take(item, value);
        }
    };
    let mut walk = Walk::new(patterns, found);
    for (name, text) in texts {
        walk.look(Ground { place: Place::Details, whence: &whence }, name, text);
    }
}

/// What the walk has used up, and where its finds go.
pub(super) struct Walk<'a, F> {
    patterns: &'a Patterns,
    /// Takes the item's place among [`Patterns::items`], a value, and where it was found.
    found: F,
    bytes: usize,
    leaves: usize,
    pub(super) unread: usize,
}

impl<'a, F: FnMut(usize, &str, &dyn Fn() -> Whence)> Walk<'a, F> {
    pub(super) fn new(patterns: &'a Patterns, found: F) -> Self {
        Self { patterns, found, bytes: ALL_BYTES, leaves: LEAVES, unread: 0 }
    }

    /// Looks at the text under a name: a label, an annotation, the description.
    pub(super) fn look(&mut self, ground: Ground<'_>, name: &str, text: &str) {
        let mut pointer = String::new();
        match self.bytes.checked_sub(text.len()) {
            Some(left) if name.is_empty() || step(&mut pointer, name) => {
                self.bytes = left;
                let whole = unmarked(text);
                self.unread += text.len() - whole.len();
                self.text(ground, name, &mut pointer, whole, 0);
            }
            _ => self.unread += text.len(),
        }
    }

    fn text(&mut self, ground: Ground<'_>, key: &str, pointer: &mut String, text: &str, depth: usize) {
        if depth > DEPTH || self.leaves == 0 {
            self.unread += text.len();
            return;
        }
        self.leaves -= 1;
        let pieces = pieces(text);
        if pieces.iter().any(|piece| matches!(piece, Piece::Plain(plain) if !plain.trim().is_empty())) {
            self.under(ground, key, pointer, text);
        }
        for piece in pieces {
            match piece {
                Piece::Plain(plain) => self.plain(ground, pointer, plain),
                Piece::Json(before, json) => {
                    let length = pointer.len();
                    let key = if before.is_empty() { key } else { before };
                    if before.is_empty() || step(pointer, before) {
                        self.value(ground, key, pointer, json, depth + 1);
                    }
                    pointer.truncate(length);
                }
            }
        }
    }

    /// Text without JSON: pairs in it, then whatever needs no key.
    fn plain(&mut self, ground: Ground<'_>, pointer: &str, text: &str) {
        pairs(text, |key, value| self.under(ground, key, &format!("{pointer}/{key}"), value));
        let found = &mut self.found;
        let whence = || (ground.whence)(pointer);
        self.patterns.anywhere(ground.place, text, |item, value| found(item, value, &whence));
    }

    fn under(&mut self, ground: Ground<'_>, key: &str, pointer: &str, text: &str) {
        let found = &mut self.found;
        let whence = || (ground.whence)(pointer);
        self.patterns
            .under(ground.place, key, named(pointer), text, |item, value| found(item, value, &whence));
    }

    fn value(&mut self, ground: Ground<'_>, key: &str, pointer: &mut String, json: &RawValue, depth: usize) {
        let text = json.get();
        if depth > DEPTH || self.leaves == 0 {
            self.unread += text.len();
            return;
        }
        match text.as_bytes().first() {
            Some(b'{') => self.object(ground, pointer, text, depth),
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
                for (index, item) in items.into_iter().enumerate() {
                    self.member(ground, key, &index.to_string(), pointer, item, depth);
                }
            }
            Some(b'"') => {
                // Half a surrogate pair is no text; what else stands there is.
                let decoded: Cow<'_, str> =
                    serde_json::from_str(text).map_or(Cow::Borrowed(text), Cow::Owned);
                self.text(ground, key, pointer, &decoded, depth);
            }
            Some(b'n') | None => {}
            Some(_) => {
                self.leaves -= 1;
                self.under(ground, key, pointer, text);
            }
        }
    }

    fn object(&mut self, ground: Ground<'_>, pointer: &mut String, text: &str, depth: usize) {
        let members = serde_json::from_str::<Members<'_>>(text).map(|members| members.0).unwrap_or_default();
        // `{"name": "order_id", "value": 7}` says what `{"order_id": 7}` says.
        let name = members.iter().find(|(key, _)| matches!(key.as_ref(), "name" | "key"));
        let name = name.and_then(|(_, json)| serde_json::from_str::<String>(json.get()).ok());
        for (key, json) in members {
            let called = name.as_deref().filter(|_| key == "value").unwrap_or(&key);
            self.member(ground, called, &key, pointer, json, depth);
        }
    }

    fn member(
        &mut self,
        ground: Ground<'_>,
        key: &str,
        segment: &str,
        pointer: &mut String,
        json: &RawValue,
        depth: usize,
    ) {
        let length = pointer.len();
        if step(pointer, segment) {
            self.value(ground, key, pointer, json, depth + 1);
        } else {
            self.unread += json.get().len();
        }
        pointer.truncate(length);
    }
}

/// Adds a step to a JSON pointer, unless that makes it too long.
fn step(pointer: &mut String, segment: &str) -> bool {
    let fits = segment.len() <= KEY_BYTES && pointer.len() + segment.len() < POINTER_BYTES;
    if fits {
        pointer.push('/');
        pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
    }
    fits
}

/// A pointer without the places in lists at its end.
fn named(pointer: &str) -> &str {
    let mut named = pointer;
    while let Some((list, place)) = named.rsplit_once('/')
        && !list.is_empty()
        && place.bytes().all(|b| b.is_ascii_digit())
    {
        named = list;
    }
    named
}

/// A text that was cut when it came in, without the marker and without the word that was cut.
fn unmarked(text: &str) -> &str {
    match text.rfind("…[+").and_then(|at| text.get(..at)) {
        Some(kept) if text.len() - kept.len() <= MARKER_BYTES => {
            let end = kept.rfind(|c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\'' | '=' | ':'));
            kept.get(..end.unwrap_or(0)).unwrap_or_default()
        }
        _ => text,
    }
}

/// An object's members in their order, each as it is written; a name may stand twice.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members<'de>, M::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                    members.push((key, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}
