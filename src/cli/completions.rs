//! `quell completions` and `quell man`: made from the command line itself.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::CommandLine;
use super::failure::{Exit, Failure};
use super::out::Out;

/// `quell completions SHELL`.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// For which shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self, out: &Out) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut CommandLine::command(), "quell", &mut script);
        out.raw(&script);
        Ok(Exit::Ok)
    }
}

/// The manual page.
pub(super) fn man(out: &Out) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(CommandLine::command()).render(&mut page);
    rendered.map_err(|error| Failure::new(Exit::Bug, format!("the page cannot be made: {error}")))?;
    out.raw(&page);
    Ok(Exit::Ok)
}
