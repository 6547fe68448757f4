//! A session as a list of what happened in it: what is kept instead of what was typed, and how it is gone through again.

use serde::{Deserialize, Serialize};

use super::approvals::Approvals;
use super::board::Board;
use super::bulk::Bulk;
use super::folds::On;
use super::hints::{Hint, hint};
use super::marks::Marks;
use super::message::Message;
use super::model::{Model, Screen, Toast, ToastState};
use super::prompt::{Gates, Prompt};
use super::recording::Recordings;
use super::update;
use crate::backend::Changes;
use crate::domain::freshness::SourceStatus;
use crate::domain::monitor::MonitorStatus;
use crate::domain::query::{Asker, Query};
use crate::domain::time::Time;

/// What a session has to do with a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tape {
    /// Nothing.
    #[default]
    Off,
    /// It is recorded.
    Recording,
    /// It is one, and nothing acts.
    Replay(Playing),
}

/// How a recording is gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Playing {
    /// So many times as fast as it was.
    pub speed: u32,
    /// It stands still.
    pub paused: bool,
    /// Seconds from its beginning.
    pub at: u64,
    /// Seconds it lasted.
    pub of: u64,
    /// It ends here, in the middle of what was being written: whatever recorded it was ended.
    #[serde(default)]
    pub cut: bool,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The console was told so.
    Message(Message),
    /// The engine told what has changed; of sources and monitors only those are here that were otherwise before.
    Told(Box<Changes>),
    /// A key was pressed, or something pasted, while something was asked: what became of that.
    Hand(Box<Hand>),
    /// Something that says what is sensitive.
    LeftOut,
}

impl Step {
    /// Whether it only confirms what was known, or follows from another one.
    pub fn is_quiet(&self) -> bool {
        let nothing =
            |told: &Changes| told.incidents.is_empty() && told.removed.is_empty() && told.notices.is_empty();
        match self {
            Self::Message(Message::Ticked | Message::Drawn | Message::Listed(_) | Message::Opened { .. }) => {
                true
            }
            Self::Message(Message::Changed(told)) | Self::Told(told) => nothing(told),
            Self::Message(_) | Self::Hand(_) | Self::LeftOut => false,
        }
    }

    /// What is kept of a message the model has taken in; `asked` says that something was asked before, or that letters
    /// went nowhere because a field did not open.
    pub fn of(asked: bool, message: Message, model: &Model) -> Option<Self> {
        match message {
            // What a command does to lists and screens follows from the command.
            Message::Pressed(_) if asked && model.ran.is_some() => {
                model.ran.map(|command| Self::Message(Message::Ran(command)))
            }
            Message::Pressed(_) | Message::Pasted(_) if asked => Some(Self::Hand(Box::new(Hand::of(model)))),
            // It is typed all the same.
            Message::Edited { .. } => Some(Self::Hand(Box::new(Hand::of(model)))),
            // It went nowhere.
            Message::Pasted(_) => None,
            message => Some(Self::Message(message)),
        }
    }
}

/// What was told before: most of it is told again each second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lean {
    sources: Vec<SourceStatus>,
    monitors: Vec<MonitorStatus>,
}

impl Lean {
    /// The step without what the one before has told.
    pub fn of(&mut self, step: Step) -> Step {
        let Step::Message(Message::Changed(changes)) = step else { return step };
        let (sources, monitors) = (changes.sources.clone(), changes.monitors.clone());
        let same = self.sources.iter().map(|it| &it.name).eq(sources.iter().map(|it| &it.name))
            && self.monitors.iter().map(|it| &it.source.name).eq(monitors.iter().map(|it| &it.source.name));
        let mut lean = changes;
        if same {
            lean.sources.retain(|it| !self.sources.contains(it));
            lean.monitors.retain(|it| !self.monitors.contains(it));
        }
        *self = Self { sources, monitors };
        if same { Step::Told(lean) } else { Step::Message(Message::Changed(lean)) }
    }

