//! Programs that the person sees: an editor that takes the terminal, and what shows a link on their desktop.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{SigSet, SigmaskHow, Signal as Masked};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpgrp, kill_process_group, waitid};
use rustix::stdio::stdin;
use rustix::termios::{tcgetpgrp, tcsetpgrp};
use tokio::process::Child;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

use super::{command, find, keep_files, not_started};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::time::Span;

/// A program that has not failed after so long goes on by itself.
const FAILS_WITHIN: Span = Span::secs(3);

/// A program that has the terminal. It is a process group of its own, in the foreground: what is typed there, `ctrl-z`
/// as well, is for nobody else.
pub struct Editor {
    child: Child,
    group: Option<Pid>,
    /// Some child of ours ended, was stopped, or goes on.
    turns: tokio::signal::unix::Signal,
}

/// Starts an editor on a file. It has the terminal, and the environment and folder quell has.
///
/// # Errors
/// A [local](Fault::local) fault: it was not started.
pub fn edit(argv: &[String], file: &Path) -> Result<Editor, Fault> {
    // A group of another PID namespace has no id here by which it could have the terminal again.
    if nix::unistd::getpgrp().as_raw() == 0 {
        return Err(Fault::local("quell could not take the terminal back here; start it with setsid"));
    }
    let mut command = command(&found(argv)?)?;
    keep_files();
    let name = argv.first().map_or("", String::as_str);
    let turns = signal(SignalKind::child()).map_err(|error| not_started(name, &error))?;
    command.arg(file).process_group(0).kill_on_drop(true);
    let child = command.spawn().map_err(|error| not_started(name, &error))?;
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let editor = Editor { child, group, turns };
    editor.go_on();
    Ok(editor)
}

impl Editor {
    /// Waits for its end. Who stops it would leave it with nobody to continue it, so it goes on at once.
    ///
    /// # Errors
    /// It was lost from sight.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        loop {
            tokio::select! {
                ended = self.child.wait() => return ended,
                _ = self.turns.recv() => if self.is_stopped() { self.go_on() },
            }
        }
    }

    /// Gives it the terminal, unless somebody else has taken that, and lets it go on where it was stopped: it may have asked
    /// for the terminal before it had it.
    pub fn go_on(&self) {
        let Some(group) = self.group else { return };
        if tcgetpgrp(stdin()).is_ok_and(|now| now != group && now != getpgrp()) {
            return;
        }
        put_in_foreground(group);
        kill_process_group(group, Signal::CONT).ok();
    }

    /// Whether what is typed is for it.
    pub fn has_terminal(&self) -> bool {
        self.group.is_some_and(|group| tcgetpgrp(stdin()).is_ok_and(|now| now == group))
    }

    /// Has it stop, as a shell would, waits a little until it has, and takes the terminal.
    pub async fn stop(&mut self, within: Duration) {
        self.group.map(|group| kill_process_group(group, Signal::TSTP).ok());
        let stopped = async {
            while !self.is_stopped() {
                self.turns.recv().await;
            }
        };
        drop(timeout(within, stopped).await);
        put_in_foreground(getpgrp());
    }

    /// Asks it to end and waits a little; it is killed when this is dropped.
    pub async fn end(&mut self, within: Duration) {
        self.group.map(|group| kill_process_group(group, Signal::TERM).ok());
        drop(timeout(within, self.child.wait()).await);
    }

    fn is_stopped(&self) -> bool {
        let look = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG;
        let seen = self.group.map(|leader| waitid(WaitId::Pid(leader), look));
        matches!(seen, Some(Ok(Some(status))) if status.stopped())
    }
}

impl Drop for Editor {
    /// The terminal is ours again.
    fn drop(&mut self) {
        put_in_foreground(getpgrp());
    }
}

/// Makes a process group the one that has the terminal.
fn put_in_foreground(group: Pid) {
    let mut stops = SigSet::empty();
    stops.add(Masked::SIGTTOU);
    // Who is in the background is stopped for this, unless that signal is blocked.
    let before = stops.thread_swap_mask(SigmaskHow::SIG_BLOCK);
    tcsetpgrp(stdin(), group).ok();
    before.map(|before| before.thread_set_mask().ok()).ok();
}

/// Gives something to a program of the person's desktop, as its last argument, and leaves it alone with that.
///
/// # Errors
/// It was not started, or said at once that it cannot.
pub async fn open(argv: &[String], what: &str) -> Result<(), Fault> {
    let argv: Vec<String> = found(argv)?.into_iter().chain([what.to_owned()]).collect();
    let mut command = command(&argv)?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Its own group: what ends the console does not end a browser.
    command.process_group(0);
    keep_files();
    let name = argv.first().map_or("", String::as_str);
    let mut child = command.spawn().map_err(|error| not_started(name, &error))?;
    match timeout(FAILS_WITHIN.std(), child.wait()).await {
        Ok(Ok(status)) if !status.success() => {
            let how = status.code().map_or("a signal".to_owned(), |code| format!("exit {code}"));
            Err(Fault::new(FaultKind::Broken, format!("{name} ended with {how}")))
        }
        Ok(Err(error)) => Err(Fault::local(format!("{name} was lost: {error}"))),
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}

/// The arguments with the whole path of the program in front.
fn found(argv: &[String]) -> Result<Vec<String>, Fault> {
    let (name, rest) = argv.split_first().ok_or_else(|| Fault::local("no program is named; name one"))?;
    Ok(std::iter::once(find(name)?).chain(rest.iter().cloned()).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn program(folder: &Path, script: &str) -> Vec<String> {
        let file = folder.join("show");
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o700)).unwrap();
        vec![file.display().to_string(), "--new-tab".to_owned()]
    }

    #[tokio::test]
    async fn a_link_is_one_argument_and_no_shell_reads_it() {
        let home = tempfile::tempdir().unwrap();
        let seen = home.path().join("seen");
        let argv = program(home.path(), &format!("printf '%s\\n' \"$#\" \"$@\" > {}", seen.display()));
        open(&argv, "https://example.com/?a=$(id)&b='c'").await.unwrap();
        let said = std::fs::read_to_string(seen).unwrap();
        assert_eq!(said, "2\n--new-tab\nhttps://example.com/?a=$(id)&b='c'\n");
    }

    #[tokio::test]
    async fn a_program_that_cannot_show_it_says_so() {
        let home = tempfile::tempdir().unwrap();
        let failed = open(&program(home.path(), "exit 3"), "https://example.com/").await.unwrap_err();
        assert!(failed.detail.raw().contains("exit 3"), "{:?}", failed.detail);
        let missing = open(&["no-such-browser".to_owned()], "https://example.com/").await.unwrap_err();
        assert!(missing.detail.raw().contains("no program no-such-browser"), "{:?}", missing.detail);
        assert!(open(&[], "https://example.com/").await.is_err());
    }
}
