//! What a frame costs: its bytes, its time, and how long a key takes to be seen, how soon there is something to read, and what
//! idleness costs, beside stock ratatui in the same run; and what is kept in memory.
//!
//! `cargo bench --profile dist --bench terminal [-- PART…]` prints each measure with its budget, and fails when one is missed;
//! in another profile it only says so. Parts are `frames`, `filter`, `keys`, `quiet` and `memory`.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it measures time and memory of its own, and ends where something is wrong"
)]

#[path = "../support/budgets.rs"]
mod budgets;
mod filter;
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
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let mut sheet = Sheet { budgets: budgets::Budgets::new() };
    let mut part = |name: &str, measure: fn(&mut Sheet)| {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            measure(&mut sheet);
        }
    };
    part("frames", frames::measure);
    part("filter", filter::measure);
    part("keys", keys::measure);
    part("quiet", quiet::measure);
    part("memory", memory::measure);
    let (said, code) = sheet.budgets.end();
    println!("{said}");
    code
}

/// What was measured, a line each.
pub struct Sheet {
    budgets: budgets::Budgets,
}

impl Sheet {
    /// Says what was measured and whether it keeps its budget.
    pub fn line(&mut self, what: &str, measured: &str, value: f64, budget: f64) {
        let verdict = self.budgets.verdict(value, budget);
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
