//! The command line: a command by its name, with what it needs to know.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::console::board::Board;
use crate::console::field::Field;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::text::Outside;

/// The commands that write a note.
const NOTES: [&str; 2] = ["note", "hypothesis"];

/// A command being typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandLine {
    /// The incident it acts on; `None` when none was selected.
    pub id: Option<IncidentId>,
    /// The version that was shown.
    pub seen: u64,
    /// Those that were marked when it was opened: what means all of them means nothing else once they are gone.
    #[serde(default)]
    pub marked: BTreeSet<IncidentId>,
    /// What is typed, without the colon.
    pub field: Field,
    /// Which of what could follow was chosen, by its name: what it is does not change when others come or go.
    pub chosen: Option<String>,
    /// Why it will not do.
    pub error: Option<Wrong>,
}

/// Which word of a line is wrong, and how to write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// Characters before the word.
    pub at: usize,
    /// Its characters; none when it is not about a word.
    pub cells: usize,
    /// How to write it.
    pub says: String,
}

impl CommandLine {
    /// Takes pasted text; what becomes a note keeps its lines, as in the field for one.
    pub fn paste(&mut self, text: &Outside) {
        let line = format!("{}{}", self.field.parts().0, text.raw());
        let is_note = NOTES.iter().any(|name| line.split_whitespace().next() == Some(name));
        if is_note { self.field.paste_lines(text) } else { self.field.paste(text) }
    }
}

impl Wrong {
    /// A stretch of bytes of a text is wrong.
    pub fn stretch(text: &str, at: &std::ops::Range<usize>, says: impl Into<String>) -> Self {
        let chars = |range: Option<&str>| range.map_or(0, |part| part.chars().count());
        Self { at: chars(text.get(..at.start)), cells: chars(text.get(at.clone())).max(1), says: says.into() }
    }

    /// It is not about one word.
    pub fn all(says: impl Into<String>) -> Self {
        Self { at: 0, cells: 0, says: says.into() }
    }
}

impl CommandLine {
    /// The incident it acts on.
    pub fn incident<'a>(&self, board: &'a Board) -> Option<&'a Arc<Incident>> {
        self.id.as_ref().and_then(|id| board.get(id))
    }

    /// The same, for what acts on one.
    ///
    /// # Errors
    /// That none is selected.
    pub fn selected(&self, board: &Board) -> Result<Arc<Incident>, Wrong> {
        let none = || Wrong::all("no incident is selected: esc, and choose one on Triage first");
        self.incident(board).cloned().ok_or_else(none)
    }

    /// An empty line about an incident.
    pub fn new(incident: Option<&Incident>) -> Self {
        Self {
            id: incident.map(|incident| incident.id.clone()),
            seen: incident.map_or(0, |incident| incident.version),
            marked: BTreeSet::new(),
            field: Field::default(),
            chosen: None,
            error: None,
        }
    }
}
