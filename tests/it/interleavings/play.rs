//! A console that is played, and checked at each step against what was on its screen.

use std::collections::BTreeSet;

use quell::backend::RefusalKind;
use quell::console::chord::Chord;
use quell::console::command::TABLE;
use quell::console::effect::Effect;
use quell::console::message::Message;
use quell::console::model::{Model, Size};
use quell::console::prompt::{Confirm, Prompt};
use quell::console::update;
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::id::IncidentId;
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::Time;

use super::frame::{Frame, frame};
use super::round_trip;
use super::steps::{Change, Step};
use crate::support::board::{Engine, at, console};

/// Keys that mean something only to prompts.
const ASKED: [&str; 10] = ["enter", "esc", "y", "f", "8", "space", "backspace", "tab", "delete", "left"];

/// A console in the middle of it.
pub struct Play {
    pub model: Model,
    pub engine: Engine,
    pub now: Time,
    frame: Frame,
    /// Asked and not answered yet.
    pub asked: Vec<Effect>,
    /// Since when a confirmation can be read, and which.
    readable: Option<(Confirm, Time)>,
    last_key: Option<Time>,
    pressed: bool,
    pub next: u64,
    pub submitted: usize,
    /// What was marked when the last frame was drawn.
    marked: BTreeSet<IncidentId>,
    pub recorded: usize,
}

impl Play {
    pub fn new() -> Self {
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
            marked: BTreeSet::new(),
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
    pub fn tell(&mut self, message: Message) {
        let told = message;
        let message = round_trip(&told);
        let by_person = matches!(message, Message::Pressed(_));
        let (selected, board) = (self.model.selected_id().cloned(), self.model.board.clone());
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
            self.checked(&effect, &board, goes_on);
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
        let kept = self.model.list().is_some_and(|list| list.incidents().any(|row| Some(row) == was));
        assert!(!kept, "the cursor went from {was:?} to {is:?} by {message:?}");
    }

    fn checked(
        &mut self,
        effect: &Effect,
        board: &quell::console::board::Board,
        goes_on: Option<&IncidentId>,
    ) {
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
            Effect::Record { id, .. } if goes_on == Some(id) => {}
            Effect::Record { id, .. } => {
                self.recorded += 1;
                let shown = self.frame.asks.as_ref().map(IncidentId::number).or(self.frame.selected);
                let marked = self.frame.asks.is_none() && self.marked.contains(id);
                assert!(marked || Some(id.number()) == shown, "{effect:?} on {:?}", self.frame);
            }
            Effect::FindApplicable(id) if self.frame.asks.is_none() && self.marked.contains(id) => {}
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
        self.marked.clone_from(&self.model.marks.ids);
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

    pub fn key(&mut self, key: &str) {
        self.tell(Message::Pressed(Chord::parse(key).unwrap_or_else(|| panic!("no key {key:?}"))));
        self.draw();
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

    pub fn target(&mut self, wrong: bool) {
        let Some(Prompt::Confirm(confirm)) = &self.model.prompt else { return self.key("down") };
        let target = confirm.plan.typed_target().map(|target| target.raw().to_owned()).unwrap_or_default();
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
