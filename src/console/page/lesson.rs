//! The forms of a review, as sheets.

use super::fields::{Enters, Form, foot, rule};
use super::prompt::Sheet;
use super::{Line, Page, Role, gap, review};
use crate::console::lesson::{Lesson, LessonForm};
use crate::console::model::Model;
use crate::domain::review::until;
use crate::domain::time::{Time, date_time};

/// The sheet of a form.
pub fn sheet(model: &Model, form: &LessonForm, cols: u16, now: Time) -> Sheet {
    let id = &form.id;
    let title = match form.lesson {
        Lesson::Cause => format!("{id} ── why it happened"),
        Lesson::Item => format!("{id} ── what is done so that it does not happen again"),
        Lesson::Done => format!("{id} ── what proves an action item done"),
    };
    let mut page = Form::of(&form.fields, "write it down", cols, |slot| match slot.key.as_str() {
        "due" if !slot.is_blank() => due(model, &slot.text(), form.fields.margin(cols), now),
        _ => Page::new(),
    });
    if form.lesson == Lesson::Done
        && let Some(incident) = model.board.get(id)
    {
        let chosen = form.number(incident);
        page.push(gap());
        for (number, item) in (1..).zip(&incident.review.items).filter(|(_, item)| item.done.is_none()) {
            let lines = review::item(number, item, cols, now);
            let here = chosen == Some(number);
            for line in lines {
                page.push(if here { line } else { line.in_role(Role::Dim) });
            }
        }
    }
    let said = rule(model, Enters::of(&form.fields), "writes it down", cols);
    let foot = foot(form.fields.leaving, form.error.as_ref(), said, cols);
    page.sheet(model, title, foot, false)
}

/// What a due date comes to, as it is typed.
fn due(model: &Model, text: &str, margin: u16, now: Time) -> Page {
    let calendar = &model.board.can().calendar;
    match until(text, now, calendar) {
        Ok(due) => {
            vec![Line::of(Role::Dim, format!("{}{}", " ".repeat(usize::from(margin)), date_time(due)))]
        }
        Err(_) => Page::new(),
    }
}
