//! Draws the model. Nothing is decided here, and nothing that a terminal could obey leaves here.

use ratatui::Frame;
use ratatui::buffer::Buffer;

use crate::console::layout;
use crate::console::model::{Model, Screen};
use crate::console::page;
use crate::console::prompt::Prompt;
use crate::domain::time::Time;

mod foot;
mod header;
mod list;
mod paint;
mod row;
mod sheet;
pub mod theme;
mod tiny;
pub mod wall;

pub use theme::Theme;

/// Draws the model as it is at `now`.
pub fn draw(model: &Model, theme: &Theme, now: Time, frame: &mut Frame<'_>) {
    let swept = draw_swept(model, theme, now, frame.buffer_mut());
    debug_assert_eq!(swept, 0, "text from outside has reached a cell without SafeText");
}

/// The same; returns how many cells the last look at them had to replace, which should be none.
pub fn draw_swept(model: &Model, theme: &Theme, now: Time, buffer: &mut Buffer) -> usize {
    match layout::regions(model.size).filter(|_| fits(model, buffer)) {
        Some(regions) => {
            header::draw(model, theme, now, &regions, buffer);
            if model.list().is_some() {
                list::draw(model, theme, now, &regions, buffer);
            } else {
                screen(model, theme, now, &regions, buffer);
            }
            sheet::draw(model, theme, now, &regions, buffer);
            foot::draw(model, theme, now, &regions, buffer);
        }
        None => tiny::draw(model, theme, now, buffer),
    }
    if theme.ascii {
        paint::fold(buffer);
    }
    theme.ground(buffer);
    paint::sweep(buffer)
}

/// The terminal may be smaller than the model has heard.
fn fits(model: &Model, buffer: &Buffer) -> bool {
    buffer.area.width >= model.size.cols && buffer.area.height >= model.size.rows
}

fn screen(model: &Model, theme: &Theme, now: Time, regions: &layout::Regions, buffer: &mut Buffer) {
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
    paint::rule(buffer, theme, rule, &title, &end);
    paint::page(buffer, theme, regions.body, &page, model.screen.top());
}
