//! Hostile text in every place that shows text, on every screen and prompt: the bytes that would reach the terminal
//! hold nothing of it, and no column moves. Drawing itself fails here when the last-line sweep finds a cell to
//! replace.

use std::num::NonZero;

use quell::backend::{Refusal, RefusalKind, WatchOffer};
use quell::console::chord::Chord;
use quell::console::effect::Effect;
use quell::console::message::Message;
use quell::console::model::Model;
use quell::console::prompt::Prompt;
use quell::console::update;
use quell::domain::action::{Outcome, Settlement};
use quell::domain::bulletin::{Audience, Bulletin, Status, VerificationCode};
use quell::domain::category::Category;
use quell::domain::classification::{Fact, Funds, Impact, Urgency};
use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::{Receipt, Step};
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::operator::Actor;
use quell::domain::phase::Phase;
use quell::domain::record::{BulletinAnswered, BulletinSeen, BulletinStarted, Entry};
use quell::domain::review::Item;
use quell::domain::role::Role;
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};
use quell::notify::Popup;
use quell::notify::terminal::{Form, sequence};
use quell::view::{self, Theme};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

mod places;

use places::{PLACES, TYPED};

use crate::support::board::{Engine, at, console, id, person};
use crate::support::torture::texts;
use crate::support::vt::{assert_inert, assert_only_allowed};

const COLOUR: Theme = Theme { mono: false, ascii: false };
const MONO: Theme = Theme { mono: true, ascii: false };
const ASCII: Theme = Theme { mono: false, ascii: true };

/// The incident that says hostile things; its neighbour says nothing of the kind.
const HOSTILE: u64 = 1047;
const NEIGHBOUR: u64 = 1050;
const HARMLESS: &str = "Order gateway refuses connections";

/// A payload as the sources' decoders let it in.
fn let_in(text: &str) -> String {
    Outside::capped(text, 1024).raw().to_owned()
}

/// A console whose board says `text` wherever it can.
struct Play {
    model: Model,
    engine: Engine,
    now: Time,
    text: String,
    titles: Vec<String>,
}

impl Play {
    fn new(text: &str, cols: u16, rows: u16) -> Self {
        let text = let_in(text);
        let mut play = Self {
            model: console(cols, rows),
            engine: Engine::saying(&text),
            now: at("14:03:22"),
            text,
            titles: Vec::new(),
        };
        let title = play.text.clone();
        play.engine.open(HOSTILE, Severity::Critical, at("14:01:22"), &title);
        play.live_through();
        play.engine.ail();
        let mut neighbour = Engine::saying(HARMLESS);
        neighbour.open(NEIGHBOUR, Severity::High, at("13:56:00"), HARMLESS);
        play.engine.incidents.append(&mut neighbour.incidents);
        let (by, card) =
            (play.text.clone(), Outside::new(format!("# {0}\n\n- {0}\n\n| {0} |\n\n{0}\n", play.text)));
        play.engine.watch = Some(WatchOffer { seq: 9, at: at("14:00:00"), by, to: "ana".into(), card });
        play.tell(Message::Started { open: None });
        let mut changes = play.engine.changes(play.now);
        let outside = Outside::new(play.text.as_str());
        let notice = Notice { kind: NoticeKind::UnknownOutcome, incident: Some(id(HOSTILE)), text: outside };
        changes.notices = vec![(1, play.now, notice)];
        play.tell(Message::Changed(Box::new(changes)));
        play.wait(2000);
        play.press("j k");
        play
    }

