//! A page that is read before a final Enter, and when that Enter counts.

use serde::{Deserialize, Serialize};

use super::chord::{Chord, Key};
use crate::domain::time::{Span, Time};

/// The final Enter counts only so long after the first frame.
pub const AFTER_FRAME: Span = Span::millis(500);
/// The final Enter counts only so long after the key before it.
pub const AFTER_KEY: Span = Span::millis(250);

/// What is said of an Enter that came too soon.
pub const TOO_SOON: &str = "press Enter again, after a breath";

/// A page that is read before a final Enter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// When its first frame was on the screen.
    pub drawn_at: Option<Time>,
    /// The last key before the final Enter.
    pub last_key: Option<Time>,
    /// Why the last Enter did not count.
    pub nudge: Option<String>,
    /// Lines scrolled away.
    pub top: u16,
    /// Its last line has been on the screen.
    pub read: bool,
    /// Enter counted; the answer is awaited.
    pub sent: bool,
}

impl Guard {
    /// Takes a key, and says whether it was the Enter that counts.
    pub fn counts(&mut self, at: Time, chord: Chord) -> bool {
        let objection = self.objection(at);
        self.last_key = Some(at);
        // Keys typed before the page could be read are no answer to it.
        if self.drawn_at.is_none() || self.sent {
            return false;
        }
        if chord.key != Key::Enter {
            self.nudge = None;
            self.top = scrolled(self.top, chord);
            return false;
        }
        self.nudge = objection.map(str::to_owned);
        self.sent = objection.is_none();
        self.sent
    }

    /// Why an Enter at `at` does not count.
    pub fn objection(&self, at: Time) -> Option<&'static str> {
        match self.is_early(at) {
            _ if !self.read => Some("there is more of it below: pgdn shows the rest"),
            true => Some(TOO_SOON),
            false => None,
        }
    }

    /// It is on the screen for the first time, or once more after [`Guard::unseen`].
    pub fn drawn(&mut self, at: Time) {
        self.drawn_at.get_or_insert(at);
    }

    /// It is drawn at another size: it has not been read at this one.
    pub fn unseen(&mut self) {
        (self.drawn_at, self.read) = (None, false);
    }

    /// Its last line is on the screen once `most` lines are scrolled away.
    pub fn settle(&mut self, most: u16) {
        self.top = self.top.min(most);
        self.read |= self.top == most;
    }

    /// It was refused; it can be pressed again, but not by the same stroke.
    pub fn refused(&mut self, why: String) {
        (self.sent, self.nudge) = (false, Some(why));
    }

    /// Whether an Enter at `at` comes before anybody can have read it, or in one stroke with other keys.
    pub fn is_early(&self, at: Time) -> bool {
        let sooner = |since: Option<Time>, than: Span| since.is_some_and(|since| at - since < than.delta());
        self.drawn_at.is_none() || sooner(self.drawn_at, AFTER_FRAME) || sooner(self.last_key, AFTER_KEY)
    }
}

/// The lines scrolled away after a key.
pub fn scrolled(top: u16, chord: Chord) -> u16 {
    match chord.key {
        Key::Down | Key::Char('j') => top.saturating_add(1),
        Key::Up | Key::Char('k') => top.saturating_sub(1),
        Key::PageDown | Key::Char(' ') => top.saturating_add(8),
        Key::PageUp => top.saturating_sub(8),
        Key::Home | Key::Char('g') => 0,
        Key::End | Key::Char('G') => u16::MAX,
        _ => top,
    }
}
