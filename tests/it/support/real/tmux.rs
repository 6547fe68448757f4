//! A program inside a real tmux, inside our terminal.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::programs;
use crate::support::{pty::Pty, scratch};

/// A tmux server with one window, attached to a terminal of ours.
pub struct Tmux {
    /// What the outer terminal sees.
    pub outer: Pty,
    folder: TempDir,
    program: PathBuf,
}

impl Tmux {
    /// Runs a command inside tmux, with passthrough on or off. It gets its own environment, and tmux's.
    pub fn start(command: &Command, passthrough: bool, columns: u16, rows: u16) -> Option<Self> {
        let passthrough = if passthrough { "on" } else { "off" };
        Self::set(command, &format!("allow-passthrough {passthrough}"), columns, rows)
    }

    /// The same, with this option of sessions or windows.
    pub fn set(command: &Command, option: &str, columns: u16, rows: u16) -> Option<Self> {
        let [program] = programs(["tmux"])?;
        let folder = TempDir::with_prefix("quell-tmux-").unwrap();
        let config = format!(
            "set -g default-terminal tmux-256color\nset -g set-titles on\n\
             set -s focus-events on\nset -s escape-time 0\nset -g status off\n\
             set -g monitor-bell on\nset -g bell-action any\nset -g visual-bell off\nset -g {option}\n"
        );
        std::fs::write(folder.path().join("tmux.conf"), config).unwrap();
        let mut tmux = Command::new(&program);
        tmux.arg("-S").arg(folder.path().join("socket")).arg("-f").arg(folder.path().join("tmux.conf"));
        tmux.args(["new-session", "-x", &columns.to_string(), "-y", &rows.to_string(), "--"]);
        tmux.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                tmux.env(name, value);
            }
        }
        tmux.env("SHELL", "/bin/sh");
        if let Some(directory) = command.get_current_dir() {
            tmux.current_dir(directory);
        }
        let outer = Pty::start(&tmux, columns, rows);
        Some(Self { outer, folder, program })
    }

    /// Attaches another terminal to it, which says it is of this kind.
    pub fn attach(&self, term: &str, columns: u16, rows: u16) -> Pty {
        let mut tmux = Command::new(&self.program);
        tmux.arg("-S").arg(self.socket()).arg("attach").env("TERM", term);
        Pty::start(&tmux, columns, rows)
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Gives this server a command, as `tmux COMMAND …` would.
    pub fn tell(&self, arguments: &[&str]) -> scratch::Ran {
        let mut command = Command::new(&self.program);
        scratch::run(command.arg("-S").arg(self.socket()).args(arguments))
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ended_before = self.tell(&["kill-server"]);
    }
}