    /// Everything that can happen to an incident, said in its own words.
    fn live_through(&mut self) {
        let text = || Outside::new(self.text.as_str());
        let word = || self.text.clone();
        let ana = || person("ana");
        let bo = || person(&self.text);
        let channel = Receipt { channel: word(), accepted: true, detail: text() };
        let refused = Receipt { accepted: false, ..channel.clone() };
        let step = |after| Step { after: Span::mins(after), to: vec![word()] };
        let item = || Entry::ItemAdded {
            item: Item { text: text(), owner: text(), due: at("14:02:30"), check: text(), done: None },
        };
        let answered = |action, outcome| Entry::answered(action, outcome, text());
        let by_hand = |action, settlement| Entry::Settled { action, settlement, detail: text() };
        let classified = |fact| Entry::Classified { fact, because: Some(text()) };
        let due = |deadline, name: &str, due: &str| Entry::DeadlineSet {
            deadline,
            name: name.to_owned(),
            title: text(),
            due: at(due),
        };
        let bulletin = Box::new(Bulletin {
            audience: Audience::Users,
            status: Status::Investigating,
            headline: text(),
            happened: text(),
            impact: text(),
            todo: text(),
            next_at: None,
        });
        let entries = vec![
            (ana(), Entry::PathArmed { path: word(), steps: vec![step(0), step(5)] }),
            (ana(), Entry::StepStarted { path: word(), step: 1, resumes: false, missing: Vec::new() }),
            (ana(), Entry::StepSent { path: word(), step: 1, receipts: vec![channel, refused] }),
            (ana(), Entry::MonitorTurned { monitor: word(), up: false, detail: text() }),
            (ana(), Entry::RoleTaken { role: Role::Lead, name: text(), from: None }),
            (ana(), Entry::ImpactAssessed { impact: Impact::Unknown { because: text() }, because: None }),
            (ana(), Entry::RoleTaken { role: Role::Commander, name: text(), from: None }),
            (ana(), Entry::RoleTaken { role: Role::Scribe, name: text(), from: None }),
            (bo(), Entry::RoleOffered { role: Role::Commander, to: Outside::new("ana") }),
            (bo(), Entry::RoleOffered { role: Role::Scribe, to: Outside::new(format!("to {}", self.text)) }),
            (bo(), Entry::SeveritySet { severity: Severity::Critical, because: Some(text()) }),
            (bo(), Entry::CategorySet { category: Category::Outage, because: Some(text()) }),
            (bo(), classified(Fact::Urgency(Urgency::Immediate))),
            (bo(), classified(Fact::Area(text()))),
            (bo(), classified(Fact::Environment(text()))),
            (bo(), classified(Fact::Funds(Funds::Unknown))),
            (bo(), Entry::PacketFilled { item: word(), value: text() }),
            (bo(), Entry::NothingToContain { because: text() }),
            (bo(), Entry::Mitigated { what: text() }),
            (Actor::Engine, Entry::HealthTurned { healthy: false, needs: Span::mins(10), detail: text() }),
            (bo(), due(DeadlineKind::Timer, "", "14:02:30")),
            (bo(), due(DeadlineKind::Timer, "", "14:30:00")),
            (Actor::Engine, due(DeadlineKind::Regulator, &self.text, "18:00:00")),
            (Actor::Engine, due(DeadlineKind::Partner, &self.text, "14:20:00")),
            (Actor::Engine, due(DeadlineKind::Bulletin, "users", "14:10:00")),
            (
                Actor::Engine,
                Entry::DeadlinePassed {
                    deadline: DeadlineKind::Timer,
                    name: "1".into(),
                    due: at("14:02:30"),
                },
            ),
            (
                bo(),
                Entry::DeadlineMet { deadline: DeadlineKind::Timer, name: "2".into(), note: Some(text()) },
            ),
            (
                bo(),
                Entry::BulletinStarted(BulletinStarted {
                    number: 1,
                    bulletin,
                    code: VerificationCode::from_random([3; 8]),
                    to: vec![word()],
                }),
            ),
            (
                Actor::Engine,
                Entry::BulletinAnswered(BulletinAnswered {
                    number: 1,
                    channel: word(),
                    outcome: Outcome::Accepted,
                    detail: text(),
                    reference: Some(text()),
                }),
            ),
            (
                Actor::Engine,
                Entry::BulletinSeen(BulletinSeen {
                    number: 1,
                    channel: word(),
                    visible: false,
                    detail: text(),
                }),
            ),
            (bo(), Entry::Noted { text: Outside::new(format!("hypothesis: {}", self.text)) }),
            (ana(), Entry::RootCauseFound { text: text() }),
            (ana(), item()),
            (ana(), item()),
            (bo(), Entry::ItemDone { item: 1, proof: text() }),
            (bo(), Entry::Noted { text: text() }),
            (
                bo(),
                Entry::PhaseMoved {
                    to: Phase::Mitigate,
                    waived: Some(Outside::new(format!("because {}", self.text))),
                },
            ),
            (
                ana(),
                Entry::BulletinStarted(BulletinStarted {
                    number: 2,
                    bulletin: Box::new(Bulletin {
                        audience: Audience::Users,
                        status: Status::Investigating,
                        headline: text(),
                        happened: text(),
                        impact: text(),
                        todo: text(),
                        next_at: None,
                    }),
                    code: VerificationCode::from_random([3; 8]),
                    to: vec![word()],
                }),
            ),
            (
                ana(),
                Entry::BulletinAnswered(BulletinAnswered {
                    number: 2,
                    channel: word(),
                    outcome: Outcome::Unknown,
                    detail: text(),
                    reference: Some(text()),
                }),
            ),
            (
                ana(),
                Entry::DeadlineSet {
                    deadline: DeadlineKind::Bulletin,
                    name: word(),
                    title: text(),
                    due: at("14:20:00"),
                },
            ),
            (ana(), Entry::NoticeRaised(Notice { kind: NoticeKind::Upgraded, incident: None, text: text() })),
            (bo(), Entry::NoticeDelivered { notice: 1, console: word(), how: word() }),
        ];
        let actions = vec![
            vec![answered(1, Outcome::Accepted), by_hand(1, Settlement::Verified)],
            vec![answered(2, Outcome::Refused)],
            vec![answered(3, Outcome::Unknown)],
        ];
        let hold = (bo(), Entry::Acknowledged { lasts_s: 1800, from: None });
        for (by, entry) in entries {
            // A blank text is refused here and there, as it would be by the engine.
            let done = self.engine.apply(HOSTILE, at("14:02:00"), by, entry.clone());
            assert!(done.is_ok() || self.text != HARMLESS, "{done:?}: {entry:?}");
        }
        for entries in actions {
            let verb = quell::domain::action::Verb::Contain { playbook: self.text.clone() };
            let parameters = [("account".to_owned(), Outside::new(self.text.as_str()))].into();
            let plan = Effect::Plan { id: id(HOSTILE), verb, parameters };
            let Some(Message::Planned { plan: Ok(plan), .. }) = self.engine.answer(&plan, at("14:02:00"))
            else {
                panic!("no plan")
            };
            let submit = Effect::Submit { hash: plan.hash, confirmation: Default::default() };
            self.engine.answer(&submit, at("14:02:10"));
            for entry in entries {
                self.engine.apply(HOSTILE, at("14:02:20"), person("ana"), entry).unwrap();
            }
        }
        let kept = Entry::ContainmentKept { action: 1, because: text() };
        let done = self.engine.apply(HOSTILE, at("14:02:30"), bo(), kept);
        assert!(done.is_ok() || self.text != HARMLESS, "{done:?}");
        self.engine.apply(HOSTILE, at("14:03:00"), hold.0, hold.1).unwrap();
    }

