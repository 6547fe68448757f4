//! A page that is read before a final Enter, and when that Enter counts.

use serde::{Deserialize, Serialize};

use super::chord::{Chord, Key};
use crate::domain::time::{Span, Time};

/// The final Enter counts only so long after the first frame.
const AFTER_FRAME: Span = Span::millis(500);
/// The final Enter counts only so long after the key before it.
const AFTER_KEY: Span = Span::millis(250);

/// A key that comes again within this may be held down: terminals wait 250 to 660 ms before they repeat one.
const AFTER_SAME: Span = Span::millis(900);

/// Lines that a page goes further by, where so many are seen.
const PAGE: u16 = 8;

/// What is said of an Enter that came too soon, and of one before all was seen.
const TOO_SOON: &str = "press Enter again, after a breath";
/// What is said of a key that may be held down.
pub const HELD: &str = "let the key go for a second, then press it again";
const MORE_BELOW: &str = "there is more of it below: pgdn shows the rest";

/// A key that may be held down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stroke {
    chord: Chord,
    began: Time,
    last: Time,
    /// It began as a verb for all that were marked.
    #[serde(default)]
    pub of_marked: bool,
}

impl Stroke {
    /// The stroke that a key at `at` belongs to, after this one.
    pub fn next(before: Option<Self>, chord: Chord, at: Time) -> Self {
        let goes_on = |it: &Self| it.chord == chord && (it.last..it.last + AFTER_SAME.delta()).contains(&at);
        let before = before.filter(goes_on);
        let of_marked = before.is_some_and(|it| it.of_marked);
        Self { chord, began: before.map_or(at, |it| it.began), last: at, of_marked }
    }

    /// Whether it may be a key that is held down: it came again soon.
    pub fn goes_on(&self) -> bool {
        self.began != self.last
    }
}

/// A page that is read before a final Enter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// When its first frame was on the screen.
    pub drawn_at: Option<Time>,
    /// The last key before the final Enter.
    pub last_key: Option<Time>,
    /// The key that is being judged may be held down since before there was anything to read.
    pub held: bool,
    /// Why the last Enter did not count.
    pub nudge: Option<String>,
    /// Lines scrolled away.
    pub top: u16,
    /// So many of its lines are seen at once; none before it was measured.
    #[serde(default)]
    pub rows: u16,
    /// Its last line has been on the screen.
    pub read: bool,
    /// Enter counted; the answer is awaited.
    pub sent: bool,
}

impl Guard {
    /// What is asked has changed: it is read again before Enter counts.
    pub fn anew() -> Self {
        Self { nudge: Some("it has changed since you asked".to_owned()), ..Self::default() }
    }

    /// Told of a key before it is judged.
    pub fn stroke(&mut self, stroke: Stroke) {
        self.held = stroke.goes_on() && self.drawn_at.is_some_and(|drawn| stroke.began <= drawn);
    }

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
            self.scroll(chord);
            return false;
        }
        self.nudge = objection.map(str::to_owned);
        self.sent = objection.is_none();
        self.sent
    }

    /// Why an Enter at `at` does not count.
    pub fn objection(&self, at: Time) -> Option<&'static str> {
        match self.is_early(at) {
            _ if !self.read => Some(MORE_BELOW),
            true => Some(self.too_soon()),
            false => None,
        }
    }

    /// What is said of a key that came too soon, or was never let go.
    pub fn too_soon(&self) -> &'static str {
        if self.held { HELD } else { TOO_SOON }
    }

    /// It is on the screen for the first time, or once more after [`Guard::unseen`].
    pub fn drawn(&mut self, at: Time) {
        self.drawn_at.get_or_insert(at);
    }

    /// It is drawn at another size: it has not been read at this one, and what is said of how it was read at the other
    /// one says nothing here. Why else it was refused stands: somebody may make room to read that.
    pub fn unseen(&mut self) {
        (self.drawn_at, self.read) = (None, false);
        self.nudge.take_if(|said| [TOO_SOON, HELD, MORE_BELOW].contains(&said.as_str()));
    }

    /// Scrolls by a key: a page further is no line further than was seen.
    pub fn scroll(&mut self, chord: Chord) {
        let page = if self.rows == 0 { PAGE } else { PAGE.min(self.rows) };
        self.top = match chord.key {
            Key::PageDown | Key::Char(' ') => self.top.saturating_add(page),
            Key::PageUp => self.top.saturating_sub(page),
            _ => scrolled(self.top, chord),
        };
    }

    /// Its last line is on the screen once `most` lines are scrolled away, of which `rows` are seen at once.
    pub fn settle(&mut self, most: u16, rows: u16) {
        self.rows = rows;
        self.top = self.top.min(most);
        self.read |= self.top == most;
    }

    /// It was refused; it can be pressed again, but not by the same stroke.
    pub fn refused(&mut self, why: String) {
        (self.sent, self.nudge) = (false, Some(why));
    }

    /// Whether an Enter at `at` comes before anybody can have read it, or in one stroke with other keys.
    pub fn is_early(&self, at: Time) -> bool {
        // A clock that was set back must not refuse it for an hour.
        let sooner = |since: Option<Time>, than: Span| {
            since.is_some_and(|since| (since..since + than.delta()).contains(&at))
        };
        self.held
            || self.drawn_at.is_none()
            || sooner(self.drawn_at, AFTER_FRAME)
            || sooner(self.last_key, AFTER_KEY)
    }
}

/// The lines scrolled away after a key.
pub fn scrolled(top: u16, chord: Chord) -> u16 {
    match chord.key {
        Key::Down | Key::Char('j') => top.saturating_add(1),
        Key::Up | Key::Char('k') => top.saturating_sub(1),
        Key::PageDown | Key::Char(' ') => top.saturating_add(PAGE),
        Key::PageUp => top.saturating_sub(PAGE),
        Key::Home | Key::Char('g') => 0,
        Key::End | Key::Char('G') => u16::MAX,
        _ => top,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_another_size_why_it_was_refused_still_stands_and_how_it_was_read_does_not() {
        let mut guard = Guard { drawn_at: Some(Time::UNIX_EPOCH), ..Guard::default() };
        for read in [false, true] {
            guard.drawn(Time::UNIX_EPOCH);
            guard.read = read;
            assert!(!guard.counts(Time::UNIX_EPOCH, Chord::plain(Key::Enter)));
            assert!(guard.nudge.is_some());
            guard.unseen();
            assert_eq!(guard.nudge, None);
        }
        guard.refused("ana has done 3 of 3 this hour".to_owned());
        guard.unseen();
        assert_eq!(guard.nudge.as_deref(), Some("ana has done 3 of 3 this hour"));
    }
}
