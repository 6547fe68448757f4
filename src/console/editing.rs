//! Long texts that are written in the person's own editor.

use serde::{Deserialize, Serialize};

use super::bulletin::Face;
use super::field::Field;
use super::field::editor::Editor;
use super::fields::Value;
use super::lesson::Lesson;
use super::prompt::{Asks, Prompt, Text};
use crate::domain::id::IncidentId;
use crate::domain::text::Outside;

/// The key that hands the text with the caret to the editor.
pub const KEY: &str = "ctrl-o";
/// What a tabulator becomes, which no field holds.
const TAB: &str = "    ";

/// Which question a text belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Question {
    /// A line of text about an incident.
    Line(IncidentId, Asks),
    /// A form of its review.
    Lesson(IncidentId, Lesson),
    /// A bulletin about it.
    Bulletin(IncidentId),
    /// A report.
    Report,
}

/// A text that was handed out, and where it belongs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Handed {
    /// As it stood there.
    pub text: String,
    question: Question,
    /// Which field of a form.
    field: Option<String>,
}

/// A text that may be long.
enum Long<'a> {
    /// One line: what comes back is one as well, but for a note.
    Line(&'a mut Text),
    /// Several lines.
    Text(&'a mut Editor),
}

/// What became of a text that was put into the place of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Put {
    /// It is there, whole.
    Whole,
    /// It is there as far as it fits.
    Cut,
    /// What it was written for is not asked any more, or says something else by now.
    Gone,
}

/// The text with the caret, if it may be written in an editor.
pub fn hand_out(prompt: &Prompt) -> Option<Handed> {
    let question = question(prompt)?;
    let fields = match prompt {
        Prompt::Text(text) if text.leaving => return None,
        Prompt::Text(text) => return Some(Handed { text: text.field.text(), question, field: None }),
        Prompt::Lesson(form) => &form.fields,
        Prompt::Bulletin(form) => &form.fields,
        Prompt::Report(form) => &form.fields,
        _ => return None,
    };
    let slot = fields.slots.get(fields.at).filter(|_| !fields.leaving)?;
    match &slot.value {
        Value::Text(editor) => Some(Handed { text: editor.text(), question, field: Some(slot.key.clone()) }),
        Value::Line(_) | Value::Choice { .. } => None,
    }
}

/// Puts what was written into the place of what was handed out.
pub fn put(prompt: &mut Prompt, handed: &Handed, written: &Outside) -> Put {
    if question(prompt).as_ref() != Some(&handed.question) {
        return Put::Gone;
    }
    let lines = written.raw().trim_end().replace("\r\n", "\n").replace('\t', TAB);
    let (wanted, there) = match long(prompt, handed.field.as_deref()) {
        Some(Long::Line(line)) if line.field.text() == handed.text => {
            line.field = Field::default();
            line.paste(&if line.keeps_lines() { Outside::new(lines.as_str()) } else { written.clone() });
            let wanted = if line.keeps_lines() { &lines } else { written.raw().trim_end() };
            (wanted.chars().count(), line.field.text().chars().count())
        }
        Some(Long::Text(editor)) if editor.text() == handed.text => {
            *editor = Editor::default();
            editor.paste(&Outside::new(lines.as_str()));
            (lines.chars().count(), editor.text().chars().count())
        }
        _ => return Put::Gone,
    };
    if there < wanted { Put::Cut } else { Put::Whole }
}

fn question(prompt: &Prompt) -> Option<Question> {
    Some(match prompt {
        Prompt::Text(text) => Question::Line(text.id.clone(), text.asks.clone()),
        Prompt::Lesson(form) => Question::Lesson(form.id.clone(), form.lesson),
        Prompt::Bulletin(form) if form.face == Face::Form => Question::Bulletin(form.id.clone()),
        Prompt::Report(_) => Question::Report,
        _ => return None,
    })
}

/// A text of a prompt that may be long: its only one, or that of a form.
fn long<'a>(prompt: &'a mut Prompt, field: Option<&str>) -> Option<Long<'a>> {
    let fields = match prompt {
        Prompt::Text(text) => return Some(Long::Line(text)),
        Prompt::Lesson(form) => &mut form.fields,
        Prompt::Bulletin(form) => &mut form.fields,
        Prompt::Report(form) => &mut form.fields,
        _ => return None,
    };
    let slot = fields.slots.iter_mut().find(|slot| Some(slot.key.as_str()) == field)?;
    match &mut slot.value {
        Value::Text(editor) => Some(Long::Text(editor)),
        Value::Line(_) | Value::Choice { .. } => None,
    }
}
