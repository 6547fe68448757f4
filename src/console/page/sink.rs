//! What the demo's channels received: there, chat goes to rooms on this machine.

use super::{Line, Page, Role, gap, moment, own, wrapped};
use crate::console::model::Model;
use crate::domain::time::Time;

/// How many lines of one message are shown, and on a tall screen.
const LINES: [usize; 2] = [12, 60];
/// From here on a screen is tall.
const TALL: u16 = 36;

/// Every message, the latest first.
pub fn page(model: &Model, cols: u16, now: Time) -> Page {
    let said = model.sink.as_deref().unwrap_or_default();
    if said.is_empty() {
        return wrapped(Role::Plain, " ", "nobody was told yet; e on an incident tells them", cols);
    }
    let [few, many] = LINES;
    let lines = if model.size.rows < TALL { few } else { many };
    let mut out = Page::new();
    for message in said.iter().rev() {
        let head = format!(" {}  ", moment(message.at, now));
        out.push(Line::of(Role::Dim, head).and(Role::Strong, own(&message.room)));
        for line in message.text.lines(lines) {
            out.extend(wrapped(Role::Plain, "    ", &line, cols));
        }
        out.push(gap());
    }
    out
}
