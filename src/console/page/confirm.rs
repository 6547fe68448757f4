//! A plan as the person confirms it: literally, in the profile in which different texts never look the same.

use super::{Line, Page, Role, field, gap, own, plan, wrapped};
use crate::console::model::Model;
use crate::console::page::prompt::Sheet;
use crate::console::prompt::{Confirm, Twice};
use crate::domain::time::Time;

/// The sheet of a plan that waits for its final Enter.
pub fn sheet(model: &Model, confirm: &Confirm, cols: u16, now: Time) -> Sheet {
    let title = format!("{} {} ── {}", confirm.plan.verb.word(), confirm.id, own(&confirm.plan.title));
    let (body, head) = match (confirm.differences.as_slice(), confirm.twice) {
        ([], Twice::Asked) => (twice(confirm, cols), 0),
        ([], _) => plan::page(&model.board, &confirm.plan, cols, now),
        (differences, _) => {
            let mut out = vec![Line::of(Role::Bad, " DISARMED: what this plan was made on has changed")];
            out.extend(differences.iter().flat_map(|line| wrapped(Role::Strong, "   ", &own(line), cols)));
            out.push(gap());
            out.push(Line::of(Role::Plain, " Nothing was sent. Enter makes a new plan, Esc leaves it."));
            (out, 0)
        }
    };
    Sheet { title, head, body, foot: foot(confirm, cols), top: confirm.guard.top, grave: true }
}

fn twice(confirm: &Confirm, cols: u16) -> Page {
    let unknown = confirm.plan.basis.earlier.iter().filter(|(_, stage)| stage.is_open());
    let names: Vec<String> = unknown.map(|(id, stage)| format!("#{id} is {}", stage.word())).collect();
    let text = format!("{} on this very target. It may have been done already.", names.join(", "));
    let mut out = vec![Line::of(Role::Bad, " THIS MAY HAPPEN TWICE")];
    out.extend(wrapped(Role::Strong, " ", &text, cols));
    let key = if confirm.plan.idempotent {
        "The same key is sent again; the other side says it recognises repeats."
    } else {
        "Nothing says that the other side recognises a repeat."
    };
    out.extend(wrapped(Role::Plain, " ", key, cols));
    out
}

/// Always as many lines, so that nothing moves while it is read.
fn foot(confirm: &Confirm, cols: u16) -> Page {
    if !confirm.differences.is_empty() {
        return Page::new();
    }
    let word = confirm.plan.verb.word();
    // Every line of it: what is asked must be seen whole on the narrowest screen.
    let strong = |text: String| wrapped(Role::Strong, " ", &text, cols);
    let (ask, input) = match (confirm.plan.typed_target(), &confirm.target) {
        _ if confirm.twice == Twice::Asked => {
            (strong(format!("Enter to {word} all the same, Esc to leave it.")), None)
        }
        (Some(wanted), Some(typed)) => {
            let ask = format!("Type {} and press Enter to {word}:", wanted.exact());
            (strong(ask), Some(field(" > ", typed, true)))
        }
        _ => {
            let esc = if confirm.back.is_some() { "goes back to the form" } else { "leaves it undone" };
            (strong(format!("Press Enter to {word}. Esc {esc}.")), None)
        }
    };
    let state = match (&confirm.guard.nudge, confirm.guard.sent) {
        (_, true) => Line::of(Role::Warn, " writing it down, then sending…"),
        (Some(nudge), false) => Line::of(Role::Bad, format!(" {}", own(nudge))),
        (None, false) => gap(),
    };
    let mut out = ask;
    out.extend(input);
    out.push(state);
    out
}
