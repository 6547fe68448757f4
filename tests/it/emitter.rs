//! What the emitter sends makes an independent terminal show the very frame that was drawn.

mod budgets;
#[path = "../../benches/terminal/world.rs"]
mod world;

use std::time::Duration;

use proptest::prelude::*;
use quell::console::chord::Chord;
use quell::console::layout;
use quell::console::message::Message;
use quell::console::model;
use quell::domain::severity::Severity;
use quell::runtime::emitter::{Digest, Emitter, Rows};
use quell::view::{self, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Rect, Size};
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

use crate::support::wired::{Whole, Wired};

/// What becomes of a screen from one frame to the next.
#[derive(Clone, Debug)]
enum Step {
    Text {
        x: u16,
        y: u16,
        text: String,
        style: Style,
    },
    Up {
        top: u16,
        bottom: u16,
        by: u16,
    },
    Down {
        top: u16,
        bottom: u16,
        by: u16,
    },
    /// The columns on the left move down, the others stay.
    Beside {
        top: u16,
        bottom: u16,
        by: u16,
    },
    /// The rest of a row moves to the side.
    Aside {
        x: u16,
        y: u16,
        by: u16,
        left: bool,
    },
    Blank {
        top: u16,
        bottom: u16,
    },
    Ground {
        x: u16,
        y: u16,
        cols: u16,
        rows: u16,
        colour: Color,
    },
    /// A frame that may be the next one is made ahead.
    Ahead,
    /// Somebody else moves the cursor there, and changes the pen.
    Meddle {
        x: u16,
        y: u16,
    },
    /// Somebody else writes there.
    Scrawl {
        x: u16,
        y: u16,
    },
    Frame,
}

const COLS: u16 = 24;
const ROWS: u16 = 9;
/// Columns on the left that move by themselves.
const PANE: u16 = 15;

fn step() -> impl Strategy<Value = Step> {
    let texts = prop::sample::select(vec![
        " ",
        "   ",
        "x",
        "ok",
        "!! CRIT",
        "· NORM",
        "12m",
        "● prod-am",
        "────────",
        "漢字",
        "a漢b",
        "▁▂▃▄▅",
        "é",
        "e\u{301}",
        "☀\u{fe0f}",
        "a☀\u{fe0f}b",
        "…",
        "          ",
        "Order gateway refuses connections",
    ]);
    let colours = prop::sample::select(vec![
        Color::Reset,
        Color::Red,
        Color::LightRed,
        Color::Indexed(200),
        Color::Rgb(1, 0, 3),
        Color::Black,
    ]);
    let modifiers = prop::sample::select(vec![
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::DIM,
        Modifier::BOLD | Modifier::REVERSED,
        Modifier::UNDERLINED,
        Modifier::DIM | Modifier::ITALIC,
        Modifier::DIM | Modifier::BOLD,
        Modifier::SLOW_BLINK,
    ]);
    let style = (colours.clone(), prop::option::weighted(0.2, colours.clone()), modifiers).prop_map(
        |(fg, bg, modifier)| Style::new().fg(fg).bg(bg.unwrap_or(Color::Reset)).add_modifier(modifier),
    );
    let region = (0..ROWS, 0..ROWS, 1..4u16).prop_map(|(a, b, by)| (a.min(b), a.max(b) + 1, by));
    prop_oneof![
        8 => (0..COLS, 0..ROWS, texts, style).prop_map(|(x, y, text, style)| Step::Text { x, y, text: text.to_owned(), style }),
        2 => region.clone().prop_map(|(top, bottom, by)| Step::Up { top, bottom, by }),
        2 => region.clone().prop_map(|(top, bottom, by)| Step::Down { top, bottom, by }),
        2 => region.clone().prop_map(|(top, bottom, by)| Step::Beside { top, bottom, by }),
        2 => (0..COLS, 0..ROWS, 1..6u16, any::<bool>()).prop_map(|(x, y, by, left)| Step::Aside { x, y, by, left }),
        1 => region.prop_map(|(top, bottom, _)| Step::Blank { top, bottom }),
        1 => (0..COLS, 0..ROWS, 1..9u16, 1..4u16, colours)
            .prop_map(|(x, y, cols, rows, colour)| Step::Ground { x, y, cols, rows, colour }),
        1 => (0..COLS, 0..ROWS).prop_map(|(x, y)| Step::Meddle { x, y }),
        1 => (0..COLS, 0..ROWS).prop_map(|(x, y)| Step::Scrawl { x, y }),
        3 => Just(Step::Ahead),
        6 => Just(Step::Frame),
    ]
}

