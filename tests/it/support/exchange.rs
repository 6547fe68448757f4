//! The simulated exchange as a process of its own: what the containments of a test really change.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal};
use serde_json::{Value, json};

use super::http;
use super::scratch::Scratch;

/// `quell demo --exchange`. Ends when dropped.
pub struct Exchange {
    // Its folder stands on this machine.
    _machine: Scratch,
    process: Child,
    port: u16,
    token: String,
    config: String,
}

impl Exchange {
    /// Starts one and waits until it says where it is.
    pub fn start() -> Self {
        let machine = Scratch::new();
        let mut command = machine.quell(&["demo", "--exchange", "--json"]);
        command.env("TMPDIR", machine.path("home")).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line:?}"));
        let file = |key: &str| std::fs::read_to_string(said[key].as_str().unwrap()).unwrap();
        let port = said["base"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
        let (token, config) = (file("token_file"), file("config"));
        Self { _machine: machine, process, port, token, config }
    }

    /// A machine whose playbooks, channels and paths act on this exchange, and that watches nothing. Read-backs take
    /// at most `within`; `more` comes first in its configuration.
    pub fn machine(&self, within: &str, more: &str) -> Scratch {
        let acting = &self.config[self.config.find("[[api]]").unwrap()..];
        let acting = acting.replace("within = \"30s\"", &format!("within = \"{within}\""));
        Scratch::with_config(&format!("operator = \"ana\"\nids = \"ANA\"\n{more}\n{acting}"))
    }

    /// Asks its admin API.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        http::request(self.port, method, path, &headers, body).unwrap().json()
    }

    /// Makes it misbehave, so many times.
    pub fn misbehave(&self, method: &str, path: &str, times: u32, how: impl Into<Value>) {
        let switch = json!({ "path": path, "method": method, "times": times, "how": how.into() });
        self.ask("POST", "/admin/faults", &switch.to_string());
    }

    /// It behaves again.
    pub fn behave(&self) {
        self.ask("DELETE", "/admin/faults", "");
    }

    /// How often it really did this.
    pub fn effects(&self, verb: &str, target: &str) -> u64 {
        let effects = self.ask("GET", "/admin/effects", "");
        let mut all = effects["effects"].as_array().unwrap().iter();
        let one = all.find(|effect| effect["verb"] == verb && effect["target"] == target);
        one.map_or(0, |effect| effect["count"].as_u64().unwrap())
    }

    /// Every call that asked for a change.
    pub fn calls(&self) -> Vec<Value> {
        self.ask("GET", "/admin/effects", "")["calls"].as_array().unwrap().clone()
    }

    /// What a room was told.
    pub fn messages(&self, room: &str) -> Vec<Value> {
        self.ask("GET", &format!("/sink/chat/{room}"), "")["messages"].as_array().unwrap().clone()
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // Asked politely it takes its folder away.
        let _ended_before = rustix::process::kill_process(Pid::from_child(&self.process), Signal::TERM);
        let _reaped_before = self.process.wait();
    }
}
