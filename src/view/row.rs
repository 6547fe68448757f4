//! One incident as a row: `▌!! CRIT  1047   2m Identify —      pages 2:58   Order gateway refuses connections`.

use std::cell::Cell;
use std::hash::Hash;

use crate::domain::text::Width;
use ratatui::style::{Color, Modifier, Style};

use super::canvas::Canvas;
use crate::console::folds::{Fold, Row};
use crate::console::layout::Area;
use crate::console::model::Model;
use crate::console::news::New;
use crate::console::page::{Role, own, sign};
use crate::console::standing;
use crate::domain::incident::Incident;
use crate::domain::severity::Severity;
use crate::domain::time::{Time, age};

/// Cells for the two most urgent things beside each other, and a gap: `ack OVERDUE, upd OVERDUE`.
const TWO: u16 = 26;
/// Cells for the most urgent thing where the list is not narrow.
const ONE: u16 = 13;
/// Cells for an owner.
const OWNER: u16 = 6;
/// From here on what a list has more makes these columns wider, so that no title has less room on a wider screen.
const AMPLE: u16 = 107;

/// From here on the column of owners has room for how long they hold it.
const AGED: u16 = 10;

/// How wide the columns are that differ between screens. They never change while a list is scrolled by keys within
/// numbers of the same length.
#[derive(Hash)]
pub struct Columns {
    number: u16,
    owner: u16,
    standing: u16,
    narrow: bool,
    /// No room for what is only good to know.
    tight: bool,
    /// Blank cells behind the title, where something stands beside the list.
    edge: u16,
}

impl Columns {
    pub fn for_rows<'a>(rows: impl Iterator<Item = &'a Row>, cols: u16, edge: u16) -> Self {
        let digits = rows.map(|row| match row {
            Row::Incident(id) => 1 + id.number().checked_ilog10().unwrap_or(0),
            Row::Fold(fold) => 2 + fold.members.len().checked_ilog10().unwrap_or(0),
        });
        let digits = digits.max().unwrap_or(1).max(4);
        let more = cols.saturating_sub(edge + AMPLE);
        let second = more.min(TWO - ONE);
        Self {
            number: u16::try_from(digits).unwrap_or(4),
            owner: OWNER + (more - second).min(AGED - OWNER),
            standing: if cols < 64 { 11 } else { ONE + second },
            narrow: cols < 64,
            tight: cols < 100,
            edge,
        }
    }
}

/// What the person did with it, and what is new about it: all that a row says besides what the board and the settings say.
/// That the cursor is on it is drawn over it.
#[derive(Clone, Copy, Hash)]
pub struct Sign {
    pub marked: bool,
    pub news: Option<New>,
}

pub fn draw(
    model: &Model,
    incident: &Incident,
    Sign { marked, news }: Sign,
    now: Time,
    columns: &Columns,
    area: Area,
    canvas: &mut Canvas,
) {
    let theme = canvas.theme;
    let stale = model.board.is_stale(incident, now);
    let x = Cell::new(area.x);
    let left = || (area.x + area.cols).saturating_sub(x.get() + columns.edge);
    let put = |canvas: &mut Canvas, cells: u16, text: &str, style| {
        canvas.text(x.get(), area.y, cells.min(left()), text, style);
        x.set(x.get().saturating_add(cells).saturating_add(1));
    };
    let severity = theme.severity(incident.severity);
    let badge = match (incident.is_unmapped(), incident.worse_upstream()) {
        (true, _) => "?",
        (_, Some(_)) => "↑",
        _ => " ",
    };
    let plain = theme.role(Role::Plain);
    let mark = news.map_or(" ", New::sign);
    put(canvas, 3, &format!("{mark}{}", sign(incident.severity)), severity);
    put(canvas, 5, &format!("{}{badge}", incident.severity.short()), severity);
    if marked {
        // In the gap between sign and word: a mark takes no cell from anything.
        canvas.text(area.x + 3, area.y, 1, "*", theme.role(Role::Key));
    }
    let number = usize::from(columns.number);
    put(canvas, columns.number, &format!("{:>number$}", incident.id.number()), theme.role(Role::Strong));
    if area.cols >= 48 {
        put(canvas, 4, &format!("{:>4}", age(incident.opened_at, now)), plain);
    }
    let (role, words) =
        standing::standing(model, incident, stale, now, usize::from(columns.standing.min(TWO - 1)));
    let aged = incident.owner.as_ref().map(|owner| format!("{} {}", own(&owner.name), age(owner.since, now)));
    let aged = aged.filter(|aged| {
        columns.owner >= AGED && !columns.narrow && aged.width() <= usize::from(columns.owner)
    });
    let (role, words) = match &incident.owner {
        // Nothing else is due: there is room for how long it is held.
        Some(owner) if words.is_empty() && aged.is_none() => {
            (Role::Dim, format!("held {}", age(owner.since, now)))
        }
        _ => (role, words),
    };
    if columns.narrow {
        // Too narrow for who and where: what is urgent, then the title.
        put(canvas, columns.standing, &words, theme.role(role));
    } else {
        put(canvas, 8, incident.phase.title(), plain);
        match (&incident.owner, incident.held_upstream()) {
            (Some(owner), _) => {
                let name = || own(&owner.name).to_string();
                put(canvas, columns.owner, &aged.unwrap_or_else(name), plain);
            }
            (None, Some(by)) => put(canvas, columns.owner, &by.safe().to_string(), theme.role(Role::Dim)),
            (None, None) => match incident.unnamed_state() {
                // Whether somebody has it, the word there does not say.
                Some(word) => {
                    put(canvas, columns.owner, &format!("?{}", word.safe()), theme.role(Role::Warn));
                }
                None => put(canvas, columns.owner, "—", theme.role(Role::Dim)),
            },
        }
        put(canvas, columns.standing, &words, theme.role(role));
    }
    let firing = incident.firing();
    let times = if firing > 1 { format!(" ×{firing}") } else { String::new() };
    let merged = incident.taken_in.len();
    let times = if merged > 0 && !columns.tight { format!("{times} +{merged} merged") } else { times };
    let left = left();
    let room = usize::from(left).saturating_sub(times.chars().count());
    let title = format!("{}{times}", incident.title().safe().clip(room));
    put(canvas, left, &title, plain);
    if stale || incident.is_closed() || incident.is_snoozed(now) {
        canvas.pale(area);
    }
}

