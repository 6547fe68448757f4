//! The bytes of a real Triage through the emitter: what DESIGN calls its budgets, and what is reached.

use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;

use quell::console::layout;
use quell::console::model::Size;
use quell::domain::record::Entry;
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::view;
use ratatui::backend::{CrosstermBackend, TestBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::world;
use crate::screens::{self, COLOUR};
use crate::support::play::{Play, console, incident, with_labels};
use crate::support::wired::Wired;

const TITLES: [&str; 8] = [
    "Order gateway refuses connections",
    "Token issuance failing 38 %",
    "Consumer lag orders-v2 above 90 000",
    "Webhook deliveries delayed for partners in eu-1",
    "Replica db-orders-3 is 41 s behind",
    "Disk of kafka-7 full in 2 h",
    "Login failures from one network, 4 addresses",
    "Certificate of api-eu expires in 13 days",
];

/// Sixty incidents, none like the one above it.
fn busy(cols: u16, rows: u16) -> Play {
    let mut play = console().sized(cols, rows);
    for n in 0..60_u64 {
        let severity = if n < 3 { Severity::Critical } else { Severity::High };
        // A minute apart: every age in sight ticks, and no storm folds them.
        let opened = format!("13:{n:02}:00");
        let title = format!("{} ({n})", TITLES[(n % 8) as usize]);
        let (pod, service) = (format!("gw-{n}"), ["trading", "auth", "orders"][(n % 3) as usize]);
        let labels = [("service", service), ("pod", &pod), ("region", "eu-1"), ("team", "platform")];
        play.engine.put(with_labels(1000 + n, severity, &opened, &title, &labels));
        if n % 4 == 1 {
            play.engine.by("ana", 1000 + n, "14:00:00", Entry::Acknowledged { lasts_s: 1800, from: None });
        }
        let down = Outside::new(format!("connection {n} refused"));
        play.engine.rule(
            1000 + n,
            "14:01:40",
            Entry::MonitorTurned { monitor: format!("m-{n}"), up: false, detail: down },
        );
    }
    play.poll();
    play.wait(2000);
    play
}

/// Takes bytes, and only counts them.
struct Counting(Rc<Cell<usize>>);

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A terminal on which the console is drawn, and a stock one beside it.
struct Line {
    wired: Wired,
    stock: Terminal<CrosstermBackend<Counting>>,
    sent: Rc<Cell<usize>>,
}

impl Line {
    fn new(play: &Play, margins: bool) -> Self {
        let size = play.model.size;
        let pane = layout::regions(size).expect("room for it").list.cols;
        let wired = Wired::with_pane(size.cols, size.rows, pane, margins);
        let mut line = Self::sized(size.cols, size.rows, wired);
        line.bytes(play);
        line
    }

    fn sized(cols: u16, rows: u16, wired: Wired) -> Self {
        let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, cols, rows)) };
        let sent = Rc::default();
        let stock = CrosstermBackend::new(Counting(Rc::clone(&sent)));
        Self { wired, stock: Terminal::with_options(stock, options).unwrap(), sent }
    }

    /// What a frame takes, and what stock ratatui sends for it.
    fn take(&mut self, frame: &Buffer) -> (Vec<u8>, usize) {
        let bytes = self.wired.shows(frame);
        self.stock.draw(|it| it.buffer_mut().clone_from(frame)).unwrap();
        (bytes, self.sent.take())
    }

    /// The same of a console as it is now.
    fn bytes(&mut self, play: &Play) -> (Vec<u8>, usize) {
        self.take(&screens::frame(play, &COLOUR))
    }

    /// The most that a few presses of `j` take.
    fn moves(&mut self, play: &mut Play) -> usize {
        let press = |_| {
            play.press("j");
            self.bytes(play).0.len()
        };
        (0..6).map(press).max().unwrap_or_default()
    }
}

/// What happens, and the most it may take: at 80x24, 120x40, 200x60, and there where the terminal keeps margins on both
/// sides.
const MOST: [(&str, [usize; 4]); 6] = [
    ("a second passes", [20, 20, 20, 20]),
    ("j", [640, 720, 740, 740]),
    ("a new critical on top", [300, 300, 940, 300]),
    ("j at the end of the list", [400, 500, 1130, 410]),
    ("a page goes on by a line", [300, 300, 300, 300]),
    ("a page comes back by a line", [300, 300, 300, 300]),
];
/// A poll a minute later: of what stock ratatui sends. Sources say their times, and every fourth row for how long it is held.
const MINUTE: f64 = 0.55;
/// Ages tick and nothing else.
const AGES: f64 = 0.4;

#[test]
fn what_happens_most_takes_few_bytes() {
    let mut over = Vec::new();
    for (column, (cols, rows, margins)) in
        [(80, 24, false), (120, 40, false), (200, 60, false), (200, 60, true)].into_iter().enumerate()
    {
        let mut play = busy(cols, rows);
        let mut line = Line::new(&play, margins);
        let mut found = Vec::new();
        assert_eq!(line.bytes(&play).0.len(), 0, "nothing for nothing");
        // The keys were let go of, and all that was held has come.
        play.press("j");
        play.wait(2000);
        line.bytes(&play);
        play.wait(1000);
        found.push(line.bytes(&play).0.len());
        play.now += chrono::TimeDelta::seconds(60);
        play.poll();
        let (ages, stock) = line.bytes(&play);
        found.push(line.moves(&mut play));
        play.wait(2000);
        line.bytes(&play);
        play.engine.put(incident(1200, Severity::Critical, "14:04:20", "Token service answers nobody"));
        play.poll();
        found.push(line.bytes(&play).0.len());
        while play.model.triage.top == 0 {
            line.bytes(&play);
            play.press("j");
        }
        found.push(line.bytes(&play).0.len());
        play.press("?");
        line.bytes(&play);
        for key in ["j", "k"] {
            play.press(key);
            found.push(line.bytes(&play).0.len());
        }
        if ages.len() as f64 / stock as f64 > MINUTE {
            over.push(format!("{cols}x{rows}: a minute takes {} B of {stock}", ages.len()));
        }
        for ((what, most), found) in MOST.iter().zip(found) {
            if found > most[column] {
                over.push(format!(
                    "{cols}x{rows}, margins {margins}: {what} takes {found} B, {} may be",
                    most[column]
                ));
            }
        }
    }
    assert!(over.is_empty(), "{over:#?}");
}

/// As the bench has it: the same frames here and there.
#[test]
fn ages_that_tick_take_a_part_of_what_stock_ratatui_sends() {
    let (cols, rows) = (200, 60);
    let model = world::console(Size { cols, rows }, 500);
    let mut line = Line::sized(cols, rows, Wired::new(cols, rows));
    let frame = |now| {
        let mut terminal = Terminal::new(TestBackend::new(cols, rows)).unwrap();
        terminal.draw(|frame| view::draw(&model, &COLOUR, now, frame)).unwrap();
        terminal.backend().buffer().clone()
    };
    line.take(&frame(world::noon()));
    let (own, stock) = line.take(&frame(world::noon() + std::time::Duration::from_secs(60)));
    assert!(own.len() as f64 / stock as f64 <= AGES, "{} of {stock}", own.len());
}
