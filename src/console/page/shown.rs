//! A plan that is only looked at, and how exactly it is carried out.

use super::prompt::Sheet;
use super::{Role, own, plan, wrapped};
use crate::console::model::Model;
use crate::console::prompt::Shown;
use crate::domain::action::Verb;
use crate::domain::plan::Plan;
use crate::domain::time::Time;

/// The sheet.
pub fn sheet(model: &Model, shown: &Shown, cols: u16, now: Time) -> Sheet {
    let plan = &shown.plan;
    let (mut body, head) = plan::page(&model.board, plan, cols, now);
    body.extend(super::pair("Hash", Role::Plain, &own(&plan.hash.0), cols));
    let mut foot =
        wrapped(Role::Good, " ", "Nothing was sent. For ten minutes this carries out exactly it:", cols);
    foot.extend(wrapped(Role::Strong, "   ", &command(plan), cols));
    let title = format!("{} ── plan only: {}", shown.id, own(&plan.title));
    Sheet { title, head, body, foot, top: shown.top, grave: false }
}

fn command(plan: &Plan) -> String {
    let (id, hash) = (&plan.basis.incident, own(plan.hash.short()));
    let verb = match &plan.verb {
        Verb::Contain { .. } => "contain",
        Verb::Undo { .. } => "undo",
        Verb::Escalate { .. } => return format!("quell escalate {id} --plan {hash}"),
        Verb::Publish { .. } => return format!("quell bulletin {id} --plan {hash} --yes"),
        Verb::Upstream { .. } => "upstream",
    };
    let confirm = match plan.typed_target() {
        None => "--yes".to_owned(),
        // Somebody will paste this into a shell, and the target may be an attacker's word.
        Some(target) if is_plain(target.raw()) => format!("--confirm-target {}", target.exact()),
        Some(_) => "--confirm-target TARGET".to_owned(),
    };
    format!("quell {verb} {id} --plan {hash} {confirm}")
}

/// Whether a shell would take it for nothing but itself.
fn is_plain(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/' | '@');
    !word.is_empty() && !word.starts_with('-') && word.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_might_take_for_more_than_a_word_is_not_put_into_a_command() {
        for word in ["88213", "key-0a1b2c3d", "tok-1", "1.2.3", "ops@example.com"] {
            assert!(is_plain(word), "{word}");
        }
        for word in ["", "$(id)", "a b", "a;b", "'", "-n", "`id`", "fr\u{430}ud", "~", "*"] {
            assert!(!is_plain(word), "{word}");
        }
    }
}
