//! What became of the person's last action, or the words being looked for; and the keys that work now.

use ratatui::buffer::Buffer;

use super::paint;
use super::theme::Theme;
use crate::console::hints;
use crate::console::layout::Regions;
use crate::console::model::{Model, ToastState};
use crate::console::page::{Line, Role, field, own};
use crate::console::prompt::Prompt;
use crate::domain::time::{Time, clock_time};

pub fn draw(model: &Model, theme: &Theme, now: Time, regions: &Regions, buffer: &mut Buffer) {
    paint::line(buffer, theme, regions.toast, &said(model));
    let mut x = regions.hints.x + 1;
    let end = regions.hints.x + regions.hints.cols;
    for (key, word) in hints::fitting(model, now, usize::from(regions.hints.cols.saturating_sub(1))) {
        x += paint::text(buffer, x, regions.hints.y, end - x, &key, theme.role(Role::Key));
        x += paint::text(buffer, x, regions.hints.y, end - x, &format!(" {word}"), theme.role(Role::Plain))
            + 2;
    }
}

fn said(model: &Model) -> Line {
    if let Some(Prompt::Find { field: typed }) = &model.prompt {
        let line = field(" find: ", typed, false);
        let says = "  words that must stand in a record's line; j at the end reads older ones";
        return if typed.is_blank() { line.and(Role::Dim, says) } else { line };
    }
    let Some(toast) = &model.toast else { return Line::default() };
    let text = own(&toast.text);
    match toast.state {
        ToastState::Pending => Line::of(Role::Dim, format!("   {text}…")),
        ToastState::Done => {
            Line::of(Role::Good, format!(" ✓ {} ", clock_time(toast.at))).and(Role::Plain, text)
        }
        ToastState::Failed | ToastState::Again => {
            Line::of(Role::Bad, format!(" ✗ {} ", clock_time(toast.at))).and(Role::Plain, text)
        }
    }
}
