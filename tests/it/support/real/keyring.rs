//! A real keyring on a private session bus, unlocked, with what a test puts there.

use std::io::Write;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal};

use super::{Bus, Server, programs};
use crate::support::scratch;

const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";

/// gnome-keyring's daemon.
pub struct Keyring {
    daemon: Server,
    bus: Bus,
}

impl Keyring {
    /// Starts one, and waits until it answers.
    pub fn start() -> Option<Self> {
        let [daemon, ..] = programs(["gnome-keyring-daemon", "secret-tool", "gdbus"])?;
        let bus = Bus::start()?;
        let password = bus.path("password");
        std::fs::write(&password, "of the keyring").unwrap();
        // It is this very process that is ended, so no shell stays between.
        let mut command = bus.command("sh");
        command.args([
            "-c",
            "exec \"$0\" --unlock --foreground --components=secrets --control-directory=\"$1\" <\"$2\"",
        ]);
        command.arg(daemon).arg(bus.path("control")).arg(password);
        let daemon = Server::start(at_home(&bus, &mut command), &bus.path("keyring.log"));
        scratch::run(bus.command("gdbus").args(["wait", "--session", "--timeout", "10", NAME])).ok();
        Some(Self { daemon, bus })
    }

    /// The value for `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> String {
        self.bus.address()
    }

    /// Keeps a secret under these attributes, in place of another that has them all and no others.
    pub fn store(&self, attributes: &[&str], secret: &str) {
        let mut command = self.bus.command("secret-tool");
        command.args(["store", "--label=quell"]).args(attributes).stdin(Stdio::piped());
        let mut child = at_home(&self.bus, &mut command).spawn().unwrap();
        child.stdin.take().unwrap().write_all(secret.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{attributes:?}");
    }

    /// Locks all of it.
    pub fn lock(&self) {
        let method = "org.freedesktop.Secret.Service.Lock";
        let mut command = self.bus.command("gdbus");
        command.args(["call", "--session", "-d", NAME, "-o", PATH, "-m", method]);
        scratch::run(command.arg(format!("['{PATH}/collection/login']"))).ok();
    }

    /// Makes it answer nothing any more.
    pub fn stall(&self) {
        rustix::process::kill_process(Pid::from_child(&self.daemon.0), Signal::STOP).unwrap();
    }
}

fn at_home<'a>(bus: &Bus, command: &'a mut Command) -> &'a mut Command {
    ["HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"]
        .iter()
        .fold(command, |command, name| command.env(name, bus.path("")))
}
