//! What a person can ask of the console: the table that dispatches keys and writes the help.

mod kinds;

use serde::{Deserialize, Serialize};

/// What a person can ask of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// One line down.
    Down,
    /// One line up.
    Up,
    /// Half a screen down.
    HalfDown,
    /// Half a screen up.
    HalfUp,
    /// A screen down.
    PageDown,
    /// A screen up.
    PageUp,
    /// To the first line.
    First,
    /// To the last line.
    Last,
    /// Open what is selected.
    Open,
    /// Back, or leave.
    Back,
    /// The next screen.
    NextScreen,
    /// The screen before.
    PreviousScreen,
    /// Hold the incident.
    Acknowledge,
    /// Mark it, so that a verb means all that are marked.
    Mark,
    /// Stop it from spreading.
    Contain,
    /// Ask its source.
    Upstream,
    /// Put it off for a while.
    Snooze,
    /// Take up again what was put off.
    Wake,
    /// Reverse a containment.
    Undo,
    /// Tell others.
    Escalate,
    /// Say to those outside what goes on.
    Bulletin,
    /// Write down what somebody reported, or what was seen.
    Report,
    /// Copy the id.
    Copy,
    /// What waits for a second person.
    Approve,
    /// Settle an unknown outcome with a note.
    Settle,
    /// Write a note.
    Note,
    /// Give it back.
    HandBack,
    /// Who plays which role.
    Roles,
    /// Say how many are affected.
    Impact,
    /// Say how bad it is.
    Severity,
    /// Say what sort of trouble it is.
    Category,
    /// Say how much it weighs otherwise.
    Classify,
    /// Move the response.
    Phase,
    /// End it.
    Close,
    /// Say that it is another one.
    Merge,
    /// Say why it happened.
    RootCause,
    /// Say what is done about it.
    Item,
    /// Say what proves that done.
    ItemDone,
    /// Show the post-mortem; there, publish it.
    PostMortem,
    /// Show the values of sensitive labels.
    Reveal,
    /// Look up what to do about it.
    OpenRunbook,
    /// Look at it where it comes from.
    OpenSource,
    /// Why the row stands there.
    Explain,
    /// Show only some.
    Filter,
    /// Show only what a saved view does.
    View(u8),
    /// Show all again.
    ViewAll,
    /// What burns.
    Triage,
    /// What was resolved.
    Review,
    /// What the next person on watch must know.
    HandOver,
    /// Offer the watch, or take it.
    Watch,
    /// How fast the response is.
    Metrics,
    /// Look less far back.
    Shorter,
    /// Look further back.
    Longer,
    /// Every monitor.
    Monitors,
    /// Every source.
    Sources,
    /// Ask every source now.
    Refresh,
    /// Everything that happened, record by record.
    Ledger,
    /// Check that every record is as it was written.
    Verify,
    /// Run a command by its name.
    CommandLine,
    /// Every key.
    Help,
    /// Draw the whole screen again.
    Redraw,
    /// Stop until the shell continues it.
    Suspend,
    /// Leave from anywhere.
    Quit,
}

/// Under which heading the help lists a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Group {
    /// What is done about the selected incident.
    Respond,
    /// What is said about it.
    Describe,
    /// Moving about.
    Move,
    /// Other screens.
    Look,
}

impl Group {
    /// Every group, as the help lists them.
    pub const ALL: [Self; 4] = [Self::Respond, Self::Describe, Self::Move, Self::Look];

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Respond => "Respond to the selected incident",
            Self::Describe => "Say what is known",
            Self::Move => "Move",
            Self::Look => "Look elsewhere",
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Entry {
    /// The command.
    pub command: Command,
    /// Its name in files.
    pub name: &'static str,
    /// Its keys unless configured otherwise.
    pub keys: &'static [&'static str],
    /// The word beside its key at the bottom of a screen.
    pub hint: &'static str,
    /// What it does, for the help.
    pub says: &'static str,
    /// Where the help lists it.
    pub group: Group,
}

const fn row(
    command: Command,
    name: &'static str,
    keys: &'static [&'static str],
    hint: &'static str,
    says: &'static str,
    group: Group,
) -> Entry {
    Entry { command, name, keys, hint, says, group }
}

const SAVED: &str = "show only what the saved view of this number does; once more shows all";

