//! What an action is called, in full and in brief.

use crate::domain::action::Verb;
use crate::domain::plan::Plan;
use crate::domain::text::{Outside, SafeText};

/// Cells for a target that was said in full before.
const TARGET: usize = 24;

/// `freeze-account 88213`, `undo freeze-account 88213`, `escalate incident`, `pd/resolve Q1ABC`.
pub fn what(plan: &Plan) -> String {
    let target = plan.target.as_ref().map(|(_, value)| format!(" {}", value.exact()));
    named(plan, plan.verb.of(), target)
}

/// The same where it was said in full before: a long target is cut, and a source's verb stands without the source.
pub fn brief(plan: &Plan) -> String {
    let target = plan.target.as_ref().map(|(_, value)| format!(" {}", value.exact().clip(TARGET)));
    let name = plan.verb.of();
    named(plan, name.split_once('/').map_or(name, |(_, verb)| verb), target)
}

fn named(plan: &Plan, name: &str, target: Option<String>) -> String {
    let (name, target): (SafeText, String) = (Outside::new(name).safe(), target.unwrap_or_default());
    match plan.verb {
        Verb::Contain { .. } | Verb::Upstream { .. } => format!("{name}{target}"),
        _ => format!("{} {name}{target}", plan.verb.word()),
    }
}
