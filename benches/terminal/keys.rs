//! From a key to the last byte it makes the terminal show: quell on 10 000 incidents of a server, and a stock table.

use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::program::{BOUND, Home, Program, ROWS};
use crate::server::{ALERTS, serve};
use crate::{Sheet, median};

/// Each program is started so often, in turn: whether a key wakes a processor that sleeps is up to the kernel, differs from one start to
/// the next, and takes about as long as all else.
const STARTS: usize = 5;
/// So many keys move the selection, and stay in sight.
const MOVES: usize = 30;
/// So many scroll.
const SCROLLS: usize = 60;
/// After so long without a byte the last one was the last.
const QUIET: Duration = Duration::from_millis(8);
/// Two keys of a quick person.
const BETWEEN: Duration = Duration::from_millis(35);

/// Moving and scrolling beside a stock table, and beside itself while everything changes.
pub fn measure(sheet: &mut Sheet) {
    let server = serve();
    let home = Home::new();
    let configured = |every: &str| home.watching(server.port, every);
    let all = format!("HIGH {}", ALERTS.div_ceil(3));
    // The first one writes down all there is; what is measured begins with that.
    drop(Program::start(configured("1h"), &all));
    let ours = |every: &str| Program::start(configured(every), &all).moves();
    let stock = || Program::start(Program::stock(ALERTS), "HIGH").moves();
    let (theirs, quiet): (Vec<_>, Vec<_>) = (0..STARTS).map(|_| (stock(), ours("1h"))).unzip();
    server.changing.store(1, Ordering::Relaxed);
    let busy: Vec<_> = (0..STARTS).map(|_| ours("1s")).collect();
    let [theirs, quiet, busy] = [theirs, quiet, busy].map(|starts| middle(&starts));
    let micros = |ours: f64, of: f64| format!("{:.0} us of {:.0} us", ours * 1e6, of * 1e6);
    for ((what, budget), (ours, of)) in [("selection, of stock", 0.45), ("scroll, of stock", 0.5)]
        .into_iter()
        .zip(quiet.into_iter().zip(theirs))
    {
        sheet.line(&format!("key to last byte: {what}"), &micros(ours, of), ours / of, budget);
    }
    let what = "key to last byte: selection while a poll lands each second";
    sheet.line(what, &micros(busy[0], quiet[0]), busy[0] / quiet[0], 1.3);
}

/// Of several starts the one in the middle, figure by figure.
fn middle(starts: &[[f64; 2]]) -> [f64; 2] {
    [0, 1].map(|figure| median(starts.iter().map(|each| each[figure]).collect()))
}

impl Program {
    /// The medians of moving the selection, and of scrolling by a line: seconds.
    fn moves(mut self) -> [f64; 2] {
        std::thread::sleep(Duration::from_secs(2));
        // Neither figure has the first key in it.
        let mut press = |times: usize| {
            let took: Vec<f64> = (0..times).map(|_| self.press()).collect();
            median(took)
        };
        press(2);
        let selection = press(MOVES);
        press(usize::from(ROWS));
        let scroll = press(SCROLLS);
        [selection, scroll]
    }

    /// Presses `j`: how long it takes until the last byte has come.
    fn press(&mut self) -> f64 {
        std::thread::sleep(BETWEEN);
        while self.seen.try_recv().is_ok() {}
        let began = Instant::now();
        self.keys.write_all(b"j").unwrap();
        let mut last = self.seen.recv_timeout(BOUND).unwrap();
        loop {
            match self.seen.recv_timeout(QUIET) {
                Ok(at) => last = at,
                Err(RecvTimeoutError::Timeout) => return (last - began).as_secs_f64(),
                Err(RecvTimeoutError::Disconnected) => unreachable!("it ended"),
            }
        }
    }
}
