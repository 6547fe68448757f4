//! A form of several fields as lines, and where to scroll so that the caret is seen.

use crate::domain::text::Width;

use super::{Line, Page, Role, cut, field, gap, own, wrapped};
use crate::console::field::Field;
use crate::console::field::editor::Editor;
use crate::console::fields::{Fields, Slot, Value};
use crate::console::layout;
use crate::console::model::Model;
use crate::console::page::prompt::Sheet;
use crate::domain::text::Outside;

/// Lines below the caret that are kept on the screen.
const BELOW: usize = 6;

/// The lines of a form being put together.
pub struct Form {
    page: Page,
    /// The line of the caret.
    caret: usize,
}

impl Form {
    /// The fields with what stands under each, and the last stop: `▶ Plan to confirm`.
    pub fn of(fields: &Fields, send: &str, cols: u16, notes: impl Fn(&Slot) -> Page) -> Self {
        let mut form = Self { page: Page::new(), caret: 0 };
        for (place, slot) in fields.slots.iter().enumerate().filter(|(_, slot)| !slot.hidden) {
            let above = form.page.len();
            let (lines, caret) = lines(slot, place == fields.at, fields.margin(cols), cols);
            form.page.extend(lines);
            if place == fields.at {
                form.caret = above + caret;
            }
            form.page.extend(notes(slot));
        }
        form.push(gap());
        let here = fields.here().is_none();
        if here {
            form.caret = form.page.len();
        }
        let (mark, role) = if here { (" ▶ ", Role::Chosen) } else { ("   ", Role::Strong) };
        form.push(Line::of(role, format!("{mark}{send}")));
        form
    }

    /// One more line at the end.
    pub fn push(&mut self, line: Line) {
        self.page.push(line);
    }

    /// The form over the whole body of the screen, scrolled to its caret.
    pub fn sheet(self, model: &Model, title: String, foot: Page, grave: bool) -> Sheet {
        let top = scrolled(model, self.caret, self.page.len(), foot.len());
        whole(model, Sheet { title, head: 0, body: self.page, foot, top, grave })
    }
}

/// How many lines to scroll away so that this one, and what stands below it, can be seen.
pub fn scrolled(model: &Model, line: usize, lines: usize, foot: usize) -> u16 {
    let rows = layout::regions(model.size).map_or(0, |regions| usize::from(regions.body.rows));
    let room = rows.saturating_sub(foot);
    let below = BELOW.min(room / 2);
    let top = (line + below).saturating_sub(room).min(lines.saturating_sub(room));
    u16::try_from(top).unwrap_or(0)
}

/// A sheet as high as the body, so that nothing moves while one types.
pub fn whole(model: &Model, mut sheet: Sheet) -> Sheet {
    let rows = layout::regions(model.size).map_or(0, |regions| usize::from(regions.body.rows));
    let least = rows.saturating_sub(sheet.foot.len());
    if sheet.body.len() < least {
        sheet.body.resize(least, gap());
    }
    sheet
}

/// The last stop of a form from which something can be sent.
pub const BUTTON: &str = "Plan to confirm";
/// What it does: nothing is sent before that plan is confirmed.
pub const SHOWS_PLAN: &str = "shows the plan to confirm";

/// Below this the keys at the bottom of the screen say enough of what Enter does.
const ROOMY: u16 = 12;

/// What the keys do at the place of the caret, alike in every form: Enter goes on to the next line, and on the last one
/// does what the form is for, as ctrl-s does anywhere; where a text takes several lines, another key begins one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enters {
    /// Goes on.
    On,
    /// The same, from a text of several lines.
    Text,
    /// Does what the form is for.
    Last,
}

impl Enters {
    /// At the caret of a form.
    pub fn of(fields: &Fields) -> Self {
        match fields.here().map(|slot| &slot.value) {
            None => Self::Last,
            Some(Value::Text(_)) => Self::Text,
            Some(Value::Line(_) | Value::Choice { .. }) => Self::On,
        }
    }
}

/// The same as the last line of a form; `does` as in "writes it down".
pub fn rule(model: &Model, enters: Enters, does: &str, cols: u16) -> Page {
    let rows = layout::regions(model.size).map_or(0, |regions| regions.body.rows);
    if rows < ROOMY {
        return Page::new();
    }
    let says = match enters {
        Enters::On => format!("enter goes on · ctrl-s {does}"),
        Enters::Text => format!("enter goes on, ctrl-j begins a new line · ctrl-s {does}"),
        Enters::Last => format!("enter {does}, as ctrl-s does on any line"),
    };
    cut(wrapped(Role::Dim, " ", &says, cols), 1, cols)
}

/// The question before what was typed is thrown away.
pub(super) fn throw_away(cols: u16) -> Page {
    let asks = "Throw away what you typed? y throws it away, n goes on editing.";
    wrapped(Role::Bad, " ", asks, cols)
}

