//! Whatever comes between the keys, and whenever: a person acts only on what was shown, and rows hold still.

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use quell::backend::RefusalKind;
use quell::console::chord::Chord;
use quell::console::command::TABLE;
use quell::console::effect::Effect;
use quell::console::layout;
use quell::console::message::Message;
use quell::console::model::{Model, Screen, Size};
use quell::console::page::prompt;
use quell::console::prompt::{Confirm, Prompt};
use quell::console::update;
use quell::domain::action::Outcome;
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::id::IncidentId;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::operator::Actor;
use quell::domain::record::{CloseReason, Entry};
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::Time;
use quell::view::{self, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::support::board::{Engine, at, console, id, person};

/// Keys that mean something only to prompts.
const ASKED: [&str; 10] = ["enter", "esc", "y", "f", "8", "space", "backspace", "tab", "delete", "left"];
/// The model is written and read once in so many steps.
const WRITTEN: usize = 8;

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    /// A key of the table, or of prompts.
    Key(usize),
    /// The key that goes on, after what a person would have waited.
    Enter,
    /// Begins to contain, or to escalate.
    Begin(bool),
    /// The target that is asked for, typed; `true` with a letter too many.
    Target(bool),
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
    Resume,
}

#[derive(Clone, Copy, Debug)]
enum Change {
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

fn step() -> impl Strategy<Value = Step> {
    let sizes = vec![(0, 0), (1, 1), (20, 5), (36, 9), (40, 12), (80, 24), (80, 24), (120, 60), (160, 40)];
    prop_oneof![
        8 => any::<usize>().prop_map(Step::Key),
        8 => Just(Step::Enter),
        3 => any::<bool>().prop_map(Step::Begin),
        5 => prop::bool::weighted(0.2).prop_map(Step::Target),
        1 => Just(Step::Paste),
        12 => any::<usize>().prop_map(Step::Answer),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(nth, changed)| Step::Refusal(nth, changed)),
        6 => (change(), any::<usize>()).prop_map(|(change, nth)| Step::Poll(change, nth)),
        1 => Just(Step::Lost),
        1 => prop::sample::select(sizes).prop_map(|(cols, rows)| Step::Resize(cols, rows)),
        2 => Just(Step::Tick),
        1 => any::<bool>().prop_map(Step::Focus),
        1 => Just(Step::Resume),
    ]
}

/// Milliseconds to a step: the same read, a burst, a person, a pause.
fn wait() -> impl Strategy<Value = i64> {
    prop_oneof![2 => Just(0), 2 => 1..50i64, 3 => 50..400i64, 3 => 500..900i64, 2 => 1000..4000i64]
}

/// What could be read on a frame.
#[derive(Debug, Default)]
struct Frame {
    /// The incident a prompt names.
    asks: Option<IncidentId>,
    /// The incident a verb would hit, as the screen shows it.
    selected: Option<u64>,
    /// Number → line, of the rows of a list.
    rows: BTreeMap<u64, u16>,
    /// A list fills the screen.
    list: Option<Screen>,
}

