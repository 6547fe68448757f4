//! All that the console knows and shows.

use serde::{Deserialize, Serialize};

use super::approvals::Approvals;
use super::board::{Board, Sight};
use super::bulk::Bulk;
use super::command::Command;
use super::guard::Stroke;
use super::handover::Handover;
use super::keymap::Keymap;
use super::layout;
use super::ledger::Ledger;
use super::list::{List, Of};
use super::marks::Marks;
use super::measure::Measure;
use super::news::News;
use super::prompt::{Gates, Prompt};
use super::reading::{self, Looked, Reading};
use super::recording::Recordings;
use super::tape::Tape;
pub use super::toast::{Reverse, Toast, ToastState};
use super::views::View;
use crate::backend::Detail;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::Notice;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// Letters that follow each other within this are one text.
pub const TYPED_ON: Span = Span::secs(1);
/// After a key, rows hold still for so long.
const HELD_AFTER_KEY: Span = Span::secs(1);
/// A verb does not count so soon after the cursor came to stand on another incident by itself.
pub const SLID_GUARD: Span = Span::millis(700);
/// How long what became of the person's own action stays on the screen.
pub const TOAST_LASTS: Span = Span::secs(8);
/// An engine that comes back within this was not gone: a lease that changes hands, a machine that wakes.
pub const DARK_AFTER: Span = Span::secs(2);
/// Somebody who pressed a key within this is looking.
pub const WATCHED_AFTER_KEY: Span = Span::secs(60);

/// What the console is started with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The operator's name.
    pub operator: String,
    /// The file in which a first source would be added.
    pub config: String,
    /// The folder published post-mortems go to.
    pub reviews: String,
    /// What else the help says: the demo's folder, for one.
    pub remark: Option<String>,
    /// Which key asks for which command.
    pub keymap: Keymap,
    /// The saved views.
    pub views: Vec<View>,
    /// The program that shows links; where there is none they are copied.
    #[serde(default)]
    pub opener: Option<String>,
    /// Which quell this is, and a few digits of what it is configured with; nothing where that is not told.
    pub build: String,
}

/// The terminal's size in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Across.
    pub cols: u16,
    /// Down.
    pub rows: u16,
}

/// What fills the screen below the header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Screen {
    /// What burns.
    Triage,
    /// What was resolved.
    Review,
    /// What quell probes itself; `top` lines are scrolled away.
    Monitors {
        /// Lines scrolled away.
        top: u16,
    },
    /// Where incidents come from.
    Sources {
        /// Lines scrolled away.
        top: u16,
    },
    /// What the demo's channels received.
    Sink {
        /// Lines scrolled away.
        top: u16,
    },
    /// One incident.
    Incident {
        /// Which.
        id: IncidentId,
        /// Lines scrolled away.
        top: u16,
    },
    /// What an incident taught, as a page that can be sent.
    PostMortem {
        /// Which incident.
        id: IncidentId,
        /// Lines scrolled away.
        top: u16,
    },
    /// What the next person on watch must know.
    HandOver {
        /// Lines scrolled away.
        top: u16,
    },
    /// How fast the response is.
    Metrics {
        /// Lines scrolled away.
        top: u16,
    },
    /// What waits for a second person.
    Approvals,
    /// Everything that happened, record by record.
    Ledger,
    /// One record, whole.
    Record {
        /// Its sequence number.
        seq: u64,
        /// Lines scrolled away.
        top: u16,
    },
    /// Every key.
    Help {
        /// Lines scrolled away.
        top: u16,
    },
}

impl Screen {
    /// The lines scrolled away, where it scrolls.
    pub fn top_mut(&mut self) -> Option<&mut u16> {
        match self {
            Self::Triage | Self::Review | Self::Approvals | Self::Ledger => None,
            Self::Monitors { top }
            | Self::Sources { top }
            | Self::Sink { top }
            | Self::Incident { top, .. }
            | Self::PostMortem { top, .. }
            | Self::HandOver { top }
            | Self::Metrics { top }
            | Self::Record { top, .. }
            | Self::Help { top } => Some(top),
        }
    }

    /// The lines scrolled away.
    pub fn top(&self) -> u16 {
        match self {
            Self::Triage | Self::Review | Self::Approvals | Self::Ledger => 0,
            Self::Monitors { top }
            | Self::Sources { top }
            | Self::Sink { top }
            | Self::Incident { top, .. }
            | Self::PostMortem { top, .. }
            | Self::HandOver { top }
            | Self::Metrics { top }
            | Self::Record { top, .. }
            | Self::Help { top } => *top,
        }
    }
}