    /// The next one tells everything.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

/// What was told, with what stayed as it was.
fn whole(mut told: Changes, board: &Board) -> Changes {
    let source =
        |was: &SourceStatus| told.sources.iter().find(|it| it.name == was.name).unwrap_or(was).clone();
    let sources = board.sources.iter().map(source).collect();
    let named = |was: &MonitorStatus| told.monitors.iter().find(|it| it.source.name == was.source.name);
    told.monitors = board.monitors.iter().map(|was| named(was).unwrap_or(was).clone()).collect();
    told.sources = sources;
    told
}

/// All that a key changes while something is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hand {
    prompt: Option<Prompt>,
    screen: Screen,
    behind: Vec<Screen>,
    toast: Option<Toast>,
    marks: Marks,
    recordings: Recordings,
    gates: Option<Gates>,
    kept: Option<Box<Prompt>>,
    run: Option<Box<Bulk>>,
    filter: Option<Query>,
    found: String,
    /// What is under the cursors of Triage and Review, and since when, where it came there by itself.
    on: [(Option<On>, Option<Time>); 2],
    approvals: Approvals,
}

impl Hand {
    /// As a key has left it.
    pub fn of(model: &Model) -> Self {
        Self {
            prompt: model.prompt.clone(),
            screen: model.screen.clone(),
            behind: model.behind.clone(),
            toast: model.toast.clone(),
            marks: model.marks.clone(),
            recordings: model.recordings.clone(),
            gates: model.gates.clone(),
            kept: model.kept.clone(),
            run: model.run.clone(),
            filter: model.triage.filter().cloned(),
            found: model.ledger.filter.clone(),
            on: [&model.triage, &model.review].map(|list| (list.on.clone(), list.slid_at)),
            approvals: model.approvals.clone(),
        }
    }

    fn put(self, model: &mut Model, at: Time) {
        model.last_key = Some(at);
        if self.filter.as_ref() != model.triage.filter() {
            model.triage.filter_by(self.filter, &model.board, at);
            let asker = Asker { me: &model.settings.operator, now: at };
            model.triage.refresh(&model.board, &asker, &self.marks.ids);
        }
        for (list, (on, slid)) in [&mut model.triage, &mut model.review].into_iter().zip(&self.on) {
            on.iter().for_each(|on| list.stand_on(on));
            list.slid_at = *slid;
        }
        if self.found != model.ledger.filter {
            model.ledger.find(self.found);
        }
        model.prompt = self.prompt;
        model.screen = self.screen;
        model.approvals = self.approvals;
        model.behind = self.behind;
        model.toast = self.toast;
        model.marks = self.marks;
        model.recordings = self.recordings;
        model.gates = self.gates;
        model.kept = self.kept;
        model.run = self.run;
    }
}

/// Goes one step on. Nothing is asked of the outside, whatever the step once asked.
pub fn follow(model: &mut Model, at: Time, step: Step) {
    let message = match step {
        Step::Message(message) => message,
        Step::Told(told) => Message::Changed(Box::new(whole(*told, &model.board))),
        Step::Hand(hand) => {
            hand.put(model, at);
            Message::Ticked
        }
        Step::LeftOut => {
            let text = "what happened here says what is sensitive: it was not recorded";
            model.say(at, ToastState::Failed, text.to_owned());
            Message::Ticked
        }
    };
    drop(update(model, at, message));
}

/// The model as a terminal of this size shows it.
pub fn shown(model: &Model, at: Time, cols: u16, rows: u16, playing: Playing) -> Model {
    let mut shown = model.clone();
    shown.tape = Tape::Replay(playing);
    drop(update(&mut shown, at, Message::Resized { cols, rows }));
    shown
}

/// The keys of a replay.
pub fn hints(playing: Playing) -> Vec<Hint> {
    let clock = |secs: u64| format!("{}:{:02}", secs / 60, secs % 60);
    let state = match playing {
        Playing { cut: true, .. } => "cut off here",
        Playing { paused: true, .. } => "paused",
        _ => "playing",
    };
    vec![
        hint(&format!("{} of {}", clock(playing.at), clock(playing.of)), state),
        // It has room on the smallest screen.
        hint("q", "leave"),
        hint("space", if playing.paused { "play" } else { "pause" }),
        hint("→ ←", "step"),
        hint("+ -", "speed"),
        hint("] [", "10 s"),
        hint("} {", "1 min"),
        hint("g G", "begin, end"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_replay_is_left_has_room_on_the_smallest_screen() {
        let playing = Playing { speed: 1, paused: true, at: 59 * 60, of: 59 * 60, cut: true };
        let first = hints(playing).into_iter().take_while(|(_, word)| word != "leave");
        let wide: usize = first.map(|(key, word)| key.len() + word.len() + 3).sum();
        assert!(wide + "q leave".len() < 40, "{wide}");
    }
}
