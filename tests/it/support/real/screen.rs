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
    session: Session,
}

/// A session of GNU screen that ends with this.
pub struct Session {
    folder: TempDir,
    program: PathBuf,
}

impl Session {
    /// What runs a command inside screen, whose visual bell is `on` (as Debian has it) or `off`. It gets its own environment,
    /// and screen's.
    pub fn of(command: &Command, vbell: &str) -> Option<(Self, Command)> {
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
        Some((Self { folder, program }, screen))
    }

    /// Where its socket is.
    pub fn sockets(&self) -> PathBuf {
        self.folder.path().join("sockets")
    }

    /// Gives the session a command.
    fn tell(&self, told: &str) {
        let mut command = Command::new(&self.program);
        command.args(["-S", "quell", "-X", told]).env("SCREENDIR", self.sockets());
        let _ended_before = scratch::run(&mut command);
    }
}

impl Screen {
    /// Runs a command inside screen, attached to a terminal of this size.
    pub fn start(command: &Command, vbell: &str, columns: u16, rows: u16) -> Option<Self> {
        let (session, screen) = Session::of(command, vbell)?;
        Some(Self { outer: Pty::start(&screen, columns, rows), session })
    }

    /// Attaches another terminal to it.
    pub fn attach(&self, columns: u16, rows: u16) -> Pty {
        let mut screen = Command::new(&self.session.program);
        screen.args(["-U", "-r", "quell"]).env("SCREENDIR", self.session.sockets());
        Pty::start(&screen, columns, rows)
    }

    /// Gives the session a command.
    pub fn tell(&self, told: &str) {
        self.session.tell(told);
    }

    /// What it sets in its windows: its name, and where its socket is.
    pub fn variables(&self) -> [(&'static str, String); 2] {
        let sockets = self.session.sockets();
        let mut named = std::fs::read_dir(&sockets).unwrap().map(|it| it.unwrap().file_name());
        [("STY", named.next().unwrap().into_string().unwrap()), ("SCREENDIR", sockets.display().to_string())]
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.tell("quit");
    }
}
