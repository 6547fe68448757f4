//! Debian's Alertmanager on a loopback port.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::{Server, free_port, programs};
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
        let [program] = programs(["prometheus-alertmanager"])?;
        let folder = TempDir::with_prefix("quell-am-").unwrap();
        let config = "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n";
        std::fs::write(folder.path().join("am.yml"), config).unwrap();
        let mut started = Self { folder, program, port: free_port(), server: None };
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
            server.terminate();
        }
    }

    /// Kills it: what was not yet on its storage is lost.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Starts it on the same port and storage, and waits until it is ready.
    pub fn start_again(&mut self) {
        let folder = self.folder.path();
        let log = folder.join("log");
        let mut command = Command::new(&self.program);
        command.arg(format!("--config.file={}", folder.join("am.yml").display()));
        command.arg(format!("--storage.path={}", folder.join("data").display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{}", self.port));
        command.arg("--cluster.listen-address=");
        let server = self.server.insert(Server::start(&mut command, &log));
        eventually("Alertmanager to be ready", || {
            server.assert_runs(&log);
            http::get(self.port, "/-/ready").ok().filter(|response| response.status == 200)
        });
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

fn map(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
}
