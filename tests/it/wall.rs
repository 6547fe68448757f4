//! The wall: what it says at every size, when it says nothing, what is new, and whom it tells that it lives.

mod hostile;
mod looks;
mod unit;
mod words;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use sha2::{Digest, Sha256};

use quell::console::look::Look;
use quell::console::message::Message;
use quell::console::model::Size;
use quell::console::wall::Wall;
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::monitor::Health;
use quell::domain::plan::hex;
use quell::domain::record::Entry;
use quell::domain::severity::Severity;
use quell::domain::time::Time;
use quell::view::Theme;
use quell::view::theme::Blocks;

use crate::support::play::{Engine, at, incident, monitor, source};
use crate::support::wired::Wired;

const COLOUR: Theme = Theme::new(Look::Dark);
const CONSOLE: Theme = Theme { blocks: Blocks::Halves, ..COLOUR };

/// A wall, and what tells it.
struct Told {
    wall: Wall,
    engine: Engine,
    now: Time,
}

impl Told {
    fn new(cols: u16, rows: u16) -> Self {
        let now = at("14:03:22");
        let wall = Wall::new(
            "/etc/quell/config.toml".to_owned(),
            "0.1.0 3fa9c2d1".to_owned(),
            Size { cols, rows },
            at("14:00:00"),
        );
        Self { wall, engine: Engine::new(), now }
    }

    /// The engine tells how everything is; sources that do not fail were just read.
    fn poll(&mut self) {
        for source in self.engine.sources.iter_mut().filter(|source| source.failures == 0) {
            source.as_of = source.as_of.map(|_| self.now);
        }
        self.wall.take(self.now, Message::Changed(Box::new(self.engine.changes(self.now))));
    }

    /// The engine is heard again, and nothing was read meanwhile.
    fn hear(&mut self) {
        self.wall.take(self.now, Message::Changed(Box::new(self.engine.changes(self.now))));
    }

    fn wait(&mut self, secs: i64) {
        self.now += chrono::TimeDelta::seconds(secs);
        self.wall.take(self.now, Message::Ticked);
    }

    fn frame(&self, theme: &Theme) -> Buffer {
        let Size { cols, rows } = self.wall.size;
        let drawn = self.drawn(theme);
        Wired::new(cols, rows).shows(&drawn);
        drawn
    }

    /// A frame that nobody has looked at yet.
    fn drawn(&self, theme: &Theme) -> Buffer {
        let Size { cols, rows } = self.wall.size;
        let mut terminal = Terminal::new(TestBackend::new(cols, rows)).unwrap();
        terminal.draw(|frame| quell::view::wall::draw(&self.wall, theme, self.now, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    fn text(&self, theme: &Theme) -> String {
        let buffer = self.frame(theme);
        let rows = buffer.content.chunks(usize::from(buffer.area.width));
        let line = |row: &[Cell]| row.iter().map(Cell::symbol).collect::<String>();
        rows.map(|row| format!("{}\n", line(row).trim_end())).collect()
    }

    /// The text of a frame, and a hash of its styles.
    fn shot(&self, theme: &Theme) -> String {
        let mut styles = Sha256::new();
        for cell in &self.frame(theme).content {
            styles.update(format!("{:?}", cell.style()));
        }
        format!("{}styles {}", self.text(theme), &hex(&styles.finalize())[..12])
    }
}

/// A night with two critical incidents, one of which somebody has, and a source that is down.
fn night(cols: u16, rows: u16) -> Told {
    use Severity::{Critical, High, Normal};
    let mut told = Told::new(cols, rows);
    let mut prom = source("prom", Some("13:58:02"));
    (prom.failures, prom.fault) = (3, Some(Fault::new(FaultKind::NoAnswer, "no answer in 5s")));
    told.engine.sources.push(prom);
    told.engine.monitors =
        vec![monitor("token-api", Health::Up, "14:03:20"), monitor("order-gw", Health::Down, "14:03:20")];
    for it in [
        incident(1047, Critical, "14:01:22", "Order gateway refuses connections"),
        incident(1042, Critical, "13:51:00", "Token issuance failing 38 %"),
        incident(1051, High, "13:55:00", "Login failures acct 88213, 4 IPs"),
        incident(1050, High, "13:56:00", "Consumer lag orders-v2"),
        incident(1039, High, "13:15:00", "Webhook deliveries delayed"),
        incident(1029, Normal, "11:00:00", "Cert api-eu expires in 13 days"),
    ] {
        told.engine.put(it);
    }
    told.engine.by("ana", 1042, "13:53:00", Entry::Acknowledged { lasts_s: 1800, from: None });
    told.poll();
    told
}

/// That night, for a picture of it.
pub fn picture(cols: u16, rows: u16) -> Buffer {
    night(cols, rows).frame(&COLOUR)
}

/// Nothing burns, and everything is read.
fn calm(cols: u16, rows: u16) -> Told {
    let mut told = Told::new(cols, rows);
    told.poll();
    told
}

/// No source answers since 14:03:21.
fn blind(cols: u16, rows: u16) -> Told {
    let mut told = night(cols, rows);
    for source in
        told.engine.sources.iter_mut().chain(told.engine.monitors.iter_mut().map(|it| &mut it.source))
    {
        (source.failures, source.fault) = (2, Some(Fault::new(FaultKind::Unreachable, "connection refused")));
    }
    told.wait(41);
    told.hear();
    told
}

/// At every size and in every look: the end of each one's name, and how it looks.
fn looks(of: impl Fn(u16, u16) -> Told) -> impl Iterator<Item = (&'static str, String)> {
    let all = [
        ("80x24", (80, 24), COLOUR),
        ("120x40", (120, 40), COLOUR),
        ("200x60", (200, 60), COLOUR),
        ("40x12", (40, 12), COLOUR),
        ("mono", (80, 24), Theme::new(Look::Mono)),
        ("ascii", (80, 24), COLOUR.in_ascii()),
        ("text-console", (120, 40), CONSOLE),
    ];
    all.into_iter().map(move |(look, (cols, rows), theme)| (look, of(cols, rows).shot(&theme)))
}

#[test]
fn a_night() {
    looks(night).for_each(|(look, shot)| insta::assert_snapshot!(format!("night_{look}"), shot));
}

#[test]
fn all_clear() {
    looks(calm).for_each(|(look, shot)| insta::assert_snapshot!(format!("calm_{look}"), shot));
}

#[test]
fn blind_is_seen_across_the_room() {
    looks(blind).for_each(|(look, shot)| insta::assert_snapshot!(format!("blind_{look}"), shot));
}

#[test]
fn any_size_is_borne() {
    for make in [night, calm, blind] {
        for (cols, rows) in (1..60).step_by(3).flat_map(|cols| (1..30).map(move |rows| (cols, rows))) {
            for theme in [COLOUR, CONSOLE, COLOUR.in_ascii()] {
                make(cols, rows).frame(&theme);
            }
        }
    }
    assert_eq!(blind(20, 3).text(&COLOUR), "2 CRIT STALE\n14:03:22Z\nnow 14:04:03Z\n");
    assert_eq!(night(12, 2).text(&COLOUR), "1 NOT TAKEN\n2 CRIT\n");
    for (cols, clock) in [(13, "now 14:03:22Z"), (12, "14:03:22Z"), (8, "14:03:22"), (7, "03:22")] {
        assert_eq!(
            night(cols, 3).text(&COLOUR).lines().nth(2),
            Some(clock),
            "the seconds show that it lives"
        );
    }
}
