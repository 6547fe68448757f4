//! What is being written down: each under the token its answer comes back with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::prompt::Prompt;
use super::toast::Reverse;
use crate::domain::id::IncidentId;
use crate::domain::phase::Phase;
use crate::domain::record::Entry;

/// Which record an answer is about; never handed out twice by a console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Token(u64);

/// What waits for the engine to say that it is written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// About which incident.
    pub id: IncidentId,
    /// What is said once it is.
    pub done: String,
    /// Where it was typed; asked again if it is refused.
    pub typed: Option<Box<Prompt>>,
    /// What is written down after it, one by one.
    pub then: Vec<Entry>,
    /// It is about one of those that were marked.
    pub of_marked: bool,
    /// It was asked for on the desktop, where it is said if it is refused.
    pub of_popup: bool,
    /// What the undo right after it does.
    #[serde(default)]
    pub reverse: Option<Reverse>,
}

impl Recording {
    /// One by itself that was not typed.
    pub fn new(id: &IncidentId, done: String) -> Self {
        let (of_marked, of_popup, reverse) = (false, false, None);
        Self { id: id.clone(), done, typed: None, then: Vec::new(), of_marked, of_popup, reverse }
    }

    /// The same, typed there.
    pub fn typed(self, prompt: Prompt) -> Self {
        Self { typed: Some(Box::new(prompt)), ..self }
    }
}

/// All that is being written down.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recordings {
    handed_out: u64,
    under_way: BTreeMap<Token, Recording>,
    /// How many of these are of those that were marked, which may be thousands.
    #[serde(default)]
    of_marked: usize,
}

impl Recordings {
    /// Asks for `entry` to be written down about an incident of which version `seen` was shown.
    pub fn begin(&mut self, mut recording: Recording, seen: u64, entry: Entry) -> Effect {
        recording.reverse = match entry {
            _ if recording.of_marked => None,
            Entry::Snoozed(_) => Some(Reverse::Wake),
            Entry::Closed { .. } | Entry::PhaseMoved { to: Phase::Closed, .. } => Some(Reverse::Reopen),
            _ => None,
        };
        self.handed_out += 1;
        let (token, id) = (Token(self.handed_out), recording.id.clone());
        self.of_marked += usize::from(recording.of_marked);
        self.under_way.insert(token, recording);
        Effect::Record { token, id, seen, entry: Box::new(entry) }
    }

    /// What was waiting for this answer; it waits no more.
    pub fn answered(&mut self, token: Token) -> Option<Recording> {
        let recording = self.under_way.remove(&token)?;
        self.of_marked = self.of_marked.saturating_sub(usize::from(recording.of_marked));
        Some(recording)
    }

    /// Whether what will have been done to an incident is being written down already.
    pub fn is_under_way(&self, id: &IncidentId, done: &str) -> bool {
        self.under_way.values().any(|it| it.id == *id && it.done == done)
    }

    /// How many of those that were marked are not answered.
    pub fn of_marked(&self) -> usize {
        self.of_marked
    }
}
