//! Draws the model. Nothing is decided here, and nothing that a terminal could obey leaves here.

use ratatui::Frame;
use ratatui::buffer::Buffer;

use crate::console::layout;
use crate::console::model::{Model, Screen};
use crate::console::page;
use crate::console::prompt::Prompt;
use crate::domain::time::Time;

mod canvas;
mod cells;
mod foot;
mod header;
mod list;
mod paint;
mod row;
mod sheet;
pub mod theme;
mod tiny;
pub mod wall;

pub use canvas::Canvas;
pub use cells::{Cell, Legend, Looks};
pub use theme::Theme;

/// Draws the model as it is at `now`, in whole.
pub fn draw(model: &Model, theme: &Theme, now: Time, frame: &mut Frame<'_>) {
    whole(frame.buffer_mut(), *theme, |canvas| sketch(model, now, canvas));
}

/// Draws the model as it is at `now` on a canvas that is blank.
pub fn sketch(model: &Model, now: Time, canvas: &mut Canvas) {
    match layout::regions(model.size).filter(|_| fits(model, canvas)) {
        Some(regions) => {
            header::draw(model, now, &regions, canvas);
            if model.list().is_some() {
                list::draw(model, now, &regions, canvas);
            } else {
                screen(model, now, &regions, canvas);
            }
            sheet::draw(model, now, &regions, canvas);
            foot::draw(model, now, &regions, canvas);
        }
        None => tiny::draw(model, now, canvas),
    }
}

/// Puts what is sketched into a whole screen of cells.
fn whole(buffer: &mut Buffer, theme: Theme, sketch: impl FnOnce(&mut Canvas)) {
    let mut canvas = Canvas::new(theme, buffer.area.width, buffer.area.height);
    sketch(&mut canvas);
    let replaced = canvas.show(buffer);
    debug_assert_eq!(replaced, 0, "text from outside has reached a cell without SafeText");
}

/// The terminal may be smaller than the model has heard.
fn fits(model: &Model, canvas: &Canvas) -> bool {
    canvas.area.cols >= model.size.cols && canvas.area.rows >= model.size.rows
}

fn screen(model: &Model, now: Time, regions: &layout::Regions, canvas: &mut Canvas) {
    let title = match &model.screen {
        Screen::Incident { id, .. } => page::incident::title(model, id),
        Screen::Monitors { .. } => "Monitors".to_owned(),
        Screen::Sources { .. } => "Sources".to_owned(),
        Screen::Sink { .. } => "What the channels received".to_owned(),
        Screen::PostMortem { id, .. } => format!("Post-mortem of {id}"),
        Screen::HandOver { .. } => page::handover::title(model),
        Screen::Metrics { .. } => page::metrics::title(model),
        Screen::Approvals => page::approvals::title(model, now),
        Screen::Ledger => {
            let end = page::ledger::end(model, regions.body.rows);
            page::ledger::title(model, page::title::room(regions.body.cols, &end))
        }
        Screen::Record { seq, .. } => format!("Record {seq}"),
        Screen::Help { .. } => "Keys".to_owned(),
        Screen::Triage | Screen::Review => String::new(),
    };
    let mut page = page::of_screen(model, regions.body.cols, now);
    if let Some(Prompt::Seek { at: Some(at), .. }) = model.prompt
        && let Some(found) = page.get_mut(at).filter(|_| model.screen != Screen::Approvals)
    {
        *found = std::mem::take(found).in_role(page::Role::Chosen);
    }
    let rule = layout::Area { cols: regions.body.cols, ..regions.rule };
    let more = page::furthest(page.len(), regions.body.rows).saturating_sub(model.screen.top());
    let end = if model.screen == Screen::Ledger {
        page::ledger::end(model, regions.body.rows)
    } else if more > 0 {
        sheet::below(more)
    } else {
        String::new()
    };
    paint::rule(canvas, rule, &title, &end);
    paint::page(canvas, regions.body, &page, model.screen.top());
}
