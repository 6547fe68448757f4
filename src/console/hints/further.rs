//! The keys that are named where there is room for more than the likeliest.

use crate::console::applying::command_why_not;
use crate::console::command::Command;
use crate::console::model::{Model, Screen};
use crate::domain::time::Time;

/// What else can be asked about the selected incident, what is needed most first.
const ABOUT_IT: [Command; 14] = [
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
    Command::Severity,
    Command::Category,
    Command::Classify,
    Command::Copy,
];

/// Where else one can go.
const ELSEWHERE: [Command; 8] = [
    Command::Report,
    Command::NextScreen,
    Command::HandOver,
    Command::Monitors,
    Command::Sources,
    Command::Metrics,
    Command::Ledger,
    Command::Refresh,
];

/// What else the keys do here.
pub(super) fn further(model: &Model, now: Time) -> Vec<Command> {
    let about = matches!(model.screen, Screen::Triage | Screen::Review | Screen::Incident { .. });
    let about = ABOUT_IT.into_iter().filter(|_| about && model.selected().is_some());
    let closed = model.selected().is_some_and(|incident| incident.is_closed());
    // What is over takes notes; the rest is said of it no more.
    let about = about.filter(|it| !closed || matches!(it, Command::Note | Command::Explain | Command::Copy));
    let elsewhere = ELSEWHERE.into_iter().filter(|command| match command {
        Command::NextScreen => model.behind.len() <= 1,
        Command::HandOver => !matches!(model.screen, Screen::HandOver { .. }),
        Command::Monitors => !matches!(model.screen, Screen::Monitors { .. }),
        Command::Sources => !matches!(model.screen, Screen::Sources { .. }),
        Command::Metrics => !matches!(model.screen, Screen::Metrics { .. }),
        Command::Ledger => model.screen != Screen::Ledger,
        _ => true,
    });
    about.chain(elsewhere).filter(|command| command_why_not(model, *command, now).is_none()).collect()
}
