//! What became of the person's last action, or the words being looked for; and the keys that work now.

use crate::domain::text::Width;

use super::canvas::Canvas;
use super::paint;
use crate::console::command::Command;
use crate::console::layout::{Area, Regions};
use crate::console::model::{Model, Reverse, ToastState};
use crate::console::page::{Line, Page, Role, cut, field, headed, own, seek, wrapped};
use crate::console::prompt::Prompt;
use crate::console::{hints, reading};
use crate::domain::time::{Time, clock_time};

pub fn draw(model: &Model, now: Time, regions: &Regions, canvas: &mut Canvas) {
    // What does not fit into its line grows over the end of the body; what is asked stands there instead.
    let lines = said(model, now, regions.toast.cols);
    let most = match model.prompt {
        None if is_past(model, regions) => 1,
        None => MOST.min(free(model, regions)),
        Some(_) => 1,
    };
    let lines = cut(lines, most, regions.toast.cols);
    let above = u16::try_from(lines.len()).unwrap_or(1).saturating_sub(1);
    let area = Area { y: regions.toast.y - above, rows: above + 1, ..regions.toast };
    if above > 0 {
        canvas.clear(area);
    }
    paint::page(canvas, area, &lines, 0);
    keys(model, now, regions, canvas);
}

/// The keys that work now.
fn keys(model: &Model, now: Time, regions: &Regions, canvas: &mut Canvas) {
    let area = regions.hints;
    let Some(list) = model.list().filter(|_| model.prompt.is_none()) else {
        return hinted(model, now, area, canvas);
    };
    let fold = list.fold().map(|fold| (fold.open, fold.members.len()));
    let screen = (list.of, list.filter().is_some(), model.behind.len(), &model.tape);
    let marked = (&model.marks.ids, model.run.is_some());
    let cursor = (list.selected(), fold, reading::of_selected(model));
    let key = ("keys", model.board.revision.number(), screen, marked, cursor);
    canvas.pane(area, now, key, |canvas, now| hinted(model, now, area, canvas));
}

fn hinted(model: &Model, now: Time, area: Area, canvas: &mut Canvas) {
    let theme = canvas.theme;
    let (mut x, end) = (area.x + 1, area.x + area.cols);
    for (key, word) in hints::fitting(model, now, usize::from(area.cols.saturating_sub(1))) {
        x += canvas.text(x, area.y, end - x, &key, theme.role(Role::Key));
        x += canvas.text(x, area.y, end - x, &format!(" {word}"), theme.role(Role::Plain)) + 2;
    }
    // Two consoles that are not the same say so, where there is room.
    let build = format!("quell {} ", model.settings.build);
    let wide = u16::try_from(build.width()).unwrap_or(end);
    if !model.settings.build.is_empty() && x + wide < end {
        canvas.text(end - wide, area.y, wide, &build, theme.role(Role::Dim));
    }
}

/// Below so many rows each is worth more than what was said.
const FEW: u16 = 12;
/// Lines of what is said about the person's last action.
const MOST: usize = 4;

/// Where rows are few, what was said of an earlier key covers none of them.
fn is_past(model: &Model, regions: &Regions) -> bool {
    let few = regions.body.rows < FEW;
    few && model.toast.as_ref().is_some_and(|toast| model.last_key.is_some_and(|key| key > toast.at))
}

/// So many lines, the toast's own among them, hide nothing that the next key acts on.
fn free(model: &Model, regions: &Regions) -> usize {
    let taken = model
        .list()
        .filter(|list| !list.rows.is_empty())
        .map_or(0, |list| (list.place() + 1).saturating_sub(list.top));
    (usize::from(regions.body.rows) + 1).saturating_sub(taken).max(1)
}

fn said(model: &Model, now: Time, cols: u16) -> Page {
    match &model.prompt {
        Some(Prompt::Seek { field, at }) => return vec![seek::line(model, field, *at, now)],
        Some(Prompt::Find(typed)) => {
            let line = field(" find: ", typed, false);
            let says = "  words that stand in a record's line; j at the end reads older ones";
            return vec![if typed.is_blank() { line.and(Role::Dim, says) } else { line }];
        }
        _ => {}
    }
    let Some(toast) = model.said() else { return vec![Line::default()] };
    let key = model.settings.keymap.key(Command::Undo);
    let reverse = toast.reverse.as_ref().filter(|_| !key.is_empty()).and_then(|(reverse, id)| {
        let incident = model.board.get(id)?;
        match reverse {
            Reverse::Wake => incident.snooze.as_ref().map(|_| format!("; {key} wakes it")),
            Reverse::Reopen => incident.closed_in().ok().map(|_| format!("; {key} reopens it")),
        }
    });
    let text = own(&format!("{}{}", toast.text, reverse.unwrap_or_default()));
    let at = clock_time(toast.at);
    let (role, sign) = match toast.state {
        ToastState::Pending => return wrapped(Role::Dim, "   ", &format!("{text}…"), cols),
        ToastState::Done => (Role::Good, "✓"),
        ToastState::Failed | ToastState::Again => (Role::Bad, "✗"),
    };
    headed(wrapped(Role::Plain, &format!(" {sign} {at} "), &text, cols), role)
}
