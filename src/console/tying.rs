//! What a person is about to say of two incidents or more, bound to what was shown of each.

use serde::{Deserialize, Serialize};

use super::board::Board;
use crate::domain::incident::Incident;
use crate::domain::tie::{Seen, Tie};
use crate::domain::time::Time;

/// What a person is about to say of incidents and another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tying {
    /// What.
    pub tie: Tie,
    /// Of these.
    pub of: Vec<Seen>,
    /// And this one.
    pub to: Seen,
}

impl Tying {
    /// About incidents as they are now.
    pub fn new<'a>(tie: Tie, of: impl IntoIterator<Item = &'a Incident>, to: &Incident) -> Self {
        Self { tie, of: of.into_iter().map(Seen::of).collect(), to: Seen::of(to) }
    }

    /// Every incident it is about, the one they are tied to last.
    pub fn all(&self) -> impl Iterator<Item = &Seen> {
        self.of.iter().chain([&self.to])
    }

    /// What two people could change at once and did since it was shown, one line an incident; from here on it counts
    /// as shown.
    pub fn renew(&mut self, board: &Board) -> Vec<String> {
        let mut news = Vec::new();
        for seen in self.of.iter_mut().chain([&mut self.to]) {
            let Some(incident) = board.get(&seen.id) else { continue };
            let since = incident.changed.iter().filter(|(_, version)| **version > seen.version);
            let changed: Vec<&str> = since.map(|(field, _)| field.words()).collect();
            if !changed.is_empty() {
                news.push(format!("{}: {}", seen.id, changed.join(", ")));
                seen.version = incident.version;
            }
        }
        news
    }

    /// Why it cannot be said now, as far as the board knows.
    pub fn cannot(&self, board: &Board, now: Time) -> Option<String> {
        let to = board.get(&self.to.id)?;
        self.of.iter().find_map(|seen| {
            let (id, why) = self.tie.may(board.get(&seen.id)?, to, now).err()?;
            Some(format!("{id}: {why}"))
        })
    }

    /// What is said once it is done.
    pub fn done(&self) -> String {
        let (of, to) = (self.names(), &self.to.id);
        match &self.tie {
            Tie::Merge => format!("{of} merged into {to}; u on {to} takes the merge back"),
            Tie::Unmerge if self.of.len() == 1 => format!("{of} stands by itself again"),
            Tie::Unmerge => format!("{of} stand by themselves again"),
            Tie::Link { signals } if signals.is_empty() => {
                format!("{of} is linked with {to}; u takes it back")
            }
            Tie::Link { .. } => format!("{of} is linked with {to}, which has that signal now"),
            Tie::Unlink => format!("{of} is no longer linked with {to}"),
        }
    }

    /// The incidents it is said of: `INC-7, INC-9`.
    pub fn names(&self) -> String {
        self.of.iter().map(|seen| seen.id.to_string()).collect::<Vec<_>>().join(", ")
    }
}