fn take(buffer: &mut Buffer, step: &Step) {
    let row = |buffer: &Buffer, y: u16| (0..COLS).map(|x| buffer[(x, y)].clone()).collect::<Vec<_>>();
    let put = |buffer: &mut Buffer, y: u16, cells: Vec<Cell>| {
        (0..).zip(cells).for_each(|(x, cell)| buffer[(x, y)] = cell);
    };
    let blank = || vec![Cell::EMPTY; COLS.into()];
    match step {
        Step::Text { x, y, text, style } => {
            // What a wide character loses half of is gone.
            if *x > 0 && buffer[(*x - 1, *y)].symbol().width() > 1 {
                buffer[(*x - 1, *y)].reset();
            }
            buffer.set_stringn(*x, *y, text, usize::from(COLS - x), *style);
        }
        Step::Up { top, bottom, by } => {
            for y in *top..*bottom {
                let cells = if y + by < *bottom { row(buffer, y + by) } else { blank() };
                put(buffer, y, cells);
            }
        }
        Step::Down { top, bottom, by } => {
            for y in (*top..*bottom).rev() {
                let cells = if y >= top + by { row(buffer, y - by) } else { blank() };
                put(buffer, y, cells);
            }
        }
        Step::Beside { top, bottom, by } => {
            for y in (*top..*bottom).rev() {
                let cells = if y >= top + by { row(buffer, y - by) } else { blank() };
                (0..PANE).zip(cells).for_each(|(x, cell)| buffer[(x, y)] = cell);
            }
        }
        Step::Aside { x, y, by, left } => {
            let mut cells = row(buffer, *y);
            for _ in 0..*by {
                if *left {
                    cells.remove(usize::from(*x));
                    cells.push(Cell::EMPTY);
                } else {
                    cells.pop();
                    cells.insert(usize::from(*x), Cell::EMPTY);
                }
            }
            // No half of a wide character is left where it is cut.
            if cells.iter().all(|cell| cell.symbol().width() == 1) {
                put(buffer, *y, cells);
            }
        }
        Step::Blank { top, bottom } => (*top..*bottom).for_each(|y| put(buffer, y, blank())),
        Step::Ground { x, y, cols, rows, colour } => {
            let area = Rect::new(*x, *y, *cols, *rows).intersection(buffer.area);
            buffer.set_style(area, Style::new().bg(*colour));
        }
        Step::Ahead | Step::Meddle { .. } | Step::Scrawl { .. } | Step::Frame => {}
    }
}

