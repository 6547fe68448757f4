//! From a key to the last byte it makes the terminal show: quell on 10 000 incidents of a server, and a stock table.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use serde_json::{Value, json};

use crate::world::title;
use crate::{Sheet, median};

const ALERTS: usize = 10_000;
/// So many keys are pressed for one figure.
const KEYS: usize = 60;
const COLS: u16 = 200;
const ROWS: u16 = 60;
/// After so long without a byte the last one was the last.
const QUIET: Duration = Duration::from_millis(8);
/// Two keys of a quick person.
const BETWEEN: Duration = Duration::from_millis(35);
/// Nothing takes longer here, but for the first reading of everything.
const BOUND: Duration = Duration::from_secs(120);

/// Moving and scrolling beside a stock table, and beside itself while everything changes.
pub fn measure(sheet: &mut Sheet) {
    let server = serve();
    let folder = tempfile::tempdir().unwrap();
    let configured = |every: &str| {
        let url = format!("http://127.0.0.1:{}", server.port);
        let file = folder.path().join("config.toml");
        let source = format!("kind = 'alertmanager'\nname = 'am'\nevery = '{every}'\nurls = ['{url}']\n");
        std::fs::write(&file, format!("operator = 'ana'\n[[source]]\n{source}")).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quell"));
        command.args(["--config".as_ref(), file.as_os_str()]);
        command.env("HOME", folder.path());
        command.env("XDG_STATE_HOME", folder.path());
        command.env_remove("XDG_CONFIG_HOME");
        command
    };
    let mut stock = CommandBuilder::new(std::env::current_exe().unwrap());
    stock.env("STOCK_ROWS", ALERTS.to_string());
    let all = format!("HIGH {}", ALERTS.div_ceil(3));
    let theirs = Program::start(stock, "HIGH").moves();
    // The first one writes down all there is; what is measured begins with that.
    drop(Program::start(configured("1h"), &all));
    let quiet = Program::start(configured("1h"), &all).moves();
    server.changing.store(1, Ordering::Relaxed);
    let busy = Program::start(configured("1s"), &all).moves();
    let polls = server.changing.load(Ordering::Relaxed);
    let micros = |ours: f64, of: f64| format!("{:.0} us of {:.0} us", ours * 1e6, of * 1e6);
    for ((what, budget), (ours, of)) in [("selection, of stock", 0.45), ("scroll, of stock", 0.5)]
        .into_iter()
        .zip(quiet.into_iter().zip(theirs))
    {
        sheet.line(&format!("key to last byte: {what}"), &micros(ours, of), ours / of, budget);
    }
    let what = format!("selection while {polls} polls land");
    sheet.line(&format!("key to last byte: {what}"), &micros(busy[0], quiet[0]), busy[0] / quiet[0], 1.3);
}

/// A program in a terminal, whose bytes are only counted.
struct Program {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    seen: Receiver<Instant>,
}

impl Program {
    /// Starts it and waits until it has shown this text.
    fn start(mut command: CommandBuilder, text: &str) -> Self {
        command.env("TERM", "xterm-256color");
        let pair =
            native_pty_system().openpty(PtySize { rows: ROWS, cols: COLS, ..PtySize::default() }).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        let keys = pair.master.take_writer().unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (into, seen) = channel();
        let (ready, shown) = channel();
        let wanted = text.to_owned();
        std::thread::spawn(move || {
            let mut screen = Some(vt100::Parser::new(ROWS.try_into().unwrap(), COLS.try_into().unwrap(), 0));
            let mut bytes = [0; 65536];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                let now = Instant::now();
                if let Some(parser) = &mut screen {
                    parser.process(&bytes[..read]);
                    if parser.screen().contents().contains(&wanted) {
                        screen = None;
                        let _gone = ready.send(());
                    }
                }
                if into.send(now).is_err() {
                    break;
                }
            }
        });
        shown.recv_timeout(BOUND).unwrap();
        Self { master: pair.master, child, keys, seen }
    }

    /// The medians of moving the selection, and of scrolling by a line: seconds.
    fn moves(mut self) -> [f64; 2] {
        std::thread::sleep(Duration::from_secs(2));
        // Neither figure has the first key in it.
        let mut press = |times: usize| {
            let took: Vec<f64> = (0..times).map(|_| self.press()).collect();
            median(took)
        };
        press(2);
        let selection = press(15);
        press(usize::from(ROWS));
        let scroll = press(KEYS);
        self.master.get_size().unwrap();
        [selection, scroll]
    }

    /// Presses `j`: how long it takes until the last byte has come.
    fn press(&mut self) -> f64 {
        std::thread::sleep(BETWEEN);
        while self.seen.try_recv().is_ok() {}
        let began = Instant::now();
        self.keys.write_all(b"j").unwrap();
        let mut last = self.seen.recv_timeout(BOUND).unwrap();
        loop {
            match self.seen.recv_timeout(QUIET) {
                Ok(at) => last = at,
                Err(RecvTimeoutError::Timeout) => return (last - began).as_secs_f64(),
                Err(RecvTimeoutError::Disconnected) => unreachable!("it ended"),
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A server of alerts as Alertmanager answers; once told so, every answer differs from the last in every alert.
struct Server {
    port: u16,
    changing: Arc<AtomicUsize>,
}

fn serve() -> Server {
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
