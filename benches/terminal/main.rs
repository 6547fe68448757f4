//! What a frame costs: its bytes, its time, and how long a key takes to be seen, how soon there is something to read, and what
//! idleness costs, beside stock ratatui in the same run; and what is kept in memory.
//!
//! `cargo bench --profile dist --bench terminal` prints each measure with its budget, and fails when one is over.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it measures time and memory of its own, and ends where something is wrong"
)]

mod frames;
mod keys;
mod memory;
mod program;
mod quiet;
mod server;
mod stock;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(rows) = std::env::var("STOCK_ROWS").ok().and_then(|rows| rows.parse().ok()) {
        stock::run(rows);
        return ExitCode::SUCCESS;
    }
    let mut sheet = Sheet::default();
    frames::measure(&mut sheet);
    keys::measure(&mut sheet);
    quiet::measure(&mut sheet);
    memory::measure(&mut sheet);
    if sheet.over == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What was measured, a line each.
#[derive(Default)]
pub struct Sheet {
    over: u32,
}

impl Sheet {
    /// Says what was measured and whether it keeps its budget.
    pub fn line(&mut self, what: &str, measured: &str, value: f64, budget: f64) {
        let kept = value <= budget;
        self.over += u32::from(!kept);
        let verdict = if kept { "within" } else { "OVER" };
        println!("{what:<44} {measured:>34}  {value:8.2}  {verdict} {budget}");
    }

    /// Says what was measured and has no budget.
    pub fn remark(&self, what: &str, measured: &str) {
        println!("{what:<44} {measured:>34}");
    }
}

/// The one in the middle.
pub fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
