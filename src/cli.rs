//! The command line: one file per subcommand, one writer, and what each exit code means.

mod approval;
mod beat;
mod boot;
mod bulletin;
mod completions;
mod config;
mod confirm;
mod console;
mod contain;
mod demo;
mod doctor;
mod escalate;
mod evidence;
mod failure;
mod follow;
mod gate;
mod handover;
mod identity;
mod ledger;
mod list;
mod look;
mod open;
mod opener;
mod out;
mod packet;
mod plan;
mod replay;
mod report;
mod review;
mod row;
mod settle;
mod show;
mod tie;
mod wait;
mod wall;
mod watch;
mod words;
mod work;
mod wrong;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};

use crate::console::look::Look;
use crate::domain::action::Verb;
use crate::domain::version::VERSION;
use crate::os;
use failure::{Exit, Failure};
use out::Out;

const EXIT_CODES: &str = "Exit codes: 0 ok, 1 refused, 2 usage or configuration, 3 unreachable, \
                          4 outcome unknown, 70 bug.";

/// The on-call console: what is burning, contained and escalated from the keyboard, with proof.
#[derive(Debug, Parser)]
#[command(name = "quell", bin_name = "quell", version = VERSION, about, after_help = EXIT_CODES)]
pub struct CommandLine {
    #[command(flatten)]
    global: Global,
    /// The incident to open the console on
    id: Option<String>,
    /// Record the session in this file, for `quell replay`: not what is typed, nor what is sensitive
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
struct Global {
    /// Read this configuration instead of the usual one
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    /// Use ASCII characters only, as where the locale is not of UTF-8
    #[arg(long, global = true)]
    ascii: bool,
    /// Draw the console and the wall in these colours
    #[arg(long, value_name = "NAME", value_parser = looks())]
    theme: Option<Look>,
}

impl Global {
    /// The same in this look, where one is named behind the command.
    fn looking(&self, theme: Option<Look>) -> Self {
        Self { theme: theme.or(self.theme), ..self.clone() }
    }
}

/// The looks there are, so that another is refused with their names.
fn looks() -> impl TypedValueParser<Value = Look> {
    PossibleValuesParser::new(Look::NAMES).map(|name| Look::named(&name).unwrap_or_default())
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the console on a simulated exchange: nothing leaves this machine
    Demo(demo::Demo),
    /// Show a screen across the room what burns; no key acts but ctrl-c, which leaves
    Wall(wall::Wall),
    /// List incidents, what burns hardest first
    List(list::List),
    /// Show an incident with everything that happened to it
    Show(show::Show),
    /// Say what changes, a sentence each, until it is interrupted
    Watch(watch::Watch),
    /// End as soon as an incident matches
    Wait(wait::Wait),
    /// Go through a recorded session: nothing acts
    Replay(replay::Replay),
    /// Open an incident by hand and print its id
    Open(open::Open),
    #[command(flatten)]
    Work(work::Work),
    #[command(flatten)]
    Tie(tie::Ties),
    /// List what applies to an incident, or print what any verb would send; send nothing
    Plan(plan::DryRun),
    /// Carry out a containment and wait for its verification
    #[command(
        override_usage = "quell contain <ID> <PLAYBOOK|--plan <HASH>> [--set <KEY=VALUE>]... <--yes|--confirm-target <VALUE>>"
    )]
    Contain(contain::Change),
    /// Reverse a containment and wait for its verification
    Undo(contain::Undo),
    /// Ask the source of an incident: acknowledge there, reassign, silence
    #[command(
        override_usage = "quell upstream <ID> <PLAYBOOK|--plan <HASH>> [--set <KEY=VALUE>]... <--yes|--confirm-target <VALUE>>"
    )]
    Upstream(contain::Change),
    /// List what waits for a second person; with HASH, be that person and wait for the verification
    Approve(approval::Approve),
    /// Send the next step of an escalation path
    Escalate(escalate::Escalate),
    /// Tell users, partners, the public, a regulator or the house what goes on
    Bulletin(bulletin::Send),
    /// Print what an escalation would say, and where each value was found
    Packet(packet::Packet),
    /// Print the post-mortem of an incident, or write down what was learnt
    Review(review::Review),
    /// Say how fast the response is; with --since, the hand-over card of that watch first
    Report(report::Report),
    /// Offer the watch to the next person, or take it
    Handover(handover::Handover),
    /// Keep files with an incident, and export everything about one
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    /// Read or verify the account of everything that happened
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    /// Make or show the key you act with
    #[command(subcommand)]
    Identity(identity::Identity),
    /// Say that what a heartbeat monitor watches lives
    Beat(beat::Beat),
    /// Say what works and why something does not
    Doctor(doctor::Doctor),
    /// Write, check or show the configuration
    #[command(subcommand)]
    Config(config::Config),
    /// Print completions for a shell
    Completions(completions::Completions),
    /// Print the manual page
    Man,
}

