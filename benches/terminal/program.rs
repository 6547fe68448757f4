//! Programs in a terminal, whose bytes are only counted: quell in a home of its own, and a stock table.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

/// The size of every terminal.
pub const COLS: u16 = 200;
/// Its rows.
pub const ROWS: u16 = 60;
/// Nothing takes longer here, but for the first reading of everything.
pub const BOUND: Duration = Duration::from_secs(120);

/// A folder with a configuration and a ledger.
pub struct Home(TempDir);

impl Home {
    /// An empty one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn config(&self, source: &str) -> std::path::PathBuf {
        let file = self.0.path().join("config.toml");
        std::fs::write(&file, format!("operator = 'ana'\n{source}")).unwrap();
        file
    }

    /// quell, which asks nobody.
    pub fn alone(&self) -> CommandBuilder {
        self.command(&self.config(""))
    }

    /// quell, which asks this server so often.
    pub fn watching(&self, port: u16, every: &str) -> CommandBuilder {
        let source = format!(
            "[[source]]\nkind = 'alertmanager'\nname = 'am'\nevery = '{every}'\nurls = ['http://127.0.0.1:{port}']\n"
        );
        self.command(&self.config(&source))
    }

    fn command(&self, config: &Path) -> CommandBuilder {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quell"));
        command.args(["--config".as_ref(), config.as_os_str()]);
        command.env("HOME", self.0.path());
        command.env("XDG_STATE_HOME", self.0.path());
        command.env_remove("XDG_CONFIG_HOME");
        command
    }

    /// Opens an incident by hand, as a command.
    pub fn opens(&self, title: &str) {
        let config = self.config("");
        let mut quell = Command::new(env!("CARGO_BIN_EXE_quell"));
        quell.arg("--config").arg(config).args(["open", "--severity", "critical", title]);
        quell.env("HOME", self.0.path()).env("XDG_STATE_HOME", self.0.path()).env_remove("XDG_CONFIG_HOME");
        assert!(quell.output().unwrap().status.success());
    }
}

/// A program in a terminal, whose bytes are only counted.
pub struct Program {
    /// Held, so that the terminal is there.
    _master: Box<dyn MasterPty + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    /// What is typed.
    pub keys: Box<dyn Write + Send>,
    /// When bytes came.
    pub seen: Receiver<Instant>,
    /// Seconds from its start until the text was on the screen.
    pub shown_after: f64,
}

impl Program {
    /// Starts it and waits until it has shown this text.
    pub fn start(mut command: CommandBuilder, text: &str) -> Self {
        command.env("TERM", "xterm-256color");
        let pair =
            native_pty_system().openpty(PtySize { rows: ROWS, cols: COLS, ..PtySize::default() }).unwrap();
        let began = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        let keys = pair.master.take_writer().unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (into, seen) = channel();
        let (ready, shown) = channel();
        let wanted = text.to_owned();
        std::thread::spawn(move || {
            let mut screen = Some(vt100::Parser::new(ROWS.try_into().unwrap(), COLS.try_into().unwrap(), 0));
            let mut bytes = [0; 65536];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                let now = Instant::now();
                if let Some(parser) = &mut screen {
                    parser.process(&bytes[..read]);
                    if parser.screen().contents().contains(&wanted) {
                        screen = None;
                        let _gone = ready.send(now);
                    }
                }
                if into.send(now).is_err() {
                    break;
                }
            }
        });
        let shown_after = (shown.recv_timeout(BOUND).unwrap() - began).as_secs_f64();
        Self { _master: pair.master, child, keys, seen, shown_after }
    }

    /// The stock table, with so many rows.
    pub fn stock(rows: usize) -> CommandBuilder {
        let mut stock = CommandBuilder::new(std::env::current_exe().unwrap());
        stock.env("STOCK_ROWS", rows.to_string());
        stock
    }

    /// Millions of bytes that are resident, and how many of these are pages of files.
    pub fn resident(&self) -> [f64; 2] {
        let pid = self.child.process_id().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let kib =
            |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next());
        ["VmRSS:", "RssFile:"].map(|name| kib(name).unwrap().parse::<f64>().unwrap() * 1024.0 / 1e6)
    }

    /// Seconds of processor time all of its threads have used so far.
    pub fn processor_time(&self) -> f64 {
        let pid = self.child.process_id().unwrap();
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
        let used = |task: std::fs::DirEntry| -> f64 {
            let said = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            said.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0.0)
        };
        tasks.flatten().map(used).sum::<f64>() / 1e9
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