/// A message that one of the demo's rooms received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// When.
    pub at: Time,
    /// In which room.
    pub room: String,
    /// What.
    pub text: Outside,
}

/// A notice on line three.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Banner {
    /// Its sequence number.
    pub seq: u64,
    /// When it was raised.
    pub at: Time,
    /// What it says.
    pub notice: Notice,
    /// How it reached the operator, once that is known.
    pub how: Option<String>,
}

/// No engine keeps watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dark {
    /// Since when that was seen.
    pub since: Time,
    /// The operator was told.
    pub told: bool,
}

/// All that the console knows and shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// What it was started with.
    pub settings: Settings,
    /// The terminal's size.
    pub size: Size,
    /// The terminal has said that it has the focus; one that says nothing may be anywhere.
    pub focused: bool,
    /// Everything the engine has told.
    pub board: Board,
    /// What burns.
    pub triage: List,
    /// What was resolved.
    pub review: List,
    /// What has come or changed lately.
    pub news: News,
    /// What fills the screen.
    pub screen: Screen,
    /// Where `back` leads, the nearest last.
    pub behind: Vec<Screen>,
    /// Everything about one incident: the selected one, once it is read.
    pub detail: Option<Box<Detail>>,
    /// When that was asked for.
    pub looked: Option<Looked>,
    /// What is read besides.
    #[serde(default)]
    pub reading: Reading,
    /// The hand-over.
    pub handover: Handover,
    /// The metrics.
    pub measure: Measure,
    /// The cursor of what waits for a second person.
    pub approvals: Approvals,
    /// The ledger.
    pub ledger: Ledger,
    /// What is being loaded.
    pub loading: Option<String>,
    /// What could not be loaded; tried again after the next change.
    pub unloadable: Option<String>,
    /// The incident to begin with, until it is there.
    pub opening: Option<String>,
    /// What is asked of the person.
    pub prompt: Option<Prompt>,
    /// What is being written down.
    pub recordings: Recordings,
    /// The gate sheet that comes back once what it asked for is answered.
    pub gates: Option<Gates>,
    /// The form of a plan that was confirmed and looked away from, until the engine has answered.
    pub kept: Option<Box<Prompt>>,
    /// The incidents marked on Triage.
    pub marks: Marks,
    /// What is carried out one by one while the person looks elsewhere.
    pub run: Option<Box<Bulk>>,
    /// What became of the person's last action.
    pub toast: Option<Toast>,
    /// The newest notices, the newest last.
    pub banners: Vec<Banner>,
    /// The highest sequence number among the notices told.
    pub told: u64,
    /// Since when there is no engine to be heard, and whether the operator was told of that.
    pub dark: Option<Dark>,
    /// When a key was pressed last.
    pub last_key: Option<Time>,
    /// The one that may be held down.
    pub stroke: Option<Stroke>,
    /// The command that did not open its field, and when the last letter came since: those that follow do nothing.
    pub typed_on: Option<(Command, Time)>,
    /// The command that the last key ran by its name.
    pub ran: Option<Command>,
    /// The window's title.
    pub title: String,
    /// What the demo's channels received; `None` outside the demo.
    pub sink: Option<Vec<Said>>,
    /// Whether it is recorded, or a recording.
    pub tape: Tape,
}

impl Model {
    /// A console that has just begun.
    pub fn new(settings: Settings, size: Size, at: Time) -> Self {
        Self {
            settings,
            size,
            focused: false,
            board: Board::new(at),
            triage: List::new(Of::Triage),
            review: List::new(Of::Review),
            news: News::default(),
            screen: Screen::Triage,
            behind: Vec::new(),
            detail: None,
            looked: None,
            reading: Reading::default(),
            handover: Handover::default(),
            measure: Measure::default(),
            approvals: Approvals::default(),
            ledger: Ledger::default(),
            loading: None,
            unloadable: None,
            opening: None,
            prompt: None,
            recordings: Recordings::default(),
            gates: None,
            kept: None,
            marks: Marks::default(),
            run: None,
            toast: None,
            banners: Vec::new(),
            told: 0,
            dark: None,
            last_key: None,
            stroke: None,
            typed_on: None,
            ran: None,
            title: String::new(),
            sink: None,
            tape: Tape::Off,
        }
    }

