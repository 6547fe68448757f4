//! What an escalation must say: every item with its values, and where each value was found.

mod findings;
mod known;
mod material;
mod pairs;
mod pattern;
mod patterns;
mod shipped;
#[cfg(test)]
mod tests;
mod walk;

use serde::{Deserialize, Serialize};

pub use findings::Findings;
pub use material::{Filled, Material, Mended, Note};
pub use pattern::{Flaw, Pattern, Place};
pub use patterns::Patterns;

pub(in crate::domain) use findings::is_nothing;
pub(in crate::domain) use pattern::squeeze;
pub(in crate::domain) use walk::values_under;

use super::id::IncidentId;
use super::text::{Outside, SafeText};
use super::time::{Time, clock_minute, clock_time};

/// Values of one item that are kept; the rest is counted.
pub const VALUES: usize = 20;
/// Cells of a signal's title in a value's provenance.
const TITLE_CELLS: usize = 40;
/// Cells of a label's name or a pointer in a value's provenance.
const NAME_CELLS: usize = 60;
/// What is said in the place of a value.
const NOT_YET: &str = "not yet known";

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whence {
    /// Somebody filled it in.
    Person {
        /// Who.
        name: String,
        /// When.
        at: Time,
    },
    /// A signal's label, or one given when the incident was opened.
    Label {
        /// The signal's title.
        signal: Outside,
        /// The label's name.
        label: Outside,
        /// When the signal went away; `None` while it fires.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cleared: Option<Time>,
    },
    /// Something a signal says beside its labels.
    Detail {
        /// The signal's title.
        signal: Outside,
        /// From the annotation's name down, as a JSON pointer.
        pointer: Outside,
        /// When the signal went away; `None` while it fires.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cleared: Option<Time>,
    },
    /// A note on the incident.
    Note {
        /// Whose.
        by: String,
        /// When.
        at: Time,
    },
    /// A linked monitor's last probe that failed.
    Probe {
        /// The monitor's name.
        monitor: String,
        /// When it was up again; `None` while it is not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cleared: Option<Time>,
    },
    /// The incident's own record.
    Incident,
}

impl Whence {
    /// A few words for a screen. They hold no square bracket, so that nothing in them can pretend to end them.
    pub fn words(&self) -> SafeText {
        self.beside(None)
    }

    /// The same beside this title: what bears it is not named again.
    pub fn words_beside(&self, title: &Outside) -> SafeText {
        self.beside(Some(title))
    }

    /// When what says so went away; `None` while it stands.
    pub fn cleared(&self) -> Option<Time> {
        match self {
            Self::Label { cleared, .. } | Self::Detail { cleared, .. } | Self::Probe { cleared, .. } => {
                *cleared
            }
            Self::Person { .. } | Self::Note { .. } | Self::Incident => None,
        }
    }

    fn beside(&self, title: Option<&Outside>) -> SafeText {
        let brief = |text: &Outside, cells| text.safe().clip(cells).replace('[', "(").replace(']', ")");
        let of = |signal: &Outside| match title == Some(signal) {
            true => String::new(),
            false => format!(" of {}", brief(signal, TITLE_CELLS)),
        };
        let over = self.cleared().map(|at| format!(", alert cleared {}", clock_time(at))).unwrap_or_default();
        let words = match self {
            Self::Person { name, at } => format!("{name} {}", clock_minute(*at)),
            Self::Label { signal, label, .. } => {
                format!("label {}{}{over}", brief(label, NAME_CELLS), of(signal))
            }
            Self::Detail { signal, pointer, .. } => {
                format!("{}{}{over}", brief(pointer, NAME_CELLS), of(signal))
            }
            Self::Note { by, at } => format!("note of {by} {}", clock_minute(*at)),
            Self::Probe { monitor, cleared } => {
                let over = cleared.map(|at| format!(", up again {}", clock_time(at))).unwrap_or_default();
                format!("probe of {monitor}{over}")
            }
            Self::Incident => "the incident".to_owned(),
        };
        SafeText::display(&words)
    }
}

/// A value and where it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The value, as it was found.
    pub value: Outside,
    /// Where.
    pub whence: Whence,
}

/// One item of a packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// As the path calls it.
    pub name: String,
    /// Whether the path requires it.
    pub required: bool,
    /// Every different value; a person's stands alone.
    pub values: Vec<Fact>,
    /// How many more were found.
    pub more: usize,
}

impl Item {
    /// Its values as one text; `None` while there is none.
    pub fn said(&self) -> Option<Outside> {
        let values: Vec<&str> = self.values.iter().map(|fact| fact.value.raw()).collect();
        let more = if self.more > 0 { format!(" and {} more", self.more) } else { String::new() };
        (!values.is_empty()).then(|| Outside::new(format!("{}{more}", values.join(", "))))
    }
}

/// The required information of an escalation, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// About which incident.
    pub incident: IncidentId,
    /// The path's id.
    pub path: String,
    /// What the path requires, then what else is known.
    pub items: Vec<Item>,
    /// Bytes in which nothing was looked for, because there was too much.
    pub unread: usize,
}

impl Packet {
    /// What the path requires and nobody knows yet.
    pub fn missing(&self) -> Vec<&str> {
        let open = self.items.iter().filter(|item| item.required && item.values.is_empty());
        open.map(|item| item.name.as_str()).collect()
    }

    /// Item by item, as it is sent.
    pub fn said(&self) -> Vec<(String, Option<Outside>)> {
        self.items.iter().map(|item| (item.name.clone(), item.said())).collect()
    }

    /// A text to copy: safe to show, one line per value, and at its end in brackets where it was found.
    pub fn text(&self) -> String {
        let mut lines = vec![format!("{} packet: {}", self.incident, SafeText::display(&self.path))];
        for item in &self.items {
            let name = SafeText::display(&item.name);
            let said = |fact: &Fact| format!("{} [{}]", fact.value.safe(), fact.whence.words());
            match item.values.as_slice() {
                [] => lines.push(format!("{name}: {NOT_YET}")),
                [only] if item.more == 0 => lines.push(format!("{name}: {}", said(only))),
                several => {
                    lines.push(format!("{name}:"));
                    lines.extend(several.iter().map(|fact| format!("  {}", said(fact))));
                }
            }
            if item.more > 0 {
                lines.push(format!("  and {} more", item.more));
            }
        }
        if self.unread > 0 {
            lines.push(format!("{} bytes were too much to look through", self.unread));
        }
        lines.join("\n") + "\n"
    }
}

/// Whether two names stand for the same item of a packet.
pub fn same_item(one: &str, other: &str) -> bool {
    topic(one) == topic(other)
}

/// What an item is about: `endpoint`, `Endpoints` and `affected endpoint` are about the same.
fn topic(item: &str) -> String {
    let plain = item.trim().to_lowercase().replace(['_', '-'], " ");
    let plain = plain.strip_prefix("affected ").unwrap_or(&plain);
    plain.strip_suffix('s').unwrap_or(plain).to_owned()
}
