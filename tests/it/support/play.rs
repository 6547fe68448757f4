//! A console being played, on an engine that answers at once.

mod asking;
mod engine;
mod incidents;
mod offers;
mod writing;

pub use asking::listed;
pub use engine::{Engine, offer};
pub use incidents::{answered, incident, joining, monitor, opening, source, with_labels};
pub use offers::playbook;
pub use writing::{broadcast, told_by_mail};

use super::board;
pub use super::board::{at, id};

use quell::console::chord::Chord;
use quell::console::effect::Effect;
use quell::console::message::Message;
use quell::console::model::Model;
use quell::console::tape::Step;
use quell::console::update;
use quell::domain::action::{Outcome, Settlement};
use quell::domain::deadline::DeadlineKind;
use quell::domain::id::IncidentId;
use quell::domain::incident::Incident;
use quell::domain::notice::Notice;
use quell::domain::record::{CloseReason, DeadlineSet, Entry};
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::Time;

/// A console being played.
pub struct Play {
    pub model: Model,
    pub engine: Engine,
    pub now: Time,
    /// Everything asked so far.
    pub asked: Vec<Effect>,
    /// What a recording would have of it.
    pub steps: Vec<(Time, Step)>,
    /// The engine does not answer.
    pub silent: bool,
}

/// A console at 14:03:22 on 80x24, with nothing on its board.
pub fn console() -> Play {
    let (model, now) = (board::console(80, 24), at("14:03:22"));
    let mut play =
        Play { model, engine: Engine::new(), now, asked: Vec::new(), steps: Vec::new(), silent: false };
    play.tell(Message::Started { open: None });
    play
}

impl Play {
    pub fn sized(mut self, cols: u16, rows: u16) -> Self {
        self.tell(Message::Resized { cols, rows });
        self
    }

    /// Puts these on the board.
    pub fn board(mut self, incidents: impl IntoIterator<Item = Incident>) -> Self {
        for incident in incidents {
            self.engine.put(incident);
        }
        self.poll();
        self.wait(2000);
        self
    }

    /// The four incidents most tests look at.
    pub fn usual(self) -> Self {
        use Severity::{Critical, High, Normal};
        self.board([
            incident(1047, Critical, "14:01:22", "Order gateway refuses connections"),
            incident(1051, High, "13:57:00", "Login failures acct 88213, 4 IPs"),
            incident(1050, High, "13:56:00", "Consumer lag orders-v2"),
            incident(1029, Normal, "11:00:00", "Cert api-eu expires in 13 days"),
        ])
    }

    /// One more, that was resolved this morning and is in Review.
    pub fn in_review(mut self) -> Self {
        self.engine.put(incident(1033, Severity::Critical, "08:51:00", "Sign-in fails for one user in five"));
        self.engine.by("bo", 1033, "08:53:00", Entry::Acknowledged { lasts_s: 1800, from: None });
        let note = Some(Outside::new("a bad certificate was replaced"));
        self.engine.by("bo", 1033, "09:40:00", Entry::Closed { reason: CloseReason::Resolved, note });
        let due = "2026-11-27T23:59:59Z".parse().unwrap();
        let (deadline, title) = (DeadlineKind::Review, Outside::new("review"));
        self.engine.rule(
            1033,
            "09:40:01",
            Entry::DeadlineSet(DeadlineSet { deadline, name: String::new(), title, due }),
        );
        self.poll();
        self.wait(2000);
        self
    }

    pub fn wait(&mut self, millis: i64) {
        self.now += chrono::TimeDelta::milliseconds(millis);
        self.tell(Message::Ticked);
    }

    /// The engine tells how everything is.
    pub fn poll(&mut self) {
        for source in &mut self.engine.sources {
            if source.failures == 0 && source.as_of.is_some() {
                source.as_of = Some(self.now);
            }
        }
        let changes = self.engine.changes(self.now);
        self.tell(Message::Changed(Box::new(changes)));
    }

    pub fn notice(&mut self, seq: u64, clock: &str, notice: Notice) {
        let mut changes = self.engine.changes(self.now);
        changes.notices = vec![(seq, at(clock), notice)];
        self.tell(Message::Changed(Box::new(changes)));
    }

    /// Tells the console, answers what it asks, and draws.
    pub fn tell(&mut self, message: Message) {
        let mut inbox = vec![message];
        while let Some(message) = inbox.pop() {
            let effects = self.take(message);
            if !self.silent {
                inbox.extend(effects.iter().filter_map(|effect| self.engine.answer(effect, self.now)));
            }
            self.asked.extend(effects);
        }
        if self.model.awaits_frame() {
            self.take(Message::Drawn);
        }
    }

    fn take(&mut self, message: Message) -> Vec<Effect> {
        let (asked, said) = (self.model.prompt.is_some(), message.clone());
        let effects = update(&mut self.model, self.now, message);
        self.steps.extend(Step::of(asked, said, &self.model).map(|step| (self.now, step)));
        effects
    }

    /// Presses keys, one each 300 ms.
    pub fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.now += chrono::TimeDelta::milliseconds(300);
            self.tell(Message::Pressed(Chord::parse(key).unwrap_or_else(|| panic!("{key} is no key"))));
        }
    }

    /// Types text, as fast as a paste over SSH.
    pub fn typing(&mut self, text: &str) {
        for c in text.chars() {
            let key = if c == ' ' { "space".to_owned() } else { c.to_string() };
            self.tell(Message::Pressed(Chord::parse(&key).unwrap()));
        }
    }

    /// Presses keys and returns what they asked for, loads and titles aside.
    pub fn keys(&mut self, keys: &str) -> Vec<Effect> {
        let before = self.asked.len();
        self.press(keys);
        let new = self.asked[before..].iter();
        let asks = |effect: &&Effect| {
            !matches!(
                effect,
                Effect::Load(_)
                    | Effect::ReadAhead(_)
                    | Effect::Retitle(_)
                    | Effect::LoadCatalogue
                    | Effect::ReadWatch { .. }
                    | Effect::Count { .. }
                    | Effect::ReadRecords(_)
            )
        };
        new.filter(asks).cloned().collect()
    }

    /// Types the account and sends what is asked for it; a moment later it is read back, and says this.
    pub fn verified(&mut self, says: &str) {
        self.typing("88213");
        self.wait(600);
        self.press("enter");
        self.engine.rule(1047, "14:03:40", answered(1, Outcome::Accepted, "200"));
        let settled =
            Entry::Settled { action: 1, settlement: Settlement::Verified, detail: Outside::new(says) };
        self.engine.rule(1047, "14:03:41", settled);
    }

    pub fn selected(&self) -> u64 {
        self.model.selected_id().map_or(0, IncidentId::number)
    }

    pub fn rows(&self) -> Vec<u64> {
        self.model.triage.incidents().map(IncidentId::number).collect()
    }

    pub fn toast(&self) -> &str {
        self.model.toast.as_ref().map_or("", |toast| &toast.text)
    }

    pub fn submitted(&self) -> usize {
        self.asked.iter().filter(|effect| matches!(effect, Effect::Submit { .. })).count()
    }
}