    /// The list on the screen, if one is.
    pub fn list(&self) -> Option<&List> {
        match self.screen {
            Screen::Triage => Some(&self.triage),
            Screen::Review => Some(&self.review),
            _ => None,
        }
    }

    /// The list on the screen, if one is.
    pub fn list_mut(&mut self) -> Option<&mut List> {
        match self.screen {
            Screen::Triage => Some(&mut self.triage),
            Screen::Review => Some(&mut self.review),
            _ => None,
        }
    }

    /// The incident a verb would act on.
    pub fn selected_id(&self) -> Option<&IncidentId> {
        match &self.screen {
            Screen::Incident { id, .. } | Screen::PostMortem { id, .. } => Some(id),
            _ => self.list()?.selected(),
        }
    }

    /// The incident a verb would act on.
    pub fn selected(&self) -> Option<&Incident> {
        self.board.get(self.selected_id()?).map(AsRef::as_ref)
    }

    /// Whether a verb means all that are marked.
    pub fn means_all_marked(&self) -> bool {
        self.screen == Screen::Triage && !self.marks.ids.is_empty()
    }

    /// Everything about an incident, unless more has happened than was read.
    pub fn read_whole(&self, id: &IncidentId) -> Option<&Detail> {
        let known = self.board.get(id).map_or(0, |incident| incident.version);
        self.detail.as_deref().filter(|read| read.incident.id == *id && read.incident.version >= known)
    }

    /// Whether something is asked that the list must hold still for.
    pub fn asks(&self) -> bool {
        !matches!(self.prompt, None | Some(Prompt::Filter { .. } | Prompt::Find(_) | Prompt::Seek { .. }))
    }

    /// What is said of the person's last action; below a question that was asked since, what went well would be read as
    /// the answer to that.
    pub fn said(&self) -> Option<&Toast> {
        let belies = |it: &Toast| it.before && it.state != ToastState::Failed && self.asks();
        self.toast.as_ref().filter(|toast| !belies(toast))
    }

    /// Until when rows hold still, unless a prompt holds them longer.
    pub fn held_until(&self) -> Option<Time> {
        self.last_key.map(|key| key + HELD_AFTER_KEY.delta())
    }

    /// Whether rows hold still now.
    pub fn is_held(&self, now: Time) -> bool {
        // A clock that was set back must not hold them for an hour.
        let after_key = |key: Time| (key..key + HELD_AFTER_KEY.delta()).contains(&now);
        self.asks() || self.last_key.is_some_and(after_key)
    }

    /// Whether somebody is looking at this console.
    pub fn is_watched(&self, now: Time) -> bool {
        self.focused && self.last_key.is_some_and(|key| now < key + WATCHED_AFTER_KEY.delta())
    }

    /// Whether it must be told when the next frame has reached the terminal: a confirmation counts from there.
    pub fn awaits_frame(&self) -> bool {
        match &self.prompt {
            // It is answered on the smallest screen too.
            Some(Prompt::Leave { guard, .. }) => guard.drawn_at.is_none(),
            Some(prompt) => {
                prompt.guard().is_some_and(|guard| guard.drawn_at.is_none())
                    && layout::regions(self.size).is_some()
            }
            None => false,
        }
    }

    /// The first moment after `now` at which something shown changes by time alone.
    pub fn next_wake(&self, now: Time) -> Option<Time> {
        let second = chrono::TimeDelta::seconds(1)
            - chrono::TimeDelta::nanoseconds(i64::from(now.timestamp_subsec_nanos()));
        let lists = [&self.triage, &self.review];
        let release = self.held_until().filter(|_| !self.asks() && lists.iter().any(|l| l.is_behind()));
        let toast = self.toast.as_ref().map(|toast| toast.at + TOAST_LASTS.delta());
        // What a filter has not looked into yet is looked into at once, in turns with keys and frames.
        let sift = lists.iter().any(|list| list.is_sifting()).then(|| now + Span::millis(1).delta());
        [Some(now + second), release, toast, sift, reading::by(self)]
            .into_iter()
            .flatten()
            .filter(|at| *at > now)
            .min()
    }

    /// How much of the board can be believed.
    pub fn sight(&self, now: Time) -> Sight {
        self.board.sight(now)
    }
}