/// What stands behind a wide character looks like it, as in every frame of quell.
fn settle(buffer: &mut Buffer) {
    for at in 0..buffer.content.len() {
        if buffer.content[at].symbol().width() > 1 {
            let style = buffer.content[at].style();
            buffer.content[at + 1].reset();
            buffer.content[at + 1].set_style(style);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_drawn_is_shown(
        steps in prop::collection::vec(step(), 1..60),
        pane in prop::option::weighted(0.7, any::<bool>()),
    ) {
        let mut wired = match pane {
            Some(alone) => Wired::with_pane(COLS, ROWS, PANE, alone),
            None => Wired::new(COLS, ROWS),
        };
        let mut buffer = Buffer::empty(Rect::new(0, 0, COLS, ROWS));
        for step in &steps {
            take(&mut buffer, step);
            settle(&mut buffer);
            match step {
                Step::Ahead => wired.ahead(&buffer),
                Step::Meddle { x, y } => wired.meddle(*x, *y),
                Step::Scrawl { x, y } => wired.scrawl(*x, *y),
                Step::Frame => drop(wired.shows(&buffer)),
                _ => {}
            }
        }
        wired.shows(&buffer);
        wired.meddle(1, 1);
        prop_assert!(wired.shows(&buffer).is_empty(), "nothing changed, and something was sent");
    }
}

/// A debug build draws it once more, and finds out that its rows are something else by now.
#[test]
#[cfg(debug_assertions)]
fn a_frame_is_what_was_made_ahead_where_that_is_wanted_and_nothing_else_came_before_it() {
    /// Rows that look as they are told, and are known by something else.
    struct Told<'a>(u64, &'a str);
    impl Rows for Told<'_> {
        fn digest(&self, _: u16, _: u16) -> Digest {
            Digest { left: None, rest: self.0 }
        }
        fn paint(&self, _: u16, row: &mut [view::Cell], legend: &mut view::Legend) {
            legend.singles(row, self.1, Style::new());
        }
    }
    for (frames, is_made) in [
        (vec![(true, Told(2, "ahead")), (false, Told(2, "drawn"))], true),
        (vec![(true, Told(3, "ahead")), (false, Told(2, "drawn"))], false),
        (vec![(true, Told(2, "ahead")), (false, Told(1, "first")), (false, Told(2, "drawn"))], false),
        (vec![(true, Told(2, "ahead")), (true, Told(3, "again")), (false, Told(2, "drawn"))], false),
    ] {
        let mut emitter = Emitter::new(Size::new(20, 4), true);
        emitter.draw(&Told(1, "first"));
        emitter.take();
        let draw = || {
            for (ahead, rows) in &frames {
                if *ahead {
                    emitter.ahead(rows);
                    assert!(emitter.take().is_empty(), "nothing of it is sent");
                } else {
                    emitter.draw(rows);
                    emitter.take();
                }
            }
        };
        let differs = std::panic::catch_unwind(std::panic::AssertUnwindSafe(draw)).is_err();
        assert_eq!(differs, is_made, "{} frames", frames.len());
    }
}

fn list(cols: u16, rows: u16, first: u16) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, cols, rows));
    buffer.set_string(
        0,
        0,
        " CRIT 2 · 1 UNACKED   HIGH 5   NORM 11",
        Style::new().add_modifier(Modifier::BOLD),
    );
    for y in 1..rows - 1 {
        let n = first + y;
        let text = format!(
            " !! CRIT {n:>5}  12m Identify ana Order gateway {n} refuses connections, and says so at length: {}",
            "orders ".repeat(20)
        );
        buffer.set_stringn(
            0,
            y,
            text,
            cols.into(),
            Style::new().fg(if n.is_multiple_of(3) { Color::LightRed } else { Color::Yellow }),
        );
    }
    buffer.set_string(0, rows - 1, " c contain  e escalate  ? keys", Style::new());
    buffer
}

#[test]
fn a_list_that_scrolls_by_a_line_takes_the_line_and_little_more() {
    let mut wired = Wired::new(200, 60);
    wired.shows(&list(200, 60, 0));
    for (first, most) in [(1, 260), (0, 260), (1, 260), (3, 480)] {
        let bytes = wired.shows(&list(200, 60, first));
        assert!(bytes.len() <= most, "{} bytes: {}", bytes.len(), bytes.escape_ascii());
    }
}

/// The list beside something that stays as it is, or is another.
fn beside(first: u16, what: &str) -> Buffer {
    let (cols, rows, pane) = (200, 60, 110);
    let mut buffer = list(cols, rows, first);
    for y in 1..rows - 1 {
        let text = format!("│ {y}: {what} refuses connections since 14:01:12Z, all orders are rejected");
        buffer.set_stringn(pane, y, format!("{text:<90}"), 90, Style::reset());
    }
    buffer
}

#[test]
fn a_list_scrolls_beside_what_stays_where_the_terminal_keeps_margins() {
    let mut wired = Wired::with_pane(200, 60, 110, true);
    wired.shows(&beside(3, "the gateway"));
    for (first, most) in [(4, 190), (3, 190), (2, 190)] {
        let bytes = wired.shows(&beside(first, "the gateway"));
        assert!(bytes.len() <= most, "{} bytes: {}", bytes.len(), bytes.escape_ascii());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(text.contains("\x1b[?69h\x1b[;110s") && text.contains("\x1b[?69l"), "{text:?}");
    }
}

#[test]
fn a_list_scrolls_with_what_changes_beside_it() {
    let mut wired = Wired::with_pane(200, 60, 110, false);
    wired.shows(&beside(3, "the gateway"));
    // As much as it takes to write all that stands beside it.
    for (first, what, most) in [(4, "a replica", 5900), (3, "the gateway", 5900), (2, "a replica", 5900)] {
        let bytes = wired.shows(&beside(first, what));
        assert!(bytes.len() <= most, "{} bytes: {}", bytes.len(), bytes.escape_ascii());
        assert!(String::from_utf8_lossy(&bytes).contains("\x1b[2;59r"), "{}", bytes.escape_ascii());
    }
}

