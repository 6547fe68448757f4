//! How much an incident weighs: who is affected, how far it reaches, how soon it must be over, what is at risk.

use serde::{Deserialize, Serialize};

use super::rare::Bare;
use super::text::Outside;

/// How many people are affected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Impact {
    /// Between two numbers; the same one twice when it is known exactly.
    Users {
        /// At least.
        min: u64,
        /// At most.
        max: u64,
    },
    /// Not known, and why.
    Unknown {
        /// The reason.
        because: Outside,
    },
}

impl Impact {
    /// In words: `1200 users`, `100 to 500 users`, `unknown because logs are down`.
    pub fn words(&self) -> Outside {
        Outside::new(match self {
            Self::Users { min: 1, max: 1 } => "1 user".to_owned(),
            Self::Users { min, max } if min == max => format!("{max} users"),
            Self::Users { min, max } => format!("{min} to {max} users"),
            Self::Unknown { because } => format!("unknown because {}", because.raw()),
        })
    }
}

/// How soon it must be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// Each minute counts.
    Immediate,
    /// Before the day is over.
    Today,
    /// When there is time.
    Later,
}

/// How far it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// One customer or partner.
    One,
    /// A part of them.
    Some,
    /// All of them.
    All,
    /// The house only.
    Internal,
}

/// Whether customers' or the house's money can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Funds {
    /// It can.
    Yes,
    /// It cannot.
    No,
    /// Nobody knows; treated as if it could.
    Unknown,
}

macro_rules! words {
    ($name:ty: $($variant:ident => $word:literal),+) => {
        impl $name {
            /// Every one, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word of a row, a command and JSON.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word of a command.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }
    };
}

words!(Urgency: Immediate => "immediate", Today => "today", Later => "later");
words!(Scope: One => "one", Some => "some", All => "all", Internal => "internal");
words!(Funds: Yes => "yes", No => "no", Unknown => "unknown");

/// One thing a person says about an incident, beside its severity, category and impact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// How soon it must be over.
    Urgency(Urgency),
    /// How far it reaches.
    Scope(Scope),
    /// Which part of the product.
    Area(Outside),
    /// Which environment.
    Environment(Outside),
    /// Whether funds are at risk.
    Funds(Funds),
}

impl Fact {
    /// What it is about.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Urgency(_) => "urgency",
            Self::Scope(_) => "scope",
            Self::Area(_) => "product area",
            Self::Environment(_) => "environment",
            Self::Funds(_) => "funds at risk",
        }
    }

    /// What it says.
    pub fn value(&self) -> Outside {
        match self {
            Self::Urgency(urgency) => Outside::new(urgency.word()),
            Self::Scope(scope) => Outside::new(scope.word()),
            Self::Area(text) | Self::Environment(text) => text.clone(),
            Self::Funds(funds) => Outside::new(funds.word()),
        }
    }
}

/// What people said about an incident, beside its severity, category and impact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Classification {
    /// How soon it must be over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// How far it reaches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Which part of the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<Outside>,
    /// Which environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Outside>,
    /// Whether funds are at risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funds: Option<Funds>,
}

impl Bare for Classification {
    const BARE: &'static Self =
        &Self { urgency: None, scope: None, area: None, environment: None, funds: None };
}

impl Classification {
    /// Takes one in; what it said before, if anything.
    pub(super) fn take(&mut self, fact: &Fact) -> Option<Fact> {
        match fact.clone() {
            Fact::Urgency(urgency) => self.urgency.replace(urgency).map(Fact::Urgency),
            Fact::Scope(scope) => self.scope.replace(scope).map(Fact::Scope),
            Fact::Area(area) => self.area.replace(area).map(Fact::Area),
            Fact::Environment(environment) => self.environment.replace(environment).map(Fact::Environment),
            Fact::Funds(funds) => self.funds.replace(funds).map(Fact::Funds),
        }
    }

    /// Everything that was said, in a fixed order.
    pub fn facts(&self) -> Vec<Fact> {
        let facts = [
            self.urgency.map(Fact::Urgency),
            self.scope.map(Fact::Scope),
            self.area.clone().map(Fact::Area),
            self.environment.clone().map(Fact::Environment),
            self.funds.map(Fact::Funds),
        ];
        facts.into_iter().flatten().collect()
    }
}
