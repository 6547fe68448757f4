//! `quell demo`: the console on the simulated exchange, in a folder of its own, on loopback only.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::words::whole;
use super::{Global, console, looks};
use crate::config::Config;
use crate::console::look::Look;
use crate::console::model::Said;
use crate::domain::plan::hex;
use crate::domain::text::Outside;
use crate::os::clock::Clock;
use crate::os::{env, files, random, spawn};
use crate::runtime::{self, Ended};
use crate::simulator::{Exchange, demo_config, serve, serve_mail};

/// `quell demo [--seed N] [--keep] [--exchange]`.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Another number is another course of events
    #[arg(long, default_value_t = 1, value_parser = whole)]
    seed: u64,
    /// Keep the folder with configuration and ledger
    #[arg(long)]
    keep: bool,
    /// Record the session in this file, for `quell replay`
    #[arg(long, value_name = "FILE", conflicts_with = "exchange")]
    record: Option<PathBuf>,
    /// Draw it in these colours
    #[arg(long, value_name = "NAME", value_parser = looks())]
    theme: Option<Look>,
    /// Run only the exchange, and print where it is
    #[arg(long)]
    exchange: bool,
    /// Where the exchange listens; any free port unless it is said
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
}

/// How it ends in order, its terminal closed or the process told to end among them.
const ENDS: [Ended; 4] = [Ended::Quit, Ended::HungUp, Ended::Terminated, Ended::Interrupted];

/// A running exchange and the folder with what one needs to watch it.
struct Stage {
    exchange: Arc<Exchange>,
    folder: PathBuf,
    base: String,
    token: PathBuf,
    config: PathBuf,
}

impl Demo {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<ExitCode, Failure> {
        if global.config.is_some() {
            return Err(Failure::new(
                Exit::Usage,
                "the demo brings its own configuration; leave --config away",
            ));
        }
        let stage = self.set_up().await?;
        let ended = if self.exchange {
            stage.serve(out).await
        } else {
            stage.play(&global.looking(self.theme), self.record.as_deref()).await
        };
        // What could not even start leaves nothing that is worth keeping; who closes the terminal leaves as well.
        let clean =
            ended.as_ref().map_or(true, |code| ENDS.iter().any(|end| ExitCode::from(end.code()) == *code));
        if clean && !self.keep {
            drop(std::fs::remove_dir_all(&stage.folder));
        } else if !out.json {
            out.line(format!("the demo's configuration and ledger are in {}", stage.folder.display()));
        }
        ended
    }

    async fn set_up(&self) -> Result<Stage, Failure> {
        let refused = |error: std::io::Error| {
            Failure::new(Exit::Unreachable, format!("the exchange cannot listen on loopback: {error}"))
        };
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.map_err(refused)?;
        let base = format!("http://{}", listener.local_addr().map_err(refused)?);
        let letters = TcpListener::bind(("127.0.0.1", 0)).await.map_err(refused)?;
        let mailer = letters.local_addr().map_err(refused)?.to_string();
        let folder = env::temp_dir().join(format!("quell-demo-{}", hex(&random::bytes::<8>()?)));
        files::private_dir(&folder)?;
        // Before its tasks start: a console on an exchange that is gone would look alive.
        runtime::ends_on_panic(folder.clone());
        let (token, config) = (folder.join("token"), folder.join("config.toml"));
        let secret = hex(&random::bytes::<16>()?);
        files::write_private(&token, secret.as_bytes())?;
        let text = demo_config(&base, &mailer, &token.display().to_string());
        files::write_private(&config, text.as_bytes())?;
        let exchange = Exchange::new(self.seed, secret, Clock::system());
        // They serve until the program ends.
        drop(spawn::task("exchange", serve(listener, exchange.clone())));
        drop(spawn::task("mailer", serve_mail(letters, exchange.clone())));
        Ok(Stage { exchange, folder, base, token, config })
    }
}

impl Stage {
    /// The console on the exchange.
    async fn play(&self, global: &Global, record: Option<&Path>) -> Result<ExitCode, Failure> {
        let config = Config::load(Some(&self.config), None, env::user().as_deref(), env::var)?;
        let boot = Boot::at(config, self.folder.clone())?;
        let remark = format!("this demo's configuration and ledger: {}", self.folder.display());
        let sink = self.overhear();
        console::open(&boot, global, None, record, Some((remark, sink))).await
    }

    /// What the exchange's rooms receive, looked at each second.
    fn overhear(&self) -> watch::Receiver<Vec<Said>> {
        let (into, sink) = watch::channel(Vec::new());
        let exchange = self.exchange.clone();
        // It listens until the program ends.
        drop(spawn::task("sink", async move {
            loop {
                let said = exchange.posted().into_iter();
                let said: Vec<Said> =
                    said.map(|(at, room, text)| Said { at, room, text: Outside::new(text) }).collect();
                into.send_if_modified(|known| {
                    let more = *known != said;
                    *known = said;
                    more
                });
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }));
        sink
    }

    /// The exchange alone, until it is interrupted.
    async fn serve(&self, out: &Out) -> Result<ExitCode, Failure> {
        let json = serde_json::json!({ "base": self.base, "token_file": self.token, "config": self.config });
        out.either(&json, || {
            vec![
                format!("base {}", self.base),
                format!("token {}", self.token.display()),
                format!("config {}", self.config.display()),
            ]
        });
        let listen = |kind| {
            signal(kind).map_err(|error| Failure::new(Exit::Bug, format!("signals cannot be heard: {error}")))
        };
        let mut signals = (
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        );
        tokio::select! {
            _ = signals.0.recv() => {}
            _ = signals.1.recv() => {}
            _ = signals.2.recv() => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}