/// Every command.
pub const TABLE: &[Entry] = {
    use Command as C;
    use Group::{Describe, Look, Move, Respond};
    &[
        row(C::Acknowledge, "acknowledge", &["a"], "ack", "acknowledge: you hold it; paging stops", Respond),
        row(
            C::Contain,
            "contain",
            &["c"],
            "contain",
            "contain it with a playbook: shown first, then confirmed",
            Respond,
        ),
        row(
            C::Mark,
            "mark",
            &["space"],
            "mark",
            "mark it on Triage and go on (a storm: all of it): acknowledge, contain, note, snooze, wake, close and merge then mean all that are marked",
            Respond,
        ),
        row(C::Snooze, "snooze", &["z"], "snooze", "put it off here: what is worse wakes it", Respond),
        row(C::Wake, "wake", &["W"], "wake", "take up again what was snoozed", Respond),
        row(C::Escalate, "escalate", &["e"], "escalate", "tell others: shown first, then sent", Respond),
        row(
            C::Bulletin,
            "bulletin",
            &["b"],
            "bulletin",
            "tell users, partners or the public: written, shown, then sent",
            Respond,
        ),
        row(
            C::Approve,
            "approve",
            &["A"],
            "approve",
            "what waits for a second person: read first, then approved",
            Respond,
        ),
        row(
            C::Upstream,
            "upstream",
            &["t"],
            "at its source",
            "ask its source: acknowledge there, reassign, snooze, silence",
            Respond,
        ),
        row(
            C::Undo,
            "undo",
            &["u"],
            "undo",
            "undo a containment or a silence (shown first, then confirmed), a merge, a link, a snooze or a close",
            Respond,
        ),
        row(
            C::Settle,
            "settle",
            &["U"],
            "settle",
            "settle an UNKNOWN action or bulletin by a note of what you found",
            Respond,
        ),
        row(
            C::HandBack,
            "hand-back",
            &["B"],
            "hand back",
            "hand it back: whoever is next is told at once",
            Respond,
        ),
        row(
            C::Phase,
            "phase",
            &["P"],
            "phase",
            "move the response to another phase; fills in what that needs",
            Respond,
        ),
        row(C::Close, "close", &["X"], "close", "close it, with a reason", Respond),
        row(
            C::Merge,
            "merge",
            &["D"],
            "merge",
            "it is a duplicate: merge it into another one; all that are marked, into this one",
            Respond,
        ),
        row(C::Note, "note", &["n"], "note", "write a note", Describe),
        row(C::Impact, "impact", &["I"], "impact", "how many users are affected", Describe),
        row(C::Roles, "roles", &["L"], "roles", "who leads, commands, speaks and writes down", Describe),
        row(C::Severity, "severity", &["S"], "severity", "confirm or change the severity", Describe),
        row(C::Category, "category", &["C"], "category", "confirm or change the category", Describe),
        row(
            C::Classify,
            "classify",
            &["K"],
            "classify",
            "urgency, scope, product area, environment, funds at risk",
            Describe,
        ),
        row(C::RootCause, "root-cause", &["r"], "root cause", "say why it happened", Describe),
        row(C::Item, "item", &["i"], "add item", "add an action item: what, who, until when", Describe),
        row(C::ItemDone, "item-done", &["d"], "item done", "say what proves an action item done", Describe),
        row(
            C::PostMortem,
            "post-mortem",
            &["p"],
            "post-mortem",
            "show the post-mortem; there, publish it",
            Describe,
        ),
        row(
            C::Copy,
            "copy",
            &["y"],
            "copy",
            "copy its id (in an escalation's form, ctrl-y: the packet)",
            Describe,
        ),
        row(C::OpenRunbook, "open-runbook", &["o"], "runbook", "open its runbook: shown first", Look),
        row(C::OpenSource, "open-source", &["O"], "in source", "open it at its source: shown first", Look),
        row(C::Explain, "explain", &["x"], "why here", "why the row stands where it stands", Describe),
        row(C::Down, "down", &["j", "down"], "down", "one down", Move),
        row(C::Up, "up", &["k", "up"], "up", "one up", Move),
        row(C::HalfDown, "half-down", &["ctrl-d"], "down", "half a screen down", Move),
        row(C::HalfUp, "half-up", &["ctrl-u"], "up", "half a screen up", Move),
        row(C::PageDown, "page-down", &["pgdn", "ctrl-f"], "down", "a screen down", Move),
        row(C::PageUp, "page-up", &["pgup", "ctrl-b"], "up", "a screen up", Move),
        row(C::First, "first", &["g", "home"], "first", "to the first", Move),
        row(C::Last, "last", &["G", "end"], "last", "to the last", Move),
        row(C::Open, "open", &["enter"], "open", "open the selected incident", Look),
        row(
            C::Filter,
            "filter",
            &["/"],
            "find",
            "show only what matches, as in: sev:critical -is:acked; on a page, words in it",
            Look,
        ),
        row(C::View(1), "view-1", &["1"], "view", SAVED, Look),
        row(C::View(2), "view-2", &["2"], "view", SAVED, Look),
        row(C::View(3), "view-3", &["3"], "view", SAVED, Look),
        row(C::View(4), "view-4", &["4"], "view", SAVED, Look),
        row(C::View(5), "view-5", &["5"], "view", SAVED, Look),
        row(C::View(6), "view-6", &["6"], "view", SAVED, Look),
        row(C::View(7), "view-7", &["7"], "view", SAVED, Look),
        row(C::View(8), "view-8", &["8"], "view", SAVED, Look),
        row(C::View(9), "view-9", &["9"], "view", SAVED, Look),
        row(
            C::ViewAll,
            "view-all",
            &["0"],
            "show all",
            "show all of Triage again, whatever the filter",
            Look,
        ),
        row(
            C::NextScreen,
            "next-screen",
            &["tab"],
            "next",
            "the next screen: Triage, Review, Hand-over, Metrics, Monitors, Sources, Ledger, Approvals while there are some (in the demo also what the channels got)",
            Look,
        ),
        row(C::PreviousScreen, "previous-screen", &["shift-tab"], "previous", "the screen before", Look),
        row(C::Triage, "triage", &[], "triage", "what burns, in the order in which it does", Look),
        row(C::Review, "review", &[], "review", "what was resolved, and what it taught", Look),
        row(C::HandOver, "hand-over", &["H"], "hand-over", "what the next person on watch must know", Look),
        row(
            C::Watch,
            "watch",
            &["w"],
            "offer the watch",
            "offer the watch to somebody, or take the one that was offered to you",
            Look,
        ),
        row(
            C::Metrics,
            "metrics",
            &["M"],
            "metrics",
            "how fast the response is, and what it left undone",
            Look,
        ),
        row(C::Shorter, "shorter", &["left", "["], "less", "Hand-over and Metrics: look less far back", Look),
        row(C::Longer, "longer", &["right", "]"], "more", "Hand-over and Metrics: look further back", Look),
        row(C::Monitors, "monitors", &["m"], "monitors", "what quell probes itself", Look),
        row(
            C::Sources,
            "sources",
            &["s"],
            "sources",
            "where the incidents come from, and how fresh that is",
            Look,
        ),
        row(
            C::Refresh,
            "refresh",
            &["R"],
            "ask now",
            "ask every source now, at most every two seconds",
            Look,
        ),
        row(C::Ledger, "ledger", &["l"], "ledger", "everything that happened, record by record", Look),
        row(
            C::Verify,
            "verify",
            &["v"],
            "verify",
            "check that every record of the ledger is as it was written",
            Look,
        ),
        row(
            C::CommandLine,
            "command-line",
            &[":"],
            "all",
            "run a command by its name, as in: :timer bob 3m check the engine",
            Look,
        ),
        row(
            C::Report,
            "report",
            &["N"],
            "report",
            "open an incident by hand: what you saw, or what a partner or a colleague reported",
            Look,
        ),
        row(C::Help, "help", &["?"], "keys", "this page", Look),
        row(C::Back, "back", &["q", "esc"], "back", "back; on Triage, any but esc asks to leave", Look),
        row(
            C::Redraw,
            "redraw",
            &["ctrl-l"],
            "redraw",
            "draw all of the screen again, where something else has written on it",
            Look,
        ),
        row(C::Suspend, "suspend", &["ctrl-z"], "suspend", "stop until the shell continues it", Look),
        row(C::Quit, "quit", &["ctrl-c"], "quit", "leave; says first what would stop", Look),
        // Last, so that an abbreviation shared with others means those.
        row(
            C::Reveal,
            "reveal",
            &["V"],
            "reveal",
            "show the values of its sensitive labels: a record says that you read them",
            Describe,
        ),
    ]
};
