//! How soon there is something to read, and what it costs when nothing happens but time.

use std::time::Duration;

use crate::program::{Home, Program};
use crate::server::{ALERTS, serve};
use crate::{Sheet, median};

/// How often each is started.
const STARTS: usize = 15;
/// Incidents there are when it starts, as on a bad night.
const OPEN: usize = 20;
/// Seconds each is left alone.
const ALONE: u64 = 30;

/// Start and idleness beside a stock table in the same run.
pub fn measure(sheet: &mut Sheet) {
    start(sheet);
    idle(sheet);
}

/// From the start to the first frame that shows what is open, before anything was asked.
fn start(sheet: &mut Sheet) {
    let home = Home::new();
    for number in 1..=OPEN {
        home.opens(&format!("Order gateway {number} refuses connections"));
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        // Nobody listens there: what is shown comes from the ledger.
        ours.push(Program::start(home.watching(1, "1h"), "Order gateway 1 ").shown_after);
        theirs.push(Program::start(Program::stock(OPEN), "Triage").shown_after);
    }
    let (ours, of) = (median(ours), median(theirs));
    let measured = format!("{:.1} ms of {:.1} ms", ours * 1e3, of * 1e3);
    sheet.line("start to the first useful frame, of stock", &measured, ours / of, 1.5);
}

/// Processor time while only ages tick.
fn idle(sheet: &mut Sheet) {
    let server = serve();
    let home = Home::new();
    let all = format!("HIGH {}", ALERTS.div_ceil(3));
    drop(Program::start(home.watching(server.port, "1h"), &all));
    let spent = |command, text: &str| {
        let program = Program::start(command, text);
        std::thread::sleep(Duration::from_secs(3));
        let before = program.processor_time();
        std::thread::sleep(Duration::from_secs(ALONE));
        (program.processor_time() - before) / ALONE as f64
    };
    let ours = spent(home.watching(server.port, "1h"), &all);
    let of = spent(Program::stock(ALERTS), "HIGH");
    let measured = format!("{:.2} ms/s of {:.2} ms/s", ours * 1e3, of * 1e3);
    sheet.line("idle with 10 000 incidents, of stock at 1 Hz", &measured, ours / of, 1.2);
}
