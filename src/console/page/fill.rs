//! What is said about how much an incident weighs, line by line.

use super::fields::caret;
use super::prompt::{Sheet, error};
use super::{Line, Role, own, wrapped};
use crate::console::model::Model;
use crate::console::prompt::fill::{About, Fill, Slot};

/// Cells for what a line is about.
const NAME: usize = 14;
/// From here on all choices fit beside each other.
const ROOMY: u16 = 60;

/// The sheet.
pub fn sheet(model: &Model, fill: &Fill, cols: u16) -> Sheet {
    let id = &fill.id;
    let about = model.board.get(id).map(|it| it.title().safe().to_string()).unwrap_or_default();
    let mut body = wrapped(Role::Dim, " ", &about, cols);
    body.truncate(1);
    let mut marked = 0;
    for (place, slot) in fill.slots.iter().enumerate() {
        let here = place == fill.at;
        if here {
            marked = body.len() + usize::from(fill.on_why);
        }
        body.push(value(slot, here && !fill.on_why, cols));
        if fill.shows_why(slot) {
            body.push(why(fill, slot, here && fill.on_why, cols));
        }
    }
    let here = fill.slots.get(fill.at).filter(|_| !fill.on_why);
    let says = here.map(|slot| hint(slot, cols)).unwrap_or_default();
    let foot = match &fill.error {
        Some(wrong) => error(Some(own(wrong).to_string()), cols),
        None => wrapped(Role::Dim, " ", &says, cols),
    };
    let title = match fill.about {
        About::Impact => format!("impact of {id}"),
        About::Classification => format!("classify {id}"),
    };
    let top = u16::try_from(marked.saturating_sub(3)).unwrap_or(0);
    Sheet { title, head: 0, body, foot, top, grave: false }
}

/// How to fill it in, and what was said before.
fn hint(slot: &Slot, cols: u16) -> String {
    let was =
        slot.was.as_ref().map(|was| format!("; said before: {}", was.capped_safe(60))).unwrap_or_default();
    match (slot.choices.as_slice(), cols < ROOMY) {
        ([], _) => format!("{}{was}", slot.says),
        (choices, true) => format!("← → chooses: {}{was}", choices.join(", ")),
        (_, false) => format!("{}; ← → or its letter chooses{was}", slot.says),
    }
}

fn value(slot: &Slot, here: bool, cols: u16) -> Line {
    let head = format!(" {} {:<NAME$} ", if here { "▶" } else { " " }, slot.name);
    if slot.choices.is_empty() {
        let line = typed(&head, &slot.value, here, cols);
        return if here || !slot.value.is_blank() { line } else { line.and(Role::Dim, "—") };
    }
    let mut line = Line::of(Role::Plain, head);
    let said = slot.value.text();
    if !here || cols < ROOMY {
        return if said.is_empty() { line.and(Role::Dim, "—") } else { line.and(Role::Plain, own(&said)) };
    }
    for choice in &slot.choices {
        line = match *choice == said {
            true => line.and(Role::Strong, format!("[{choice}] ")),
            false => line.and(Role::Plain, format!(" {choice}  ")),
        };
    }
    line
}

fn why(fill: &Fill, slot: &Slot, here: bool, cols: u16) -> Line {
    let asks = match (fill.about, &slot.was) {
        (_, Some(_)) => "why it changes",
        (About::Impact, None) => "how it is known",
        (About::Classification, None) => "why",
    };
    let head = format!(" {}   {asks:<NAME$} ", if here { "▶" } else { " " });
    let line = typed(&head, &slot.why, here, cols);
    match (slot.why.is_blank(), here, slot.was.is_some()) {
        (true, false, false) => line.and(Role::Dim, "may stay empty"),
        (true, false, true) => line.and(Role::Warn, "needed"),
        _ => line,
    }
}

fn typed(head: &str, value: &crate::console::field::Field, here: bool, cols: u16) -> Line {
    match here {
        true => caret(head, value, cols),
        false if value.is_blank() => Line::of(Role::Plain, head),
        false => Line::of(Role::Plain, head).and(Role::Typed, value.outside().safe()),
    }
}

/// Every fact that was said, in one line of words.
pub fn said(incident: &crate::domain::incident::Incident) -> Option<String> {
    let fact = |fact: &crate::domain::classification::Fact| {
        format!("{} {}", fact.name(), fact.value().capped_safe(60))
    };
    let facts = incident.classification.facts();
    (!facts.is_empty()).then(|| facts.iter().map(fact).collect::<Vec<_>>().join(", "))
}
