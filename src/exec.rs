//! Runs outside programs: an argument list and no shell, in a process group that ends with its time.

mod find;
mod foreground;
mod group;
mod kin;
mod output;
mod secrets;
#[cfg(test)]
mod tests;

use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::{Either, join, select};
use rustix::io::Errno;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use crate::domain::fault::{Fault, FaultKind};
use crate::domain::plan::Program;
use crate::domain::time::Span;
use crate::os::env;

use group::Group;

pub use find::find;
pub use foreground::{Editor, edit, open};
pub use output::{OUTPUT_BYTES, Output};
pub use secrets::Secrets;

/// Bytes that a program may find on its standard input: what a pipe holds on any system.
pub const INPUT_BYTES: usize = 4096;

/// How long what was printed may take to arrive once the program has ended: whoever left its group may hold the pipes.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A program that was started, and what came of it.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub ending: Ending,
    /// What it printed.
    pub stdout: Output,
    /// What it complained of.
    pub stderr: Output,
    /// Who is older than it and was given its output to write to, where its time ran out: what they do may go on.
    pub spared: Vec<String>,
    /// What it was trusted with, and what is kept or said of it does not say.
    pub secrets: Secrets,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this code.
    Exited(i32),
    /// By this signal, which was not ours.
    Signalled(i32),
    /// By our hand, after this long.
    OutOfTime(Span),
    /// It was started, and then lost from sight.
    Lost(String),
}

impl Ran {
    /// The code it ended with, where there is one.
    pub fn exit(&self) -> Option<i32> {
        if let Ending::Exited(code) = self.ending { Some(code) } else { None }
    }

    /// Whether it did what it was asked. A code among `refused` says that nothing was done.
    ///
    /// # Errors
    /// What it amounts to is [`Fault::outcome`]'s to say: only a code among `refused` is a no.
    pub fn success(&self, refused: &[i32]) -> Result<(), Fault> {
        let (kind, what) = match &self.ending {
            Ending::Exited(0) => return Ok(()),
            Ending::Exited(code) if refused.contains(code) => (FaultKind::Refused, format!("exit {code}")),
            Ending::Exited(code) => (FaultKind::Broken, format!("exit {code}")),
            Ending::Signalled(signal) => (FaultKind::Broken, format!("killed by signal {signal}")),
            Ending::OutOfTime(within) => {
                let spared = match self.spared.join(", ") {
                    none if none.is_empty() => none,
                    who => format!("; {who} ran before it, writes where it does and was left alone"),
                };
                (FaultKind::NoAnswer, format!("stopped: not done in {within}{spared}"))
            }
            Ending::Lost(why) => (FaultKind::NoAnswer, format!("started, then lost: {why}")),
        };
        let said = self.stderr.last_line(&self.secrets).map(|line| format!(": {line}")).unwrap_or_default();
        Err(Fault::new(kind, format!("{what}{said}")))
    }

    /// Whether it printed anything.
    pub fn said_something(&self) -> bool {
        !self.stdout.kept.is_empty() || !self.stderr.kept.is_empty()
    }

    /// All that is kept of it, as lines that any terminal may show.
    pub fn transcript(&self) -> String {
        let ending =
            self.success(&[]).map_or_else(|fault| fault.detail.safe().to_string(), |()| "exit 0".into());
        format!(
            "{ending}\n{}{}",
            self.stdout.told("stdout", &self.secrets),
            self.stderr.told("stderr", &self.secrets)
        )
    }
}

/// Runs a program that a plan names. It sees `/`, the variables of the plan, and nothing else of quell's.
///
/// # Errors
/// A [local](Fault::local) fault: it was certainly never started. A [`FaultKind::NoAnswer`]: it may have been.
pub async fn run(program: &Program) -> Result<Ran, Fault> {
    feed(program, Vec::new()).await
}

/// As [`run`]; it finds `input`, of at most [`INPUT_BYTES`], on its standard input. Whether it reads that is its own affair.
///
/// # Errors
/// As [`run`].
pub async fn feed(program: &Program, input: Vec<u8>) -> Result<Ran, Fault> {
    let mut command = command(&program.argv)?;
    let passed = program.pass.iter().filter_map(|name| Some((name, env::var(name)?)));
    command.current_dir("/").env_clear().envs(passed).envs(&program.env);
    let ran = watch(command, &program.argv, program.within, input).await?;
    Ok(Ran { secrets: Secrets::passed(&program.pass), ..ran })
}

