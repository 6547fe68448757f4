//! A private machine for one test: its own home, configuration and state, and the real binary.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;

use rustix::process::{Pid, Signal};
use tempfile::TempDir;

use super::{BOUND, pty::Pty};

/// The user and group that own nothing.
const NOBODY: u32 = 65534;
/// What everybody has in a private folder.
const FOLDERS: [&str; 5] = ["config/quell", "state", "cache", "runtime", "home"];

/// A private folder with everything quell reads and writes. Gone when dropped.
pub struct Scratch {
    folder: TempDir,
    /// The user whose machine it is, where that is not who runs the tests.
    user: Option<u32>,
}

/// What a finished command left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Everything printed.
    pub stdout: String,
    /// Everything complained.
    pub stderr: String,
}

impl Scratch {
    /// A new machine, without any configuration.
    pub fn new() -> Self {
        let folder = TempDir::with_prefix("quell-").unwrap();
        for name in FOLDERS {
            let path = folder.path().join(name);
            std::fs::create_dir_all(&path).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o700)).unwrap();
        }
        Self { folder, user: None }
    }

    /// A new machine whose user is not root, whoever runs the tests: root may do everything.
    pub fn of_a_plain_user() -> Self {
        let mut scratch = Self::new();
        if rustix::process::geteuid().is_root() {
            for name in FOLDERS.iter().chain(&["", "config"]) {
                chown(scratch.path(name), Some(NOBODY), Some(NOBODY)).unwrap();
            }
            // Where it was built, only root may be allowed to go.
            let (built, here) = (env!("CARGO_BIN_EXE_quell"), scratch.path("quell"));
            std::fs::hard_link(built, &here).or_else(|_| std::fs::copy(built, &here).map(drop)).unwrap();
            scratch.user = Some(NOBODY);
        }
        scratch
    }

    /// The same, with this configuration.
    pub fn with_config(config: &str) -> Self {
        let scratch = Self::new();
        scratch.write_config(config);
        scratch
    }

    /// Replaces the configuration. Nobody else can read it: it may hold secrets.
    pub fn write_config(&self, config: &str) {
        std::fs::write(self.config_file(), config).unwrap();
        std::fs::set_permissions(self.config_file(), PermissionsExt::from_mode(0o600)).unwrap();
        if let Some(user) = self.user {
            chown(self.config_file(), Some(user), Some(user)).unwrap();
        }
    }

    /// Where the configuration stands.
    pub fn config_file(&self) -> PathBuf {
        self.path("config/quell/config.toml")
    }

    /// Where quell keeps its ledger.
    pub fn state(&self) -> PathBuf {
        self.path("state/quell")
    }

    /// A path on this machine.
    pub fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(inside)
    }

    /// quell on this machine, not started: change its environment before [`run`] or [`Pty::start`].
    pub fn quell(&self, arguments: &[&str]) -> Command {
        let Some(user) = self.user else { return self.program(env!("CARGO_BIN_EXE_quell"), arguments) };
        let mut command = self.program(self.path("quell").to_str().unwrap(), arguments);
        command.uid(user).gid(user);
        command
    }

    /// quell on this machine with less of something than usual, `--nproc=4` say; not started.
    pub fn limited(&self, limit: &str, arguments: &[&str]) -> Command {
        let quell = self.quell(&[]).get_program().to_str().unwrap().to_owned();
        let mut command = self.program("prlimit", &[&[limit, "--", &quell][..], arguments].concat());
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
    }

    /// Any program on this machine, not started.
    pub fn program(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("LANG", "C.UTF-8").env("USER", "ana").env("HOME", self.path("home"));
        command.env("XDG_CONFIG_HOME", self.path("config")).env("XDG_STATE_HOME", self.path("state"));
        command.env("XDG_CACHE_HOME", self.path("cache")).env("XDG_RUNTIME_DIR", self.path("runtime"));
        command
    }

    /// Runs quell to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(&mut self.quell(arguments))
    }

    /// Starts quell in a terminal of this size.
    pub fn console(&self, arguments: &[&str], columns: u16, rows: u16) -> Pty {
        assert!(self.user.is_none(), "a terminal's program is run by who runs the tests");
        Pty::start(&self.quell(arguments), columns, rows)
    }
}

/// Runs a command to its end; kills it and panics after [`BOUND`].
pub fn run(command: &mut Command) -> Ran {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let pid = Pid::from_child(&child);
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = receiver.recv_timeout(BOUND) else {
        let _gone = rustix::process::kill_process(pid, Signal::KILL);
        panic!("{command:?} has not ended in {BOUND:?}");
    };
    let Output { status, stdout, stderr } = output.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

impl Ran {
    /// The output, after checking that all went well.
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// The output as JSON, after checking that all went well.
    pub fn json(self) -> serde_json::Value {
        let output = self.ok();
        serde_json::from_str(&output).unwrap_or_else(|error| panic!("{error} in {output}"))
    }
}
