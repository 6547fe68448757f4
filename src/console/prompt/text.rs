//! A line of text that is asked for, and what for.

use serde::{Deserialize, Serialize};

use crate::console::field::Field;
use crate::domain::action::ActionId;
use crate::domain::category::Category;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::record::CloseReason;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::tie::Seen;
use crate::domain::time::{Span, Time};

/// A line of text that is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// About which incident.
    pub id: IncidentId,
    /// The version that was shown.
    pub seen: u64,
    /// All that are marked, where it is about these; else none.
    #[serde(default)]
    pub together: Vec<Seen>,
    /// For what.
    pub asks: Asks,
    /// What is typed.
    pub field: Field,
    /// Why it will not do.
    pub error: Option<String>,
    /// It is asked whether to throw it away.
    #[serde(default)]
    pub leaving: bool,
}

/// What a line of text is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asks {
    /// A note.
    Note,
    /// What was done to make it better.
    Mitigation,
    /// Why nothing needs to be contained.
    NothingToContain,
    /// Why a containment stays in force.
    Keeping {
        /// Its number.
        action: ActionId,
        /// What it is.
        what: String,
    },
    /// Why it is handed back.
    HandingBack,
    /// Why it is put off, for so long.
    Snoozing(Span),
    /// Why what was said before changes.
    Change(Change),
    /// Why gates are waived.
    Waiver {
        /// On the way to here.
        to: Phase,
        /// What is missing.
        missing: Vec<String>,
        /// Whether its words may be none.
        #[serde(default)]
        slip: Slip,
    },
    /// Why it is closed.
    Closing {
        /// The reason chosen.
        reason: CloseReason,
        /// Why it needs words, if it does.
        required: Option<String>,
    },
    /// What became of an action.
    Settlement {
        /// Its number.
        action: ActionId,
        /// What it was.
        what: String,
        /// It was done.
        done: bool,
    },
    /// What became of a bulletin.
    Posting {
        /// Its number.
        number: u32,
        /// On this channel.
        channel: String,
        /// It stands there.
        posted: bool,
    },
}

/// Whether what is typed as a reason may be a word that was typed where gates are listed, and began with the key that
/// asks for a reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slip {
    /// The key was pressed then, and nothing typed yet.
    Asked(Time),
    /// What is typed began right after it.
    Typed,
    /// It was said then what that would waive: only another Enter means it.
    Said(Time),
    /// It is meant.
    #[default]
    No,
}

/// What changes although somebody had said it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// How bad: from, to.
    Severity(Severity, Severity),
    /// What sort of trouble: from, to.
    Category(Category, Category),
}

impl Text {
    /// An empty line for this purpose.
    pub fn new(incident: &Incident, asks: Asks) -> Self {
        let (id, seen) = (incident.id.clone(), incident.version);
        let field = Field::default();
        Self { id, seen, together: Vec::new(), asks, field, error: None, leaving: false }
    }

    /// Whether what is written keeps its lines: a note may be a log or a list, where a reason is a sentence.
    pub fn keeps_lines(&self) -> bool {
        self.asks == Asks::Note
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &Outside) {
        if self.keeps_lines() { self.field.paste_lines(text) } else { self.field.paste(text) }
    }

    /// All that it is about, as they were shown.
    pub fn all(&self) -> Vec<Seen> {
        all(&self.id, self.seen, &self.together)
    }
}

/// What a question is about: this one, or all that are marked.
pub(super) fn all(id: &IncidentId, seen: u64, together: &[Seen]) -> Vec<Seen> {
    match together {
        [] => vec![Seen { id: id.clone(), version: seen }],
        all => all.to_vec(),
    }
}
