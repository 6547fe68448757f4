//! Bytes and time of single frames: the same frames through the emitter and through ratatui's own backend.

use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quell::console::chord::Chord;
use quell::console::layout;
use quell::console::message::Message;
use quell::console::model::{Model, Size};
use quell::domain::incident::Incident;
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::Time;
use quell::runtime::emitter::Emitter;
use quell::view::{self, Canvas, Theme};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size as Cells};
use ratatui::{Terminal, TerminalOptions, Viewport};

use crate::world::{console, noon, one_of_many, opens, saying, showing, tell, title};
use crate::{Sheet, median};

const WIDE: Size = Size { cols: 200, rows: 60 };
/// How often the time of a frame is taken.
const DRAWN: u64 = 301;

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

/// One screen behind all.
struct Both {
    canvas: Canvas,
    own: Emitter,
    /// On a terminal that keeps margins on both sides.
    beside: Emitter,
    stock: Terminal<CrosstermBackend<Counting>>,
    sent: Rc<Cell<usize>>,
}

impl Both {
    fn new(size: Size) -> Self {
        let area = Rect::new(0, 0, size.cols, size.rows);
        let fixed = || TerminalOptions { viewport: Viewport::Fixed(area) };
        let pane = layout::regions(size).unwrap().list.cols;
        let emitter = |alone| Emitter::new(Cells::new(size.cols, size.rows), false).with_pane(pane, alone);
        let (own, beside) = (emitter(false), emitter(true));
        let sent = Rc::default();
        let backend = CrosstermBackend::new(Counting(Rc::clone(&sent)));
        let stock = Terminal::with_options(backend, fixed()).unwrap();
        let canvas = Canvas::new(Theme::default(), size.cols, size.rows);
        Self { canvas, own, beside, stock, sent }
    }

    /// Draws a frame on all: the bytes of the emitter, of ratatui, and of the emitter with margins.
    fn draw(&mut self, model: &Model, now: Time) -> [usize; 3] {
        self.canvas.begin();
        view::sketch(model, now, &mut self.canvas);
        let own = [&mut self.own, &mut self.beside].map(|emitter| {
            emitter.draw(&self.canvas);
            emitter.take().len()
        });
        let theme = self.canvas.theme;
        self.stock.draw(|frame| view::draw(model, &theme, now, frame)).unwrap();
        [own[0], self.sent.take(), own[1]]
    }
}

/// Bytes of what happens most, and how a frame's time grows with the incidents.
pub fn measure(sheet: &mut Sheet) {
    bytes(sheet);
    let few = frame_time(100);
    let many = frame_time(100_000);
    let measured = format!("{:.0} us of 100, {:.0} us of 100 000", few * 1e6, many * 1e6);
    sheet.line("frame time, 100 000 incidents", &measured, many / few, 1.1);
}

fn bytes(sheet: &mut Sheet) {
    let second = |n: u64| noon() + Duration::from_secs(n);
    let press = |model: &mut Model, key: &str| {
        tell(model, second(0), Message::Pressed(Chord::parse(key).unwrap()));
    };
    let mut model = console(WIDE, 500);
    let mut both = Both::new(WIDE);
    let shown = |[own, stock, _]: [usize; 3]| format!("{own} B, stock {stock} B");
    let first = both.draw(&model, second(0));
    sheet.remark("first frame", &shown(first));
    let nothing = both.draw(&model, second(0));
    sheet.line("nothing changed", &shown(nothing), nothing[0] as f64, 0.0);
    let ages = both.draw(&model, second(60));
    sheet.line("ages tick, of stock", &shown(ages), ages[0] as f64 / ages[1] as f64, 0.4);
    // The person has chosen a row, and let go of the keys.
    press(&mut model, "j");
    tell(&mut model, second(60), Message::Ticked);
    both.draw(&model, second(60));
    opens(&mut model, 501, Severity::Critical, second(60));
    let critical = both.draw(&model, second(60));
    let with_margins = format!("{} B, stock {} B", critical[2], critical[1]);
    sheet.line("new critical on top, side margins", &with_margins, critical[2] as f64, 300.0);
    // The detail stands beside the list, and a terminal without them moves whole rows only.
    sheet.line(
        "new critical on top, of stock",
        &shown(critical),
        critical[0] as f64 / critical[1] as f64,
        0.25,
    );
    press(&mut model, "j");
    let selection = both.draw(&model, second(60));
    sheet.remark("selection moves", &shown(selection));
    press(&mut model, "l");
    both.draw(&model, second(60));
    press(&mut model, "?");
    both.draw(&model, second(60));
    press(&mut model, "j");
    let scroll = both.draw(&model, second(60));
    sheet.line("one line scrolled", &shown(scroll), scroll[0] as f64, 300.0);
}

/// The incident with this number: below the first hundred, so that what is in sight is the same however many there are.
fn one(number: u64) -> Arc<Incident> {
    if number <= 100 {
        return one_of_many(number);
    }
    let mut below = Arc::unwrap_or_clone(saying(number, Severity::Normal, noon(), &title(number), 0));
    // Each is of another service: they are no storm.
    below.opening.service = Outside::new(format!("orders-{number}"));
    Arc::new(below)
}

/// The time of a frame in which ages tick.
fn frame_time(incidents: u64) -> f64 {
    let model = showing(WIDE, (1..=incidents).map(one).collect());
    let mut canvas = Canvas::new(Theme::default(), WIDE.cols, WIDE.rows);
    let mut emitter = Emitter::new(Cells::new(WIDE.cols, WIDE.rows), false);
    let took = (0..DRAWN).map(|n| {
        let began = Instant::now();
        canvas.begin();
        view::sketch(&model, noon() + Duration::from_secs(n), &mut canvas);
        emitter.draw(&canvas);
        drop(emitter.take());
        began.elapsed().as_secs_f64()
    });
    median(took.collect())
}
