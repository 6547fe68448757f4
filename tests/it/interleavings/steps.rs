//! What may happen next, and how long it takes.

use proptest::prelude::*;
use quell::console::command::TABLE;
use quell::domain::action::Outcome;
use quell::domain::severity::Severity;

/// Keys that mean something only to prompts.
const ASKED: [&str; 10] = ["enter", "esc", "y", "f", "8", "space", "backspace", "tab", "delete", "left"];

/// What happens next.
#[derive(Clone, Debug)]
pub enum Step {
    /// A key of the table, or of prompts.
    Key(&'static str),
    /// The key that goes on, after what a person would have waited.
    Enter,
    /// Begins to contain, or to escalate.
    Begin(bool),
    /// The target that is asked for, typed; `true` with a letter too many.
    Target(bool),
    /// The selected incident is marked, and the cursor goes on.
    Mark,
    /// All that are marked are acknowledged, or else the selected one.
    Take,
    /// Begins to contain, or to escalate, and goes through with it.
    Send(bool),
    /// Two are marked, and acknowledged behind a filter.
    TakeHidden(usize),
    /// Two are marked, and contained together behind a filter; before the last Enter one of them may turn, so that the
    /// filter shows another part of them.
    SendMarked(usize, Option<Severity>),
    /// One is marked, and merged into the next one.
    Merge,
    /// The list is filtered.
    Filter(usize),
    /// Text by paste.
    Paste,
    /// One of the answers that are under way.
    Answer(usize),
    /// The same, as a refusal.
    Refusal(usize, bool),
    /// The engine tells of a change to an incident.
    Poll(Change, usize),
    /// The engine does not answer.
    Lost,
    /// The terminal has another size.
    Resize(u16, u16),
    Tick,
    Focus(bool),
    /// The button of a popup about one of them is pressed on the desktop.
    PopupPressed(usize),
    Resume,
}

#[derive(Clone, Copy, Debug)]
pub enum Change {
    None,
    Opens(Severity),
    Closes,
    Resolves,
    Vanishes,
    Turns(Severity),
    IsTaken,
    IsLetGo,
    Answers(Outcome),
    Notice,
}

fn change() -> impl Strategy<Value = Change> {
    let severity = prop::sample::select(Severity::ALL.to_vec());
    let outcome = prop::sample::select(vec![Outcome::Accepted, Outcome::Unknown, Outcome::Unknown]);
    prop_oneof![
        Just(Change::None),
        severity.clone().prop_map(Change::Opens),
        Just(Change::Closes),
        Just(Change::Resolves),
        Just(Change::Vanishes),
        severity.prop_map(Change::Turns),
        Just(Change::IsTaken),
        Just(Change::IsLetGo),
        outcome.prop_map(Change::Answers),
        Just(Change::Notice),
    ]
}

pub fn step() -> impl Strategy<Value = Step> {
    let sizes = vec![(0, 0), (1, 1), (20, 5), (36, 9), (40, 12), (80, 24), (80, 24), (120, 60), (160, 40)];
    let severity = prop::sample::select(Severity::ALL.to_vec());
    let keys: Vec<&str> = TABLE.iter().flat_map(|entry| entry.keys).chain(&ASKED).copied().collect();
    prop_oneof![
        8 => prop::sample::select(keys).prop_map(Step::Key),
        8 => Just(Step::Enter),
        3 => any::<bool>().prop_map(Step::Begin),
        5 => prop::bool::weighted(0.2).prop_map(Step::Target),
        4 => Just(Step::Mark),
        3 => Just(Step::Take),
        1 => any::<bool>().prop_map(Step::Send),
        1 => any::<usize>().prop_map(Step::TakeHidden),
        1 => (any::<usize>(), prop::option::weighted(0.4, severity)).prop_map(|(nth, turns)| Step::SendMarked(nth, turns)),
        1 => Just(Step::Merge),
        3 => any::<usize>().prop_map(Step::Filter),
        1 => Just(Step::Paste),
        12 => any::<usize>().prop_map(Step::Answer),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(nth, changed)| Step::Refusal(nth, changed)),
        6 => (change(), any::<usize>()).prop_map(|(change, nth)| Step::Poll(change, nth)),
        1 => Just(Step::Lost),
        1 => prop::sample::select(sizes).prop_map(|(cols, rows)| Step::Resize(cols, rows)),
        2 => Just(Step::Tick),
        1 => any::<bool>().prop_map(Step::Focus),
        1 => any::<usize>().prop_map(Step::PopupPressed),
        1 => Just(Step::Resume),
    ]
}

/// Milliseconds to a step: the same read, a burst, a person, a pause.
pub fn wait() -> impl Strategy<Value = i64> {
    prop_oneof![2 => Just(0), 2 => 1..50i64, 3 => 50..400i64, 3 => 500..900i64, 2 => 1000..4000i64]
}
