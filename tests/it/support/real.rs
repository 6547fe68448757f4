//! Real servers from Debian's packages. Each is `None` with a printed SKIP where its program is missing;
//! with `QUELL_REQUIRE_REAL=1` that is a failure.

mod aiosmtpd;
mod alertmanager;
mod desktop;
mod keyring;
mod prometheus;
mod python;
mod screen;
mod ssh_agent;
mod tmux;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal};

use super::eventually;

pub use aiosmtpd::Aiosmtpd;
pub use alertmanager::Alertmanager;
pub use desktop::{Bus, Dunst, Mock};
pub use keyring::Keyring;
pub use prometheus::Prometheus;
pub use python::Python;
pub use screen::{Screen, Session as ScreenSession};
pub use ssh_agent::SshAgent;
pub use tmux::Tmux;

/// A program that is killed, by its process id, when dropped.
pub struct Server(Child);

impl Server {
    /// Starts a program; what it prints goes to a file.
    fn start(command: &mut Command, log: &Path) -> Self {
        let file = File::create(log).unwrap();
        let output = file.try_clone().unwrap();
        let command = command.stdin(Stdio::null()).stdout(output).stderr(file);
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Asks it to end, and waits until it has.
    fn terminate(mut self) {
        rustix::process::kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        eventually("the server to end", || self.0.try_wait().unwrap());
    }

    /// Kills it, and waits until it is gone.
    fn end(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Panics with the log if the program has ended already.
    fn assert_runs(&mut self, log: &Path) {
        if let Some(status) = self.0.try_wait().unwrap() {
            panic!("it ended with {status}:\n{}", std::fs::read_to_string(log).unwrap_or_default());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_before = self.0.kill();
        let _reaped_before = self.0.wait();
    }
}

/// Finds these programs, or says what is missing.
pub fn programs<const N: usize>(names: [&str; N]) -> Option<[PathBuf; N]> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = names.map(|name| {
        let place = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
        place.unwrap_or_else(|| PathBuf::from(name))
    });
    match found.iter().find(|file| !file.is_file()) {
        None => Some(found),
        Some(missing) => {
            skip(&missing.display().to_string());
            None
        }
    }
}

/// A program that makes system calls of another one fail.
pub fn strace() -> Option<PathBuf> {
    programs(["strace"]).map(|[strace]| strace)
}

/// Says that something is not installed; fails where it must be.
pub fn skip(what: &str) {
    eprintln!("SKIP: {what} is not installed");
    let required = std::env::var("QUELL_REQUIRE_REAL").is_ok_and(|value| value == "1");
    assert!(!required, "{what} is not installed, and QUELL_REQUIRE_REAL=1 asks for it");
}