/// Reads the command line. What is wrong with it, and help that was asked for, is printed already.
///
/// # Errors
/// The code to exit with.
pub fn parse() -> Result<CommandLine, ExitCode> {
    let parsed = CommandLine::try_parse().map(|mut line| {
        line.global.ascii |= look::is_ascii(os::env::var);
        line
    });
    parsed.map_err(|error| {
        // It repeats words of the command line, which may hold anything: not clap but our writer prints it.
        let exit = if error.use_stderr() { Exit::Usage } else { Exit::Ok };
        match wrong::first_word(&error) {
            Some(failure) => Out::new(false, false).failure(&failure),
            None => Out::new(false, false).text(&error.render().to_string(), exit),
        }
        exit.into()
    })
}

/// Does what the command line asks for.
pub fn run(command_line: &CommandLine) -> ExitCode {
    let out = Out::new(command_line.global.json, command_line.global.ascii);
    // The console puts a hook of its own in this one's place.
    std::panic::set_hook(Box::new(|panic| {
        Out::new(false, false).bug(&panic.to_string());
        end_of_a_bug();
    }));
    match work_on(command_line, &out) {
        Ok(code) => code,
        Err(failure) => {
            out.failure(&failure);
            failure.exit.into()
        }
    }
}

/// A panic in any task is the end of the command: it must not go on with half of what it does.
#[expect(clippy::exit, reason = "a panic may be in a task that nobody waits for")]
fn end_of_a_bug() -> ! {
    std::process::exit(u8::from(Exit::Bug).into())
}

/// How many workers its tasks have, and how many threads it has at work in all.
const CONSOLE: (usize, usize) = (2, 8);
/// The same of a command that answers once. Each thread allocates in memory of its own.
const ONE_SHOT: (usize, usize) = (1, 6);

impl CommandLine {
    fn threads(&self) -> (usize, usize) {
        match self.command {
            None
            | Some(
                Command::Demo(_)
                | Command::Wall(_)
                | Command::Watch(_)
                | Command::Wait(_)
                | Command::Replay(_),
            ) => CONSOLE,
            Some(_) => ONE_SHOT,
        }
    }
}

fn work_on(command_line: &CommandLine, out: &Out) -> Result<ExitCode, Failure> {
    let (workers, threads) = command_line.threads();
    os::harden()?;
    os::memory::enough().map_err(|why| Failure::new(Exit::Unreachable, why.detail.safe().to_string()))?;
    os::spawn::room_for(threads).map_err(|error| {
        let how = "raise the limit on processes (ulimit -u), or end some";
        Failure::new(Exit::Unreachable, format!("this machine gives quell no more threads: {error}; {how}"))
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::new(Exit::Unreachable, format!("the tasks of this program cannot be started: {error}"))
    })?;
    let ended = runtime.block_on(async {
        os::outlive_file_limit()?;
        dispatch(command_line, out).await
    });
    // A thread that hangs in a system call must not keep the program.
    runtime.shutdown_background();
    ended
}

