//! What a phase needs before it is left.

use serde::{Deserialize, Serialize};

use super::phase::Phase;

/// One thing a phase needs before it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// A person said how bad it is.
    Severity,
    /// A person said what sort of trouble it is.
    Category,
    /// The number of affected users, or why it is unknown.
    Impact,
    /// A response lead.
    Lead,
    /// A verified containment, or why none is needed.
    Containment,
    /// What was done about it.
    Mitigation,
    /// Everything that watches it has been healthy for long enough.
    Health,
    /// Each containment in force was undone, or kept on purpose.
    InForce,
    /// Everybody who waits for a bulletin has read the last one.
    Bulletins,
    /// Why it happened.
    RootCause,
    /// What is done so that it does not happen again: who, until when.
    Items,
    /// The post-mortem, timeline included, was published.
    Published,
}

impl Gate {
    /// Every gate, in the order of the response.
    pub const ALL: [Self; 12] = [
        Self::Severity,
        Self::Category,
        Self::Impact,
        Self::Lead,
        Self::Containment,
        Self::Mitigation,
        Self::Health,
        Self::InForce,
        Self::Bulletins,
        Self::RootCause,
        Self::Items,
        Self::Published,
    ];

    /// The phase it stands at the end of.
    pub fn phase(self) -> Phase {
        match self {
            Self::Severity | Self::Category | Self::Impact | Self::Lead => Phase::Identify,
            Self::Containment => Phase::Contain,
            Self::Mitigation => Phase::Mitigate,
            Self::Health | Self::InForce | Self::Bulletins => Phase::Recover,
            Self::RootCause | Self::Items | Self::Published => Phase::Review,
        }
    }

    /// What is missing, in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Severity => "severity confirmed",
            Self::Category => "category confirmed",
            Self::Impact => "impact assessed",
            Self::Lead => "a response lead",
            Self::Containment => "a verified containment, or why none is needed",
            Self::Mitigation => "what was done, noted",
            Self::Health => "healthy for long enough",
            Self::InForce => "containments undone, or kept on purpose",
            Self::Bulletins => "a last bulletin to whoever waits for one",
            Self::RootCause => "the root cause",
            Self::Items => "action items with owner and date",
            Self::Published => "the post-mortem published",
        }
    }

    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Category => "category",
            Self::Impact => "impact",
            Self::Lead => "lead",
            Self::Containment => "containment",
            Self::Mitigation => "mitigation",
            Self::Health => "health",
            Self::InForce => "in-force",
            Self::Bulletins => "bulletins",
            Self::RootCause => "root-cause",
            Self::Items => "items",
            Self::Published => "published",
        }
    }
}

/// What is missing, in one line.
pub fn sentence(missing: &[Gate]) -> String {
    missing.iter().map(|gate| gate.words()).collect::<Vec<_>>().join(", ")
}
