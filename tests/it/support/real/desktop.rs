//! A private D-Bus session, with a notification server that keeps what it is told, or a real one on a screen.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal};
use serde_json::Value;
use tempfile::TempDir;

use super::{Server, programs, skip};
use crate::support::{eventually, scratch};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// Debian's: another python has no dbus module.
const PYTHON: &str = "/usr/bin/python3";

/// A private D-Bus session without any service.
pub struct Bus {
    folder: TempDir,
    daemon: Server,
}

impl Bus {
    /// Starts one and waits for its socket.
    pub fn start() -> Option<Self> {
        let [daemon] = programs(["dbus-daemon"])?;
        let folder = TempDir::with_prefix("quell-bus-").unwrap();
        std::fs::write(folder.path().join("bus.conf"), bus_config(&folder.path().join("bus"))).unwrap();
        let daemon = listening(&daemon, folder.path());
        Some(Self { folder, daemon })
    }

    /// Ends it, with all its connections, and starts another one at the same place.
    fn start_again(&mut self) {
        let [daemon] = programs(["dbus-daemon"]).unwrap();
        self.daemon.end();
        std::fs::remove_file(self.path("bus")).ok();
        self.daemon = listening(&daemon, self.folder.path());
    }

    /// The value for `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> String {
        format!("unix:path={}", self.path("bus").display())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command on this bus.
    pub(super) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("DBUS_SESSION_BUS_ADDRESS", self.address()).env_remove("DISPLAY");
        command
    }

    /// Waits until somebody answers as the notification server.
    fn until_served(&self) {
        let mut command = self.command("gdbus");
        scratch::run(command.args(["wait", "--session", "--timeout", "10", NAME])).ok();
    }
}

/// A daemon that listens, as the configuration in this folder says.
fn listening(daemon: &Path, folder: &Path) -> Server {
    let log = folder.join("log");
    let mut command = Command::new(daemon);
    command.arg("--config-file").arg(folder.join("bus.conf")).args(["--nofork", "--nopidfile"]);
    let mut server = Server::start(&mut command, &log);
    eventually("the bus to listen", || {
        server.assert_runs(&log);
        folder.join("bus").exists().then_some(())
    });
    server
}

/// A call of Notify.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
pub struct Notified {
    /// The program's name.
    pub app: String,
    /// The notification it replaces; 0 for none.
    pub replaces: u32,
    /// The icon.
    pub icon: String,
    /// The title.
    pub summary: String,
    /// The text.
    pub body: String,
    /// Keys and titles of its buttons, alternating.
    pub actions: Vec<String>,
    /// Hints; `urgency` is 2 for critical.
    pub hints: serde_json::Map<String, Value>,
    /// Milliseconds; -1 for the server's choice, 0 for never.
    pub expires: i32,
}

/// A notification server that keeps every call (python-dbusmock).
pub struct Mock {
    bus: Bus,
    server: Server,
}

const CALLS: &str = r"
import dbus, json
mock = dbus.SessionBus().get_object('org.freedesktop.Notifications', '/org/freedesktop/Notifications')
calls = mock.GetMethodCalls('Notify', dbus_interface='org.freedesktop.DBus.Mock')
keys = ['app', 'replaces', 'icon', 'summary', 'body', 'actions', 'hints', 'expires']
print(json.dumps([dict(zip(keys, arguments)) for _, arguments in calls]))
";

impl Mock {
    /// Starts one on its own bus and waits until it answers.
    pub fn start() -> Option<Self> {
        if !Path::new("/usr/lib/python3/dist-packages/dbusmock").is_dir() {
            skip("python3-dbusmock");
            return None;
        }
        programs(["gdbus"])?;
        let bus = Bus::start()?;
        let server = serving(&bus);
        Some(Self { bus, server })
    }

    /// Ends the server and starts another one on the same bus; it knows nothing of what was shown.
    pub fn serve_again(&mut self) {
        self.server.end();
        self.server = serving(&self.bus);
    }

    /// The same, on another bus at the same place.
    pub fn start_again(&mut self) {
        self.server.end();
        self.bus.start_again();
        self.server = serving(&self.bus);
    }

