//! What is asked, over the bottom of the screen; nothing is drawn over it.

use super::canvas::Canvas;
use super::paint;
use crate::console::layout::{self, Area, Regions};
use crate::console::model::Model;
use crate::console::page::{Role, furthest, prompt};
use crate::console::prompt::{Prompt, Way};
use crate::domain::time::Time;

pub fn draw(model: &Model, now: Time, regions: &Regions, canvas: &mut Canvas) {
    let theme = canvas.theme;
    let Some(sheet) = prompt::sheet(model, regions.body.cols, now) else { return };
    let area = layout::sheet(regions, sheet.body.len() + sheet.foot.len());
    canvas.clear(area);
    let foot = u16::try_from(sheet.foot.len()).unwrap_or(u16::MAX).min(area.rows - 1);
    let body = Area { y: area.y + 1, rows: area.rows - 1 - foot, ..area };
    let (lines, rows) = sheet.extent(regions);
    let most = furthest(lines, rows);
    let top = sheet.top.min(most);
    let end = if top < most { below(most - top) } else { String::new() };
    paint::rule(canvas, Area { rows: 1, ..area }, &sheet.title, &end);
    if sheet.grave {
        let style = if breaks_glass(model) { theme.alarm() } else { theme.role(Role::Bad) };
        canvas.style(Area { rows: 1, ..area }, style);
    }
    let head = body.rows - rows;
    paint::page(canvas, Area { rows: head, ..body }, &sheet.body, 0);
    paint::page(canvas, Area { y: body.y + head, rows, ..body }, &sheet.body, head + top);
    let below = Area { y: body.y + body.rows, rows: foot, ..area };
    paint::page(canvas, below, &sheet.foot, 0);
}

/// What goes without the second person it needs is louder than any other change.
fn breaks_glass(model: &Model) -> bool {
    matches!(&model.prompt, Some(Prompt::Confirm(confirm)) if matches!(confirm.way, Way::BreakGlass(_)))
}

/// How many lines stand below what is shown.
pub fn below(lines: u16) -> String {
    let word = if lines == 1 { "line" } else { "lines" };
    format!("{lines} more {word} ↓")
}