/// What stands at the foot of a form: the question before it is thrown away, else what is wrong, else what is said.
pub fn foot(leaving: bool, error: Option<&Outside>, said: Page, cols: u16) -> Page {
    match (leaving, error) {
        (true, _) => throw_away(cols),
        (false, Some(error)) => super::cut(wrapped(Role::Bad, " ", &error.safe(), cols), 3, cols),
        (false, None) => said,
    }
}

/// The lines of a field, and the one of them that has the caret.
fn lines(slot: &Slot, here: bool, margin: u16, cols: u16) -> (Page, usize) {
    let width = usize::from(margin).saturating_sub(4);
    let mark = if here { "▶" } else { " " };
    let head = format!(" {mark} {:<width$} ", own(&slot.name).clip(width));
    let hint =
        |line: Line| if slot.is_blank() { line.and(Role::Dim, own_or_empty(&slot.hint)) } else { line };
    match &slot.value {
        Value::Line(typed) if here => (vec![hint(caret(&head, typed, cols))], 0),
        Value::Text(editor) if here => {
            let (mut lines, caret) = edited(&head, editor, margin, cols);
            if let Some(first) = lines.first_mut() {
                *first = hint(std::mem::take(first));
            }
            (lines, caret)
        }
        // Where the caret would be: the hint stays where it is when the caret comes.
        Value::Line(_) | Value::Text(_) if slot.is_blank() => {
            (vec![hint(Line::of(Role::Plain, head).and(Role::Plain, " "))], 0)
        }
        Value::Line(typed) => (wrapped(Role::Plain, &head, &typed.outside().safe(), cols), 0),
        Value::Text(editor) => {
            let (lines, _) = edited(&head, editor, margin, cols);
            (lines.into_iter().map(|line| line.in_role(Role::Plain)).collect(), 0)
        }
        Value::Choice { words, at } => {
            let piece = |(place, word): (usize, &String)| {
                let chosen = place == *at;
                let role = match (chosen, here) {
                    (true, true) => Role::Caret,
                    (true, false) => Role::Strong,
                    (false, _) => Role::Dim,
                };
                // Without colour, too, it must be seen which one it is.
                let (open, close) = if chosen { ("[", "]") } else { (" ", " ") };
                (role, format!("{open}{}{close}", own(word)))
            };
            let pieces: Vec<(Role, String)> = words.iter().enumerate().map(piece).collect();
            (choices(&head, &pieces, cols), 0)
        }
    }
}

/// Words in a row, or in as many as they need. The sign of the chosen one stands in the margin.
pub(super) fn choices(head: &str, pieces: &[(Role, String)], cols: u16) -> Page {
    let head = head.strip_suffix(' ').unwrap_or(head);
    let room = usize::from(cols).saturating_sub(head.width());
    let mut out = vec![Line::of(Role::Plain, head)];
    let mut used = 0;
    for (role, text) in pieces {
        if used + text.width() > room && used > 0 {
            out.push(Line::of(Role::Plain, " ".repeat(head.width())));
            used = 0;
        }
        used += text.width();
        if let Some(line) = out.last_mut() {
            line.0.push((*role, text.clone()));
        }
    }
    out
}

pub(super) fn own_or_empty(text: &str) -> String {
    if text.is_empty() { String::new() } else { own(text).to_string() }
}

/// The field, scrolled so that its caret is on the screen.
pub(super) fn caret(head: &str, typed: &Field, cols: u16) -> Line {
    within(head, typed, false, cols)
}

/// The same in the profile in which different texts never look the same.
pub(super) fn exact(head: &str, typed: &Field, cols: u16) -> Line {
    within(head, typed, true, cols)
}

fn within(head: &str, typed: &Field, exact: bool, cols: u16) -> Line {
    let room = usize::from(cols).saturating_sub(head.width() + 3).max(4);
    let (before, _) = typed.parts();
    let long = before.chars().count();
    if long <= room {
        return field(head, typed, exact);
    }
    let tail: String = before.chars().skip(long - room).collect();
    let head = head.strip_suffix(' ').unwrap_or(head);
    field(&format!("{head}…"), &Field::with(tail), exact)
}

/// The rows of a text, with the caret among them.
fn edited(head: &str, editor: &Editor, margin: u16, cols: u16) -> (Page, usize) {
    let wrapped = editor.wrapped(usize::from(cols.saturating_sub(margin + 1)).max(8));
    let (y, x) = wrapped.caret;
    let later = " ".repeat(usize::from(margin));
    let rows = wrapped.rows.iter().enumerate().map(|(row, pieces)| {
        let text = |from: usize, to: usize| -> String {
            pieces.iter().take(to).skip(from).map(|piece| piece.shown.as_str()).collect()
        };
        let line = Line::of(Role::Plain, if row == 0 { head } else { &later });
        if row == y {
            line.and(Role::Typed, text(0, x))
                .and(Role::Caret, text(x, x + 1))
                .and(Role::Typed, text(x + 1, usize::MAX))
        } else {
            line.and(Role::Typed, text(0, usize::MAX))
        }
    });
    (rows.collect(), y)
}
