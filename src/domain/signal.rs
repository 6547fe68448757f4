//! One thing a source says is wrong.

mod packed;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::text::Outside;
use super::time::Time;
use super::upstream::Upstream;

pub use packed::Packed;
#[cfg(test)]
pub(crate) use packed::tests::READ;

/// Labels and annotations, as received.
pub type Labels = BTreeMap<Outside, Outside>;

/// What makes a signal the same signal: its source and the source's own fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SignalKey {
    /// The configured name of the source.
    pub source: String,
    /// The source's id for it.
    pub fingerprint: Outside,
}

impl SignalKey {
    /// How a key written as one text, `source` NUL `fingerprint`, compares with this one; no text is made of it.
    pub fn compared(&self, text: &str) -> Ordering {
        let mut rest = text.as_bytes();
        for part in [self.source.as_bytes(), b"\0", self.fingerprint.raw().as_bytes()] {
            let (head, tail) = rest.split_at(part.len().min(rest.len()));
            let order = head.cmp(part);
            if order.is_ne() {
                return order;
            }
            rest = tail;
        }
        rest.len().cmp(&0)
    }
}

/// Whether a signal asks for attention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It does.
    Firing,
    /// Its condition holds, not for long enough yet.
    Pending,
    /// Somebody silenced it at the source.
    Silenced,
    /// Another signal inhibits it.
    Inhibited {
        /// The fingerprints of those that inhibit it.
        by: Vec<Outside>,
    },
}

/// One thing a source says is wrong, as it says it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Its identity.
    pub key: SignalKey,
    /// One line.
    pub title: Outside,
    /// The alert's name, for grouping.
    pub alertname: Outside,
    /// Many lines.
    pub description: Outside,
    /// What identifies it.
    pub labels: Packed,
    /// What explains it, description and links left out.
    pub annotations: Packed,
    /// Where its runbook stands.
    pub runbook: Option<Outside>,
    /// Where the source shows it.
    pub link: Option<Outside>,
    /// Since when it fires, by the source's clock.
    pub since: Time,
    /// Whether it asks for attention.
    pub standing: Standing,
    /// What its source does about it, where it pages people itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Box<Upstream>>,
    /// It could not be decoded: a placeholder for what was received.
    pub undecodable: bool,
    /// It was seen before it fired: pending, silenced or inhibited.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub watched: bool,
}

impl Signal {
    /// What stands for an element that could not be decoded: `what` came instead of a readable one.
    pub fn undecodable(key: SignalKey, what: &str, description: Outside, since: Time) -> Self {
        Self {
            key,
            title: Outside::new(format!("{what} that could not be decoded")),
            alertname: Outside::new("undecodable"),
            description,
            labels: Packed::default(),
            annotations: Packed::default(),
            runbook: None,
            link: None,
            since,
            standing: Standing::Firing,
            upstream: None,
            undecodable: true,
            watched: false,
        }
    }

    /// Whether this, which fires, is what was seen before it did, when it looked like that.
    pub fn was_watched(&self, before: &Self) -> bool {
        // What is pending says since when it is that; of others, what began later is another fire.
        let same = before.standing == Standing::Pending || self.since <= before.since;
        self.standing == Standing::Firing && same && (before.watched || before.standing != Standing::Firing)
    }

    /// How much it would wake somebody: of two accounts of one signal, the louder one is believed.
    pub fn loudness(&self) -> (bool, u8) {
        let standing = match self.standing {
            Standing::Firing => 2,
            Standing::Pending | Standing::Inhibited { .. } => 1,
            Standing::Silenced => 0,
        };
        (!self.undecodable, standing)
    }

    /// A label's value as it came.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.raw_value(key)
    }
}

