//! A report being written down.

use super::fields::{Enters, Form, foot, rule};
use super::{Line, Page, Role};
use crate::console::model::Model;
use crate::console::page::prompt::Sheet;
use crate::console::report::ReportForm;
use crate::domain::opening::Reporter;

/// The sheet of a report.
pub fn sheet(model: &Model, form: &ReportForm, cols: u16) -> Sheet {
    let lines = Form::of(&form.fields, "Open the incident", cols, |_| Page::new());
    let mut said = vec![match form.reporter() {
        _ if form.sent => Line::of(Role::Warn, " opening it…"),
        Some(Reporter::Partner) => {
            Line::of(Role::Dim, " what is not known may stay empty: it is asked again when you escalate")
        }
        _ => Line::of(Role::Dim, " ← → choose · what is not known may stay empty"),
    }];
    said.extend(rule(model, Enters::of(&form.fields), "opens the incident", cols));
    let foot = foot(form.fields.leaving, form.error.as_ref(), said, cols);
    lines.sheet(model, "open an incident by hand".to_owned(), foot, false)
}
