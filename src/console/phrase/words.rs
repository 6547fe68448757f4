//! Commands of keys that take words on the command line as well: what these are, and what they could be.

use crate::console::board::Board;
use crate::console::command::Command;
use crate::domain::category::Category;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::record::CloseReason;
use crate::domain::severity::Severity;

/// One row of the table.
#[derive(Debug)]
pub struct Row {
    /// The command.
    pub command: Command,
    /// What may follow its name; each may be left out, and is asked for then.
    pub takes: &'static str,
    /// A whole line.
    pub example: &'static str,
}

const fn row(command: Command, takes: &'static str, example: &'static str) -> Row {
    Row { command, takes, example }
}

/// Every command of a key that takes words.
pub const TABLE: &[Row] = {
    use Command as C;
    &[
        row(C::Note, "[TEXT]", "note the replica lags"),
        row(C::Impact, "[USERS]", "impact 100..150"),
        row(C::Severity, "[WHICH]", "severity high there is a workaround"),
        row(C::Category, "[WHICH]", "category outage it was no attack"),
        row(C::Phase, "[WHICH]", "phase mitigate"),
        row(C::Close, "[REASON]", "close false-alarm it was a test"),
        row(C::Snooze, "[FOR|until TIME] [WHY]", "snooze 30m the deploy rolls back"),
        row(C::HandBack, "[WHY]", "hand-back my shift is over"),
        row(C::Bulletin, "[TO]", "bulletin users"),
        row(C::RootCause, "[TEXT]", "root-cause a bad deploy"),
        row(C::Item, "[WHAT]", "item alert on the lag"),
        row(C::Open, "[ID]", "open 1042"),
        row(C::Filter, "[QUERY]", "filter sev:critical -is:acked"),
        row(C::Ledger, "[WORDS]", "ledger notice"),
        row(C::Watch, "[TO]", "watch bo"),
        row(C::Report, "[TITLE]", "report Withdrawals are slow"),
    ]
};

/// What a command takes, if it takes words.
pub fn of(command: Command) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.command == command)
}

/// The words the first place of a command can hold, where they are known.
pub(super) fn candidates(command: Command, incident: Option<&Incident>, board: &Board) -> Vec<String> {
    let outlets = || board.can().bulletins.outlets.iter();
    let words: Vec<&str> = match command {
        Command::Severity => Severity::ALL.map(Severity::word).into(),
        Command::Category => Category::ALL.map(Category::word).into(),
        Command::Close => CloseReason::ALL.map(CloseReason::word).into(),
        Command::Phase => {
            let here = incident.map(|incident| incident.phase);
            Phase::ALL.into_iter().filter(|phase| Some(*phase) != here).map(Phase::word).collect()
        }
        Command::Bulletin => outlets().map(|outlet| outlet.audience.word()).collect(),
        _ => Vec::new(),
    };
    words.into_iter().map(str::to_owned).collect()
}
