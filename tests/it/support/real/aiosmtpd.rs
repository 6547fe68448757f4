//! A real mail server, from PyPI: `tests/run.sh` installs it and says where with `QUELL_AIOSMTPD`.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{Server, programs, skip};
use crate::support::smtpd::Received;
use crate::support::{eventually, scratch};

/// The mail server, with certificates of its own.
pub struct Aiosmtpd {
    server: Server,
    folder: TempDir,
    port: String,
}

impl Aiosmtpd {
    /// Starts it, private from the first byte or from STARTTLS on; it knows the user quell by this password.
    pub fn start(implicit: bool, password: &str) -> Option<Self> {
        let Some(python) = std::env::var_os("QUELL_AIOSMTPD").map(PathBuf::from) else {
            skip("aiosmtpd (its python in $QUELL_AIOSMTPD)");
            return None;
        };
        let [openssl] = programs(["openssl"])?;
        let folder = TempDir::with_prefix("quell-smtp-").unwrap();
        for name in ["", "other-"] {
            let mut command = Command::new(&openssl);
            command
                .current_dir(folder.path())
                .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]);
            command.args(["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]);
            command.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
            command.args(["-keyout", &format!("{name}key.pem"), "-out", &format!("{name}cert.pem")]);
            scratch::run(&mut command).ok();
        }
        let script = folder.path().join("server.py");
        std::fs::write(&script, include_str!("aiosmtpd.py")).unwrap();
        let mut command = Command::new(python);
        let how = if implicit { "implicit" } else { "starttls" };
        command.arg(&script).arg(folder.path()).args([how, password]);
        let log = folder.path().join("log");
        let mut server = Server::start(&mut command, &log);
        let port = eventually("the mail server's port", || {
            server.assert_runs(&log);
            std::fs::read_to_string(folder.path().join("port")).ok()
        });
        Some(Self { server, folder, port })
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The certificate it shows.
    pub fn certificate(&self) -> String {
        self.folder.path().join("cert.pem").display().to_string()
    }

    /// One it does not.
    pub fn other_certificate(&self) -> String {
        self.folder.path().join("other-cert.pem").display().to_string()
    }

    /// Waits for this many messages, and returns them.
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        let _runs = self.server.pid();
        let read = |number: usize| -> Option<Received> {
            let path = self.folder.path().join(format!("message-{number:03}.json"));
            let kept: Value = serde_json::from_str(&std::fs::read_to_string(path).ok()?).unwrap();
            let to = kept["to"].as_array().unwrap().iter().map(|to| to.as_str().unwrap().to_owned());
            Some(Received { to: to.collect(), text: kept["text"].as_str().unwrap().to_owned() })
        };
        eventually("the messages", || (0..count).map(read).collect())
    }
}