/// Asks one of the user's own programs, a password store say, which finds the environment and the folder quell has.
///
/// # Errors
/// As [`run`].
pub async fn ask(argv: &[String], within: Span) -> Result<Ran, Fault> {
    watch(command(argv)?, argv, within, Vec::new()).await
}

fn command(argv: &[String]) -> Result<Command, Fault> {
    let (name, arguments) =
        argv.split_first().ok_or_else(|| Fault::local("no program is named; name one"))?;
    if argv.iter().any(|argument| argument.contains('\0')) {
        return Err(Fault::local(format!("{name} cannot be given a zero byte")));
    }
    let mut command = Command::new(name);
    command.args(arguments);
    Ok(command)
}

async fn watch(mut command: Command, argv: &[String], within: Span, input: Vec<u8>) -> Result<Ran, Fault> {
    if input.len() > INPUT_BYTES {
        return Err(Fault::local(format!("{} bytes for its input, at most {INPUT_BYTES} fit", input.len())));
    }
    let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0).kill_on_drop(true);
    let name = argv.first().map_or("", String::as_str);
    keep_files();
    let mut child = command.spawn().map_err(|error| not_started(name, &error))?;
    let mut group = Group::led_by(&child);
    if let Some(mut stdin) = child.stdin.take() {
        // The pipe has room for all of it: nothing waits for a program that does not read.
        stdin.write_all(&input).await.ok();
    }
    let (mut stdout, mut stderr) = (Output::default(), Output::default());
    let (ending, spared) = {
        let reading = pin!(join(stdout.fill(child.stdout.take()), stderr.fill(child.stderr.take())));
        // With the end of this the group ends, whoever may be left in it, so that nothing goes on unwatched.
        let waiting = pin!(async move {
            match timeout(within.std(), child.wait()).await {
                Ok(ended) => (of(ended), Vec::new()),
                Err(_) => {
                    let spared = group.end(&mut child).await;
                    (Ending::OutOfTime(within), spared)
                }
            }
        });
        match select(waiting, reading).await {
            Either::Left((ending, reading)) => {
                timeout(LAST_WORDS, reading).await.ok();
                ending
            }
            Either::Right((_, waiting)) => waiting.await,
        }
    };
    Ok(Ran { ending, stdout, stderr, spared, secrets: Secrets::default() })
}

/// Whatever is open here stays here: what quell opens says so itself, and what it was started with is told now.
fn keep_files() {
    use nix::fcntl::{FcntlArg, FdFlag, fcntl};

    let open = std::fs::read_dir("/dev/fd").into_iter().flatten().flatten();
    let numbers = open.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    for number in numbers.filter(|number| *number > 2) {
        // One that was closed since cannot be passed on either.
        fcntl(number, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).ok();
    }
}

fn of(ended: io::Result<ExitStatus>) -> Ending {
    use std::os::unix::process::ExitStatusExt;

    match ended {
        Ok(status) => match status.code() {
            Some(code) => Ending::Exited(code),
            None => Ending::Signalled(status.signal().unwrap_or_default()),
        },
        Err(error) => Ending::Lost(error.to_string()),
    }
}

/// What a failed start amounts to. Starting a process and then failing to watch it is one failure for us, and only
/// the kernel's own no to the start is certain.
fn not_started(name: &str, error: &io::Error) -> Fault {
    let is_one_of = |all: &[Errno], code| all.iter().any(|errno| errno.raw_os_error() == code);
    match error.raw_os_error() {
        Some(code) if !is_one_of(&[Errno::NOMEM, Errno::NOSPC], code) => {
            // Too many files or processes, or a program that is being replaced.
            let passes = is_one_of(&[Errno::MFILE, Errno::NFILE, Errno::AGAIN, Errno::TXTBSY], code);
            Fault { passes, ..Fault::local(format!("{name} cannot be started: {error}")) }
        }
        _ => Fault::new(FaultKind::NoAnswer, format!("{name} may have been started, and was lost: {error}")),
    }
}
