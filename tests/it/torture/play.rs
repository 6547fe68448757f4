//! A console whose board says one payload, played by keys and looked at byte by byte.

use std::num::NonZero;

use quell::backend::WatchOffer;
use quell::console::chord::Chord;
use quell::console::effect::Effect;
use quell::console::message::Message;
use quell::console::model::{Model, Said, Screen};
use quell::console::prompt::Prompt;
use quell::console::tape::{Playing, Tape};
use quell::console::update;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::Time;
use quell::runtime::emitter::Emitter;
use quell::view::{self, Canvas, Theme};
use ratatui::layout::Size;

use super::{HARMLESS, HOSTILE, NEIGHBOUR};
use crate::support::board::{Engine, at, console, id};
use crate::support::vt::{assert_inert, assert_only_allowed};

/// A payload as the sources' decoders let it in.
fn let_in(text: &str) -> String {
    Outside::capped(text, 1024).raw().to_owned()
}

/// A console whose board says `text` wherever it can.
pub(super) struct Play {
    pub(super) model: Model,
    pub(super) engine: Engine,
    pub(super) now: Time,
    pub(super) text: String,
    pub(super) titles: Vec<String>,
    /// The engine does not answer.
    pub(super) silent: bool,
}

impl Play {
    pub(super) fn new(text: &str, cols: u16, rows: u16) -> Self {
        let text = let_in(text);
        let mut play = Self {
            model: console(cols, rows),
            engine: Engine::saying(&text),
            now: at("14:03:22"),
            text,
            titles: Vec::new(),
            silent: false,
        };
        let title = play.text.clone();
        play.engine.open(HOSTILE, Severity::Critical, at("14:01:22"), &title);
        play.live_through();
        play.storm();
        play.engine.ail();
        let mut neighbour = Engine::saying(HARMLESS);
        neighbour.open(NEIGHBOUR, Severity::High, at("13:56:00"), HARMLESS);
        play.engine.incidents.append(&mut neighbour.incidents);
        play.engine.watch = Some(play.offered());
        play.tell(Message::Started { open: None });
        let mut changes = play.engine.changes(play.now);
        let outside = Outside::new(play.text.as_str());
        let notice = Notice::new(NoticeKind::UnknownOutcome, Some(id(HOSTILE)), outside);
        changes.notices = vec![(1, play.now, notice)];
        play.tell(Message::Changed(Box::new(changes)));
        let said = Said { at: play.now, room: play.text.clone(), text: Outside::new(play.text.as_str()) };
        play.tell(Message::Heard(vec![said.clone(), said]));
        play.wait(2000);
        play.press("j k");
        play
    }

    /// Many that came at once, in two sets of words.
    fn storm(&mut self) {
        let titles = [self.text.clone(), format!("{} once more", self.text)];
        for (number, title) in (HOSTILE + 100..).zip(titles.iter().cycle().take(12)) {
            self.engine.open(number, Severity::Normal, at("13:30:00"), title);
        }
    }

    /// Goes to a place; what that needs besides keys is there until it is left.
    pub(super) fn reach(&mut self, place: &str, keys: &str) {
        match place {
            "waiting" => self.silent = true,
            "offer the watch" => self.watch(None),
            "replay" => {
                self.model.tape =
                    Tape::Replay(Playing { speed: 4, paused: true, at: 75, of: 600, cut: false });
            }
            _ => {}
        }
        self.press(keys);
    }

    /// The watch that waits to be taken is this one.
    fn watch(&mut self, offer: Option<WatchOffer>) {
        self.engine.watch = offer;
        let changes = self.engine.changes(self.now);
        self.tell(Message::Changed(Box::new(changes)));
    }

    pub(super) fn tell(&mut self, message: Message) {
        let mut inbox = vec![message];
        while let Some(message) = inbox.pop() {
            for effect in update(&mut self.model, self.now, message) {
                inbox.extend(self.engine.answer(&effect, self.now).filter(|_| !self.silent));
                if let Effect::Retitle(title) = effect {
                    self.titles.push(title);
                }
            }
        }
        if self.model.awaits_frame() {
            update(&mut self.model, self.now, Message::Drawn);
        }
    }

