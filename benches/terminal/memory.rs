//! What a console keeps in memory while nothing happens.

use std::time::Duration;

use portable_pty::CommandBuilder;

use crate::Sheet;
use crate::program::{Home, Program};
use crate::server::{ALERTS, serve};

/// Millions of bytes.
const BUDGET: f64 = 20.0;
/// After so long whatever a start or a poll needed is let go of.
const SETTLED: Duration = Duration::from_secs(8);

/// Without incidents, right after ten thousand came in, and with these after a restart, which the budget is about.
pub fn measure(sheet: &mut Sheet) {
    let server = serve();
    let (empty, home) = (Home::new(), Home::new());
    let all = format!("HIGH {}", ALERTS.div_ceil(3));
    let full = || resident(home.watching(server.port, "1h"), &all);
    let none = resident(empty.alone(), "no sources configured");
    let came = full();
    // The first start after a mass intake may still have to settle what was decided.
    full();
    let kept = full();
    sheet.remark("resident without incidents", &words(none));
    sheet.remark("resident right after 10 000 came in", &words(came));
    sheet.line("resident with 10 000 incidents, idle", &words(kept), kept[0], BUDGET);
}

fn resident(command: CommandBuilder, text: &str) -> [f64; 2] {
    let program = Program::start(command, text);
    std::thread::sleep(SETTLED);
    program.resident()
}

/// What there is, and how much of it are pages of files, the program's own above all.
fn words([all, files]: [f64; 2]) -> String {
    format!("{all:.1} MB, {files:.1} of files")
}
