//! A real SSH agent with keys of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Server, programs};
use crate::support::{eventually, scratch};

/// An agent that holds nothing at first.
pub struct SshAgent {
    folder: TempDir,
    keygen: PathBuf,
    add: PathBuf,
    _server: Server,
}

impl SshAgent {
    /// Starts one.
    pub fn start() -> Option<Self> {
        let [agent, keygen, add] = programs(["ssh-agent", "ssh-keygen", "ssh-add"])?;
        let folder = TempDir::with_prefix("quell-agent-").unwrap();
        let (socket, log) = (folder.path().join("socket"), folder.path().join("log"));
        let mut server = Server::start(Command::new(agent).arg("-D").arg("-a").arg(&socket), &log);
        eventually("the agent to listen", || {
            server.assert_runs(&log);
            socket.exists().then_some(())
        });
        Some(Self { folder, keygen, add, _server: server })
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Gives it a new key of this kind; the line of the key's `.pub` file.
    pub fn hold(&self, kind: &str, name: &str) -> String {
        let file = self.folder.path().join(name);
        let mut make = Command::new(&self.keygen);
        scratch::run(make.args(["-q", "-t", kind, "-N", "", "-C", name, "-f"]).arg(&file)).ok();
        self.tell(&[file.to_str().unwrap()]);
        std::fs::read_to_string(file.with_extension("pub")).unwrap()
    }

    /// Takes every key away from it.
    pub fn forget(&self) {
        self.tell(&["-D"]);
    }

    /// What `ssh-keygen -l` says of a public key.
    pub fn fingerprint(&self, line: &str) -> String {
        let file = self.folder.path().join("asked");
        std::fs::write(&file, line).unwrap();
        let said = scratch::run(Command::new(&self.keygen).arg("-lf").arg::<&Path>(&file)).ok();
        said.split(' ').nth(1).unwrap().to_owned()
    }

    fn tell(&self, arguments: &[&str]) {
        let mut command = Command::new(&self.add);
        scratch::run(command.env("SSH_AUTH_SOCK", self.socket()).args(arguments)).ok();
    }
}
