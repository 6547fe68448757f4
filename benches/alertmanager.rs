//! Listing 10 000 known alerts of a real Alertmanager, against `curl` that only fetches them and `amtool` that prints
//! them.
//!
//! `cargo bench --profile dist --bench alertmanager [-- QUELL [ALERTS]]` runs the three in turns and prints what each took: wall time,
//! CPU and peak memory, the medians of all rounds, and whether quell keeps its budgets, which bind in this profile. `QUELL` is another binary
//! to measure, as `target/dist/quell`, which is what is shipped.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "it measures time, and rows of its own"
)]

#[path = "support/budgets.rs"]
mod budgets;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// What it may take: wall time in curls, CPU and peak memory in amtools.
const BUDGET: [f64; 3] = [1.15, 0.1, 0.25];
const ROUNDS: usize = 7;
/// The signals of one incident.
const TOGETHER: usize = 10;
const SEVERITIES: [&str; 3] = ["critical", "error", "warning"];
/// Older than two intervals, so that each list asks.
const OLD: Duration = Duration::from_millis(2100);

/// Runs what follows it and prints seconds of wall time, of CPU, and KiB at its peak: what a child took, only its parent
/// can ask, in a call that nothing here may make.
const MEASURE: &str = "
import os, sys, time
quiet = os.open(os.devnull, os.O_RDWR)
began = time.monotonic()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, quiet, 1)])
_, status, used = os.wait4(child, 0)
print(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
";

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<ExitCode, Failed> {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    let quell = words.next().unwrap_or_else(|| env!("CARGO_BIN_EXE_quell").to_owned());
    let alerts: usize = words.next().map_or(Ok(10_000), |word| word.parse())?;
    let folder = tempfile::tempdir()?;
    let (port, _server) = alertmanager(folder.path())?;
    let url = format!("http://127.0.0.1:{port}");
    fill(port, alerts)?;
    let config = format!(
        "operator = 'ana'\n[[source]]\nkind = 'alertmanager'\nname = 'am'\nevery = '1s'\nurls = ['{url}']\n"
    );
    let file = folder.path().join("config.toml");
    std::fs::write(&file, config)?;
    let all = format!("{url}/api/v2/alerts");
    let file = file.to_string_lossy().into_owned();
    let commands: [(&str, Vec<&str>); 3] = [
        ("curl", vec!["curl", "-s", "-o", "/dev/null", &all]),
        ("amtool", vec!["amtool", "--alertmanager.url", &url, "alert", "query", "-o", "json"]),
        ("quell", vec![&quell, "--config", &file, "list"]),
    ];
    // What it does not know yet is written down first.
    for _ in 0..2 {
        measure(folder.path(), &commands[2].1)?;
        std::thread::sleep(OLD);
    }
    let mut taken: [Vec<[f64; 3]>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (rounds, (_, command)) in taken.iter_mut().zip(&commands) {
            rounds.push(measure(folder.path(), command)?);
        }
        std::thread::sleep(OLD);
    }
    let [curl, amtool, own] = taken.each_ref().map(|rounds| medians(rounds));
    let mut out = std::io::stdout().lock();
    for ((name, _), [wall, cpu, peak]) in commands.iter().zip([curl, amtool, own]) {
        let (wall, cpu, peak) = (wall * 1e3, cpu * 1e3, peak / 1024.0);
        writeln!(out, "{name:<7} wall {wall:7.1} ms  cpu {cpu:7.1} ms  peak {peak:6.1} MiB")?;
    }
    let ratios = [own[0] / curl[0], own[1] / amtool[1], own[2] / amtool[2]];
    let mut budgets = budgets::Budgets::new();
    for ((what, ratio), budget) in
        ["wall / curl", "cpu / amtool", "peak / amtool"].into_iter().zip(ratios).zip(BUDGET)
    {
        let verdict = budgets.verdict(ratio, budget);
        writeln!(out, "{what:<14} {ratio:5.2}  {verdict} {budget}")?;
    }
    let (said, code) = budgets.end();
    writeln!(out, "{said}")?;
    Ok(code)
}

/// A server that is killed when dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_before = self.0.kill();
        let _reaped_before = self.0.wait();
    }
}

fn alertmanager(folder: &Path) -> Result<(u16, Server), Failed> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let config = folder.join("am.yml");
    std::fs::write(&config, "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n")?;
    let server = Command::new("prometheus-alertmanager")
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.path={}", folder.join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--cluster.listen-address=")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("prometheus-alertmanager cannot be started: {error}"))?;
    let server = Server(server);
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if began.elapsed() > Duration::from_secs(10) {
            return Err("Alertmanager does not listen".into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok((port, server))
}

/// An alert of about 1 KB, as rules in the field write them.
fn alert(n: usize) -> Value {
    let group = n / TOGETHER;
    json!({
        "labels": {
            "alertname": format!("ConsumerLag{group}"), "service": format!("orders-{}", group % 40),
            "severity": SEVERITIES[n % 3], "instance": format!("10.0.{}.{}:9100", n / 250, n % 250),
            "pod": format!("consumer-{n:05}-7c9d8f6b5d-x2v9k"), "namespace": "trading", "cluster": "eu-1",
            "job": "kafka-exporter", "topic": format!("orders.v2.{}", n % 64), "team": "platform",
        },
        "annotations": {
            "summary": format!("Consumer {n} of orders-{} lags by {} messages", group % 40, n * 17),
            "description": "The consumer has not kept up with its topic for ten minutes. Orders are matched late, and \
                            customers see stale books. Look at the broker first, then at the consumer's own CPU.",
            "runbook_url": "https://runbooks.example.com/kafka/consumer-lag",
        },
        "endsAt": "2099-01-01T00:00:00Z",
        "generatorURL": format!("http://prometheus.example.com/graph?g0.expr=kafka_consumer_lag+%3E+{n}&g0.tab=1"),
    })
}

fn fill(port: u16, alerts: usize) -> Result<(), Failed> {
    for from in (0..alerts).step_by(1000) {
        let body = json!((from..alerts.min(from + 1000)).map(alert).collect::<Vec<_>>()).to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        write!(
            stream,
            "POST /api/v2/alerts HTTP/1.1\r\nHost: am\r\nContent-Type: application/json\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if !answer.starts_with("HTTP/1.1 200") {
            return Err(format!("the alerts were not taken: {answer}").into());
        }
    }
    Ok(())
}

fn measure(folder: &Path, command: &[&str]) -> Result<[f64; 3], Failed> {
    let ran = Command::new("python3")
        .args(["-c", MEASURE])
        .args(command)
        .env("XDG_STATE_HOME", folder)
        .env("HOME", folder)
        .stderr(Stdio::inherit())
        .output()?;
    if !ran.status.success() {
        return Err(format!("{command:?} ended with {}", ran.status).into());
    }
    let said = String::from_utf8(ran.stdout)?;
    let mut numbers = said.split_whitespace().map(str::parse::<f64>);
    let mut next = || numbers.next().ok_or("nothing was measured");
    Ok([next()??, next()??, next()??])
}

fn medians(rounds: &[[f64; 3]]) -> [f64; 3] {
    [0, 1, 2].map(|place| {
        let mut all: Vec<f64> = rounds.iter().map(|round| round[place]).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    })
}
