//! What a packet is made from: an incident, what its sources say now, notes, probes, and what people filled in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pattern::Place;
use super::walk::{Ground, Walk};
use super::{Patterns, Whence};
use crate::domain::incident::{Incident, Joined, key_text};
use crate::domain::monitor::MonitorStatus;
use crate::domain::signal::Signal;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// A note on an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Whose.
    pub by: String,
    /// When.
    pub at: Time,
    /// What it says.
    pub text: Outside,
}

/// What a linked monitor found wrong before it was up again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mended {
    /// The monitor's name.
    pub monitor: String,
    /// What it asks.
    pub target: String,
    /// What it found.
    pub wrong: Outside,
    /// When it was up again.
    pub at: Time,
}

/// A value somebody filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// The value.
    pub value: Outside,
    /// Who.
    pub by: String,
    /// When.
    pub at: Time,
}

/// What a packet is made from.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// Its signals as their sources say them now; those that went away, as they said them last.
    pub signals: &'a [Signal],
    /// Its notes, oldest first.
    pub notes: &'a [Note],
    /// Its linked monitors.
    pub monitors: &'a [MonitorStatus],
    /// What those found that are up again.
    pub mended: &'a [Mended],
    /// Item → what somebody filled in.
    pub filled: &'a BTreeMap<String, Filled>,
}

impl Material<'_> {
    /// Looks through all of it, what is surest first. Returns how many bytes were too much.
    pub(super) fn look(
        &self,
        patterns: &Patterns,
        found: impl FnMut(usize, &str, &dyn Fn() -> Whence),
    ) -> usize {
        let mut walk = Walk::new(patterns, found);
        self.labels(&mut walk);
        self.details(&mut walk);
        for Note { by, at, text } in self.notes {
            let whence = |_: &str| Whence::Note { by: by.clone(), at: *at };
            walk.look(Ground { place: Place::Notes, whence: &whence }, "", text.raw());
        }
        // What an endpoint that answers as expected was asked is news to nobody.
        for (monitor, wrong) in self.monitors.iter().filter_map(|m| Some((m, m.wrong.as_ref()?))) {
            probed(&mut walk, &monitor.source.name, None, &monitor.target, wrong);
        }
        for Mended { monitor, target, wrong, at } in self.mended {
            probed(&mut walk, monitor, Some(*at), target, wrong);
        }
        walk.unread
    }

    /// The labels of its signals, those of firing ones first, then those given by hand.
    fn labels<F: FnMut(usize, &str, &dyn Fn() -> Whence)>(&self, walk: &mut Walk<'_, F>) {
        let mut joined: Vec<&Joined> = self.incident.signals.values().map(Box::as_ref).collect();
        joined.sort_by_key(|signal| signal.cleared.is_some());
        let sets = joined.into_iter().map(|it| (&it.title, it.labels.unpacked(), it.cleared));
        let by_hand = (self.incident.title(), (*self.incident.opening.labels).clone(), None);
        for (title, labels, cleared) in sets.chain([by_hand]) {
            for (label, value) in &labels {
                let whence = |_: &str| Whence::Label { signal: title.clone(), label: label.clone(), cleared };
                walk.look(Ground { place: Place::Labels, whence: &whence }, label.raw(), value.raw());
            }
        }
    }

    fn details<F: FnMut(usize, &str, &dyn Fn() -> Whence)>(&self, walk: &mut Walk<'_, F>) {
        let cleared = |signal: &Signal| self.incident.signals.get(&key_text(&signal.key))?.cleared;
        let mut signals: Vec<(&Signal, Option<Time>)> =
            self.signals.iter().map(|signal| (signal, cleared(signal))).collect();
        signals.sort_by_key(|(_, cleared)| cleared.is_some());
        for (signal, cleared) in signals {
            let whence = |pointer: &str| Whence::Detail {
                signal: signal.title.clone(),
                pointer: Outside::new(pointer),
                cleared,
            };
            let ground = Ground { place: Place::Details, whence: &whence };
            walk.look(ground, "title", signal.title.raw());
            walk.look(ground, "description", signal.description.raw());
            for (name, text) in signal.annotations.raw() {
                walk.look(ground, name, text);
            }
        }
        let title = |_: &str| Whence::Incident;
        walk.look(Ground { place: Place::Details, whence: &title }, "title", self.incident.title().raw());
    }
}

/// What a probe found wrong, and what was asked.
fn probed<F: FnMut(usize, &str, &dyn Fn() -> Whence)>(
    walk: &mut Walk<'_, F>,
    monitor: &str,
    cleared: Option<Time>,
    target: &str,
    wrong: &Outside,
) {
    let whence = |_: &str| Whence::Probe { monitor: monitor.to_owned(), cleared };
    let ground = Ground { place: Place::Probes, whence: &whence };
    walk.look(ground, "", wrong.raw());
    walk.look(ground, "target", target);
}
