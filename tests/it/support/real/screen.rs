//! A program inside a real GNU screen, inside our terminal.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::programs;
use crate::support::{pty::Pty, scratch};

/// A session of GNU screen with one window, attached to a terminal of ours.
pub struct Screen {
    /// What the outer terminal sees.
    pub outer: Pty,
    folder: TempDir,
    program: PathBuf,
}

impl Screen {
    /// Runs a command inside screen, whose visual bell is `on` (as Debian has it) or `off`. It gets its own environment, and
    /// screen's.
    pub fn start(command: &Command, vbell: &str, columns: u16, rows: u16) -> Option<Self> {
        let [program] = programs(["screen"])?;
        let folder = TempDir::with_prefix("quell-screen-").unwrap();
        let config = folder.path().join("screenrc");
        std::fs::write(&config, format!("startup_message off\nvbell {vbell}\ndefutf8 on\n")).unwrap();
        let sockets = folder.path().join("sockets");
        std::fs::create_dir(&sockets).unwrap();
        std::fs::set_permissions(&sockets, std::fs::Permissions::from_mode(0o700)).unwrap();
        let mut screen = Command::new(&program);
        screen.arg("-U").arg("-c").arg(&config).args(["-S", "quell"]);
        screen.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                screen.env(name, value);
            }
        }
        screen.env("SHELL", "/bin/sh").env("SCREENDIR", &sockets);
        if let Some(directory) = command.get_current_dir() {
            screen.current_dir(directory);
        }
        let outer = Pty::start(&screen, columns, rows);
        Some(Self { outer, folder, program })
    }
}

impl Screen {
    /// Attaches another terminal to it.
    pub fn attach(&self, columns: u16, rows: u16) -> Pty {
        let mut screen = Command::new(&self.program);
        screen.args(["-U", "-r", "quell"]).env("SCREENDIR", self.folder.path().join("sockets"));
        Pty::start(&screen, columns, rows)
    }

    /// Gives the session a command.
    pub fn tell(&self, told: &str) {
        let mut command = Command::new(&self.program);
        command.args(["-S", "quell", "-X", told]).env("SCREENDIR", self.folder.path().join("sockets"));
        let _ended_before = scratch::run(&mut command);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.tell("quit");
    }
}
