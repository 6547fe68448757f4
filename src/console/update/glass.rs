//! Going without the second person that a plan needs: first why, then the plan once more.

use crate::console::chord::{Chord, Key};
use crate::console::field::Field;
use crate::console::guard::Guard;
use crate::console::prompt::{Confirm, Glass, Twice, Way};
use crate::domain::approval;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// Takes the key that turns to it and, until there is a reason, every key; says whether it was taken.
pub(super) fn pressed(confirm: &mut Confirm, at: Time, chord: Chord) -> bool {
    if confirm.guard.sent || !confirm.differences.is_empty() {
        return false;
    }
    let breaks = chord.ctrl && chord.key == Key::Char('g') && confirm.can_break();
    match &mut confirm.way {
        Way::Submit if breaks => confirm.turn(at, Way::BreakGlass(Glass::default())),
        // Asking somebody is always the way back.
        Way::BreakGlass(_) if chord.key == Key::Esc => confirm.turn(at, Way::Submit),
        Way::BreakGlass(glass) if !glass.given => {
            confirm.guard.last_key = Some(at);
            confirm.guard.nudge = None;
            if chord.key != Key::Enter {
                if !glass.reason.press(chord) {
                    confirm.guard.scroll(chord);
                }
            } else if let Err(wanted) = approval::reason(&glass.reason.outside()) {
                confirm.guard.nudge = Some(wanted);
            } else {
                let reason = std::mem::take(&mut glass.reason);
                confirm.turn(at, Way::BreakGlass(Glass { reason, given: true }));
            }
        }
        Way::Submit | Way::BreakGlass(_) | Way::Approve(_) => return false,
    }
    true
}

/// Takes pasted text while the reason is asked for; says whether it did.
pub(super) fn pasted(confirm: &mut Confirm, text: &Outside) -> bool {
    match &mut confirm.way {
        Way::BreakGlass(glass) if !glass.given => {
            glass.reason.paste(text);
            true
        }
        _ => false,
    }
}

impl Confirm {
    /// Asks for something else, which has yet to be read.
    fn turn(&mut self, at: Time, way: Way) {
        self.way = way;
        self.target = self.target.as_ref().map(|_| Field::default());
        self.guard = Guard { last_key: Some(at), ..Guard::default() };
        if self.twice == Twice::Asked {
            self.twice = Twice::Due;
        }
    }
}
