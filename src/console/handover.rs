//! The hand-over: how far back its card looks, what the card is made of, and what changed hands.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::board::Board;
use super::field::Field;
use crate::domain::card::{Account, Card};
use crate::domain::role::Role;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// How far back a card can look.
const SPANS: [Span; 6] = [
    Span::mins(240),
    Span::mins(480),
    Span::mins(720),
    Span::mins(1440),
    Span::mins(4320),
    Span::mins(10_080),
];
/// A watch unless somebody says otherwise.
const USUAL: usize = 2;
/// What changes by itself is read again so soon at most.
const AGAIN_AFTER: Span = Span::secs(3);
/// What sources say of silences changes without a record.
const READ_EVERY: Span = Span::secs(30);

/// The hand-over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Handover {
    /// Which of the spans.
    span: usize,
    /// What the card is made of.
    pub read: Option<Read>,
    /// Since when the engine was asked for.
    pub asked: Asked<Time>,
    /// What comes with the offer that is being taken.
    pub taking: Option<(u64, Taken)>,
    /// What came with the watch this person took.
    pub taken: Option<Taken>,
}

/// What a card is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Read {
    /// Since when.
    pub since: Time,
    /// When the engine was asked for it.
    pub at: Time,
    /// Every incident of the span.
    pub incidents: Vec<Account>,
}

/// What came with a watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// When.
    pub at: Time,
    /// Who had it.
    pub from: String,
    /// What changed hands: `holds INC-1047`, `lead of INC-1042`.
    pub what: Vec<String>,
}

impl Default for Handover {
    fn default() -> Self {
        Self { span: USUAL, read: None, asked: Asked::default(), taking: None, taken: None }
    }
}

impl Handover {
    /// How far back the card looks.
    pub fn span(&self) -> Span {
        SPANS.get(self.span).copied().unwrap_or(Span::mins(720))
    }

    /// How far it would look by one step more or less, if there is one.
    pub fn stepped(&self, by: isize) -> Option<Span> {
        SPANS.get(self.span.checked_add_signed(by)?).copied()
    }

    /// Looks further back, or less far.
    pub fn step(&mut self, by: isize) {
        if self.stepped(by).is_some() {
            self.span = self.span.saturating_add_signed(by);
            self.asked = Asked::default();
        }
    }

    /// Since when to ask the engine, if it must be asked now.
    pub fn wants(&mut self, board: &Board, at: Time) -> Option<Time> {
        if !self.asked.may_ask(at) {
            return None;
        }
        let fresh = self.read.as_ref().is_some_and(|read| {
            read.at - read.since == self.span().delta()
                && match at - read.at {
                    age if age < TimeDelta::zero() => !read.is_behind(board),
                    age if age < AGAIN_AFTER.delta() => true,
                    age => age < READ_EVERY.delta() && !read.is_behind(board),
                }
        });
        (!fresh).then(|| self.asked.ask(at, at - self.span().delta()))
    }

    /// Takes in what the engine answered; an answer to an older question is none.
    pub fn learn(&mut self, at: Time, since: Time, answer: Result<Vec<Account>, Outside>) {
        if let Some((at, incidents)) = self.asked.answered(at, since, answer) {
            self.read = Some(Read { since, at, incidents });
        }
    }

    /// The card as it is at `now`.
    pub fn card(&self, board: &Board, now: Time) -> Option<Card> {
        let read = self.read.as_ref()?;
        let card = Card::of(&read.incidents, read.at, board.watched(), read.since, now);
        Some(card.watching(&board.monitors))
    }
}

impl Read {
    /// Whether the board knows more of what was going on since.
    fn is_behind(&self, board: &Board) -> bool {
        let known: BTreeMap<_, _> =
            self.incidents.iter().map(|it| (&it.incident.id, it.incident.version)).collect();
        board
            .ranked()
            .filter(|incident| incident.was_open_since(self.since))
            .any(|incident| known.get(&incident.id).is_none_or(|version| *version < incident.version))
    }
}

/// Whether what is typed instead of a name takes the offer back: an Enter alone may have been meant for something else.
pub fn takes_back(field: &Field) -> bool {
    field.text().trim() == "-"
}

/// What a person would hand over: what they hold, and the roles they play.
pub fn held_by(board: &Board, name: &str) -> Vec<String> {
    let mut out = Vec::new();
    for incident in board.ranked().filter(|incident| !incident.is_closed()) {
        if incident.phase.is_open() && incident.owner.as_ref().is_some_and(|owner| owner.name == name) {
            out.push(format!("holds {}", incident.id));
        }
        let mine = |role: &Role| incident.role(*role).is_some_and(|held| held.raw() == name);
        out.extend(
            Role::ALL.into_iter().filter(mine).map(|role| format!("{} of {}", role.word(), incident.id)),
        );
    }
    out
}
