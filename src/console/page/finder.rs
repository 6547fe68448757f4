//! The filter as it is typed: how many it shows, what could follow, and which word is wrong.

use super::line::{foot, more, word};
use super::prompt::Sheet;
use super::{Page, gap, own};
use crate::console::completing::completion;
use crate::console::field::Field;
use crate::console::model::Model;
use crate::console::prompt::line::Wrong;
use crate::console::{choosing, layout};

/// Choices beside a list that is looked at: a few, and none where they would hide it.
const MOST: usize = 7;
/// From here on two lines say what is meant; below, a row of the list is worth more.
const ROOMY: u16 = 12;

/// The sheet.
pub fn sheet(model: &Model, field: &Field, wrong: Option<&Wrong>, chosen: Option<&str>, cols: u16) -> Sheet {
    let there = completion(field.parts().0, &model.board).words;
    let body_rows = layout::regions(model.size).map_or(0, |at| at.body.rows);
    let below = body_rows - body_rows * 2 / 5;
    let says_rows = if body_rows < ROOMY { 1 } else { 2 };
    let rows = usize::from(below.saturating_sub(says_rows + 2)).min(MOST);
    let at = chosen.and_then(|chosen| there.iter().position(|(word, _)| word == chosen));
    let top = choosing::top(at.unwrap_or(0), there.len(), rows);
    let widest = there.iter().map(|(word, _)| own(word).width()).max().unwrap_or(0);
    let lines = there.iter().enumerate().skip(top).take(rows);
    let mut body: Page = lines.map(|(place, pair)| word(pair, widest, at == Some(place), cols)).collect();
    body.resize(rows, gap());
    let says = match chosen {
        // Where no choice is shown, the one that was made is.
        Some(word) if rows == 0 => &format!("▶ {}", own(word)),
        _ if field.is_blank() => {
            "words are looked for in title, service, ids and labels; terms as in: sev:critical -is:acked age>10m"
        }
        _ => "",
    };
    let foot = foot(" find: ", field, wrong, says, (says_rows, cols));
    body.truncate(rows.saturating_sub(foot.len().saturating_sub(1 + usize::from(says_rows))));
    let title = format!("find ── {}{}", shown(model), more(there.len(), top, rows));
    Sheet { title, head: 0, body, foot, top: 0, grave: false }
}

/// How many the list shows, of how many, and how many that hides.
pub fn shown(model: &Model) -> String {
    let list = &model.triage;
    let (shown, open) = (list.shown(), model.board.tally().open());
    let mut out = format!("{shown} of {open} shown");
    if open > shown {
        out.push_str(&format!(", {} hidden", open - shown));
    }
    if list.unsifted() > 0 {
        out.push_str(&format!(", {} not looked into yet", list.unsifted()));
    }
    out
}
