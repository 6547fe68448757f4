//! A plan as the person confirms it: literally, in the profile in which different texts never look the same.

use super::{Line, Page, Role, approvals, gap, own, plan, wrapped};
use crate::console::approvals::disabled;
use crate::console::hints::{Hint, hint};
use crate::console::model::Model;
use crate::console::page::fields::{caret, exact};
use crate::console::page::prompt::{Sheet, below as under, once_read};
use crate::console::prompt::{Confirm, Glass, Prompt, Twice, Way};
use crate::domain::plan::Named;
use crate::domain::text::capital;
use crate::domain::time::Time;

/// The sheet of a plan that waits for its final Enter.
pub fn sheet(model: &Model, confirm: &Confirm, cols: u16, now: Time) -> Sheet {
    let about = format!("{} ── {}", confirm.plan.verb.heading(&confirm.id), own(&confirm.plan.title));
    let title = match &confirm.way {
        Way::Submit => about,
        Way::BreakGlass(_) => format!("BREAK THE GLASS ── {about}"),
        Way::Approve(_) => format!("approve ── {about}"),
    };
    // Why nothing can come of it is worth more than what has changed.
    let over = disabled(model, confirm, now).filter(|_| !confirm.guard.sent);
    let differences = if over.is_some() { &[] } else { confirm.differences.as_slice() };
    let (body, head) = match (differences, confirm.twice) {
        ([], Twice::Asked) => (twice(confirm, cols), 0),
        ([], _) => match &confirm.way {
            Way::Submit => plan::asked(&model.board, &confirm.plan, cols, now),
            Way::BreakGlass(glass) if !glass.given => (alone(cols), 0),
            Way::BreakGlass(glass) => {
                let (body, head) = plan::asked(&model.board, &confirm.plan, cols, now);
                below(super::pair("Glass", Role::Bad, &glass.reason.outside().safe(), cols), body, head)
            }
            Way::Approve(consent) => {
                let (body, head) = plan::asked(&model.board, &confirm.plan, cols, now);
                below(approvals::sought(consent, cols, now), body, head)
            }
        },
        (differences, _) => {
            let mut out = vec![Line::of(Role::Bad, " DISARMED: what this plan was made on has changed")];
            out.extend(differences.iter().flat_map(|line| wrapped(Role::Strong, "   ", &own(line), cols)));
            out.push(gap());
            out.extend(match &confirm.way {
                Way::Approve(consent) => {
                    let says =
                        format!("Nothing was sent. {} must ask again, Esc leaves it.", own(&consent.by.name));
                    wrapped(Role::Plain, " ", &says, cols)
                }
                Way::Submit | Way::BreakGlass(_) => {
                    vec![Line::of(Role::Plain, " Nothing was sent. Enter makes a new plan, Esc leaves it.")]
                }
            });
            (out, 0)
        }
    };
    Sheet { title, head, body, foot: foot(model, confirm, over, cols), top: confirm.guard.top, grave: true }
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

/// A page below lines that stay with its head.
fn below(mut above: Page, body: Page, head: usize) -> (Page, usize) {
    let head = above.len() + head;
    above.extend(body);
    (above, head)
}

/// What it means to go without a second person.
fn alone(cols: u16) -> Page {
    let mut out = wrapped(Role::Bad, " ", "NOBODY ELSE WILL HAVE LOOKED AT THIS PLAN.", cols);
    let says = "It needs a second person. Without one it leaves on your word alone: the reason stands in the ledger with your name, and every console is told at once.";
    out.extend(wrapped(Role::Plain, " ", says, cols));
    out
}

/// The keys that work, the likeliest first.
pub fn hints(model: &Model, confirm: &Confirm, now: Time) -> Vec<Hint> {
    let (enter, esc) = (|word| hint("enter", word), |word| hint("esc", word));
    match &confirm.way {
        _ if confirm.guard.sent => vec![esc("look away")],
        Way::Approve(_) if !confirm.differences.is_empty() => vec![esc("back")],
        Way::Approve(_) if disabled(model, confirm, now).is_some() => vec![esc("back")],
        _ if !confirm.differences.is_empty() => vec![enter("new plan"), esc("cancel")],
        Way::BreakGlass(Glass { given: false, .. }) => vec![enter("go on"), esc("ask instead")],
        _ if confirm.twice == Twice::Asked => vec![enter("all the same"), esc("back")],
        Way::BreakGlass(_) => vec![enter("break the glass"), esc("ask instead")],
        Way::Approve(_) => vec![enter("approve"), esc("cancel")],
        Way::Submit => {
            let back = esc(if confirm.back.is_some() { "back" } else { "cancel" });
            if confirm.can_break() {
                return vec![enter("ask"), hint("ctrl-g", "break the glass"), back];
            }
            vec![enter(confirm.plan.verb.done_by_enter()), back]
        }
    }
}

/// Where Esc leads from it, if something lies behind it.
fn behind(confirm: &Confirm) -> Option<&'static str> {
    Some(match confirm.back.as_deref()? {
        Prompt::Choose(_) => "back to the list",
        _ => "back to the form",
    })
}

