//! Messages to users, partners, the public, a regulator or the house about an incident, and the series they form.

pub mod cadence;
pub mod code;
pub mod difference;
pub mod lint;
pub mod render;
pub mod settings;
pub mod template;

use serde::{Deserialize, Serialize};

pub use cadence::Cadence;
pub use code::VerificationCode;
pub use settings::{Outlet, Settings};

use super::id::IncidentId;
use super::text::Outside;
use super::time::{Span, Time};

/// Less is a slip of the finger, and readers see minutes.
const SHORTEST: Span = Span::mins(1);

/// Until when the next bulletin is promised, as it is typed.
///
/// # Errors
/// Why it is no such time.
pub fn until_next(text: &str) -> Result<Span, String> {
    let next = Span::parse(text)?;
    if next < SHORTEST { Err("readers see minutes: promise a minute or more".to_owned()) } else { Ok(next) }
}

/// The token that an official mailer replaces by each recipient's own anti-phishing code.
pub const MERGE_TOKEN: &str = "{{anti_phishing_code}}";

/// Who a bulletin is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// The customers.
    Users,
    /// Firms that build on the platform.
    Partners,
    /// Everybody.
    Public,
    /// An authority.
    Regulator,
    /// The house itself.
    Internal,
}

impl Audience {
    /// Every audience.
    pub const ALL: [Self; 5] = [Self::Users, Self::Partners, Self::Public, Self::Regulator, Self::Internal];

    /// The word of a row, a command and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Partners => "partners",
            Self::Public => "public",
            Self::Regulator => "regulator",
            Self::Internal => "internal",
        }
    }

    /// Reads the word of a command.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.word() == word)
    }

    /// Whether its readers could be phished in our name, so that a code must prove who speaks.
    pub fn needs_code(self) -> bool {
        matches!(self, Self::Users | Self::Partners | Self::Public)
    }
}

/// How a channel reaches its readers, which decides the code a bulletin on it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Each reader gets a copy through the official mailer, which puts their own code in for [`MERGE_TOKEN`].
    PerRecipient,
    /// Everybody reads the same text; it carries the incident's verification code.
    Broadcast,
}

/// Where the response stands, as readers outside are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// We are looking.
    Investigating,
    /// We know what it is.
    Identified,
    /// It is mended, and watched.
    Monitoring,
    /// It is over; the last of its series.
    Resolved,
}

impl Status {
    /// Every status in order.
    pub const ALL: [Self; 4] = [Self::Investigating, Self::Identified, Self::Monitoring, Self::Resolved];

    /// The word of a row, a command and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
        }
    }

    /// Reads the word of a command.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// What is said, before a channel's code is put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulletin {
    /// Who it is for.
    pub audience: Audience,
    /// Where the response stands.
    pub status: Status,
    /// One line.
    pub headline: Outside,
    /// What happened.
    pub happened: Outside,
    /// What it means for the reader.
    pub impact: Outside,
    /// What the reader should do.
    pub todo: Outside,
    /// When the next one comes; none after the last.
    pub next_at: Option<Time>,
}

/// A part of a bulletin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Where the response stands.
    Status,
    /// The one line.
    Headline,
    /// What happened.
    Happened,
    /// What it means for the reader.
    Impact,
    /// What the reader should do.
    Todo,
    /// When the next one comes.
    Next,
    /// The letter as a whole, frame and code included.
    Letter,
}

impl Part {
    /// The parts a person writes.
    pub const WRITTEN: [Self; 4] = [Self::Headline, Self::Happened, Self::Impact, Self::Todo];

    /// As forms, plans and the file of the configuration call it; nothing for the letter, which no field holds.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Headline => "headline",
            Self::Happened => "happened",
            Self::Impact => "impact",
            Self::Todo => "todo",
            Self::Next => "next",
            Self::Letter => "",
        }
    }

    /// As messages and rows call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Headline => "headline",
            Self::Happened => "what happened",
            Self::Impact => "what it means",
            Self::Todo => "what to do",
            Self::Next => "next update",
            Self::Letter => "letter",
        }
    }
}

impl Bulletin {
    /// What a person wrote, part by part.
    pub fn written(&self) -> [(Part, &Outside); 4] {
        [
            (Part::Headline, &self.headline),
            (Part::Happened, &self.happened),
            (Part::Impact, &self.impact),
            (Part::Todo, &self.todo),
        ]
    }
}

/// A bulletin as it leaves on one channel, to the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The channel's name.
    pub channel: String,
    /// About which incident.
    pub incident: IncidentId,
    /// The number of the bulletin within its incident, from 1.
    pub number: u32,
    /// The same for every attempt at this posting.
    pub key: String,
    /// Who it is for.
    pub audience: Audience,
    /// Where the response stands.
    pub status: Status,
    /// One line.
    pub subject: Outside,
    /// The text, code or merge token included.
    pub body: Outside,
    /// What the other side calls the series this one continues, once it has one.
    pub series: Option<Outside>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::whole_minute;

    #[test]
    fn readers_are_promised_a_whole_minute_that_has_not_begun() {
        for slip in ["20ms", "5s", "50s", "0m"] {
            assert!(until_next(slip).unwrap_err().starts_with("readers see minutes"), "{slip}");
        }
        assert_eq!(until_next("20m"), Ok(Span::mins(20)));
        let at = |text: &str| format!("2026-11-20T{text}Z").parse::<Time>().unwrap();
        for (meant, read) in [
            ("14:20:00", "14:20:00"),
            ("14:20:00.001", "14:21:00"),
            ("14:20:32", "14:21:00"),
            ("23:59:59.999", "24:00:00"),
        ] {
            let read = if read == "24:00:00" { at("23:59:00") + Span::mins(1).delta() } else { at(read) };
            assert_eq!(whole_minute(at(meant)), read, "{meant}");
        }
    }
}
