//! A server of ten thousand alerts, which stay as they are or change with every poll.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::world::title;

/// So many.
pub const ALERTS: usize = 10_000;

/// A server of alerts as Alertmanager answers; once told so, every answer differs from the last in every alert.
pub struct Server {
    /// Where it listens.
    pub port: u16,
    /// Nought while they stay as they are; else the polls since.
    pub changing: Arc<AtomicUsize>,
}

/// Starts one; it serves until the program ends.
pub fn serve() -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let changing = Arc::new(AtomicUsize::new(0));
    let bodies = [0, 1].map(|turn| Value::Array((0..ALERTS).map(|n| alert(n, turn)).collect()).to_string());
    let turn = changing.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _gone = answer(stream, &bodies, &turn);
        }
    });
    Server { port, changing }
}

fn answer(mut stream: TcpStream, bodies: &[String; 2], turn: &AtomicUsize) -> std::io::Result<()> {
    let mut asked = Vec::new();
    let mut bytes = [0; 4096];
    while !asked.ends_with(b"\r\n\r\n") {
        match stream.read(&mut bytes)? {
            0 => return Ok(()),
            read => asked.extend(&bytes[..read]),
        }
    }
    let asked = String::from_utf8_lossy(&asked);
    let body = if asked.starts_with("GET /api/v2/alerts") {
        let now = turn.load(Ordering::Relaxed);
        if now > 0 {
            turn.store(now + 1, Ordering::Relaxed);
        }
        bodies[now % 2].clone()
    } else if asked.starts_with("GET /api/v2/silences") {
        "[]".to_owned()
    } else {
        let version = json!({ "version": "0.27.0" });
        json!({ "cluster": { "status": "ready", "peers": [] }, "versionInfo": version, "uptime": "2026-11-20T12:00:00.000Z",
                "config": { "original": "" } })
        .to_string()
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Each with an incident of its own, and no storm among them.
fn alert(n: usize, turn: usize) -> Value {
    json!({
        "labels": {
            "alertname": format!("ConsumerLag{n}"), "service": format!("orders-{}", n / 8),
            "severity": if n.is_multiple_of(3) { "high" } else { "info" }, "pod": format!("consumer-{n:05}"),
            "namespace": "trading", "cluster": "eu-1", "job": "kafka-exporter", "team": "platform",
        },
        "annotations": { "summary": title(n as u64) },
        "startsAt": "2026-11-20T11:00:00.000Z",
        "updatedAt": format!("2026-11-20T12:00:0{turn}.000Z"),
        "endsAt": "2099-01-01T00:00:00.000Z",
        "fingerprint": format!("{n:016x}"),
        "receivers": [{ "name": "nobody" }],
        "status": { "state": "active", "inhibitedBy": [], "silencedBy": [] },
        "generatorURL": "http://prometheus.example.com/graph",
    })
}
