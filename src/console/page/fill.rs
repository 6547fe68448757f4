//! What is said about how much an incident weighs, line by line.

use super::fields::{Enters, caret, rule, throw_away};
use super::prompt::{Sheet, TALL, error};
use super::{Line, Page, Role, cut, own, wrapped};
use crate::console::field::Field;
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
    let most = if model.size.rows < TALL { 2 } else { 6 };
    let mut body = cut(wrapped(Role::Dim, " ", &about, cols), most, cols);
    let mut marked = 0;
    for (place, slot) in fill.slots.iter().enumerate() {
        let here = place == fill.at;
        if here {
            marked = body.len() + usize::from(fill.on_why);
        }
        body.extend(value(slot, here && !fill.on_why, cols));
        if fill.shows_why(slot) {
            body.extend(why(fill, slot, here && fill.on_why, cols));
        }
    }
    let here = fill.slots.get(fill.at).filter(|_| !fill.on_why);
    let says = here.map(|slot| hint(slot, cols)).unwrap_or_default();
    let mut foot = match &fill.error {
        _ if fill.leaving => throw_away(cols),
        Some(wrong) => error(Some(own(wrong).to_string()), cols),
        None => wrapped(Role::Dim, " ", &says, cols),
    };
    let last = fill.stops().last() == Some(&(fill.at, fill.on_why));
    foot.extend(rule(model, if last { Enters::Last } else { Enters::On }, "writes it down", cols));
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

fn value(slot: &Slot, here: bool, cols: u16) -> Page {
    let head = format!(" {} {:<NAME$} ", if here { "▶" } else { " " }, slot.name);
    if slot.choices.is_empty() {
        return typed(&head, &slot.value, here, (Role::Dim, "—"), cols);
    }
    let mut line = Line::of(Role::Plain, head);
    let said = slot.value.text();
    if !here || cols < ROOMY {
        return vec![if said.is_empty() {
            line.and(Role::Dim, "—")
        } else {
            line.and(Role::Plain, own(&said))
        }];
    }
    for choice in &slot.choices {
        line = match *choice == said {
            true => line.and(Role::Strong, format!("[{choice}] ")),
            false => line.and(Role::Plain, format!(" {choice}  ")),
        };
    }
    vec![line]
}

fn why(fill: &Fill, slot: &Slot, here: bool, cols: u16) -> Page {
    let asks = match (fill.about, &slot.was) {
        (_, Some(_)) => "why it changes",
        (About::Impact, None) => "how it is known",
        (About::Classification, None) => "why",
    };
    let head = format!(" {}   {asks:<NAME$} ", if here { "▶" } else { " " });
    let empty = if slot.was.is_some() { (Role::Warn, "needed") } else { (Role::Dim, "may stay empty") };
    typed(&head, &slot.why, here, empty, cols)
}

/// What is typed, or what is said while nothing is.
fn typed(head: &str, value: &Field, here: bool, (role, empty): (Role, &str), cols: u16) -> Page {
    match here {
        true => vec![caret(head, value, cols)],
        false if value.is_blank() => vec![Line::of(Role::Plain, head).and(role, empty)],
        false => wrapped(Role::Typed, head, &value.outside().safe(), cols)
            .into_iter()
            .map(|line| line.with_head(Role::Plain))
            .collect(),
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
