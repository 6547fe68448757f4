//! Something that is done once a page about it was read and a final Enter counted.

use serde::{Deserialize, Serialize};

use super::Prompt;
use crate::backend::WatchOffer;
use crate::console::guard::Guard;
use crate::console::tying::Tying;
use crate::domain::id::IncidentId;

/// Something that is done after a final Enter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agree {
    /// To what.
    pub to: Agreement,
    /// When the Enter counts.
    pub guard: Guard,
    /// The list it was chosen from; Esc goes back there.
    pub back: Option<Box<Prompt>>,
}

/// What is agreed to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// To take the watch that was offered.
    Take(WatchOffer),
    /// To publish a post-mortem.
    Publish {
        /// Of which incident.
        id: IncidentId,
        /// To the letter.
        markdown: String,
        /// Lines of it that were not there when it was first asked.
        news: Vec<String>,
    },
    /// To merge incidents, to take that back, or to move a signal with a link.
    Tie {
        /// What, of which.
        tying: Tying,
        /// Those that were marked too and stay as they are, each with why.
        stay: Vec<String>,
        /// What has changed since it was first asked.
        news: Vec<String>,
    },
}

impl Agree {
    /// What is agreed to once its page was read.
    pub fn new(to: Agreement) -> Self {
        Self { to, guard: Guard::default(), back: None }
    }

    /// The incident it is about.
    pub fn id(&self) -> Option<&IncidentId> {
        match &self.to {
            Agreement::Take(_) => None,
            Agreement::Publish { id, .. } => Some(id),
            Agreement::Tie { tying, .. } => Some(&tying.to.id),
        }
    }
}
