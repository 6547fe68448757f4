//! A playbook's parameter, as written: what may be given for it, and where its value comes from.

mod allowed;
mod flaws;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Deserializer, Serialize};

use super::action::ActionId;
use super::id::IncidentId;
use super::packet::Whence;
use super::text::{Outside, SafeText};
use super::time::{Time, clock_minute};

pub use allowed::{Allowed, parts};
pub use flaws::Flaw;

/// What kind of value it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text, of which `allow` says what it must be.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// One of the `choices`.
    Choice,
    /// Whole seconds, written like `15m`.
    Duration,
    /// A decimal, where `unit` says what it counts.
    Amount,
    /// Conditions on labels that all must hold.
    Matchers,
}

impl Kind {
    /// Text: what a value is when nothing says otherwise.
    pub fn is_string(&self) -> bool {
        *self == Self::String
    }
}

/// One typed value a playbook needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name in templates.
    pub name: String,
    /// What a form calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What kind of value it is.
    #[serde(default)]
    pub kind: Kind,
    /// `label:KEY` or `packet:ITEM`: prefilled from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Refused unless the whole of it matches this regular expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<String>,
    /// What `allow` asks for, in words: `4 to 12 digits`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_says: Option<String>,
    /// Choice only: what can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// Integer, duration and amount: the least.
    #[serde(default, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Integer, duration and amount: the most.
    #[serde(default, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// Amount only: what it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Used when nothing else gives a value.
    #[serde(default, deserialize_with = "scalar", skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// Where a parameter is prefilled from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefill<'a> {
    /// A label of the incident's signals.
    Label(&'a str),
    /// An item of the incident's packet.
    Item(&'a str),
    /// The silences that keep the incident's signals quiet at their source.
    Silence,
    /// What the incident's signals share.
    Matchers,
}

impl Parameter {
    /// Where it is prefilled from.
    pub fn prefill(&self) -> Option<Prefill<'_>> {
        if self.kind == Kind::Matchers {
            return Some(Prefill::Matchers);
        }
        let (place, name) = self.from.as_deref()?.split_once(':')?;
        match (place, name.trim()) {
            (_, "") => None,
            ("signal", "silence") => Some(Prefill::Silence),
            ("label", label) => Some(Prefill::Label(label)),
            ("packet", item) => Some(Prefill::Item(item)),
            _ => None,
        }
    }

    /// What a form calls it.
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    /// Whether every choice ends with an id.
    fn is_named_by_ids(&self) -> bool {
        !self.choices.is_empty() && self.choices.iter().all(|choice| allowed::id_of(choice).is_some())
    }

    /// The names by which templates can use it: `hold`, `hold.seconds`; `user.id`, where each choice ends with one in
    /// parentheses.
    pub fn names(&self) -> Vec<String> {
        let parts: &[&str] = match (self.kind, &self.unit) {
            (Kind::Duration, _) => &["seconds"],
            (Kind::Amount, Some(_)) => &["number", "unit"],
            (Kind::Amount, None) => &["number"],
            (Kind::Choice, _) if self.is_named_by_ids() => &["id"],
            (Kind::String | Kind::Integer | Kind::Choice | Kind::Matchers, _) => &[],
        };
        let parts = parts.iter().map(|part| format!("{}.{part}", self.name));
        std::iter::once(self.name.clone()).chain(parts).collect()
    }
}

/// Where a parameter's value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// An alert's label: untrusted.
    Label(String),
    /// The incident's packet: untrusted unless a person filled it in.
    Packet(Whence),
    /// Typed or given on the command line.
    Person,
    /// The playbook's own default.
    Default,
}

impl Origin {
    /// Whether a person of ours said it, or the playbook itself.
    pub fn is_trusted(&self) -> bool {
        matches!(self, Self::Person | Self::Default | Self::Packet(Whence::Person { .. }))
    }

    /// In words, and whether it is to be trusted.
    pub fn words(&self) -> SafeText {
        let words = match self {
            Self::Label(key) => format!("from alert label {}: untrusted", SafeText::exact(key)),
            Self::Packet(whence @ Whence::Person { .. }) => format!("filled in by {}", whence.words()),
            Self::Packet(whence) => format!("found in {}: untrusted", whence.words()),
            Self::Person => "typed".to_owned(),
            Self::Default => "the playbook's default".to_owned(),
        };
        SafeText::display(&words)
    }
}

/// A value that is offered for a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The value.
    pub value: Outside,
    /// The title of the signal it comes from, or where else it was found.
    pub from: Outside,
    /// What taking it amounts to.
    pub origin: Origin,
    /// What holds it already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Holding>,
}

/// A containment that has hit a value and is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Since when.
    pub since: Time,
    /// The incident it was made on, where that is another one.
    pub incident: Option<IncidentId>,
    /// Its number there.
    pub action: ActionId,
}

impl Holding {
    /// `in force since 14:02Z (action 1)`
    pub fn words(&self) -> String {
        let of = self.incident.as_ref().map(|id| format!("{id} ")).unwrap_or_default();
        format!("in force since {} ({of}action {})", clock_minute(self.since), self.action)
    }
}

/// A limit or default: a text, or a whole number without quotes.
fn scalar<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scalar {
        Text(String),
        Whole(i64),
    }
    Ok(Option::<Scalar>::deserialize(from)?.map(|scalar| match scalar {
        Scalar::Text(text) => text,
        Scalar::Whole(number) => number.to_string(),
    }))
}
