//! Keys in, effects out.

use quell::console::effect::Effect;
use quell::console::prompt::Prompt;
use quell::domain::action::Verb;
use quell::domain::record::Entry;
use quell::domain::severity::Severity;
use quell::domain::text::Outside;

mod ahead;
mod alike;
mod approve;
mod back;
mod banner;
mod bulk;
mod bulletin;
mod contain;
mod due;
mod editing;
mod escalation;
mod finding;
mod fixed;
mod gates;
mod guard;
mod handover;
mod leave;
mod ledger;
mod left_out;
mod line;
mod links;
mod looked;
mod notes;
mod palette;
mod popups;
mod recording;
mod reopening;
mod report;
mod review;
mod roles;
mod rows;
mod seeking;
mod shown;
mod snooze;
mod steady;
mod storm;
mod ties;
mod unwritten;
mod verbs;
mod views;

use crate::support::play::{Play, at, console, id, incident};

/// What a canvas shows.
fn painted(canvas: &quell::view::Canvas) -> ratatui::buffer::Buffer {
    let mut buffer =
        ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, canvas.area.cols, canvas.area.rows));
    assert_eq!(canvas.show(&mut buffer), 0);
    buffer
}
