//! The wall: what the engine told a screen that nobody touches, what is new on it, and since when it is blind.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::board::{Board, Change, Sight};
use super::message::Message;
use super::model::Size;
use crate::domain::fault::Fault;
use crate::domain::freshness::SourceState;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::severity::Severity;
use crate::domain::time::{Span, Time};

/// A page stands for so long.
pub const PAGE_LASTS: Span = Span::secs(8);
/// A critical incident is new for so long, and stands first.
pub const NEW_LASTS: Span = Span::secs(60);

/// What stands on the wall.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wall {
    /// The file in which a first source would be added.
    pub config: String,
    /// Which quell this is, and what it is configured with, in a few digits.
    pub build: String,
    /// The terminal's size.
    pub size: Size,
    /// Everything the engine has told.
    pub board: Board,
    /// When the first page was turned to.
    pub turned: Time,
    /// Critical incidents that came while it looked and that nobody has taken, the newest last.
    pub news: Vec<(IncidentId, Time)>,
    /// Since when nothing can be seen, as far as this wall knows.
    pub blind: Option<Time>,
    /// What became of the last word to the dead man's switch.
    pub ping: Option<(Time, Option<Fault>)>,
}

impl Wall {
    /// A wall that has just begun.
    pub fn new(config: String, build: String, size: Size, at: Time) -> Self {
        Self {
            config,
            build,
            size,
            board: Board::new(at),
            turned: at,
            news: Vec::new(),
            blind: None,
            ping: None,
        }
    }

    /// Takes in what has happened at `at`.
    pub fn take(&mut self, at: Time, message: Message) {
        self.board.pass(at);
        match message {
            Message::Changed(changes) => {
                let first = self.board.heard.is_none();
                let moved = self.board.absorb(&changes, at);
                let new = moved.into_iter().filter(|change| !first && self.is_news(change));
                let new: Vec<_> = new.map(|change| (change.id, at)).collect();
                if !new.is_empty() {
                    self.turned = at;
                    self.news.retain(|(known, _)| new.iter().all(|(id, _)| id != known));
                    self.news.extend(new);
                }
            }
            Message::EngineLost(fault) => {
                self.board.lose(at, fault);
            }
            Message::Resized { cols, rows } => self.size = Size { cols, rows },
            _ => {}
        }
        let board = &self.board;
        self.news.retain(|(id, since)| {
            let fresh = (*since..*since + NEW_LASTS.delta()).contains(&at);
            fresh && board.get(id).is_some_and(|incident| is_untaken(incident))
        });
        self.blind = if sees(&board.sight(at)) { None } else { Some(self.blind.unwrap_or(at)) };
    }

    /// Whether a change brought a critical incident that nobody has taken.
    fn is_news(&self, change: &Change) -> bool {
        let burned = change.was.as_ref().is_some_and(|was| is_untaken(was));
        !burned && self.board.get(&change.id).is_some_and(|incident| is_untaken(incident))
    }

    /// Whether every source was read, whole and lately, and somebody keeps watch.
    pub fn is_whole(&self, now: Time) -> bool {
        let live = || self.board.watched().all(|source| source.state(now) == SourceState::Live);
        sees(&self.board.sight(now)) && live()
    }

    /// What burns: what is new first, the newest on top, then by rank.
    pub fn order(&self) -> Vec<&Arc<Incident>> {
        let is_new = |incident: &Incident| self.news.iter().any(|(id, _)| *id == incident.id);
        let new = self.news.iter().rev().filter_map(|(id, _)| self.board.get(id));
        let rest = self.board.ranked().filter(|it| it.is_on_triage() && !is_new(it));
        new.chain(rest).collect()
    }

    /// How many pages were turned since the first one.
    pub fn turns(&self, now: Time) -> usize {
        let passed = (now - self.turned).num_milliseconds().max(0);
        usize::try_from(passed / PAGE_LASTS.delta().num_milliseconds()).unwrap_or_default()
    }
}

/// Whether anything on the board can be believed.
pub fn sees(sight: &Sight) -> bool {
    matches!(sight, Sight::Partly(..) | Sight::Failing(..) | Sight::Clear)
}

/// Critical, and nobody holds it.
pub fn is_untaken(incident: &Incident) -> bool {
    incident.severity == Severity::Critical && incident.is_on_triage() && !incident.is_acked()
}
