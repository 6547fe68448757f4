//! Labels whose values are shown only to those who ask for them, on record: what sources said under their names.

mod veil;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use super::incident::{Incident, Joined};
use super::opening::{Joining, Opening};
use super::packet::{Pattern, Patterns, Place, is_nothing, squeeze, values_under};
use super::record::Entry;
use super::signal::{Labels, Signal};
use super::text::Outside;

pub use veil::Veil;
pub use words::{Spoken, without as without_words};

/// What stands in the place of a hidden value.
pub const HIDDEN: &str = "••••";

/// Bytes of a name.
const NAME_BYTES: usize = 64;

/// Names and values, as sources said them.
pub type Said = BTreeSet<(Outside, Outside)>;

/// Sensitive names and values, as they are compared: what somebody has read.
pub type Known = BTreeSet<(String, String)>;

/// The names of those labels, compared as the keys of a packet's patterns are.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensitive {
    /// As it is compared → in lower case, as it is written.
    names: BTreeMap<String, String>,
    /// What looks for them in JSON and in `key=value`.
    patterns: Patterns,
}

impl Default for Sensitive {
    fn default() -> Self {
        Self::new([])
    }
}

impl Sensitive {
    /// The labels of these names.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names = names.into_iter().map(|name| (squeeze(name), name.to_ascii_lowercase()));
        let names: BTreeMap<String, String> = names.collect();
        let pattern = |name: &String| Pattern {
            item: name.clone(),
            within: Place::ALL.to_vec(),
            keys: vec![name.clone()],
            find: None,
            only: true,
        };
        Self { patterns: names.values().map(pattern).collect::<Vec<_>>().into(), names }
    }

    /// Whether a label can have this name.
    pub fn is_name(name: &str) -> bool {
        let has = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '@' | '$');
        name.trim() == name && name.chars().all(has) && !squeeze(name).is_empty() && name.len() <= NAME_BYTES
    }

    /// No label is sensitive.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether a label of this name is.
    pub fn names(&self, label: &str) -> bool {
        self.named(label).is_some()
    }

    fn named(&self, label: &str) -> Option<&str> {
        self.names.get(&squeeze(label)).map(String::as_str)
    }

    /// What a signal says under sensitive names: in labels and annotations, in JSON however deep, in `key=value`.
    pub fn said_by(&self, signal: &Signal) -> Said {
        let mut said = Said::new();
        if self.is_empty() {
            return said;
        }
        let texts = [&signal.title, &signal.description].map(|text| ("", text.raw()));
        let sets = signal.labels.raw().chain(signal.annotations.raw());
        values_under(&self.patterns, texts.into_iter().chain(sets), |name, value| {
            said.insert((Outside::new(name), Outside::new(value)));
        });
        said
    }

    /// What an incident remembers of what was said under sensitive names: by signals when they joined it or what was
    /// merged into it, and when these were opened. What else it says of them was said then.
    pub fn said_of(&self, incident: &Incident) -> Said {
        let mut said = Said::new();
        if !self.is_empty() {
            let aside = incident.taken_in.iter().flat_map(|taken| taken.aside().values());
            let joined = incident.signals.values().chain(aside).flat_map(|joined| joined_with(joined));
            self.pick(&mut said, joined);
            self.pick(&mut said, began_with(incident));
            self.pick(&mut said, incident.taken_in.iter().flat_map(|taken| texts(taken.said())));
        }
        said
    }

    /// What a record says of signals that the incident may have no more.
    fn said_in(&self, entry: &Entry) -> Said {
        let mut said = Said::new();
        match entry {
            Entry::Opened(opening) => self.pick(&mut said, opened_with(opening)),
            Entry::SignalJoined(joining) => self.pick(&mut said, brought_by(joining)),
            Entry::Tied(tied) => {
                self.pick(&mut said, tied.came().flat_map(|(_, joined)| joined_with(joined)));
                self.pick(&mut said, tied.said().into_iter().flat_map(texts));
            }
            _ => {}
        }
        said
    }

    fn pick<'a>(&self, said: &mut Said, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        let ours = pairs.filter(|(name, _)| self.names(name));
        said.extend(ours.map(|(name, value)| (Outside::new(name), Outside::new(value))));
    }

    /// What hides this from who has read that.
    pub fn veil(&self, said: &Said, read: Known) -> Veil<'_> {
        let known =
            |(name, value): &(Outside, Outside)| Some((self.named(name.raw())?.to_owned(), same(value)));
        let hidden: Known = said.iter().filter_map(known).filter(|known| !read.contains(known)).collect();
        let values = hidden.iter().map(|(_, value)| value).filter(|value| !is_nothing(value));
        let mut values: Vec<String> = values.cloned().collect();
        // The longest first: one that another is a part of is hidden whole.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        Veil { sensitive: self, read, hidden, values }
    }
}

/// A value as it is compared.
fn same(value: &Outside) -> String {
    value.raw().trim().to_ascii_lowercase()
}

fn texts(said: &Said) -> impl Iterator<Item = (&str, &str)> {
    said.iter().map(|(name, value)| (name.raw(), value.raw()))
}

/// Names and values of labels, as they came.
fn raw(labels: &Labels) -> impl Iterator<Item = (&str, &str)> {
    labels.iter().map(|(name, value)| (name.raw(), value.raw()))
}

pub(in crate::domain) fn joined_with(joined: &Joined) -> impl Iterator<Item = (&str, &str)> {
    joined.labels.raw().chain(texts(&joined.sensitive))
}

fn brought_by(joining: &Joining) -> impl Iterator<Item = (&str, &str)> {
    joining.labels.raw().chain(texts(&joining.sensitive))
}

/// What an incident was opened with.
fn opened_with(opening: &Opening) -> impl Iterator<Item = (&str, &str)> {
    raw(&opening.labels).chain(opening.signal.iter().flat_map(|joining| brought_by(joining)))
}

/// What an incident had before it was tied to another one, as far as none of its signals need have it any more.
pub(in crate::domain) fn began_with(incident: &Incident) -> impl Iterator<Item = (&str, &str)> {
    opened_with(&incident.opening).chain(texts(&incident.said_alone))
}

#[cfg(test)]
mod tests;
