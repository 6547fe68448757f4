//! The command line, with what could follow.

use unicode_width::UnicodeWidthStr;

use super::fields::caret;
use super::prompt::{Sheet, error};
use super::{Line, Role, gap, own, wrapped};
use crate::console::model::Model;
use crate::console::phrase::{self, Named, PHRASES};
use crate::console::prompt::CommandLine;

/// What could follow is shown in so many lines; more of it must be narrowed down.
const SHOWN: usize = 7;

/// The sheet.
pub fn sheet(model: &Model, line: &CommandLine, cols: u16) -> Sheet {
    let incident = line.id.as_ref().and_then(|id| model.board.get(id)).map(AsRef::as_ref);
    let typed = line.field.text();
    let all = phrase::candidates(&typed, incident, &model.settings.operator, &model.board);
    let mut body = Vec::new();
    let widest = all.iter().take(SHOWN).map(|(word, _)| own(word).width()).max().unwrap_or(0);
    for (word, says) in all.iter().take(SHOWN) {
        let line = Line::of(Role::Plain, format!("   {:<widest$}  ", own(word)));
        body.push(if says.is_empty() { line } else { line.and(Role::Dim, own(says)) });
    }
    if all.len() > SHOWN {
        let more = format!("   and {} more: a letter narrows them down", all.len() - SHOWN);
        body.push(Line::of(Role::Dim, more));
    }
    if all.is_empty() {
        body.extend(usage(&typed, cols));
    }
    let mut foot = vec![caret(" :", &line.field, cols)];
    match &line.error {
        Some(wrong) => {
            let before: String = typed.chars().take(wrong.at).collect();
            let place = 2 + own(&before).width();
            if wrong.cells > 0
                && place + wrong.cells < usize::from(cols)
                && typed.width() + 8 < usize::from(cols)
            {
                let gap = if before.is_empty() { 2 } else { place };
                foot.push(Line::of(Role::Bad, format!("{}{}", " ".repeat(gap), "^".repeat(wrong.cells))));
            }
            foot.extend(error(Some(own(&wrong.says).to_string()), cols));
        }
        None => foot.push(gap()),
    }
    let title = match &line.id {
        Some(id) => format!("command ── {id}"),
        None => "command".to_owned(),
    };
    Sheet { title, head: 0, body, foot, top: 0, grave: false }
}

/// How the command that was begun goes on.
fn usage(typed: &str, cols: u16) -> Vec<Line> {
    let words = phrase::words(typed);
    let found = words.first().and_then(|word| phrase::find(word).ok());
    let Some(Named::Phrase(phrase)) = found else { return Vec::new() };
    let Some(row) = PHRASES.iter().find(|row| row.phrase == phrase) else { return Vec::new() };
    let mut out = wrapped(Role::Plain, " ", &format!("{} {}", row.name, row.takes), cols);
    out.extend(wrapped(Role::Dim, " ", &format!("as in: {}", row.example), cols));
    out
}