/// The rows of a console, by what they are known to its own canvas.
#[test]
fn a_console_that_scrolls_is_shown_on_every_terminal() {
    let size = model::Size { cols: 200, rows: 60 };
    let pane = layout::regions(size).expect("room for it").list.cols;
    for alone in [true, false] {
        let mut wired = Wired::with_pane(size.cols, size.rows, pane, alone);
        let mut canvas = view::Canvas::new(Theme::default(), size.cols, size.rows);
        let mut model = world::console(size, 300);
        let mut show = |model: &model::Model, now| {
            canvas.begin();
            view::sketch(model, now, &mut canvas);
            let mut wanted = Buffer::empty(Rect::new(0, 0, size.cols, size.rows));
            assert_eq!(canvas.show(&mut wanted), 0);
            wired.draws(&canvas, &wanted);
        };
        let press = |model: &mut model::Model, key: &str| {
            world::tell(model, world::noon(), Message::Pressed(Chord::parse(key).unwrap()));
        };
        for key in ["j"; 70].into_iter().chain(["k"; 70]).chain(["space", "j", "G", "k", "g"]) {
            press(&mut model, key);
            show(&model, world::noon());
        }
        // What is asked stands over rows that move.
        press(&mut model, "/");
        show(&model, world::noon());
        for number in 301..306 {
            let later = world::noon() + Duration::from_secs(number);
            world::opens(&mut model, number, Severity::Critical, later);
            world::tell(&mut model, later, Message::Ticked);
            show(&model, later);
        }
    }
}

/// What the bench measures, on the same incidents.
#[test]
fn a_new_critical_on_top_of_a_long_list_takes_few_bytes() {
    let later = world::noon() + Duration::from_secs(60);
    for (cols, rows, margins, most) in
        [(80, 24, false, 300), (120, 40, false, 300), (200, 60, true, 300), (200, 60, false, 800)]
    {
        let size = model::Size { cols, rows };
        let pane = layout::regions(size).expect("room for it").list.cols;
        let mut wired = Wired::with_pane(cols, rows, pane, margins);
        let mut model = world::console(size, 500);
        let mut show = |model: &model::Model| {
            let mut frame = Terminal::new(TestBackend::new(cols, rows)).unwrap();
            frame.draw(|frame| view::draw(model, &Theme::default(), later, frame)).unwrap();
            wired.shows(frame.backend().buffer())
        };
        // Somebody has chosen a row, and let go of the keys.
        world::tell(&mut model, world::noon(), Message::Pressed(Chord::parse("j").unwrap()));
        world::tell(&mut model, later, Message::Ticked);
        show(&model);
        world::opens(&mut model, 501, Severity::Critical, later);
        let bytes = show(&model);
        assert!(bytes.len() <= most, "{cols}x{rows}: {} bytes: {}", bytes.len(), bytes.escape_ascii());
    }
}

#[test]
fn ages_that_tick_take_their_digits_and_the_way_there() {
    let mut wired = Wired::new(200, 60);
    let mut buffer = list(200, 60, 0);
    wired.shows(&buffer);
    for y in 1..59 {
        buffer.set_string(17, y, "3", Style::new());
    }
    let bytes = wired.shows(&buffer);
    assert!(bytes.len() < 58 * 9, "{} bytes: {}", bytes.len(), bytes.escape_ascii());
}

#[test]
fn a_frame_over_several_rows_is_shown_at_once_where_the_terminal_can() {
    let mut emitter = Emitter::new(Size::new(20, 4), true);
    let mut send = |rows: std::ops::Range<u16>| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 4));
        rows.for_each(|y| buffer.set_string(0, y, "x", Style::new()));
        emitter.draw(&Whole(&buffer));
        String::from_utf8(emitter.take()).unwrap()
    };
    let first = send(0..3);
    assert!(first.starts_with("\x1b[?2026h") && first.ends_with("\x1b[?2026l"), "{first:?}");
    assert!(!send(0..2).contains("2026"), "one row needs no frame around it");
}