/// Reads a frame of this model.
fn frame(model: &Model, now: Time, size: Size) -> Frame {
    let mut terminal = Terminal::new(TestBackend::new(size.cols, size.rows)).unwrap();
    terminal.draw(|frame| view::draw(model, &Theme::default(), now, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let line =
        |y: u16, cols: u16| -> String { (0..cols).map(|x| buffer[(x, y)].symbol()).collect::<String>() };
    let mut read = Frame::default();
    let Some(regions) = layout::regions(model.size).filter(|_| size == model.size) else { return read };
    let mut last = regions.list.y + regions.list.rows;
    if let Some(sheet) = prompt::sheet(model, regions.body.cols, now) {
        let area = layout::sheet(&regions, sheet.body.len() + sheet.foot.len());
        let rule = line(area.y, area.cols);
        read.asks = named(&rule).unwrap_or_else(|| panic!("a prompt names nothing: {rule:?}"));
        last = last.min(area.y);
    }
    match model.screen {
        Screen::Triage | Screen::Review => {
            read.list = Some(model.screen.clone());
            for y in regions.list.y..last {
                let text = line(y, regions.list.cols);
                let columns: String = text.chars().skip(10).collect();
                let number = columns.split_whitespace().next().and_then(|word| word.parse().ok());
                let Some(number) = number.filter(|_| is_row(&text)) else { continue };
                read.rows.insert(number, y);
                if text.starts_with('▌') {
                    read.selected = Some(number);
                }
            }
        }
        Screen::Incident { .. } => {
            read.selected = named(&line(regions.rule.y, regions.body.cols)).flatten().map(|id| id.number());
        }
        _ => {}
    }
    read
}

fn is_row(line: &str) -> bool {
    ["CRIT", "HIGH", "NORM"].contains(&line.chars().skip(4).take(4).collect::<String>().as_str())
}

/// The incident a rule names; `Some(None)` when it asks something else.
fn named(line: &str) -> Option<Option<IncidentId>> {
    if line.contains("leave quell?") {
        return Some(None);
    }
    line.split_whitespace().find_map(|word| IncidentId::parse(word.trim_end_matches(':'))).map(Some)
}

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> T {
    let text = serde_json::to_string(value).unwrap();
    let read = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(read == *value, "{value:?}\nwas read back as\n{read:?}");
    read
}

struct Play {
    model: Model,
    engine: Engine,
    now: Time,
    frame: Frame,
    /// Asked and not answered yet.
    asked: Vec<Effect>,
    /// Since when a confirmation can be read, and which.
    readable: Option<(Confirm, Time)>,
    last_key: Option<Time>,
    pressed: bool,
    next: u64,
    submitted: usize,
    recorded: usize,
}

impl Play {
    fn new() -> Self {
        let mut play = Self {
            model: console(80, 24),
            engine: Engine::saying("88213"),
            now: at("14:03:22"),
            frame: Frame::default(),
            asked: Vec::new(),
            readable: None,
            last_key: None,
            pressed: false,
            next: 1060,
            submitted: 0,
            recorded: 0,
        };
        for (number, severity) in
            [(1047, Severity::Critical), (1051, Severity::High), (1029, Severity::Normal)]
        {
            play.engine.open(number, severity, at("14:01:00"), "Order gateway");
        }
        play.tell(Message::Started { open: None });
        play.poll(Change::None, 0);
        play.draw();
        play
    }

    /// Tells the console, and checks what it asks for against what was on the screen.
    fn tell(&mut self, message: Message) {
        let told = message;
        let message = round_trip(&told);
        let by_person = matches!(message, Message::Pressed(_));
        let (selected, board) = (self.model.selected_id().cloned(), self.model.board.clone());
        let effects = update(&mut self.model, self.now, told);
        if !by_person {
            self.cursor_stood(selected.as_ref(), &message);
        }
        for effect in effects {
            self.checked(&effect, &board);
            if !matches!(effect, Effect::Retitle(_)) {
                self.asked.push(effect);
            }
        }
        if matches!(message, Message::Pressed(_) | Message::Pasted(_)) {
            self.last_key = Some(self.now);
            self.pressed |= by_person;
        }
    }

    /// Only a person moves the cursor, unless what it stood on has gone.
    fn cursor_stood(&self, was: Option<&IncidentId>, message: &Message) {
        let is = self.model.selected_id();
        if was.is_none() || is == was || !self.pressed {
            return;
        }
        let kept = self.model.list().is_some_and(|list| list.rows.iter().any(|row| Some(row) == was));
        assert!(!kept, "the cursor went from {was:?} to {is:?} by {message:?}");
    }

    fn checked(&mut self, effect: &Effect, board: &quell::console::board::Board) {
        match effect {
            Effect::Submit { hash, confirmation } => {
                self.submitted += 1;
                let (shown, since) = self.readable.as_ref().expect("something was sent that was not shown");
                let plan = &self.engine.plans[&hash.0];
                assert_eq!(&shown.plan, plan, "another plan was sent than was shown");
                assert_eq!(
                    self.frame.asks.as_ref(),
                    Some(&plan.basis.incident),
                    "another incident was named"
                );
                assert!(shown.differences.is_empty(), "a disarmed plan was sent");
                assert!(
                    (self.now - *since).num_milliseconds() >= 500,
                    "sent {} after its frame",
                    self.now - *since
                );
                let pause = self.last_key.map(|key| (self.now - key).num_milliseconds());
                assert!(pause.is_none_or(|pause| pause >= 250), "sent {pause:?} ms after a key");
                assert_eq!(confirmation.typed.as_ref(), plan.typed_target(), "another target was typed");
                let incident = board.get(&plan.basis.incident).map(|it| (it.severity, it.is_closed()));
                assert!(incident.is_none_or(|facts| facts == (plan.basis.severity, !plan.basis.open)));
            }
            Effect::Record { id, .. } => {
                self.recorded += 1;
                let shown = self.frame.asks.as_ref().map(IncidentId::number).or(self.frame.selected);
                assert_eq!(Some(id.number()), shown, "{effect:?} on {:?}", self.frame);
            }
            Effect::Plan { id, .. } | Effect::FindApplicable(id) if self.frame.asks.is_none() => {
                // A prompt that an answer has just closed leaves the list as it was.
                assert!(self.frame.selected.is_none_or(|shown| shown == id.number()), "{effect:?}");
            }
            _ => {}
        }
    }

    /// Draws; rows that were held stand where they stood.
    fn draw(&mut self) -> Vec<(u64, u16, u16)> {
        let frame = frame(&self.model, self.now, self.model.size);
        let both = frame.list.is_some() && frame.list == self.frame.list;
        let moved = frame.rows.iter().filter_map(|(number, y)| {
            let before = self.frame.rows.get(number).filter(|before| both && *before != y)?;
            Some((*number, *before, *y))
        });
        let moved = moved.collect();
        self.frame = frame;
        self.readable = match (&self.model.prompt, self.readable.take()) {
            (Some(Prompt::Confirm(now)), Some((shown, since)))
                if shown.plan == now.plan && shown.twice == now.twice =>
            {
                Some(((**now).clone(), since))
            }
            (Some(Prompt::Confirm(now)), _) if self.frame.asks.is_some() => Some(((**now).clone(), self.now)),
            _ => None,
        };
        if self.model.awaits_frame() {
            self.tell(Message::Drawn);
        }
        moved
    }

    fn is_held(&self) -> bool {
        let recent = self.last_key.is_some_and(|key| (self.now - key).num_milliseconds() < 1000);
        recent || self.model.asks()
    }

    fn key(&mut self, key: &str) {
        self.tell(Message::Pressed(Chord::parse(key).unwrap()));
        self.draw();
    }

    fn go(&mut self, step: &Step, wait: i64) {
        self.now += chrono::TimeDelta::milliseconds(wait);
        if wait > 16 {
            // Time alone: a tick comes within a second, a frame within 16 ms.
            let held = self.is_held();
            self.tell(Message::Ticked);
            let moved = self.draw();
            assert!(!held || moved.is_empty(), "time moved held rows: {moved:?}");
        }
        let held = self.is_held();
        let quiet = !matches!(step, Step::Resize(..));
        match step {
            Step::Key(nth) => {
                let keys: Vec<&str> =
                    TABLE.iter().flat_map(|entry| entry.keys).chain(&ASKED).copied().collect();
                return self.key(keys[nth % keys.len()]);
            }
            Step::Enter => return self.key("enter"),
            Step::Begin(contain) => return self.key(if *contain { "c" } else { "e" }),
            Step::Target(wrong) => return self.target(*wrong),
            Step::Paste => self.tell(Message::Pasted(Outside::new("88213"))),
            Step::Answer(nth) | Step::Refusal(nth, _) if !self.asked.is_empty() => {
                let effect = self.asked.remove(nth % self.asked.len());
                let kind = if matches!(step, Step::Refusal(_, true)) {
                    RefusalKind::Changed
                } else {
                    RefusalKind::Refused
                };
                let message = match step {
                    Step::Answer(_) => self.engine.answer(&effect, self.now),
                    _ => self.engine.refuse(&effect, kind, self.now),
                };
                message.into_iter().for_each(|message| self.tell(message));
            }
            Step::Answer(_) | Step::Refusal(..) | Step::Tick => self.tell(Message::Ticked),
            Step::Poll(change, nth) => self.poll(*change, *nth),
            Step::Lost => self.tell(Message::EngineLost(Fault::new(FaultKind::NoAnswer, "no answer in 5s"))),
            Step::Resize(cols, rows) => {
                // The terminal has shrunk, or grown, before the model hears of it.
                frame(&self.model, self.now, Size { cols: *cols, rows: *rows });
                self.tell(Message::Resized { cols: *cols, rows: *rows });
            }
            Step::Focus(focused) => self.tell(Message::Focused(*focused)),
            Step::Resume => self.tell(Message::Resumed),
        }
        // An answer may have ended what held the rows.
        let held = held && self.is_held() && quiet;
        let moved = self.draw();
        assert!(!held || moved.is_empty(), "{step:?} moved held rows: {moved:?}");
    }

    fn target(&mut self, wrong: bool) {
        let Some(Prompt::Confirm(confirm)) = &self.model.prompt else { return self.key("down") };
        let target = confirm.plan.typed_target().map(|target| target.raw().to_owned()).unwrap_or_default();
        let extra = if wrong { "9" } else { "" };
        self.key("ctrl-u");
        for c in format!("{target}{extra}").chars() {
            self.now += chrono::TimeDelta::milliseconds(30);
            self.key(&c.to_string());
        }
        for _ in 0..4 {
            self.key("pgdn");
        }
    }

    fn poll(&mut self, change: Change, nth: usize) {
        let numbers: Vec<u64> = self.engine.incidents.keys().map(IncidentId::number).collect();
        let number = numbers.get(nth % numbers.len().max(1)).copied().unwrap_or(0);
        let incident = self.engine.incidents.get(&id(number)).cloned();
        let (by, entry) = match change {
            Change::Closes => {
                (Actor::Engine, Some(Entry::Closed { reason: CloseReason::Cleared, note: None }))
            }
            Change::Resolves => {
                (person("bo"), Some(Entry::Closed { reason: CloseReason::Resolved, note: None }))
            }
            Change::Turns(severity) => (person("bo"), Some(Entry::SeveritySet { severity, because: None })),
            Change::IsTaken => {
                let from = incident.and_then(|it| it.owner.clone()).map(|owner| owner.name);
                (person("bo"), Some(Entry::Acknowledged { lasts_s: 1800, from }))
            }
            Change::IsLetGo => {
                let owner = incident.and_then(|it| it.owner.clone());
                (Actor::Engine, owner.map(|owner| Entry::AckExpired { owner: owner.name }))
            }
            Change::Answers(outcome) => {
                let action = incident.and_then(|it| it.actions.keys().next_back().copied());
                let detail = Outside::new("504");
                (Actor::Engine, action.map(|action| Entry::Answered { action, outcome, detail }))
            }
            _ => (Actor::Engine, None),
        };
        if let Some(entry) = entry {
            // What the transition table refuses does not happen.
            self.engine.apply(number, self.now, by, entry).ok();
        }
        if let Change::Opens(severity) = change
            && numbers.len() < 9
        {
            self.next += 1;
            self.engine.open(self.next, severity, self.now, "Login failures");
        }
        let vanishes =
            matches!(change, Change::Vanishes) && self.engine.incidents.remove(&id(number)).is_some();
        let mut changes = self.engine.changes(self.now);
        changes.removed.extend(vanishes.then(|| id(number)));
        if matches!(change, Change::Notice) {
            let text = Outside::new("Order gateway");
            let notice = Notice { kind: NoticeKind::NewCritical, incident: Some(id(number)), text };
            changes.notices = vec![(self.model.told + 1, self.now, notice)];
        }
        self.tell(Message::Changed(Box::new(changes)));
    }
}

#[test]
fn nothing_that_comes_between_the_keys_leads_to_another_target() {
    let (submitted, recorded) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: 64, failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    let steps = prop::collection::vec((step(), wait()), 80);
    let outcome = TestRunner::new(config).run(&steps, |steps| {
        let mut play = Play::new();
        for (count, (step, wait)) in steps.iter().enumerate() {
            play.go(step, *wait);
            if count % WRITTEN == 0 {
                // Played on from what was written: a recorded session is the session.
                play.model = round_trip(&play.model);
            }
        }
        submitted.set(submitted.get() + play.submitted);
        recorded.set(recorded.get() + play.recorded);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(submitted.get() > 0 && recorded.get() > 0, "nothing was ever done: {submitted:?}, {recorded:?}");
}

#[test]
fn the_stroke_that_was_refused_does_not_send_again() {
    let mut play = Play::new();
    let answer = |play: &mut Play| {
        while !play.asked.is_empty() {
            play.go(&Step::Answer(0), 0);
        }
    };
    play.go(&Step::Tick, 1000);
    for key in ["e", "enter"] {
        answer(&mut play);
        play.key(key);
    }
    answer(&mut play);
    play.target(false);
    play.go(&Step::Enter, 600);
    assert_eq!(play.submitted, 1, "{:?}", play.model.prompt);
    play.go(&Step::Refusal(0, false), 10);
    play.go(&Step::Enter, 20);
    assert_eq!(play.submitted, 1, "a key that bounced sent it again");
    play.go(&Step::Enter, 300);
    assert_eq!(play.submitted, 2);
}
