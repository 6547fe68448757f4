//! A terminal too small for a list still says how many critical incidents there are.

use super::canvas::Canvas;
use crate::console::board::Sight;
use crate::console::model::Model;
use crate::console::page::Role;
use crate::console::prompt::Prompt;
use crate::console::tape::Tape;
use crate::domain::time::Time;

/// How many are critical, and then why that may not be so: `2 CRIT DOWN`, `2!DOWN`, `2!?`, `2!`. Where a word has no room
/// the number has.
pub fn count(number: &str, doubt: &str, cols: u16) -> String {
    let forms = match doubt {
        "" => vec![format!("{number} CRIT")],
        doubt => vec![format!("{number} CRIT {doubt}"), format!("{number}!{doubt}"), format!("{number}!?")],
    };
    let fits = |form: &String| form.chars().count() <= usize::from(cols);
    forms.into_iter().find(fits).unwrap_or_else(|| format!("{number}!"))
}

/// The time in so many cells. The seconds never give way: they are what shows that it lives.
pub fn clock(now: Time, cols: u16) -> String {
    let fits = |form: &&&str| now.format(form).to_string().len() <= usize::from(cols);
    now.format(["%H:%M:%SZ", "%H:%M:%S"].iter().find(fits).unwrap_or(&"%M:%S")).to_string()
}

pub fn draw(model: &Model, now: Time, canvas: &mut Canvas) {
    let area = canvas.area;
    let tally = model.board.tally();
    let sight = model.sight(now);
    let doubt = match sight {
        Sight::Lost(..) | Sight::Stalled(_) => "DOWN",
        Sight::Frozen(..) => "LEDGER",
        Sight::Blind => "BLIND",
        _ => "",
    };
    let number = if sight == Sight::Connecting { "?".to_owned() } else { tally.critical.to_string() };
    let replay = matches!(model.tape, Tape::Replay(_));
    let doubt = if replay && area.rows == 1 { "REPLAY" } else { doubt };
    let mut lines = vec![count(&number, doubt, area.cols)];
    if replay {
        lines.push("REPLAY".to_owned());
    }
    if tally.unacked > 0 {
        lines.push(format!("{} UNACKED", tally.unacked));
    }
    lines.push(match &model.prompt {
        Some(Prompt::Leave { .. }) => "enter leaves".to_owned(),
        Some(_) => "esc, or enlarge".to_owned(),
        None => format!("too small: {}x{}", area.cols, area.rows),
    });
    let rows = usize::from(area.rows);
    if rows > 2 {
        lines.insert(lines.len().min(rows - 1), clock(now, area.cols));
    }
    lines.push("needs 36x9".to_owned());
    for (y, line) in (0..area.rows).zip(&lines) {
        let role = if y == 0 { Role::Strong } else { Role::Plain };
        canvas.text(0, y, area.cols, line, canvas.theme.role(role));
    }
}