/// Always as many lines while it is read, so that nothing moves.
fn foot(model: &Model, confirm: &Confirm, over: Option<String>, cols: u16) -> Page {
    if let Some(why) = over {
        let mut out = wrapped(Role::Warn, " ", &format!("You cannot approve it: {why}."), cols);
        out.push(Line::of(Role::Plain, " Esc goes back."));
        return out;
    }
    if !confirm.differences.is_empty() {
        return Page::new();
    }
    let verb = confirm.plan.verb.done_by_enter();
    // Every line of it: what is asked must be seen whole on the narrowest screen.
    let shown = |text: &str| match &confirm.way {
        Way::BreakGlass(_) => wrapped(Role::Bad, " ", &format!("Nobody else has looked at it: {text}"), cols),
        Way::Submit if confirm.plan.approvals > 0 => {
            wrapped(Role::Strong, " ", &format!("Needs a second person: {text}"), cols)
        }
        Way::Submit | Way::Approve(_) => wrapped(Role::Strong, " ", &capital(text), cols),
    };
    let ask = |text: &str| once_read(&confirm.guard, text, shown);
    let word = match &confirm.way {
        Way::Approve(_) => "approve and carry it out",
        Way::BreakGlass(_) => "break the glass",
        Way::Submit if confirm.plan.approvals > 0 => "ask for approval",
        Way::Submit => verb,
    };
    let (asked, typed) = match (&confirm.way, confirm.plan.named_by(), &confirm.target) {
        (Way::BreakGlass(Glass { reason, given: false }), ..) => {
            let asks = "Why can it not wait for a second person?";
            (wrapped(Role::Strong, " ", asks, cols), Some(caret(" > ", reason, cols)))
        }
        _ if confirm.twice == Twice::Asked => {
            (ask(&format!("press Enter to {verb} all the same. Esc goes back to the plan.")), None)
        }
        (_, Some((named, wanted)), Some(typed)) => {
            let what = match named {
                Named::Target => wanted.exact().to_string(),
                Named::Hits | Named::Incident => format!("{}, {},", wanted.exact(), named.words()),
            };
            (ask(&format!("type {what} and press Enter to {word}:")), Some(exact(" > ", typed, cols)))
        }
        (Way::BreakGlass(_), ..) => (ask(&format!("press Enter to {word}. Esc asks instead.")), None),
        _ => {
            let esc =
                behind(confirm).map_or("leaves it undone".to_owned(), |behind| format!("goes {behind}"));
            (ask(&format!("press Enter to {word}. Esc {esc}.")), None)
        }
    };
    let said = match (&confirm.guard.nudge, confirm.guard.sent, &confirm.way) {
        (_, true, Way::Submit) if confirm.plan.approvals > 0 => {
            vec![Line::of(Role::Warn, " writing it down, to be approved…")]
        }
        (_, true, _) => vec![Line::of(Role::Warn, " writing it down, then sending…")],
        (Some(nudge), false, _) => wrapped(Role::Bad, " ", &own(nudge), cols),
        (None, false, _) => Page::new(),
    };
    under(model, asked, typed, said, cols)
}
