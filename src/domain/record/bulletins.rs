//! What happens to a bulletin: it leaves, each channel answers, readers see it.

use serde::{Deserialize, Serialize};

use crate::domain::action::Outcome;
use crate::domain::bulletin::{Bulletin, VerificationCode};
use crate::domain::text::Outside;

/// A bulletin is about to leave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulletinStarted {
    /// Its number within the incident, from 1.
    pub number: u32,
    /// What it says.
    pub bulletin: Box<Bulletin>,
    /// The incident's verification code.
    pub code: VerificationCode,
    /// The names of the channels.
    pub to: Vec<String>,
}

/// What one channel made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulletinAnswered {
    /// Its number.
    pub number: u32,
    /// The channel.
    pub channel: String,
    /// What it amounts to.
    pub outcome: Outcome,
    /// In one line.
    pub detail: Outside,
    /// What the other side calls the series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Outside>,
}

/// What a person found out about a bulletin that may have been posted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulletinSettled {
    /// Its number.
    pub number: u32,
    /// The channel.
    pub channel: String,
    /// It stands there.
    pub posted: bool,
    /// How that is known.
    pub note: Outside,
}

/// Whether readers can see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulletinSeen {
    /// Its number.
    pub number: u32,
    /// The channel.
    pub channel: String,
    /// They can.
    pub visible: bool,
    /// In one line.
    pub detail: Outside,
}
