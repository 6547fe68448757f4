//! Every key, from the table that dispatches them.

use super::{Line, Page, Role, gap, headed, own, pair, wrapped};
use crate::console::command::{Command, Group, TABLE};
use crate::console::keymap::fixed::FIXED;
use crate::console::model::Model;
use crate::console::phrase::{PHRASES, words};

/// The help page.
pub fn page(model: &Model, cols: u16) -> Page {
    let mut out = Page::new();
    for group in Group::ALL {
        out.push(Line::of(Role::Heading, format!(" {}", group.title())));
        let is_view = |command| matches!(command, Command::View(_));
        for entry in TABLE.iter().filter(|entry| entry.group == group && !is_view(entry.command)) {
            let keys: Vec<String> =
                model.settings.keymap.keys(entry.command).iter().map(ToString::to_string).collect();
            let keys = if keys.is_empty() { format!(":{}", entry.name) } else { keys.join(" ") };
            out.extend(keyed(&format!("   {keys:<14} "), entry.says, cols));
        }
        out.push(gap());
    }
    if !model.settings.views.is_empty() {
        out.push(Line::of(Role::Heading, " Saved views"));
        for view in &model.settings.views {
            let keys = model.settings.keymap.key(Command::View(view.key));
            let says = format!("{}: {}", own(&view.name), own(view.filter.source()));
            out.extend(keyed(&format!("   {keys:<14} "), &says, cols));
        }
        out.push(gap());
    }
    out.push(Line::of(Role::Heading, " In questions and forms: the same whatever keys are configured"));
    for (keys, says) in FIXED {
        out.extend(keyed(&format!("   {keys:<14} "), says, cols));
    }
    out.push(gap());
    out.push(Line::of(Role::Heading, " Commands that take more than a key"));
    for row in PHRASES {
        let head = format!("   :{:<22} ", format!("{} {}", row.name, row.takes));
        out.extend(keyed(&head, row.says, cols));
    }
    for row in words::TABLE {
        let name = row.command.entry().map_or("", |entry| entry.name);
        let head = format!("   :{:<22} ", format!("{name} {}", row.takes));
        out.extend(keyed(&head, &format!("as in: {}", row.example), cols));
    }
    out.push(gap());
    out.push(Line::of(Role::Heading, " What the signs mean"));
    for (sign, says) in [
        ("!! CRIT", "trading, authentication, tokens or funds unavailable"),
        (" ! HIGH", "a major flow degraded, a workaround exists"),
        (" · NORM", "the rest"),
        ("+  ~", "in front of a row: it has come, or changed, within the last five seconds"),
        ("HIGH?", "no rule knows its severity: counts as high until you confirm it"),
        ("NORM↑", "its source now says worse than the severity a person set"),
        (
            "STALE pg 2:58",
            "not seen now; who is told next (ack: until when somebody must take it; a time alone: either)",
        ),
        ("Identify 4m*", "the time spent in a phase; * where gates were waived"),
        ("●", "LIVE: complete and recent"),
        ("○", "STALE: older than two intervals"),
        ("◍", "PARTIAL: something was left out, or a watchdog is missing"),
        ("✗", "DOWN or AUTH: no answer, or not allowed in"),
    ] {
        out.extend(wrapped(Role::Plain, &format!("   {sign:<14} "), says, cols));
    }
    out.push(gap());
    out.extend(pair("operator", Role::Plain, &own(&model.settings.operator), cols));
    out.extend(pair("config", Role::Plain, &own(&model.settings.config), cols));
    if !model.settings.build.is_empty() {
        out.extend(pair("quell", Role::Plain, &model.settings.build, cols));
    }
    if let Some(remark) = &model.settings.remark {
        out.extend(wrapped(Role::Plain, " ", &own(remark), cols));
    }
    out
}

/// What a key, or what is typed, does.
fn keyed(head: &str, says: &str, cols: u16) -> Page {
    headed(wrapped(Role::Plain, head, says, cols), Role::Key)
}
