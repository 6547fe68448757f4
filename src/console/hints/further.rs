//! The keys that are named where there is room for more than the likeliest.

use super::Keys;
use crate::console::applying::applies;
use crate::console::command::Command;
use crate::console::model::Screen;
use crate::domain::incident::Incident;
use crate::domain::time::Time;

/// What is needed most first.
const FURTHER: [Command; 25] = [
    Command::Note,
    Command::Roles,
    Command::Impact,
    Command::Phase,
    Command::Mark,
    Command::Explain,
    Command::Close,
    Command::HandBack,
    Command::Upstream,
    Command::Merge,
    Command::Report,
    Command::HandOver,
    Command::NextScreen,
    Command::Snooze,
    Command::OpenRunbook,
    Command::OpenSource,
    Command::Severity,
    Command::Category,
    Command::Classify,
    Command::Copy,
    Command::Monitors,
    Command::Sources,
    Command::Metrics,
    Command::Ledger,
    Command::Refresh,
];

/// What else the keys do here.
pub(super) fn further(keys: &mut Keys<'_>, now: Time) {
    let model = keys.model;
    let about = matches!(model.screen, Screen::Triage | Screen::Review | Screen::Incident { .. });
    // What is over takes notes; the rest is said of it no more.
    let closed = model.selected().is_some_and(Incident::is_closed);
    let fits = |command: Command| match command {
        Command::NextScreen => model.behind.len() <= 1,
        Command::Note | Command::Explain | Command::Copy | Command::OpenRunbook | Command::OpenSource => {
            about
        }
        command if command.is_verb() => about && !closed,
        _ => true,
    };
    for command in FURTHER {
        let word = match command {
            Command::NextScreen => "screens",
            _ => command.entry().map_or("", |entry| entry.hint),
        };
        keys.try_out(command, word, || fits(command) && applies(model, command, now));
    }
}
