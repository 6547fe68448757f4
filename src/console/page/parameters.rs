//! The form of a containment's parameters: each with what it takes, where its value comes from, and what is wrong.

use crate::domain::text::Width;

use super::fields::{Enters, SHOWS_PLAN, rule};
use super::prompt::{Sheet, error};
use super::{Line, Page, Role, fields, own, wrapped};
use crate::backend::Asked;
use crate::console::model::Model;
use crate::console::prompt::Form;
use crate::domain::parameter::{Holding, Parameter};
use crate::domain::text::Outside;

/// Cells in front of what belongs to a field, where there is room.
const MARGIN: usize = 18;
/// From here on there is.
const ROOMY: u16 = 60;
/// Choices that a number key takes.
const NUMBERED: usize = 9;
/// Of very many choices, so many are shown.
const MANY: usize = 24;

/// The sheet.
pub fn sheet(model: &Model, form: &Form, cols: u16) -> Sheet {
    let mut body = wrapped(Role::Dim, " ", &own(&form.offered.blast), cols);
    let mut marked = 0;
    for place in 0..form.fields.len() {
        if place == form.at {
            marked = body.len();
        }
        body.extend(lines(form, place, cols));
    }
    let last = form.at + 1 >= form.fields.len();
    let foot = match &form.error {
        Some(wrong) => error(Some(wrong.safe().to_string()), cols),
        None => rule(model, if last { Enters::Last } else { Enters::On }, SHOWS_PLAN, cols),
    };
    Sheet {
        title: format!("{} ── {}", form.offered.verb.heading(&form.id), own(&form.offered.title)),
        head: 0,
        body,
        foot,
        top: u16::try_from(marked.saturating_sub(3)).unwrap_or(0),
        grave: false,
    }
}

fn lines(form: &Form, place: usize, cols: u16) -> Page {
    let Some((asked, typed)) = form.fields.get(place) else { return Page::new() };
    let here = place == form.at;
    let name = asked.parameter.as_ref().map_or(asked.name.as_str(), Parameter::title);
    let head = format!(" {} {:<14} ", if here { "▶" } else { " " }, own(name));
    let value = typed.outside();
    let choices = form.choices(place);
    let mut out = match (here, choices) {
        (true, []) => vec![fields::exact(&head, typed, cols)],
        (true, choices) => fields::choices(&head, &pieces(choices, &value), cols),
        (false, _) => wrapped(Role::Typed, &head, &exact_or_empty(&value), cols)
            .into_iter()
            .map(|line| line.with_head(Role::Plain))
            .collect(),
    };
    let margin = " ".repeat(if cols < ROOMY { 3 } else { MARGIN });
    if let Some(origin) = origin(asked, &value) {
        let last = out.last().map_or(0, |line| line.text().width());
        match out.last_mut() {
            Some(line) if last + 2 + origin.width() <= usize::from(cols) => {
                line.0.push((Role::Warn, format!("  {origin}")));
            }
            _ => out.extend(wrapped(Role::Warn, &margin, &origin, cols)),
        }
    }
    if here && asked.offers.len() > 1 {
        out.push(Line::of(Role::Warn, "   they disagree; ↑ ↓ chooses one:"));
        for offer in &asked.offers {
            let mark = if offer.value == value { "▶" } else { " " };
            let held = offer.held.as_ref().map(|held| format!("  {}", held.words())).unwrap_or_default();
            let text = format!("   {mark} {}{held}  in {}", offer.value.exact(), offer.from.safe());
            out.push(Line::of(if offer.value == value { Role::Chosen } else { Role::Plain }, text));
        }
    }
    match (form.said(place), here) {
        (Some(flaw), _) => out.extend(wrapped(Role::Bad, &margin, &own(&flaw), cols)),
        (None, true) => {
            out.extend(
                form.takes(place).iter().flat_map(|takes| wrapped(Role::Dim, &margin, &own(takes), cols)),
            );
        }
        (None, false) => {}
    }
    out
}

fn exact_or_empty(value: &Outside) -> String {
    if value.raw().is_empty() { String::new() } else { value.exact().to_string() }
}

/// What a person should know of a value: that something holds it already, and where an untrusted one comes from.
fn origin(asked: &Asked, value: &Outside) -> Option<String> {
    let offer = asked.offers.iter().find(|offer| offer.value == *value)?;
    let held = offer.held.as_ref().map(Holding::words);
    let origin = (!offer.origin.is_trusted()).then(|| offer.origin.words().to_string());
    let said: Vec<String> = held.into_iter().chain(origin).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// The choices in a row, those within reach with the number that takes them; of very many, those around the chosen one.
fn pieces(choices: &[String], chosen: &Outside) -> Vec<(Role, String)> {
    let piece = |(place, choice): (usize, &String)| {
        let number = if place < NUMBERED { format!("{} ", place + 1) } else { String::new() };
        let text = format!("{number}{}", own(choice));
        match choice == chosen.raw() {
            true => (Role::Strong, format!("[{text}]")),
            false => (Role::Plain, format!(" {text} ")),
        }
    };
    let at = choices.iter().position(|choice| choice == chosen.raw()).unwrap_or_default();
    let first = at.saturating_sub(MANY / 2).min(choices.len().saturating_sub(MANY));
    let hidden = choices.len().checked_sub(MANY).filter(|hidden| *hidden > 0);
    let hidden =
        hidden.map(|hidden| (Role::Dim, format!(" and {hidden} more; a letter goes to the next with it ")));
    choices.iter().enumerate().skip(first).take(MANY).map(piece).chain(hidden).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_choices_those_around_the_chosen_one_are_shown() {
        let choices = |count: usize| (0..count).map(|number| format!("policy {number}")).collect::<Vec<_>>();
        let shown = |count, chosen: &str| {
            let pieces = pieces(&choices(count), &Outside::new(chosen));
            let texts: Vec<String> = pieces.into_iter().map(|(_, text)| text.trim().to_owned()).collect();
            (texts.len(), texts[0].clone(), texts.last().unwrap().clone())
        };
        let more = "and 276 more; a letter goes to the next with it".to_owned();
        assert_eq!(shown(24, ""), (24, "1 policy 0".into(), "policy 23".into()));
        assert_eq!(shown(300, ""), (25, "1 policy 0".into(), more.clone()));
        assert_eq!(shown(300, "policy 150"), (25, "policy 138".into(), more.clone()));
        assert_eq!(shown(300, "policy 299"), (25, "policy 276".into(), more));
    }
}