async fn dispatch(command_line: &CommandLine, out: &Out) -> Result<ExitCode, Failure> {
    let global = &command_line.global;
    let Some(command) = &command_line.command else {
        return console::run(global, command_line.id.clone(), command_line.record.as_deref()).await;
    };
    if command_line.record.is_some() {
        return Err(Failure::new(
            Exit::Usage,
            "--record records the console; it goes with no command but demo: quell demo --record FILE",
        ));
    }
    if let Some(id) = &command_line.id {
        return Err(Failure::new(Exit::Usage, format!("what is `{id}` for? a command comes first")));
    }
    let exit = match command {
        Command::Demo(demo) => return demo.run(global, out).await,
        Command::Wall(wall) => return wall.run(global).await,
        Command::List(list) => list.run(global, out).await?,
        Command::Watch(watch) => return watch.run(global, out).await,
        Command::Wait(wait) => return wait.run(global, out).await,
        Command::Replay(replay) => return replay.run(global, out).await,
        Command::Show(show) => show.run(global, out).await?,
        Command::Open(open) => open.run(global, out).await?,
        Command::Work(work) => work.run(global, out).await?,
        Command::Tie(ties) => ties.run(global, out).await?,
        Command::Plan(plan) => plan.run(global, out).await?,
        Command::Contain(change) => change.run(global, out, |playbook| Verb::Contain { playbook }).await?,
        Command::Undo(undo) => undo.run(global, out).await?,
        Command::Upstream(change) => change.run(global, out, |playbook| Verb::Upstream { playbook }).await?,
        Command::Approve(approve) => approve.run(global, out).await?,
        Command::Escalate(escalate) => escalate.run(global, out).await?,
        Command::Bulletin(bulletin) => bulletin.run(global, out).await?,
        Command::Packet(packet) => packet.run(global, out).await?,
        Command::Review(review) => review.run(global, out).await?,
        Command::Report(report) => report.run(global, out).await?,
        Command::Handover(handover) => handover.run(global, out).await?,
        Command::Evidence(evidence) => evidence.run(global, out).await?,
        Command::Ledger(ledger) => ledger.run(global, out).await?,
        Command::Identity(identity) => identity.run(global, out).await?,
        Command::Beat(beat) => beat.run(global, out).await?,
        Command::Doctor(doctor) => doctor.run(global, out).await?,
        Command::Config(config) => config.run(global, out)?,
        Command::Completions(completions) => completions.run(out)?,
        Command::Man => completions::man(out)?,
    };
    Ok(exit.into())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parsed(line: &str) -> Result<CommandLine, clap::Error> {
        CommandLine::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_command_that_answers_once_has_one_worker() {
        let workers = |line| parsed(line).unwrap().threads().0;
        assert_eq!(["quell list", "quell ack 1", "quell show 1"].map(workers), [1; 3]);
        assert_eq!(["quell", "quell demo", "quell wall", "quell watch"].map(workers), [2; 4]);
    }

    #[test]
    fn a_look_that_does_not_exist_is_refused_with_those_that_do() {
        let refused = parsed("quell --theme solarized wall").unwrap_err().to_string();
        assert!(Look::NAMES.iter().all(|name| refused.contains(name)), "{refused}");
        assert!(
            parsed("quell wall --theme colour-blind").is_ok() && parsed("quell list --theme mono").is_err()
        );
        let look = parsed("quell --theme colour-blind").unwrap().global.theme;
        assert_eq!(look, Some(Look::ColourBlind));
    }

    #[test]
    fn an_id_alone_opens_the_console_there_and_options_stand_anywhere() {
        assert_eq!(parsed("quell ANA-42").unwrap().id.as_deref(), Some("ANA-42"));
        assert!(parsed("quell --config x list --json -is:acked").unwrap().command.is_some());
        assert!(parsed("quell list --config x --json").unwrap().global.json);
        assert!(parsed("quell impact 1").is_err());
        assert!(parsed("quell impact 1 --users 5..7").is_ok());
        assert!(parsed("quell impact 1 --users 5 --unknown because").is_err());
        assert!(parsed("quell contain 1 freeze --yes --confirm-target 5").is_err());
        assert!(parsed("quell contain 1 --yes").is_err());
        assert!(parsed("quell contain 1 freeze --plan abc --yes").is_err());
    }
}