/// The cursor is on it: one even bar over what stands there; only the severity keeps its colour on it.
pub fn choose(severity: Severity, area: Area, canvas: &mut Canvas) {
    canvas.text(area.x, area.y, 1, "▌", canvas.theme.severity(severity));
    let bar = Area { x: area.x.saturating_add(9), cols: area.cols.saturating_sub(9), ..area };
    canvas.style(bar, Style::new().fg(Color::Reset));
    canvas.style(area, canvas.theme.role(Role::Chosen).remove_modifier(Modifier::DIM));
}

/// All of a fold that its row says, or asks the board about.
pub fn said(fold: &Fold) -> impl Hash {
    let Fold { storm, members, open, from, late, unmapped, worse, samples, titles, distinct, to: _ } = fold;
    let named = (storm.severity, &storm.service, titles.first(), *distinct, members.len());
    (named, *open, *from, (*late, *unmapped, *worse), samples)
}

/// The incidents of a storm as one row: `!! CRIT   ×37   2m ▶ 37 unacked   trading: GatewayDown and 12 other titles`.
pub fn fold(
    model: &Model,
    fold: &Fold,
    marked: bool,
    now: Time,
    columns: &Columns,
    area: Area,
    canvas: &mut Canvas,
) {
    let theme = canvas.theme;
    let x = Cell::new(area.x);
    let left = || (area.x + area.cols).saturating_sub(x.get() + columns.edge);
    let put = |canvas: &mut Canvas, cells: u16, text: &str, style| {
        canvas.text(x.get(), area.y, cells.min(left()), text, style);
        x.set(x.get().saturating_add(cells).saturating_add(1));
    };
    let severity = theme.severity(fold.storm.severity);
    put(canvas, 3, &format!(" {}", sign(fold.storm.severity)), severity);
    let badge = match (fold.unmapped, fold.worse) {
        (1.., _) => "?",
        (_, 1..) => "↑",
        _ => " ",
    };
    put(canvas, 5, &format!("{}{badge}", fold.storm.severity.short()), severity);
    if marked {
        canvas.text(area.x + 3, area.y, 1, "*", theme.role(Role::Key));
    }
    let number = usize::from(columns.number);
    put(
        canvas,
        columns.number,
        &format!("{:>number$}", format!("×{}", fold.members.len())),
        theme.role(Role::Strong),
    );
    if area.cols >= 48 {
        put(canvas, 4, &format!("{:>4}", age(fold.from, now)), theme.role(Role::Plain));
    }
    // None of them is held: what is, has a row of its own.
    let stale = standing::stale_of(model, fold, now);
    let (role, words) = match (fold.late, &stale) {
        (0, Some(stale)) => (Role::Warn, stale.words.clone()),
        (0, None) => (Role::Plain, "UNACKED".to_owned()),
        (late, _) => (Role::Bad, format!("{late} OVERDUE")),
    };
    if columns.narrow {
        put(canvas, columns.standing, &words, theme.role(role));
    } else {
        let word = if fold.open { "▼ shown" } else { "▶ folded" };
        put(canvas, 8, word, theme.role(Role::Key));
        put(canvas, columns.owner, "—", theme.role(Role::Dim));
        put(canvas, columns.standing, &words, theme.role(role));
    }
    let left = left();
    put(canvas, left, &fold.title(usize::from(left)), theme.role(Role::Plain));
    if stale.is_some_and(|stale| stale.all) {
        canvas.pale(area);
    }
}
