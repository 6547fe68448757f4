//! Debian's Alertmanager on a loopback port.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::{Server, programs};
use crate::support::{eventually, http};

/// An Alertmanager with its own storage. Stopping keeps the storage, starting reads it again.
pub struct Alertmanager {
    folder: TempDir,
    program: PathBuf,
    port: u16,
    server: Option<Server>,
}

impl Alertmanager {
    /// Starts one and waits until it is ready.
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// The same, with more lines of configuration.
    pub fn start_with(more: &str) -> Option<Self> {
        let [program] = programs(["prometheus-alertmanager"])?;
        let folder = TempDir::with_prefix("quell-am-").unwrap();
        let config = format!("route: {{ receiver: nobody }}\nreceivers: [{{ name: nobody }}]\n{more}");
        std::fs::write(folder.path().join("am.yml"), config).unwrap();
        let mut started = Self { folder, program, port: 0, server: None };
        started.start_again();
        Some(started)
    }

    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops it in good order, so that silences and notification log are on its storage; alerts themselves it
    /// forgets. The port refuses from now on.
    pub fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            // It answers a reload from the loop that takes the signal: before that loop runs, the signal kills
            // it and nothing reaches the storage.
            assert_eq!(http::request(self.port, "POST", "/-/reload", &[], "").unwrap().status, 200);
            server.terminate();
        }
    }

    /// Kills it: what was not yet on its storage is lost.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Starts it on the port and storage it had, and waits until it is ready.
    pub fn start_again(&mut self) {
        let folder = self.folder.path();
        let log = folder.join("log");
        let mut command = Command::new(&self.program);
        command.arg(format!("--config.file={}", folder.join("am.yml").display()));
        command.arg(format!("--storage.path={}", folder.join("data").display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{}", self.port));
        command.arg("--cluster.listen-address=");
        let server = self.server.insert(Server::start(&mut command, &log));
        // Its own word on where it listens: somebody else may answer on a port it did not get.
        self.port = eventually("Alertmanager to listen", || {
            server.assert_runs(&log);
            listening(&std::fs::read_to_string(&log).ok()?)
        });
        let ready = || http::get(self.port, "/-/ready").ok().filter(|response| response.status == 200);
        eventually("Alertmanager to be ready", ready);
    }

    /// Fires an alert with these labels and annotations.
    pub fn fire(&self, labels: &[(&str, &str)], annotations: &[(&str, &str)]) {
        self.post(&json!([{ "labels": map(labels), "annotations": map(annotations) }]));
    }

    /// Resolves the alert with exactly these labels.
    pub fn resolve(&self, labels: &[(&str, &str)]) {
        let past = "2020-01-01T00:00:00Z";
        self.post(&json!([{ "labels": map(labels), "startsAt": past, "endsAt": "2020-01-01T00:00:01Z" }]));
    }

    /// Posts alerts as its API takes them.
    pub fn post(&self, alerts: &Value) {
        let response = http::post(self.port, "/api/v2/alerts", alerts).unwrap();
        assert_eq!(response.status, 200, "{}", response.text());
    }

    /// The alerts as its API gives them.
    pub fn alerts(&self) -> Vec<Value> {
        match http::get(self.port, "/api/v2/alerts").unwrap().json() {
            Value::Array(alerts) => alerts,
            other => panic!("not a list: {other}"),
        }
    }

    /// Silences every alert of this name; returns the silence's id.
    pub fn silence(&self, alertname: &str) -> String {
        let matcher = json!({ "name": "alertname", "value": alertname, "isRegex": false, "isEqual": true });
        let silence = json!({
            "matchers": [matcher], "createdBy": "ana", "comment": "a test",
            "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2199-01-01T00:00:00Z",
        });
        let response = http::post(self.port, "/api/v2/silences", &silence).unwrap();
        assert_eq!(response.status, 200, "{}", response.text());
        response.json()["silenceID"].as_str().unwrap().to_owned()
    }

    /// Ends a silence.
    pub fn unsilence(&self, id: &str) {
        let response = http::request(self.port, "DELETE", &format!("/api/v2/silence/{id}"), &[], "").unwrap();
        assert_eq!(response.status, 200, "{}", response.text());
    }
}

/// The port of the line `… msg="Listening on" address=127.0.0.1:9093`.
fn listening(log: &str) -> Option<u16> {
    let line = log.lines().find(|line| line.contains("Listening on"))?;
    let (_, port) = line.split_once("address=127.0.0.1:")?;
    port.split_whitespace().next()?.parse().ok()
}

fn map(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            eprintln!("what Alertmanager logged since it was last started:\n{log}");
            if let Ok(response) = http::get(self.port, "/api/v2/silences") {
                eprintln!("its silences: {}", response.text());
            }
        }
    }
}
