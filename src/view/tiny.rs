//! A terminal too small for a list still says how many critical incidents there are.

use ratatui::buffer::Buffer;

use super::paint;
use super::theme::Theme;
use crate::console::board::Sight;
use crate::console::model::Model;
use crate::console::page::Role;
use crate::console::prompt::Prompt;
use crate::console::tape::Tape;
use crate::domain::time::Time;

pub fn draw(model: &Model, theme: &Theme, now: Time, buffer: &mut Buffer) {
    let area = buffer.area;
    let tally = model.board.tally();
    let mut lines = vec![match model.sight(now) {
        Sight::Lost(..) | Sight::Stalled(_) => format!("DOWN {} CRIT", tally.critical),
        Sight::Frozen(..) => format!("LEDGER {} CRIT", tally.critical),
        Sight::Blind => format!("BLIND {} CRIT", tally.critical),
        Sight::Connecting => "? CRIT".to_owned(),
        _ => format!("{} CRIT", tally.critical),
    }];
    if matches!(model.tape, Tape::Replay(_)) {
        lines.insert(0, "REPLAY".to_owned());
    }
    if tally.unacked > 0 {
        lines.push(format!("{} UNACKED", tally.unacked));
    }
    lines.push(match &model.prompt {
        Some(Prompt::Leave { .. }) => "enter leaves".to_owned(),
        Some(_) => "esc, or enlarge".to_owned(),
        None => format!("too small: {}x{}", area.width, area.height),
    });
    lines.push("needs 36x9".to_owned());
    for (y, line) in (area.top()..area.bottom()).zip(&lines) {
        let role = if y == area.top() { Role::Strong } else { Role::Plain };
        paint::text(buffer, area.left(), y, area.width, line, theme.role(role));
    }
}
