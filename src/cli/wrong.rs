//! What was probably meant by a word of the command line that is nothing.

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::CommandLine;
use super::failure::{Exit, Failure};
use crate::config::nearest;
use crate::domain::id::IncidentId;
use crate::domain::text::SafeText;

/// The command whose name is almost this.
pub(super) fn command_like(word: &str) -> Option<String> {
    let line = CommandLine::command();
    nearest(&word.to_ascii_lowercase(), line.get_subcommands().map(clap::Command::get_name))
        .map(str::to_owned)
}

/// A word that is neither a command nor an incident.
pub(super) fn no_command_or_incident(word: &str) -> Failure {
    refused("command or incident", word)
}

/// Where words follow a first one that names no command, that one is wrong and not those clap complains of.
pub(super) fn first_word(error: &clap::Error) -> Option<Failure> {
    if !matches!(error.kind(), ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument) {
        return None;
    }
    let read = CommandLine::command().ignore_errors(true).try_get_matches_from(std::env::args_os()).ok()?;
    let word = read.get_one::<String>("id").filter(|_| read.subcommand().is_none())?;
    let incident = word.parse::<u64>().is_ok() || IncidentId::parse(&word.to_ascii_uppercase()).is_some();
    (!incident).then(|| refused("command", word))
}

/// An option that `quell list` took for a query.
pub(super) fn no_option(word: &str) -> Failure {
    let line = CommandLine::command();
    let known = line.get_arguments().filter_map(clap::Arg::get_long);
    let remedy = match nearest(word.trim_start_matches('-'), known.chain(["help"])) {
        Some(meant) => format!("did you mean `--{meant}`?"),
        None => "`quell list --help` shows those there are".to_owned(),
    };
    Failure::new(Exit::Usage, format!("there is no option `{}`; {remedy}", SafeText::exact(word)))
}

fn refused(what: &str, word: &str) -> Failure {
    let remedy = match command_like(word) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`quell list` shows the incidents, `quell help` the commands".to_owned(),
    };
    Failure::new(Exit::Usage, format!("there is no {what} `{}`; {remedy}", SafeText::exact(word)))
}
