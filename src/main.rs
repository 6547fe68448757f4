//! The `quell` program.

use std::process::ExitCode;

use quell::cli;

fn main() -> ExitCode {
    match cli::parse() {
        Ok(command_line) => cli::run(&command_line),
        Err(code) => code,
    }
}