    /// The value for `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> String {
        self.bus.address()
    }

    /// Every notification so far.
    pub fn notified(&self) -> Vec<Notified> {
        let answer = scratch::run(self.bus.command(PYTHON).args(["-c", CALLS])).json();
        serde_json::from_value(answer).unwrap()
    }

    /// Waits until this many notifications came, and returns them.
    pub fn wait_for(&self, count: usize) -> Vec<Notified> {
        eventually("notifications", || Some(self.notified()).filter(|all| all.len() >= count))
    }

    /// Shows something of another program.
    pub fn notify(&self) {
        scratch::run(self.bus.command("notify-send").arg("of another program")).ok();
    }

    /// Keeps the server from answering, or lets it go on.
    pub fn pause(&self, paused: bool) {
        let server = Pid::from_child(&self.server.0);
        let signal = if paused { Signal::STOP } else { Signal::CONT };
        rustix::process::kill_process(server, signal).unwrap();
    }

    /// The ids of the notifications that were closed by whoever showed them.
    pub fn closed(&self) -> Vec<u32> {
        let calls = CALLS
            .replace("'Notify'", "'CloseNotification'")
            .replace("dict(zip(keys, arguments))", "int(arguments[0])");
        let answer = scratch::run(self.bus.command(PYTHON).args(["-c", &calls])).json();
        serde_json::from_value(answer).unwrap()
    }

    /// Claims to everybody on the bus, by name, that a button was pressed, as any program there can.
    pub fn forge(&self, id: u32, action: &str) {
        let mut list = self.bus.command("gdbus");
        list.args(["call", "--session", "-d", "org.freedesktop.DBus", "-o", "/org/freedesktop/DBus"]);
        let names = scratch::run(list.args(["-m", "org.freedesktop.DBus.ListNames"])).ok();
        for name in names.split('\'').filter(|name| name.starts_with(':')) {
            let mut command = self.bus.command("gdbus");
            command.args(["emit", "--session", "-d", name, "-o", PATH]);
            command.args(["-s", "org.freedesktop.Notifications.ActionInvoked"]);
            // Whoever only asked for the names is gone again.
            scratch::run(command.args([format!("uint32 {id}"), format!("'{action}'")]));
        }
    }

    /// Presses a button of a notification (ids count from 1).
    pub fn press(&self, id: u32, action: &str) {
        let mut command = self.bus.command("gdbus");
        command.args(["call", "--session", "-d", NAME, "-o", PATH]);
        command.args(["-m", "org.freedesktop.DBus.Mock.EmitSignal", NAME, "ActionInvoked", "us"]);
        command.arg(format!("[<uint32 {id}>, <'{action}'>]"));
        scratch::run(&mut command).ok();
    }
}

fn serving(bus: &Bus) -> Server {
    let mut command = bus.command(PYTHON);
    command.args(["-m", "dbusmock", "--template", "notification_daemon", "-p"]);
    command.arg(r#"{"capabilities":"actions body body-markup"}"#);
    let server = Server::start(&mut command, &bus.path("mock.log"));
    bus.until_served();
    server
}

/// A real notification server on a screen nobody sees (dunst, Xvfb).
pub struct Dunst {
    bus: Bus,
    display: String,
    _screen: Server,
    _server: Server,
}

impl Dunst {
    /// Starts one on its own bus and screen and waits until it answers.
    pub fn start() -> Option<Self> {
        let [xvfb, dunst, _] = programs(["Xvfb", "dunst", "dunstctl"])?;
        programs(["gdbus"])?;
        let bus = Bus::start()?;
        let (screen, display) = screen(&xvfb);
        let config = bus.path("dunstrc");
        let forever: String = ["low", "normal", "critical"]
            .map(|urgency| format!("[urgency_{urgency}]\n timeout = 0\n"))
            .concat();
        std::fs::write(&config, format!("[global]\n history_length = 100\n markup = full\n{forever}"))
            .unwrap();
        let mut command = bus.command(dunst);
        command.arg("-conf").arg(&config).env("DISPLAY", &display);
        let server = Server::start(&mut command, &bus.path("dunst.log"));
        bus.until_served();
        Some(Self { bus, display, _screen: screen, _server: server })
    }

    /// The value for `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> String {
        self.bus.address()
    }

    /// The value for `DISPLAY`.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// How many notifications are on the screen.
    pub fn displayed(&self) -> usize {
        self.control(&["count", "displayed"]).trim().parse().unwrap()
    }

    /// Waits until so many notifications are on the screen.
    pub fn wait_for(&self, count: usize) {
        eventually("notifications on the screen", || (self.displayed() >= count).then_some(()));
    }

    /// Presses the only button of what was shown last.
    pub fn press_button(&self) {
        self.control(&["action", "0"]);
    }

    /// Closes what is on the screen; only closed ones stand in the history.
    pub fn close_all(&self) {
        self.control(&["close-all"]);
    }

    /// Title, text and program of every closed notification.
    pub fn history(&self) -> Vec<(String, String, String)> {
        let history: Value = serde_json::from_str(&self.control(&["history"])).unwrap();
        let entries = history["data"][0].as_array().unwrap();
        let word = |entry: &Value, key: &str| entry[key]["data"].as_str().unwrap_or_default().to_owned();
        entries.iter().map(|e| (word(e, "summary"), word(e, "body"), word(e, "appname"))).collect()
    }

    fn control(&self, arguments: &[&str]) -> String {
        scratch::run(self.bus.command("dunstctl").args(arguments)).ok()
    }
}

/// Starts a screen; it picks its own number and prints it.
fn screen(xvfb: &Path) -> (Server, String) {
    let mut command = Command::new(xvfb);
    command.args(["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"]);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut output = child.stdout.take().unwrap();
    let server = Server(child);
    let mut number = String::new();
    let mut byte = [0];
    while output.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
        number.push(char::from(byte[0]));
    }
    assert!(!number.is_empty(), "Xvfb did not start");
    (server, format!(":{number}"))
}

fn bus_config(socket: &Path) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
"#,
        socket.display()
    )
}
