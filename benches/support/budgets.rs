//! Whether what is measured keeps its budget. Budgets bind what is shipped, so they are for `--profile dist`: any other
//! profile only says what it found.

use std::process::ExitCode;

/// What was found so far.
pub struct Budgets {
    over: u32,
    all: u32,
    binding: bool,
}

impl Budgets {
    /// None yet.
    pub fn new() -> Self {
        // The folder a profile is built in has its name; nothing else says at run time which one it was.
        let profile = std::env::current_exe().ok().and_then(|exe| {
            let folder = exe.parent()?.parent()?.file_name()?;
            Some(folder == "dist")
        });
        Self { over: 0, all: 0, binding: profile.unwrap_or(false) }
    }

    /// `pass` or `MISS`.
    pub fn verdict(&mut self, value: f64, budget: f64) -> &'static str {
        // What is no number keeps nothing.
        let kept = value <= budget;
        self.all += 1;
        self.over += u32::from(!kept);
        if kept { "pass" } else { "MISS" }
    }

    /// How many were kept, in a line, and what the program ends with.
    pub fn end(&self) -> (String, ExitCode) {
        let kept = format!("{} of {} budgets kept", self.all - self.over, self.all);
        match (self.over, self.binding) {
            (0, true) => (kept, ExitCode::SUCCESS),
            (_, true) => (format!("{kept}: this fails"), ExitCode::FAILURE),
            (_, false) => (format!("{kept}; they bind with --profile dist only"), ExitCode::SUCCESS),
        }
    }
}