/// One answer of a source: everything it knows, and how complete that is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// What is wrong; shared with whoever keeps it, so that what did not change is not copied.
    pub signals: Vec<Arc<Signal>>,
    /// Elements that were left out (a page limit, say).
    pub left_out: u32,
    /// Whether absence from it means anything: what is not in it is over. False where something was left out, or where
    /// what always fires (a watchdog) is missing, since then whoever should have sent it may be dead.
    pub complete: bool,
}

impl Answer {
    /// How many elements that cannot be decoded become signals; further ones are counted.
    pub const MOST_UNDECODABLE: usize = 1000;

    /// Everything a source said, each signal once. What cannot be decoded counts as left out; where that is more than
    /// anybody looks at, the answer is not complete: what is missing from it may be among them.
    pub fn whole(signals: Vec<Arc<Signal>>) -> Self {
        let mut signals = each_once(signals);
        let undecodable = signals.iter().filter(|signal| signal.undecodable).count();
        let complete = undecodable <= Self::MOST_UNDECODABLE;
        if !complete {
            let mut kept = 0;
            signals.retain(|signal| {
                kept += usize::from(signal.undecodable);
                !signal.undecodable || kept <= Self::MOST_UNDECODABLE
            });
        }
        Self { signals, left_out: u32::try_from(undecodable).unwrap_or(u32::MAX), complete }
    }

    /// Which of these alerts, which should be firing, are not.
    pub fn missing(&self, watchdogs: &[String]) -> Vec<String> {
        let fires = |name: &str| {
            self.signals.iter().any(|it| it.alertname.raw() == name && it.standing == Standing::Firing)
        };
        watchdogs.iter().filter(|name| !fires(name)).cloned().collect()
    }
}

/// Of signals with one key, the loudest.
fn each_once(signals: Vec<Arc<Signal>>) -> Vec<Arc<Signal>> {
    let mut loudest: HashMap<&SignalKey, (usize, &Signal)> = HashMap::with_capacity(signals.len());
    for (place, signal) in signals.iter().enumerate() {
        let kept = loudest.entry(&signal.key).or_insert((place, signal));
        if signal.loudness() > kept.1.loudness() {
            *kept = (place, signal);
        }
    }
    if loudest.len() == signals.len() {
        return signals;
    }
    let places: BTreeSet<usize> = loudest.into_values().map(|(place, _)| place).collect();
    let placed = signals.into_iter().enumerate().filter(|(place, _)| places.contains(place));
    placed.map(|(_, signal)| signal).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::incident::key_text;

    proptest! {
        #[test]
        fn a_key_compares_as_its_text_does(
            one in ("[a\0é]{0,3}", "[a\0é]{0,3}"), other in ("[a\0é]{0,3}", "[a\0é]{0,3}"),
        ) {
            let key = |(source, print): &(String, String)| {
                SignalKey { source: source.clone(), fingerprint: Outside::new(print) }
            };
            let (text, key) = (key_text(&key(&one)), key(&other));
            prop_assert_eq!(key.compared(&text), text.cmp(&key_text(&key)));
        }
    }

    #[test]
    fn what_is_said_twice_counts_once_as_loud_as_it_was_said() {
        let signal = |fingerprint: &str, standing: Standing, undecodable| {
            let key = SignalKey { source: "prom".into(), fingerprint: Outside::new(fingerprint) };
            let signal = Signal::undecodable(key, "an alert", Outside::default(), Time::UNIX_EPOCH);
            Arc::new(Signal { standing, undecodable, ..signal })
        };
        let said = vec![
            signal("a", Standing::Silenced, false),
            signal("b", Standing::Firing, false),
            signal("a", Standing::Firing, false),
            signal("a", Standing::Firing, true),
            signal("b", Standing::Pending, false),
        ];
        let answer = Answer::whole(said.clone());
        assert_eq!(answer.signals, [Arc::clone(&said[1]), Arc::clone(&said[2])]);
        assert_eq!((answer.left_out, answer.complete), (0, true));
        assert_eq!(Answer::whole(said[..2].to_vec()).signals, said[..2], "the order is the source's");
    }
}