    pub(super) fn wait(&mut self, millis: i64) {
        self.now += chrono::TimeDelta::milliseconds(millis);
        self.tell(Message::Ticked);
    }

    pub(super) fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.now += chrono::TimeDelta::milliseconds(800);
            self.tell(Message::Pressed(Chord::parse(key).unwrap()));
        }
    }

    /// Leaves whatever is asked, back to the first row of Triage, nothing marked.
    pub(super) fn home(&mut self) {
        (self.silent, self.model.tape) = (false, Tape::Off);
        for _ in 0..8 {
            if self.model.prompt.is_some() || self.model.screen != Screen::Triage {
                self.press("esc");
                if self.model.prompt.as_ref().is_some_and(Prompt::holds_text) {
                    self.press("y");
                }
            }
        }
        self.press("esc g");
        if self.engine.watch.is_none() {
            self.watch(Some(self.offered()));
        }
    }

    /// A watch whose card says it all.
    fn offered(&self) -> WatchOffer {
        let (by, items) = (self.text.clone(), format!("- {}\n", self.text).repeat(12));
        let card = Outside::new(format!("# {0}\n\n{items}\n| {0} |\n\n{0}\n", self.text));
        WatchOffer { seq: 9, at: at("14:00:00"), by, to: "ana".into(), card }
    }

    /// The bytes of a first frame, as the runtime draws it.
    pub(super) fn bytes(&self, theme: &Theme) -> Vec<u8> {
        let size = self.model.size;
        let mut emitter = Emitter::new(Size::new(size.cols, size.rows), true);
        let mut canvas = Canvas::new(*theme, size.cols, size.rows);
        view::sketch(&self.model, self.now, &mut canvas);
        let swept = emitter.draw(&canvas);
        assert_eq!(swept, 0, "text from outside has reached a cell without SafeText");
        emitter.take()
    }

    /// Draws, and looks at every byte.
    pub(super) fn look(&self, theme: &Theme, name: &str, place: &str) -> Vec<u8> {
        let bytes = self.bytes(theme);
        let size = self.model.size;
        let checked = std::panic::catch_unwind(|| {
            assert_only_allowed(&bytes);
            assert_inert(&bytes, self.text.as_bytes());
        });
        assert!(checked.is_ok(), "{name} in {place} at {}x{} {theme:?}", size.cols, size.rows);
        if theme.ascii {
            assert!(bytes.is_ascii(), "{name} in {place}: not ASCII: {}", bytes.escape_ascii());
        }
        bytes
    }

    /// What a terminal shows of these bytes.
    pub(super) fn shown(&self, bytes: &[u8]) -> Shown {
        let size = self.model.size;
        let cells = |count| NonZero::new(count).expect("a terminal has cells");
        let mut parser = vt100::Parser::new(cells(size.rows), cells(size.cols), 0);
        // This terminal leaves U+FFFD out; others give it one cell.
        parser.process(String::from_utf8_lossy(bytes).replace('\u{fffd}', "?").as_bytes());
        Shown(parser)
    }
}

/// A terminal that was drawn on.
pub(super) struct Shown(pub(super) vt100::Parser);

impl Shown {
    pub(super) fn cells(&self, y: u16, from: u16, to: u16) -> String {
        (from..to)
            .map(|x| {
                self.0
                    .screen()
                    .cell(y, x)
                    .map_or(" ", |cell| if cell.has_contents() { cell.contents() } else { " " })
            })
            .collect()
    }

    /// The line of an incident's row: its number stands in the third column.
    pub(super) fn row(&self, number: u64) -> Option<u16> {
        let rows = self.0.screen().size().0.get();
        (0..rows).find(|y| self.cells(*y, 10, 14) == number.to_string())
    }
}
