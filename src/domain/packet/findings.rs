//! What was found in an incident's material, and the packets that can be made of it.

use std::collections::HashSet;

use super::material::{Filled, Material};
use super::{Fact, Item, Packet, Patterns, VALUES, Whence, known, topic};
use crate::domain::escalation::Path;
use crate::domain::text::Outside;

/// Bytes of one value that are kept.
const VALUE_BYTES: usize = 1024;
/// Different values of one item that are counted.
const COUNTED: usize = 10_000;
/// What stands where there is no value.
const NOTHING: [&str; 8] = ["-", "n/a", "none", "null", "nil", "unknown", "undefined", "<nil>"];

/// What was found in an incident's material; the packet of any path can be made of it.
pub struct Findings<'a> {
    material: Material<'a>,
    patterns: &'a Patterns,
    /// By the order of [`Patterns::items`].
    found: Vec<Found>,
    unread: usize,
}

/// Whether that stands where there is no value.
pub(in crate::domain) fn is_nothing(value: &str) -> bool {
    value.is_empty() || NOTHING.iter().any(|word| word.eq_ignore_ascii_case(value))
}

#[derive(Default)]
struct Found {
    facts: Vec<Fact>,
    seen: HashSet<String>,
}

impl Found {
    fn take(&mut self, value: &str, whence: &dyn Fn() -> Whence) {
        let value = value.trim();
        if is_nothing(value) || self.seen.len() >= COUNTED {
            return;
        }
        if !self.seen.insert(value.to_owned()) {
            // What says it still counts for more than what has cleared.
            let gone = |fact: &&mut Fact| fact.value.raw() == value && fact.whence.cleared().is_some();
            if let Some(fact) = self.facts.iter_mut().find(gone) {
                let whence = whence();
                if whence.cleared().is_none() {
                    fact.whence = whence;
                }
            }
            return;
        }
        if self.facts.len() < VALUES {
            self.facts.push(Fact { value: Outside::capped(value, VALUE_BYTES), whence: whence() });
        }
    }
}

impl<'a> Findings<'a> {
    /// Looks through the material once.
    pub fn of(material: Material<'a>, patterns: &'a Patterns) -> Self {
        let mut found: Vec<Found> = patterns.items().iter().map(|_| Found::default()).collect();
        let unread = material.look(patterns, |item, value, whence| {
            if let Some(found) = found.get_mut(item) {
                found.take(value, whence);
            }
        });
        Self { material, patterns, found, unread }
    }

    /// The packet of a path: what it requires, then what else is known.
    pub fn packet(&self, path: &Path) -> Packet {
        let mut items: Vec<Item> = path.packet.iter().map(|name| self.item(name, true)).collect();
        let says_start = path.packet.iter().any(|name| topic(name) == topic(known::START));
        let start = known::known(self.material.incident, &topic(known::START)).filter(|_| says_start);
        for name in self.patterns.items().iter().chain(self.material.filled.keys()) {
            if items.iter().any(|item| topic(&item.name) == topic(name)) {
                continue;
            }
            let mut item = self.item(name, false);
            item.values.retain(|fact| fact.whence != Whence::Incident || start.as_ref() != Some(&fact.value));
            if !item.values.is_empty() {
                items.push(item);
            }
        }
        Packet {
            incident: self.material.incident.id.clone(),
            path: path.id.clone(),
            items,
            unread: self.unread,
        }
    }

    /// One item, whoever asks for it.
    pub fn item(&self, name: &str, required: bool) -> Item {
        let item = self.found_for(name, required);
        match self.filled(name) {
            // A form gives back what it was filled with.
            Some(filled) if item.said().as_ref() != Some(&filled.value) => {
                let whence = Whence::Person { name: filled.by.clone(), at: filled.at };
                Item { values: vec![Fact { value: filled.value.clone(), whence }], more: 0, ..item }
            }
            _ => item,
        }
    }

    fn found_for(&self, name: &str, required: bool) -> Item {
        let about = topic(name);
        let index = self.patterns.items().iter().position(|item| topic(item) == about);
        let found = index.and_then(|index| self.found.get(index));
        let mut values = found.map(|found| found.facts.clone()).unwrap_or_default();
        let more = found.map_or(0, |found| found.seen.len() - found.facts.len());
        let incident = self.material.incident;
        let ours = known::known(incident, &about)
            .or_else(|| known::otherwise(incident, &about).filter(|_| values.is_empty()));
        if let Some(value) = ours.filter(|ours| values.iter().all(|fact| fact.value != *ours)) {
            values.insert(0, Fact { value, whence: Whence::Incident });
        }
        Item { name: name.to_owned(), required, values, more }
    }

    fn filled(&self, name: &str) -> Option<&Filled> {
        let about = topic(name);
        let exact = self.material.filled.get(name);
        let filled = exact
            .or_else(|| self.material.filled.iter().find(|(key, _)| topic(key) == about).map(|(_, v)| v));
        filled.filter(|filled| !filled.value.is_blank())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Time;

    #[test]
    fn what_is_said_still_counts_for_more_than_what_was_said() {
        let label =
            |cleared| Whence::Label { signal: Outside::new("s"), label: Outside::new("account"), cleared };
        let mut found = Found::default();
        for cleared in [Some(Time::UNIX_EPOCH), None, Some(Time::UNIX_EPOCH)] {
            found.take("88213", &|| label(cleared));
        }
        let [fact] = found.facts.as_slice() else { panic!("{:?}", found.facts) };
        assert_eq!(fact.whence, label(None));
    }
}
