//! Debian's Prometheus on a loopback port, with nothing to scrape but its own rules.

use std::process::Command;

use tempfile::TempDir;

use super::{Server, programs};
use crate::support::{eventually, http};

/// A Prometheus with its own storage.
pub struct Prometheus {
    port: u16,
    _server: Server,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts one and waits until it is ready.
    pub fn start() -> Option<Self> {
        Self::with_rules("groups: []\n")
    }

    /// Starts one with these rules, evaluated each second.
    pub fn with_rules(rules: &str) -> Option<Self> {
        let [program] = programs(["prometheus"])?;
        let folder = TempDir::with_prefix("quell-prometheus-").unwrap();
        let (config, log) = (folder.path().join("p.yml"), folder.path().join("log"));
        std::fs::write(folder.path().join("rules.yml"), rules).unwrap();
        let text = "global: { scrape_interval: 1h, evaluation_interval: 1s }\nrule_files: [rules.yml]\n";
        std::fs::write(&config, text).unwrap();
        let mut command = Command::new(&program);
        command.arg(format!("--config.file={}", config.display()));
        command.arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()));
        command.arg("--web.listen-address=127.0.0.1:0");
        let mut server = Server::start(&mut command, &log);
        // Its own word on where it listens: somebody else may answer on a port it did not get.
        let port = eventually("Prometheus to listen", || {
            server.assert_runs(&log);
            listening(&std::fs::read_to_string(&log).ok()?)
        });
        let ready = || http::get(port, "/-/ready").ok().filter(|response| response.status == 200);
        eventually("Prometheus to be ready", ready);
        Some(Self { port, _server: server, _folder: folder })
    }

    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The port of the line `… msg="Listening on" address=127.0.0.1:9090`.
fn listening(log: &str) -> Option<u16> {
    let line = log.lines().find(|line| line.contains("Listening on"))?;
    let (_, port) = line.split_once("address=127.0.0.1:")?;
    port.split_whitespace().next()?.parse().ok()
}
