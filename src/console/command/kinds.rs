//! What sort of thing a command does: which may be run at a guess, which ask for words, which act on an incident.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

use super::{Command, Entry, Group, TABLE};

impl Command {
    /// Its row of the table.
    pub fn entry(self) -> Option<&'static Entry> {
        // It is asked for dozens of times a frame.
        static ROWS: LazyLock<HashMap<Command, &'static Entry, RandomState>> =
            LazyLock::new(|| TABLE.iter().rev().map(|row| (row.command, row)).collect());
        ROWS.get(&self).copied()
    }

    /// Whether it only looks elsewhere: it may be run at a guess.
    pub fn is_harmless(self) -> bool {
        let group = self.entry().map(|entry| entry.group);
        let leaves = matches!(self, Self::Back | Self::Quit | Self::Suspend | Self::Watch | Self::Report);
        let looks = matches!(group, Some(Group::Move | Group::Look)) && !leaves;
        looks || matches!(self, Self::Approve | Self::Explain | Self::Copy)
    }

    /// Whether its key opens a field: whoever presses it types on, whatever comes of it.
    pub fn asks_for_words(self) -> bool {
        use Command as C;
        matches!(
            self,
            C::Note
                | C::HandBack
                | C::Impact
                | C::Roles
                | C::Classify
                | C::Bulletin
                | C::RootCause
                | C::Item
                | C::ItemDone
                | C::Filter
                | C::Report
                | C::Watch
                | C::CommandLine
        )
    }

    /// Whether it means all that are marked, where some are.
    pub fn means_marked(self) -> bool {
        use Command as C;
        matches!(self, C::Acknowledge | C::Contain | C::Note | C::Snooze | C::Wake | C::Close)
    }

    /// Whether it does something about an incident: then it must not hit one that has just slid under the cursor.
    pub fn is_verb(self) -> bool {
        let group = self.entry().map(|entry| entry.group);
        matches!(group, Some(Group::Respond | Group::Describe))
            && !matches!(self, Self::Approve | Self::Explain | Self::Copy)
    }
}
