//! A console that is played, and checked at each step against what was on its screen.

use std::collections::BTreeMap;

use quell::backend::RefusalKind;
use quell::console::chord::{Chord, Key};
use quell::console::effect::Effect;
use quell::console::message::Message;
use quell::console::model::{Model, Size};
use quell::console::prompt::Prompt;
use quell::console::update;
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::id::IncidentId;
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::Time;

use super::frame::frame;
use super::judge::{Act, Seen};
use super::round_trip;
use super::steps::{Change, Step};
use crate::support::board::{Engine, at, console, id};

/// What the list is filtered by: some of it, or nothing.
const FILTERS: [&str; 3] = ["sev:critical", "sev:high", ""];

/// A console in the middle of it.
pub struct Play {
    pub model: Model,
    pub engine: Engine,
    pub now: Time,
    pub seen: Seen,
    /// Asked and not answered yet.
    pub asked: Vec<Effect>,
    pressed: bool,
    pub next: u64,
    /// What was done, and how often.
    pub acts: BTreeMap<Act, usize>,
    /// Frames on which rows were held back.
    pub waited: usize,
    /// Keys that were pressed while a mark was hidden.
    pub hid: usize,
}

impl Play {
    pub fn new() -> Self {
        let mut play = Self {
            model: console(80, 24),
            engine: Engine::saying("88213"),
            now: at("14:03:22"),
            seen: Seen::default(),
            asked: Vec::new(),
            pressed: false,
            next: 1060,
            acts: BTreeMap::new(),
            waited: 0,
            hid: 0,
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
    pub fn tell(&mut self, message: Message) {
        let told = message;
        let message = round_trip(&told);
        let by_person = matches!(message, Message::Pressed(_));
        let (selected, board) = (self.model.selected_id().cloned(), self.model.board.clone());
        self.hid += usize::from(by_person && !self.seen.hidden.is_empty());
        let effects = update(&mut self.model, self.now, told);
        if !by_person {
            self.cursor_stood(selected.as_ref(), &message);
        }
        // What else a form said goes on once the first of it is written down, wherever the cursor is by then.
        let goes_on = match &message {
            Message::Recorded { incident: Ok(written), .. } => Some(&written.id),
            _ => None,
        };
        for effect in effects {
            let goes_on = matches!(&effect, Effect::Record { id, .. } if goes_on == Some(id));
            if !goes_on {
                let act = match &message {
                    Message::PopupPressed(of) => self.seen.judge_popup(&effect, of, &board),
                    _ => self.seen.judge(&effect, by_person.then_some(self.now), &board),
                };
                let act =
                    act.unwrap_or_else(|why| panic!("{why}: {effect:?}\non {:?}\nby {message:?}", self.seen));
                *self.acts.entry(act).or_default() += 1;
            }
            if !matches!(effect, Effect::Retitle(_)) {
                self.asked.push(effect);
            }
        }
        if matches!(message, Message::Pressed(_) | Message::Pasted(_)) {
            self.seen.last_key = Some(self.now);
            let enter = Message::Pressed(Chord::plain(Key::Enter));
            let soon = |last: Time| (self.now - last).num_milliseconds() < 900;
            let first =
                self.seen.entered.filter(|(_, last)| soon(*last)).map_or(self.now, |(first, _)| first);
            self.seen.entered = (message == enter).then_some((first, self.now));
            self.pressed |= by_person;
        }
    }

    /// Only a person moves the cursor, unless what it stood on has gone, or was put off: it does not follow that to the end.
    fn cursor_stood(&self, was: Option<&IncidentId>, message: &Message) {
        let is = self.model.selected_id();
        if was.is_none() || is == was || !self.pressed {
            return;
        }
        let put_off = |id: &&IncidentId| self.model.board.get(id).is_some_and(|it| it.is_snoozed(self.now));
        let kept = was
            .filter(|id| !put_off(id))
            .is_some_and(|was| self.model.list().is_some_and(|list| list.incidents().any(|row| row == was)));
        assert!(!kept, "the cursor went from {was:?} to {is:?} by {message:?}");
    }

    /// Draws, and says which rows moved.
    fn draw(&mut self) -> Vec<(u64, u16, u16)> {
        let frame = frame(&self.model, self.now, self.model.size);
        let moved = frame.moved(&self.seen.frame);
        self.seen.draw(frame, &self.model, self.now);
        self.waited += usize::from(self.is_held() && !self.model.triage.waiting.is_empty());
        if self.model.awaits_frame() {
            self.tell(Message::Drawn);
        }
        moved
    }

    fn is_held(&self) -> bool {
        let recent = self.seen.last_key.is_some_and(|key| (self.now - key).num_milliseconds() < 1000);
        recent || self.model.asks()
    }

    pub fn key(&mut self, key: &str) {
        let before = self.seen.frame.clone();
        self.tell(Message::Pressed(Chord::parse(key).unwrap_or_else(|| panic!("no key {key:?}"))));
        self.draw();
        let torn = self.seen.frame.torn(&before);
        assert!(torn.is_empty(), "{key} moved rows that it asks nothing of: {torn:?}");
    }

    pub fn go(&mut self, step: &Step, wait: i64) {
        self.now += chrono::TimeDelta::milliseconds(wait);
        if wait > 16 {
            // Time alone: a tick comes within a second, a frame within 16 ms.
            let held = self.is_held();
            self.tell(Message::Ticked);
            let moved = self.draw();
            assert!(!held || moved.is_empty(), "time moved held rows: {moved:?}");
        }
        let held = self.is_held();
        // Who pastes into a filter asks for other rows, as who types there does.
        let filters = matches!((step, &self.model.prompt), (Step::Paste, Some(Prompt::Filter { .. })));
        let quiet = !matches!(step, Step::Resize(..)) && !filters;
        match step {
            Step::Key(key) => return self.key(key),
            Step::Enter => return self.key("enter"),
            Step::Begin(contain) => return self.key(if *contain { "c" } else { "e" }),
            Step::Target(wrong) => return self.target(*wrong),
            Step::Mark => return self.key("space"),
            Step::Take => return self.key("a"),
            Step::Send(contain) => return self.send(*contain),
            Step::TakeHidden(nth) => {
                self.free();
                ["g", "space", "space"].into_iter().for_each(|key| self.key(key));
                self.filter(FILTERS[nth % FILTERS.len()]);
                return self.key("a");
            }
            Step::SendMarked(nth, turns) => return self.send_marked(*nth, *turns),
            Step::Merge => return self.merge(),
            Step::Filter(nth) => return self.filter(FILTERS[nth % FILTERS.len()]),
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
            Step::PopupPressed(nth) => {
                // One that is gone by now is pressed as well.
                let numbers: Vec<u64> = self.engine.incidents.keys().map(IncidentId::number).collect();
                let number = numbers.get(nth % (numbers.len() + 1)).copied().unwrap_or(9999);
                self.tell(Message::PopupPressed(id(number)));
            }
            Step::Resume => self.tell(Message::Resumed),
        }
        // An answer may have ended what held the rows.
        let held = held && self.is_held() && quiet;
        let moved = self.draw();
        assert!(!held || moved.is_empty(), "{step:?} moved held rows: {moved:?}");
    }

    /// How often this was done.
    pub fn did(&self, act: Act) -> usize {
        self.acts.get(&act).copied().unwrap_or(0)
    }

    /// Answers whatever is asked, until nothing is.
    pub fn answer(&mut self) {
        while !self.asked.is_empty() {
            self.go(&Step::Answer(0), 0);
        }
    }

    /// Leaves what is asked, where it can be left.
    fn free(&mut self) {
        if self.model.asks() {
            self.key("esc");
        }
    }

    /// A person who reads and goes on, to the last Enter.
    fn send(&mut self, contain: bool) {
        self.free();
        self.go(&Step::Tick, 1000);
        for key in [if contain { "c" } else { "e" }, "enter"] {
            self.answer();
            self.key(key);
        }
        self.answer();
        self.target(false);
        self.go(&Step::Tick, 1000);
        self.key("enter");
    }

    /// The same with two that are marked, of which a filter may hide some: at once, or only after they were planned.
    fn send_marked(&mut self, nth: usize, turns: Option<Severity>) {
        self.free();
        self.go(&Step::Tick, 1000);
        ["g", "space", "space"].into_iter().for_each(|key| self.key(key));
        self.filter(FILTERS[nth % FILTERS.len()]);
        self.key("c");
        self.answer();
        self.target(false);
        self.read_on();
        if let Some(severity) = turns {
            self.poll(Change::Turns(severity), nth / FILTERS.len());
            self.draw();
        }
        self.go(&Step::Tick, 1000);
        self.key("enter");
    }

    /// One that is marked goes on in the next one, as its page says.
    fn merge(&mut self) {
        self.free();
        self.go(&Step::Tick, 1000);
        ["g", "space", "D"].into_iter().for_each(|key| self.key(key));
        self.answer();
        self.read_on();
        self.go(&Step::Tick, 1000);
        self.key("enter");
    }

    fn read_on(&mut self) {
        (0..8).for_each(|_| self.key("pgdn"));
    }

    /// Types a query into the filter of the list, or none.
    fn filter(&mut self, query: &str) {
        self.free();
        if self.model.asks() {
            return;
        }
        self.key("/");
        self.key("ctrl-u");
        query.chars().for_each(|c| self.key(&c.to_string()));
        self.key("enter");
    }

    pub fn target(&mut self, wrong: bool) {
        let target = match &self.model.prompt {
            Some(Prompt::Confirm(confirm)) => {
                confirm.plan.typed_target().map(|target| target.raw().to_owned())
            }
            Some(Prompt::Bulk(bulk)) if !bulk.is_confirmed() => Some(bulk.wanted()),
            _ => return self.key("down"),
        };
        let target = target.unwrap_or_default();
        let extra = if wrong { "9" } else { "" };
        self.key("ctrl-u");
        for c in format!("{target}{extra}").chars() {
            self.now += chrono::TimeDelta::milliseconds(30);
            self.key(&if c == ' ' { "space".to_owned() } else { c.to_string() });
        }
        for _ in 0..4 {
            self.key("pgdn");
        }
    }
}