    fn tell(&mut self, message: Message) {
        let mut inbox = vec![message];
        while let Some(message) = inbox.pop() {
            for effect in update(&mut self.model, self.now, message) {
                inbox.extend(self.engine.answer(&effect, self.now));
                if let Effect::Retitle(title) = effect {
                    self.titles.push(title);
                }
            }
        }
        if self.model.awaits_frame() {
            update(&mut self.model, self.now, Message::Drawn);
        }
    }

    fn wait(&mut self, millis: i64) {
        self.now += chrono::TimeDelta::milliseconds(millis);
        self.tell(Message::Ticked);
    }

    fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.now += chrono::TimeDelta::milliseconds(800);
            self.tell(Message::Pressed(Chord::parse(key).unwrap()));
        }
    }

    /// Leaves whatever is asked, back to Triage.
    fn home(&mut self) {
        for _ in 0..4 {
            if self.model.prompt.is_some() || self.model.screen != quell::console::model::Screen::Triage {
                self.press("esc");
                if self.model.prompt.as_ref().is_some_and(Prompt::holds_text) {
                    self.press("y");
                }
            }
        }
    }

    /// The bytes of a first frame, as the runtime draws it.
    fn bytes(&self, theme: &Theme) -> Vec<u8> {
        crossterm::style::force_color_output(true);
        let size = self.model.size;
        let viewport = Viewport::Fixed(Rect::new(0, 0, size.cols, size.rows));
        let mut bytes = Vec::new();
        let backend = CrosstermBackend::new(&mut bytes);
        let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
        terminal.draw(|frame| view::draw(&self.model, theme, self.now, frame)).unwrap();
        drop(terminal);
        bytes
    }

    /// Draws, and looks at every byte.
    fn look(&self, theme: &Theme, name: &str, place: &str) -> Vec<u8> {
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
    fn shown(&self, bytes: &[u8]) -> Shown {
        let size = self.model.size;
        let cells = |count| NonZero::new(count).expect("a terminal has cells");
        let mut parser = vt100::Parser::new(cells(size.rows), cells(size.cols), 0);
        // This terminal leaves U+FFFD out; others give it one cell.
        parser.process(String::from_utf8_lossy(bytes).replace('\u{fffd}', "?").as_bytes());
        Shown(parser)
    }
}

/// A terminal that was drawn on.
struct Shown(vt100::Parser);

impl Shown {
    fn cells(&self, y: u16, from: u16, to: u16) -> String {
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
    fn row(&self, number: u64) -> Option<u16> {
        let rows = self.0.screen().size().0.get();
        (0..rows).find(|y| self.cells(*y, 10, 14) == number.to_string())
    }
}

/// Every payload, half of them for each of the two threads that a test gets.
fn each(act: impl Fn(&str, &str) + Sync) {
    let all = texts();
    assert!(all.len() > 70, "{}", all.len());
    let (first, second) = all.split_at(all.len() / 2);
    std::thread::scope(|scope| {
        for part in [first, second] {
            scope.spawn(|| part.iter().for_each(|(name, text)| act(name, text)));
        }
    });
}

#[test]
fn no_payload_reaches_the_terminal_from_any_place() {
    each(|name, text| {
        let mut play = Play::new(text, 80, 24);
        for (count, (place, keys)) in PLACES.iter().enumerate() {
            play.press(keys);
            if TYPED.contains(place) {
                play.tell(Message::Pasted(Outside::new(text)));
            }
            let theme = [COLOUR, ASCII, MONO][count % 3];
            play.look(&theme, name, place);
            play.home();
        }
        assert!(play.titles.iter().all(|title| title.bytes().all(|byte| (b' '..=b'~').contains(&byte))));
    });
}

#[test]
fn no_payload_comes_back_as_a_message_about_what_was_done() {
    each(|name, text| {
        let mut play = Play::new(text, 120, 40);
        for keys in [
            "L z",
            "K down down",
            ": d o n e space 7",
            "P down down enter w z",
            "I u n k n o w n space b e c a u s e space",
            "n z",
        ] {
            play.press(keys);
            play.tell(Message::Pasted(Outside::new(text)));
            play.press("enter");
            play.look(&COLOUR, name, keys);
            play.home();
        }
        play.press("e enter enter");
        play.look(&COLOUR, name, "a refusal");
        play.home();
        play.tell(Message::EngineLost(Fault::new(FaultKind::NoAnswer, play.text.as_str())));
        play.look(&ASCII, name, "a lost engine");
    });
}

#[test]
fn no_column_and_no_row_moves_whatever_a_title_says() {
    // Mark and severity to phase; then, right of the owner, what is urgent.
    type Cells = &'static [(u16, u16)];
    let columns: [(u16, u16, Cells); 3] =
        [(80, 24, &[(0, 29), (35, 48)]), (160, 40, &[(0, 29), (35, 48)]), (40, 12, &[(0, 20)])];
    for (cols, rows, kept) in columns {
        let harmless = Play::new(HARMLESS, cols, rows);
        let expected = harmless.shown(&harmless.bytes(&COLOUR));
        let y = expected.row(HOSTILE).expect("the row");
        each(|name, text| {
            let play = Play::new(text, cols, rows);
            for theme in [&COLOUR, &MONO, &ASCII] {
                let bytes = play.look(theme, name, "triage");
                if theme.ascii {
                    continue;
                }
                let shown = play.shown(&bytes);
                assert_eq!(
                    shown.row(HOSTILE),
                    Some(y),
                    "{name}: its row is elsewhere\n{}",
                    shown.0.screen().contents()
                );
                for (from, to) in kept {
                    assert_eq!(
                        shown.cells(y, *from, *to),
                        expected.cells(y, *from, *to),
                        "{name} at {cols}x{rows}: {}",
                        shown.cells(y, 0, cols)
                    );
                }
                let below = expected.row(NEIGHBOUR).expect("the neighbour's row");
                let width = if cols == 160 { 88 } else { cols };
                assert_eq!(
                    shown.cells(below, 0, width),
                    expected.cells(below, 0, width),
                    "{name}: the row below"
                );
                assert_eq!(shown.cells(0, 0, cols), expected.cells(0, 0, cols), "{name}: the counts");
            }
        });
    }
}

#[test]
fn no_payload_ends_or_extends_a_notification() {
    each(|name, text| {
        let notice =
            Notice { kind: NoticeKind::NewCritical, incident: Some(id(HOSTILE)), text: Outside::new(text) };
        let popup = Popup::of(&notice);
        for form in [Form::Osc9, Form::Osc777, Form::Osc99] {
            for tmux in [false, true] {
                for title in [&popup.title, &popup.body] {
                    let bytes = sequence(form, title, &popup.body, tmux);
                    assert!(bytes.len() < 8192, "{name}: {} bytes", bytes.len());
                    let checked = std::panic::catch_unwind(|| {
                        assert_only_allowed(&bytes);
                        assert_inert(&bytes, text.as_bytes());
                    });
                    assert!(checked.is_ok(), "{name} as {form:?}, tmux {tmux}");
                }
            }
        }
        assert_only_allowed(popup.body.as_bytes());
    });
}

#[test]
fn a_line_of_output_is_one_line_and_says_no_more_than_it_shows() {
    for (name, text) in texts() {
        let outside = Outside::new(text.as_str());
        for shown in [outside.safe(), outside.exact()] {
            assert!(!shown.contains(['\n', '\r', '\u{1b}', '\u{7}']), "{name}: {shown:?}");
            assert_only_allowed(shown.as_bytes());
            assert_inert(shown.as_bytes(), text.as_bytes());
        }
        assert!(outside.exact().is_ascii(), "{name}");
        assert!(!outside.safe().trim().is_empty(), "{name} shows nothing");
        assert!(outside.safe().len() <= 20 * 1024, "{name}: {} bytes", outside.safe().len());
        for line in outside.lines(40) {
            assert_only_allowed(line.as_bytes());
        }
    }
}

#[test]
fn no_payload_gets_out_of_a_name_the_watch_was_offered_to() {
    each(|name, text| {
        let mut play = Play::new(text, 80, 24);
        if let Some(offer) = &mut play.engine.watch {
            offer.to.clone_from(&play.text);
        }
        let changes = play.engine.changes(play.now);
        play.tell(Message::Changed(Box::new(changes)));
        for (theme, keys) in [(COLOUR, "H"), (ASCII, "w"), (MONO, "enter")] {
            play.press(keys);
            play.look(&theme, name, keys);
            play.tell(Message::Pasted(Outside::new(text)));
            play.look(&theme, name, keys);
        }
        let incident = play.model.board.get(&id(HOSTILE)).cloned().unwrap();
        for file in [Ok((incident, play.text.clone())), Err(Refusal::new(RefusalKind::Refused, text))] {
            play.tell(Message::Published { id: id(HOSTILE), published: file });
            play.look(&COLOUR, name, "published");
        }
    });
}
